/* Requests: their results, their end by an abort or by the client, and frees inside completions. */
#include "support.h"

static void a_success_can_be_read(void)
{
    gadget_client *client = new_client("{}");
    waiter waiting = WAITER;
    gadget_task *task = NULL;
    gadget_result *result;
    gadget_slice slice, name, value;
    uint32_t code;
    uint16_t status;
    size_t count;
    bool is_success = false;

    CHECK(get(client, "/headers?x-a=1&x-a=2", &waiting, &task) == GADGET_OK && task);
    result = wait_for(&waiting);
    CHECK(gadget_result_is_success(result, &is_success) == GADGET_OK && is_success);
    CHECK(gadget_result_get_status(result, &status) == GADGET_OK && status == 200);
    CHECK(gadget_result_get_header_count(result, &count) == GADGET_OK && count == 3);
    CHECK(gadget_result_get_header(result, 1, &name, &value) == GADGET_OK);
    CHECK(IS(name, "x-a") && IS(value, "2"));
    CHECK(gadget_result_get_header(result, 3, &name, &value) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_result_get_header(result, 0, NULL, &value) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_get_body(result, &slice) == GADGET_OK && slice.data && slice.length == 0);
    CHECK(gadget_result_get_text(result, &slice) == GADGET_OK && slice.data && slice.length == 0);
    CHECK(gadget_result_get_array_buffer(result, &slice) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_result_get_errno(result, &code) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_result_get_err_string(result, &slice) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_result_get_err_msg(result, &slice) == GADGET_OK && IS(slice, "request:ok"));
    CHECK(gadget_result_get_trace(result, &slice) == GADGET_OK && slice.length == 53);
    CHECK(gadget_result_get_json(result, &slice) == GADGET_OK);
    CHECK(memcmp(slice.data, "{\"statusCode\":200,", 18) == 0);
    gadget_result_free(result);
    gadget_task_free(task);
    gadget_client_free(client);
}

static void bytes_go_in_and_come_out_without_a_copy(void)
{
    gadget_client *client = new_client("{}");
    waiter waiting = WAITER;
    gadget_result *result;
    gadget_slice body, bytes;
    const char *wire = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\x01\x00\x02";
    const char *options =
        text("{\"url\":\"%s\",\"method\":\"POST\",\"responseType\":\"arraybuffer\"}", "/raw");
    CHECK(start_with(client, TEXT(options), slice(wire, 41), &waiting, NULL) == GADGET_OK);
    result = wait_for(&waiting);
    CHECK(gadget_result_get_array_buffer(result, &bytes) == GADGET_OK);
    CHECK(bytes.length == 3 && memcmp(bytes.data, "\x01\x00\x02", 3) == 0);
    CHECK(gadget_result_get_body(result, &body) == GADGET_OK && body.data == bytes.data);
    gadget_result_free(result);
    gadget_client_free(client);
}

/* These options fail with errno 104 and this errMsg. */
static void fails_with(gadget_client *client, gadget_slice options, const char *err_msg)
{
    waiter waiting = WAITER;
    gadget_result *result;
    gadget_slice slice;
    uint32_t code = 0;
    uint16_t status;
    CHECK(start_with(client, options, ABSENT, &waiting, NULL) == GADGET_OK);
    result = wait_for(&waiting);
    CHECK(gadget_result_get_errno(result, &code) == GADGET_OK && code == 104);
    CHECK(gadget_result_get_err_string(result, &slice) == GADGET_OK);
    CHECK(IS(slice, "invalid parameter"));
    CHECK(gadget_result_get_err_msg(result, &slice) == GADGET_OK && IS(slice, err_msg));
    CHECK(gadget_result_get_status(result, &status) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_result_get_body(result, &slice) == GADGET_NOT_AVAILABLE);
    gadget_result_free(result);
}

static void wrong_options_are_a_result(void)
{
    gadget_client *client = new_client("{}");
    size_t large = 100 * 1024 * 1024 + 1;
    char *oversized = malloc(large);
    CHECK(oversized);
    memset(oversized, ' ', large);
    fails_with(client, slice(oversized, large), "request:fail invalid options: over 100 MiB");
    free(oversized);
    fails_with(client, TEXT(""), "request:fail invalid options: not one JSON object");
    fails_with(client, TEXT("{\"url\":\"\xff\"}"), "request:fail invalid options: not UTF-8");
    fails_with(client, TEXT("{\"url\":5}"), "request:fail invalid url: a number");
    fails_with(client, TEXT("{\"url\":null}"), "request:fail invalid url: missing");
    gadget_client_free(client);
}

static gadget_client *to_free;
static gadget_task *to_abort;
static void frees_everything(void *context, gadget_result *result)
{
    gadget_task_abort(to_abort);
    gadget_task_free(to_abort);
    gadget_client_free(to_free);
    gadget_client_free(to_free);
    gadget_result_free(result);
    on_completed(context, NULL);
}

