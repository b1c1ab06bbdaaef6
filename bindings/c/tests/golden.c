/* The C face of scripts/golden. Reads requests from standard input, one after another: a line with the lengths of
 * the options and of the bytes (-1: none), then both; writes results likewise: the JSON and the ArrayBuffer. */
#include "support.h"

int main(void)
{
    gadget_client *client = new_client(environment("GADGET_CONFIG"));
    long options_length, bytes_length;
    while (scanf("%ld %ld", &options_length, &bytes_length) == 2 && getchar() == '\n') {
        uint8_t *options = malloc((size_t)options_length + 1);
        uint8_t *bytes = bytes_length < 0 ? NULL : malloc((size_t)bytes_length + 1);
        waiter waiting = WAITER;
        gadget_result *result;
        gadget_slice json, buffer;
        bool has_buffer;
        CHECK(options && fread(options, 1, (size_t)options_length, stdin) == (size_t)options_length);
        CHECK(!bytes || fread(bytes, 1, (size_t)bytes_length, stdin) == (size_t)bytes_length);
        CHECK(gadget_client_start(client, options, (size_t)options_length, bytes, bytes ? (size_t)bytes_length : 0,
                                  on_completed, &waiting, on_destroyed, NULL) == GADGET_OK);
        result = wait_for(&waiting);
        CHECK(gadget_result_json(result, &json) == GADGET_OK);
        has_buffer = gadget_result_array_buffer(result, &buffer) == GADGET_OK;
        printf("%zu %ld\n", json.length, has_buffer ? (long)buffer.length : -1L);
        fwrite(json.data, 1, json.length, stdout);
        if (has_buffer)
            fwrite(buffer.data, 1, buffer.length, stdout);
        fflush(stdout);
        gadget_result_free(result);
        free(options);
        free(bytes);
    }
    gadget_client_free(client);
    return 0;
}
