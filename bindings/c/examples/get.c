/* The smallest call: get URL. */
#include <gadget_request.h>
#include <stdio.h>
#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#define pipe(ends) _pipe(ends, 1, _O_BINARY)
#else
#include <unistd.h>
#endif

static void completed(void *done, gadget_result *result) /* on a thread of the library */
{
    gadget_slice json;
    gadget_result_get_json(result, &json);
    printf("%.*s\n", (int)json.length, (const char *)json.data);
    gadget_result_free(result);
    close(*(int *)done);
}

int main(int argc, char **argv)
{
    gadget_config *config;
    gadget_client *client;
    char options[2000];
    int done[2];
    gadget_slice settings = gadget_slice_of("{\"platform\":\"pc\"}"), no_body = {NULL, 0};
    gadget_completion completion = {&done[1], completed, NULL};
    const char *url = argc > 1 ? argv[1] : "http://open.feishu.cn";
    snprintf(options, sizeof options, "{\"url\":\"%s\"}", url);
    if (pipe(done) || gadget_config_new(settings, &config, NULL, 0) ||
        gadget_client_new(config, NULL, NULL, &client) ||
        gadget_client_start(client, gadget_slice_of(options), no_body, &completion, NULL))
        return 2;
    while (read(done[0], options, 1) > 0)
        ; /* until completed closes it */
    gadget_client_free(client);
    gadget_config_free(config);
    return 0;
}