static void frees_are_legal_inside_a_completion(void)
{
    waiter waiting = WAITER, other = WAITER, late = WAITER;
    gadget_completion completion = {NULL, frees_everything, on_destroyed};
    completion.context = &waiting;
    to_free = new_client("{}");
    CHECK(get(to_free, "/fault/silence", &other, &to_abort) == GADGET_OK);
    gadget_task_free(to_abort); /* does not abort the request */
    CHECK(gadget_client_start(to_free, TEXT(text("{\"url\":\"%s\"}", "/echo")), ABSENT, &completion,
                              &to_abort) == GADGET_OK);
    wait_for(&waiting);
    ends_with(&other, "request:fail client closed");
    CHECK(start(to_free, "{}", &late, NULL) == GADGET_NO_SUCH_OBJECT);
    CHECK(late.completed == 0 && late.destroyed == 1);
}

static void abort_and_shutdown_end_a_request(void)
{
    gadget_client *client = new_client("{}");
    waiter aborted = WAITER, closed = WAITER, later = WAITER;
    gadget_task *task;
    gadget_result *result;
    gadget_slice slice;
    uint32_t code;
    int i;
    CHECK(get(client, "/fault/silence", &aborted, &task) == GADGET_OK);
    for (i = 0; i < 3; i++)
        CHECK(gadget_task_abort(task) == GADGET_OK);
    gadget_task_free(task);
    result = wait_for(&aborted);
    CHECK(gadget_result_get_errno(result, &code) == GADGET_OK && code == 301);
    CHECK(gadget_result_get_err_msg(result, &slice) == GADGET_OK);
    CHECK(IS(slice, "request:fail abort"));
    gadget_result_free(result);
    CHECK(get(client, "/fault/silence", &closed, NULL) == GADGET_OK);
    CHECK(gadget_client_shutdown(client) == GADGET_OK);
    CHECK(gadget_client_shutdown(client) == GADGET_OK);
    ends_with(&closed, "request:fail client closed");
    CHECK(get(client, "/echo", &later, NULL) == GADGET_OK);
    ends_with(&later, "request:fail client closed");
    gadget_client_free(client);
}

static void the_cause_says_why_the_network_failed_a_request(void)
{
    gadget_client *client = new_client("{}");
    waiter refused = WAITER, aborted = WAITER;
    gadget_task *task;
    gadget_result *result;
    gadget_slice cause;
    CHECK(start(client, "{\"url\":\"http://127.0.0.1:1\"}", &refused, NULL) == GADGET_OK);
    result = wait_for(&refused);
    CHECK(gadget_result_get_cause(result, &cause) == GADGET_OK);
    CHECK(memcmp(cause.data, "connect: connection refused (os error ", 38) == 0);
    gadget_result_free(result);
    CHECK(get(client, "/fault/silence", &aborted, &task) == GADGET_OK);
    CHECK(gadget_task_abort(task) == GADGET_OK);
    gadget_task_free(task);
    result = wait_for(&aborted);
    CHECK(gadget_result_get_cause(result, &cause) == GADGET_NOT_AVAILABLE);
    gadget_result_free(result);
    gadget_client_free(client);
}

static void another_proxy_is_for_the_requests_that_follow(void)
{
    gadget_client *client = new_client("{}");
    waiter proxied = WAITER, direct = WAITER;
    char message[100];
    CHECK(gadget_client_set_proxy(client, TEXT("{\"proxy\":\"socks5://127.0.0.1:1\"}"), NULL, 0) ==
          GADGET_OK);
    CHECK(get(client, "/echo", &proxied, NULL) == GADGET_OK);
    ends_with(&proxied, "request:fail proxy failed");
    CHECK(gadget_client_set_proxy(client, TEXT("{\"proxy\":1}"), message, sizeof message) ==
          GADGET_INVALID_CONFIG);
    CHECK(!strncmp(message, "proxy: invalid type", 19));
    CHECK(gadget_client_set_proxy(client, TEXT("{}"), NULL, 0) == GADGET_OK);
    CHECK(get(client, "/echo", &direct, NULL) == GADGET_OK);
    ends_with(&direct, "request:ok");
    gadget_client_free(client);
}

static double moment(const gadget_result *result, uint32_t which)
{
    double milliseconds = -1;
    gadget_status status = gadget_result_get_moment(result, which, &milliseconds);
    CHECK(status == GADGET_OK || (status == GADGET_NOT_AVAILABLE && milliseconds == -1));
    return milliseconds;
}

