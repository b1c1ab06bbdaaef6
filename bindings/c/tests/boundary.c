/* Every function survives NULL, the wrong order, double frees and aborts, and frees within completions. */
#include "support.h"

static void null_is_found(void)
{
    gadget_slice slice;
    gadget_config *config = NULL;
    gadget_client *client = new_client("{}");
    gadget_result *none = NULL;
    uint32_t code;
    uint16_t status;
    size_t count;
    bool is_success;
    waiter refused = WAITER, also_refused = WAITER;

    CHECK(gadget_config_new(NULL, 0, &config, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_config_new((const uint8_t *)"{}", 2, NULL, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_new(NULL, &client) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_shutdown(NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_online(NULL, true) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_enter_background(NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_enter_foreground(NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_in_flight(NULL, &count) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_in_flight(client, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_queued(client, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_task_abort(NULL) == GADGET_NULL_ARGUMENT);
    CHECK(start(NULL, "{}", &refused, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(refused.completed == 0 && refused.destroyed == 1);
    CHECK(gadget_client_start(client, NULL, 0, NULL, 0, on_completed, &also_refused, on_destroyed, NULL) ==
          GADGET_NULL_ARGUMENT);
    CHECK(also_refused.completed == 0 && also_refused.destroyed == 1);
    CHECK(gadget_client_start(client, (const uint8_t *)"{}", 2, NULL, 0, NULL, NULL, NULL, NULL) ==
          GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_json(none, &slice) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_is_success(none, &is_success) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_errno(none, &code) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_status(none, &status) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_header_count(none, &count) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_header(none, 0, &slice, &slice) == GADGET_NULL_ARGUMENT);
    gadget_config_free(NULL);
    gadget_client_free(NULL);
    gadget_task_free(NULL);
    gadget_result_free(NULL);
    gadget_client_free(client);
}

static void a_wrong_configuration_is_named(void)
{
    gadget_config *config = NULL;
    char message[100] = "", small[8] = "xxxxxxx";
    const char *wrong = "{\"timeout_ms\":\"1\"}", *latin1 = "{\"app_id\":\"\xe9\"}";
    CHECK(gadget_config_new((const uint8_t *)wrong, strlen(wrong), &config, message, sizeof message) ==
          GADGET_INVALID_CONFIG);
    CHECK(strstr(message, "timeout_ms: invalid type: string") == message);
    CHECK(gadget_config_new((const uint8_t *)wrong, strlen(wrong), &config, small, sizeof small) ==
          GADGET_INVALID_CONFIG);
    CHECK(strcmp(small, "timeout") == 0);
    CHECK(gadget_config_new((const uint8_t *)latin1, strlen(latin1), &config, message, sizeof message) ==
          GADGET_INVALID_CONFIG);
    CHECK(strcmp(message, "not UTF-8") == 0 && config == NULL);
}

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

    CHECK(start(client, text("{\"url\":\"%s\"}", "/headers?x-a=1&x-a=2"), &waiting, &task) == GADGET_OK && task);
    result = wait_for(&waiting);
    CHECK(gadget_result_is_success(result, &is_success) == GADGET_OK && is_success);
    CHECK(gadget_result_status(result, &status) == GADGET_OK && status == 200);
    CHECK(gadget_result_header_count(result, &count) == GADGET_OK && count == 3);
    CHECK(gadget_result_header(result, 1, &name, &value) == GADGET_OK && IS(name, "x-a") && IS(value, "2"));
    CHECK(gadget_result_header(result, 3, &name, &value) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_result_header(result, 0, NULL, &value) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_body(result, &slice) == GADGET_OK && slice.data && slice.length == 0);
    CHECK(gadget_result_text(result, &slice) == GADGET_OK && slice.data && slice.length == 0);
    CHECK(gadget_result_array_buffer(result, &slice) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_result_errno(result, &code) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_result_err_string(result, &slice) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_result_err_msg(result, &slice) == GADGET_OK && IS(slice, "request:ok"));
    CHECK(gadget_result_trace(result, &slice) == GADGET_OK && slice.length == 53);
    CHECK(gadget_result_json(result, &slice) == GADGET_OK && memcmp(slice.data, "{\"statusCode\":200,", 18) == 0);
    gadget_result_free(result);
    CHECK(gadget_result_status(result, &status) == GADGET_NO_SUCH_OBJECT);
    gadget_result_free(result);
    CHECK(gadget_task_abort(task) == GADGET_OK); /* too late: nothing happens */
    gadget_task_free(task);
    CHECK(gadget_task_abort(task) == GADGET_NO_SUCH_OBJECT);
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
    const char *options = text("{\"url\":\"%s\",\"method\":\"POST\",\"responseType\":\"arraybuffer\"}", "/raw");
    CHECK(gadget_client_start(client, (const uint8_t *)options, strlen(options), (const uint8_t *)wire, 41,
                              on_completed, &waiting, on_destroyed, NULL) == GADGET_OK);
    result = wait_for(&waiting);
    CHECK(gadget_result_array_buffer(result, &bytes) == GADGET_OK);
    CHECK(bytes.length == 3 && memcmp(bytes.data, "\x01\x00\x02", 3) == 0);
    CHECK(gadget_result_body(result, &body) == GADGET_OK && body.data == bytes.data);
    gadget_result_free(result);
    gadget_client_free(client);
}

/* Options, and the words of the fail they end in. */
static void fails_with(gadget_client *client, const char *options, size_t length, const char *words)
{
    waiter waiting = WAITER;
    gadget_result *result;
    gadget_slice slice;
    uint32_t code = 0;
    uint16_t status;
    CHECK(gadget_client_start(client, (const uint8_t *)options, length, NULL, 0, on_completed, &waiting,
                              on_destroyed, NULL) == GADGET_OK);
    result = wait_for(&waiting);
    CHECK(gadget_result_errno(result, &code) == GADGET_OK && code == 104);
    CHECK(gadget_result_err_string(result, &slice) == GADGET_OK && IS(slice, "invalid parameter"));
    CHECK(gadget_result_err_msg(result, &slice) == GADGET_OK && IS(slice, words));
    CHECK(gadget_result_status(result, &status) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_result_body(result, &slice) == GADGET_NOT_AVAILABLE);
    gadget_result_free(result);
}

static void wrong_options_are_a_result(void)
{
    gadget_client *client = new_client("{}");
    size_t large = 100 * 1024 * 1024 + 1;
    char *oversized = malloc(large);
    CHECK(oversized);
    memset(oversized, ' ', large);
    fails_with(client, oversized, large, "request:fail invalid options: over 100 MiB");
    free(oversized);
    fails_with(client, "", 0, "request:fail invalid options: not one JSON object");
    fails_with(client, "{\"url\":\"\xff\"}", 11, "request:fail invalid options: not UTF-8");
    fails_with(client, "{\"url\":5}", 9, "request:fail invalid url: a number");
    fails_with(client, "{\"url\":null}", 12, "request:fail invalid url: missing");
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

static void frees_are_legal_within_a_completion(void)
{
    waiter waiting = WAITER, other = WAITER, late = WAITER;
    gadget_result *result;
    gadget_slice slice;
    const char *options;
    to_free = new_client("{}");
    CHECK(start(to_free, text("{\"url\":\"%s\"}", "/fault/silence"), &other, &to_abort) == GADGET_OK);
    gadget_task_free(to_abort); /* the request runs on */
    options = text("{\"url\":\"%s\"}", "/echo");
    CHECK(gadget_client_start(to_free, (const uint8_t *)options, strlen(options), NULL, 0, frees_everything, &waiting,
                              on_destroyed, &to_abort) == GADGET_OK);
    wait_for(&waiting);
    result = wait_for(&other);
    CHECK(gadget_result_err_msg(result, &slice) == GADGET_OK && IS(slice, "request:fail client closed"));
    gadget_result_free(result);
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
    CHECK(start(client, text("{\"url\":\"%s\"}", "/fault/silence"), &aborted, &task) == GADGET_OK);
    for (i = 0; i < 3; i++)
        CHECK(gadget_task_abort(task) == GADGET_OK);
    gadget_task_free(task);
    result = wait_for(&aborted);
    CHECK(gadget_result_errno(result, &code) == GADGET_OK && code == 301);
    CHECK(gadget_result_err_msg(result, &slice) == GADGET_OK && IS(slice, "request:fail abort"));
    gadget_result_free(result);
    CHECK(start(client, text("{\"url\":\"%s\"}", "/fault/silence"), &closed, NULL) == GADGET_OK);
    CHECK(gadget_client_shutdown(client) == GADGET_OK && gadget_client_shutdown(client) == GADGET_OK);
    gadget_result_free(wait_for(&closed));
    CHECK(start(client, text("{\"url\":\"%s\"}", "/echo"), &later, NULL) == GADGET_OK);
    result = wait_for(&later);
    CHECK(gadget_result_err_msg(result, &slice) == GADGET_OK && IS(slice, "request:fail client closed"));
    gadget_result_free(result);
    gadget_client_free(client);
    CHECK(gadget_client_shutdown(client) == GADGET_NO_SUCH_OBJECT);
}

/* What a request came to: the words of its fail, or request:ok. */

static void counts(const gadget_client *client, size_t in_flight, size_t queued)
{
    size_t is_in_flight, is_queued;
    CHECK(gadget_client_in_flight(client, &is_in_flight) == GADGET_OK && is_in_flight == in_flight);
    CHECK(gadget_client_queued(client, &is_queued) == GADGET_OK && is_queued == queued);
}

static void ten_are_in_flight_and_the_host_ends_the_rest(void)
{
    gadget_client *client = new_client("{\"max_queued\":2,\"background_grace_ms\":0}"), *other = new_client("{}");
    waiter held[14], released = WAITER, offline = WAITER, background = WAITER, back = WAITER;
    gadget_task *task = NULL;
    int i;
    for (i = 0; i < 14; i++) {
        waiter fresh = WAITER;
        held[i] = fresh;
    }
    for (i = 0; i < 12; i++)
        CHECK(start(client, text("{\"url\":\"%s\"}", "/hold/boundary"), &held[i], i == 11 ? &task : NULL) == GADGET_OK);
    counts(client, 10, 2);
    CHECK(start(client, text("{\"url\":\"%s\"}", "/echo"), &held[12], NULL) == GADGET_OK);
    comes_to(&held[12], "request:fail too many requests");
    CHECK(gadget_task_abort(task) == GADGET_OK);
    gadget_task_free(task);
    counts(client, 10, 1); /* when abort returns */
    comes_to(&held[11], "request:fail abort");

    CHECK(gadget_client_set_online(client, false) == GADGET_OK);
    comes_to(&held[10], "request:fail offline");
    CHECK(start(client, text("{\"url\":\"%s\"}", "/echo"), &offline, NULL) == GADGET_OK);
    comes_to(&offline, "request:fail offline");
    CHECK(gadget_client_set_online(client, true) == GADGET_OK);
    CHECK(start(other, text("{\"url\":\"%s\"}", "/release/boundary?count=10"), &released, NULL) == GADGET_OK);
    comes_to(&released, "request:ok");
    for (i = 0; i < 10; i++)
        comes_to(&held[i], "request:ok");
    counts(client, 0, 0);

    CHECK(start(client, text("{\"url\":\"%s\"}", "/fault/silence"), &held[13], NULL) == GADGET_OK);
    CHECK(gadget_client_enter_background(client) == GADGET_OK);
    comes_to(&held[13], "request:fail app in background");
    CHECK(start(client, text("{\"url\":\"%s\"}", "/echo"), &background, NULL) == GADGET_OK);
    comes_to(&background, "request:fail app in background");
    CHECK(gadget_client_enter_foreground(client) == GADGET_OK);
    CHECK(start(client, text("{\"url\":\"%s\"}", "/echo"), &back, NULL) == GADGET_OK);
    comes_to(&back, "request:ok");
    gadget_client_free(client);
    CHECK(gadget_client_enter_background(client) == GADGET_NO_SUCH_OBJECT);
    gadget_client_free(other);
}

/* A resolver that counts. */
typedef struct {
    const char *address;
    int calls;
    int destroyed;
} phonebook;

static bool resolves(void *context, gadget_slice host, gadget_take give, void *answer)
{
    phonebook *self = context;
    gadget_slice address = {(const uint8_t *)self->address, 0};
    CHECK(IS(host, "known.example"));
    self->calls++;
    if (!self->address)
        return false;
    address.length = strlen(self->address);
    if (address.length)
        give(answer, address);
    return true;
}

static void closes(void *context)
{
    phonebook *self = context;
    self->destroyed++;
}

static void a_host_resolves_names_itself_and_its_policy_holds(void)
{
    const char *answers[] = {"127.0.0.1", "192.168.1.1", "no address", NULL};
    const char *words[] = {"request:ok", "request:fail private address not allowed", "request:fail name not resolved",
                           "request:fail name not resolved"};
    const char *settings = "{\"allow_private_addresses\":false,\"allowed_private_networks\":[\"127.0.0.1\"]}";
    const char *port = strrchr(environment("GADGET_HTTP"), ':');
    int i;
    for (i = 0; i < 4; i++) {
        phonebook book = {answers[i], 0, 0};
        gadget_resolver resolver = {NULL, resolves, closes};
        gadget_config *config = NULL;
        gadget_client *client = NULL;
        waiter waiting = WAITER;
        char options[100];
        resolver.context = &book;
        CHECK(gadget_config_new((const uint8_t *)settings, strlen(settings), &config, NULL, 0) == GADGET_OK);
        CHECK(gadget_client_new_with(config, NULL, &resolver, &client) == GADGET_OK);
        gadget_config_free(config);
        snprintf(options, sizeof options, "{\"url\":\"http://known.example%s/close/1\"}", port);
        CHECK(start(client, options, &waiting, NULL) == GADGET_OK);
        comes_to(&waiting, words[i]);
        CHECK(book.calls == 1 && book.destroyed == 0);
        gadget_client_free(client);
        while (!*(volatile int *)&book.destroyed) /* with its last connection, on a thread of the library */
            sched_yield();
        CHECK(book.destroyed == 1);
    }
}

static void a_resolver_without_a_function_is_refused_and_destroyed(void)
{
    phonebook book = {NULL, 0, 0};
    gadget_resolver resolver = {NULL, NULL, closes};
    gadget_config *config = NULL;
    gadget_client *client = NULL;
    resolver.context = &book;
    CHECK(gadget_config_new((const uint8_t *)"{}", 2, &config, NULL, 0) == GADGET_OK);
    CHECK(gadget_client_new_with(config, NULL, &resolver, &client) == GADGET_NULL_ARGUMENT);
    CHECK(book.destroyed == 1 && client == NULL);
    gadget_config_free(config);
}

static void an_object_of_another_kind_is_found(void)
{
    gadget_client *client = new_client("{}");
    int here;
    CHECK(gadget_task_abort((gadget_task *)client) == GADGET_NO_SUCH_OBJECT);
    CHECK(gadget_client_shutdown((gadget_client *)&here) == GADGET_NO_SUCH_OBJECT);
    gadget_result_free((gadget_result *)client);
    CHECK(gadget_client_shutdown(client) == GADGET_OK);
    gadget_client_free(client);
}

static void one_line(void *context, uint32_t level, gadget_slice line)
{
    if (level == 2 && strstr((const char *)line.data, "timeout outside 1 to 60000 ms"))
        ++*(int *)context;
}

static void the_log_reaches_the_host(void)
{
    gadget_client *client = new_client("{}");
    waiter waiting = WAITER;
    int warnings = 0;
    CHECK(gadget_log_to(one_line, &warnings, 2) == GADGET_OK);
    CHECK(start(client, text("{\"url\":\"%s\",\"timeout\":-1}", "/echo"), &waiting, NULL) == GADGET_OK);
    gadget_result_free(wait_for(&waiting));
    CHECK(gadget_log_to(NULL, NULL, 0) == GADGET_OK);
    CHECK(warnings == 1);
    gadget_client_free(client);
}

int main(void)
{
    CHECK(gadget_abi_version() == GADGET_ABI_VERSION);
    CHECK(gadget_set_worker_threads(0) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_set_worker_threads(3) == GADGET_OK);
    CHECK(gadget_set_worker_threads(2) == GADGET_TOO_LATE);
    CHECK(strcmp(gadget_status_text(GADGET_OK), "ok") == 0);
    CHECK(strcmp(gadget_status_text(-7), "unknown status") == 0);
    null_is_found();
    a_wrong_configuration_is_named();
    a_success_can_be_read();
    bytes_go_in_and_come_out_without_a_copy();
    wrong_options_are_a_result();
    frees_are_legal_within_a_completion();
    abort_and_shutdown_end_a_request();
    ten_are_in_flight_and_the_host_ends_the_rest();
    a_host_resolves_names_itself_and_its_policy_holds();
    a_resolver_without_a_function_is_refused_and_destroyed();
    an_object_of_another_kind_is_found();
    the_log_reaches_the_host();
    puts("boundary: all is well");
    return 0;
}
