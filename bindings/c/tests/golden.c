/* The C face of scripts/golden. It reads commands from standard input, one on each line:
 *
 *   client LENGTH                  followed by a configuration: replaces the client
 *   request NAME LENGTH BYTES      followed by the options and, unless BYTES is -1, an ArrayBuffer:
 *                                  starts a request
 *   listen NAME LENGTH BYTES       the same, and its events are written
 *   abort NAME
 *   online 0 | online 1 | network_changed | background | foreground | shutdown
 *   proxy LENGTH                   followed by the settings `proxy` and `proxy_bypass`
 *   counters                       writes a line: counters IN_FLIGHT QUEUED
 *   cookies                        writes a line: cookies LENGTH, followed by the cookies as JSON
 *
 * When a request finishes, it writes
 *
 *   result NAME LENGTH BUFFER      followed by the result object and, unless BUFFER is -1, its
 *                                  ArrayBuffer
 *
 * and before that, of a request with events,
 *
 *   headers NAME LENGTH            followed by the head as JSON
 *   chunk NAME LENGTH              followed by a piece of the body
 */
#include "support.h"
#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

enum { MOST_REQUESTS = 2000 };

typedef struct {
    char name[64];
    gadget_task *task;
} request;

static request requests[MOST_REQUESTS];
static int started;
static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

static void print_result(void *context, gadget_result *result)
{
    const request *self = context;
    gadget_slice json, buffer;
    bool has_buffer = gadget_result_get_array_buffer(result, &buffer) == GADGET_OK;
    CHECK(gadget_result_get_json(result, &json) == GADGET_OK);
    pthread_mutex_lock(&output);
    printf("result %s %zu %ld\n", self->name, json.length, has_buffer ? (long)buffer.length : -1L);
    fwrite(json.data, 1, json.length, stdout);
    if (has_buffer)
        fwrite(buffer.data, 1, buffer.length, stdout);
    fflush(stdout);
    pthread_mutex_unlock(&output);
    gadget_result_free(result);
}

static void print_event(const request *self, const char *what, gadget_slice bytes)
{
    pthread_mutex_lock(&output);
    printf("%s %s %zu\n", what, self->name, bytes.length);
    fwrite(bytes.data, 1, bytes.length, stdout);
    fflush(stdout);
    pthread_mutex_unlock(&output);
}

static void print_headers(void *context, uint16_t status_code, gadget_slice head)
{
    (void)status_code;
    print_event(context, "headers", head);
}

static bool print_chunk(void *context, gadget_slice chunk)
{
    print_event(context, "chunk", chunk);
    return true;
}

static uint8_t *read_bytes(long length)
{
    uint8_t *bytes = length < 0 ? NULL : malloc((size_t)length + 1);
    if (!bytes)
        return NULL;
    CHECK(fread(bytes, 1, (size_t)length, stdin) == (size_t)length);
    bytes[length] = 0;
    return bytes;
}

static void start_request(gadget_client *client, const char *arguments, bool listens)
{
    long length, bytes_length;
    uint8_t *options, *bytes;
    request *self = &requests[started++ % MOST_REQUESTS];
    gadget_completion completion = {NULL, print_result, NULL};
    gadget_events events = {NULL, print_headers, print_chunk, false, NULL};
    gadget_task_free(self->task);
    CHECK(sscanf(arguments, "%63s %ld %ld", self->name, &length, &bytes_length) == 3);
    options = read_bytes(length);
    bytes = read_bytes(bytes_length);
    events.context = completion.context = self;
    CHECK(gadget_client_listen(client, slice(options, (size_t)length),
                               slice(bytes, bytes ? (size_t)bytes_length : 0),
                               listens ? &events : NULL, &completion, &self->task) == GADGET_OK);
    free(options);
    free(bytes);
}

static void abort_request(const char *name)
{
    int i;
    for (i = 0; i < MOST_REQUESTS; i++)
        if (strcmp(requests[i].name, name) == 0)
            CHECK(gadget_task_abort(requests[i].task) == GADGET_OK);
}

static gadget_client *client_with(const char *length)
{
    char *settings = (char *)read_bytes(atol(length));
    gadget_client *client = new_client(settings);
    free(settings);
    return client;
}

static void set_proxy(const gadget_client *client, const char *length)
{
    char *settings = (char *)read_bytes(atol(length));
    CHECK(gadget_client_set_proxy(client, TEXT(settings), NULL, 0) == GADGET_OK);
    free(settings);
}

static void print_counters(const gadget_client *client)
{
    size_t in_flight, queued;
    CHECK(gadget_client_get_in_flight(client, &in_flight) == GADGET_OK);
    CHECK(gadget_client_get_queued(client, &queued) == GADGET_OK);
    pthread_mutex_lock(&output);
    printf("counters %zu %zu\n", in_flight, queued);
    fflush(stdout);
    pthread_mutex_unlock(&output);
}

static void print_cookies(void *context, gadget_slice json)
{
    (void)context;
    pthread_mutex_lock(&output);
    printf("cookies %zu\n", json.length);
    fwrite(json.data, 1, json.length, stdout);
    fflush(stdout);
    pthread_mutex_unlock(&output);
}

int main(void)
{
    gadget_client *client = NULL;
    char line[200];
#ifdef _WIN32 /* no translation of line breaks */
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
#endif
    while (fgets(line, sizeof line, stdin)) {
        char *arguments = strpbrk(line, " \n");
        CHECK(arguments);
        *arguments++ = 0;
        arguments[strcspn(arguments, "\n")] = 0;
        if (!strcmp(line, "client")) {
            gadget_client_free(client);
            client = client_with(arguments);
        } else if (!strcmp(line, "request"))
            start_request(client, arguments, false);
        else if (!strcmp(line, "listen"))
            start_request(client, arguments, true);
        else if (!strcmp(line, "abort"))
            abort_request(arguments);
        else if (!strcmp(line, "online"))
            CHECK(gadget_client_set_online(client, !strcmp(arguments, "1")) == GADGET_OK);
        else if (!strcmp(line, "network_changed"))
            CHECK(gadget_client_network_changed(client) == GADGET_OK);
        else if (!strcmp(line, "proxy"))
            set_proxy(client, arguments);
        else if (!strcmp(line, "background"))
            CHECK(gadget_client_enter_background(client) == GADGET_OK);
        else if (!strcmp(line, "foreground"))
            CHECK(gadget_client_enter_foreground(client) == GADGET_OK);
        else if (!strcmp(line, "shutdown"))
            CHECK(gadget_client_shutdown(client) == GADGET_OK);
        else if (!strcmp(line, "counters"))
            print_counters(client);
        else if (!strcmp(line, "cookies"))
            CHECK(gadget_client_list_cookies(client, ABSENT, print_cookies, NULL) == GADGET_OK);
        else
            CHECK(!"an unknown command");
    }
    gadget_client_free(client);
    return 0;
}