static void a_result_has_the_profile_of_its_request(void)
{
    gadget_client *client = new_client("{}");
    waiter first = WAITER, again = WAITER, refused = WAITER;
    gadget_result *result;
    gadget_slice slice;
    uint64_t count;
    uint32_t which;
    uint16_t port;
    bool reused = true;
    CHECK(get(client, "/bytes/1000", &first, NULL) == GADGET_OK);
    result = wait_for(&first);
    CHECK(moment(result, GADGET_INVOKE_START) > 1.7e12);
    for (which = GADGET_QUEUE_START; which <= GADGET_FETCH_START; which++)
        CHECK(moment(result, which) >= moment(result, which - 1));
    CHECK(moment(result, GADGET_CONNECT_START) >= moment(result, GADGET_FETCH_START));
    CHECK(moment(result, GADGET_REQUEST_START) >= moment(result, GADGET_CONNECT_END));
    CHECK(moment(result, GADGET_RESPONSE_END) >= moment(result, GADGET_RESPONSE_START));
    CHECK(moment(result, GADGET_REDIRECT_START) == -1 && moment(result, 16) == -1);
    CHECK(gadget_result_get_count(result, GADGET_DECODED_BYTES, &count) == GADGET_OK);
    CHECK(count == 1000);
    CHECK(gadget_result_get_count(result, GADGET_RECEIVED_BYTES_COUNT, &count) == GADGET_OK);
    CHECK(count > 1000);
    CHECK(gadget_result_get_count(result, GADGET_RETRY_COUNT, &count) == GADGET_OK && count == 0);
    CHECK(gadget_result_get_count(result, 5, &count) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_result_get_peer(result, &slice, &port) == GADGET_OK && port != 0);
    CHECK(IS(slice, "127.0.0.1"));
    CHECK(gadget_result_get_peer(result, NULL, &port) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_get_protocol(result, &slice) == GADGET_OK && IS(slice, "http1.1"));
    CHECK(gadget_result_get_socket_reused(result, &reused) == GADGET_OK && !reused);
    gadget_result_free(result);

    CHECK(get(client, "/bytes/1", &again, NULL) == GADGET_OK);
    result = wait_for(&again);
    CHECK(moment(result, GADGET_CONNECT_START) == -1);
    CHECK(gadget_result_get_socket_reused(result, &reused) == GADGET_OK && reused);
    gadget_result_free(result);

    CHECK(start(client, "{\"url\":5}", &refused, NULL) == GADGET_OK);
    result = wait_for(&refused);
    CHECK(moment(result, GADGET_INVOKE_START) == -1);
    CHECK(gadget_result_get_count(result, GADGET_RETRY_COUNT, &count) == GADGET_NOT_AVAILABLE);
    gadget_result_free(result);
    gadget_client_free(client);
}

static void counts(const gadget_client *client, size_t in_flight, size_t queued)
{
    size_t is_in_flight, is_queued;
    CHECK(gadget_client_get_in_flight(client, &is_in_flight) == GADGET_OK);
    CHECK(gadget_client_get_queued(client, &is_queued) == GADGET_OK);
    CHECK(is_in_flight == in_flight && is_queued == queued);
}

static void ten_are_in_flight_and_the_host_app_ends_the_others(void)
{
    gadget_client *client = new_client("{\"max_queued\":2,\"background_grace_ms\":0}");
    gadget_client *other = new_client("{}");
    waiter held[14], released = WAITER, offline = WAITER, background = WAITER, back = WAITER;
    gadget_task *task = NULL;
    int i;
    for (i = 0; i < 14; i++) {
        waiter fresh = WAITER;
        held[i] = fresh;
    }
    for (i = 0; i < 12; i++)
        CHECK(get(client, "/hold/boundary", &held[i], i == 11 ? &task : NULL) == GADGET_OK);
    counts(client, 10, 2);
    CHECK(get(client, "/echo", &held[12], NULL) == GADGET_OK);
    ends_with(&held[12], "request:fail too many requests");
    CHECK(gadget_task_abort(task) == GADGET_OK);
    gadget_task_free(task);
    counts(client, 10, 1); /* as soon as abort returns */
    ends_with(&held[11], "request:fail abort");

    CHECK(gadget_client_set_online(client, false) == GADGET_OK);
    ends_with(&held[10], "request:fail offline");
    CHECK(get(client, "/echo", &offline, NULL) == GADGET_OK);
    ends_with(&offline, "request:fail offline");
    CHECK(gadget_client_set_online(client, true) == GADGET_OK);
    CHECK(gadget_client_network_changed(client) == GADGET_OK);
    CHECK(get(other, "/release/boundary?count=10", &released, NULL) == GADGET_OK);
    ends_with(&released, "request:ok");
    for (i = 0; i < 10; i++)
        ends_with(&held[i], "request:ok");
    counts(client, 0, 0);

    CHECK(get(client, "/fault/silence", &held[13], NULL) == GADGET_OK);
    CHECK(gadget_client_enter_background(client) == GADGET_OK);
    ends_with(&held[13], "request:fail app in background");
    CHECK(get(client, "/echo", &background, NULL) == GADGET_OK);
    ends_with(&background, "request:fail app in background");
    CHECK(gadget_client_enter_foreground(client) == GADGET_OK);
    CHECK(get(client, "/echo", &back, NULL) == GADGET_OK);
    ends_with(&back, "request:ok");
    gadget_client_free(client);
    gadget_client_free(other);
}

int main(void)
{
    a_success_can_be_read();
    bytes_go_in_and_come_out_without_a_copy();
    wrong_options_are_a_result();
    frees_are_legal_inside_a_completion();
    abort_and_shutdown_end_a_request();
    the_cause_says_why_the_network_failed_a_request();
    another_proxy_is_for_the_requests_that_follow();
    a_result_has_the_profile_of_its_request();
    ten_are_in_flight_and_the_host_app_ends_the_others();
    puts("requests: passed");
    return 0;
}
