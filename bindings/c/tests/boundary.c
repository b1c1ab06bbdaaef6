/* NULL, invalid slices, freed objects and objects of another type are detected and do no harm. */
#include "support.h"

static const gadget_slice INVALID = {NULL, 1};

static void null_is_detected(void)
{
    gadget_slice slice;
    gadget_config *config = NULL;
    gadget_client *client = new_client("{}"), *made = NULL;
    gadget_result *none = NULL;
    uint32_t code;
    uint16_t status;
    size_t count;
    bool is_success;

    CHECK(gadget_config_new(ABSENT, &config, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_config_new(INVALID, &config, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_config_new(TEXT("{}"), NULL, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_new(NULL, NULL, NULL, &made) == GADGET_NULL_ARGUMENT && !made);
    CHECK(gadget_client_shutdown(NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_online(NULL, true) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_network_changed(NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_proxy(NULL, TEXT("{}"), NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_proxy(client, ABSENT, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_enter_background(NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_enter_foreground(NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_get_in_flight(NULL, &count) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_get_in_flight(client, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_get_queued(client, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_task_abort(NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_get_json(none, &slice) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_is_success(none, &is_success) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_get_errno(none, &code) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_get_status(none, &status) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_get_header_count(none, &count) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_result_get_header(none, 0, &slice, &slice) == GADGET_NULL_ARGUMENT);
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
    gadget_slice wrong = TEXT("{\"timeout_ms\":\"1\"}"), latin1 = TEXT("{\"app_id\":\"\xe9\"}");
    CHECK(gadget_config_new(wrong, &config, message, sizeof message) == GADGET_INVALID_CONFIG);
    CHECK(strstr(message, "timeout_ms: invalid type: string") == message);
    CHECK(gadget_config_new(wrong, &config, small, sizeof small) == GADGET_INVALID_CONFIG);
    CHECK(strcmp(small, "timeout") == 0);
    CHECK(gadget_config_new(latin1, &config, message, sizeof message) == GADGET_INVALID_CONFIG);
    CHECK(strcmp(message, "not UTF-8") == 0 && config == NULL);
}

static void a_refused_start_destroys_its_context_once_and_does_not_complete(void)
{
    gadget_client *client = new_client("{}"), *freed = new_client("{}");
    gadget_slice options = TEXT("{}"), too_long = slice("{}", (size_t)-2);
    struct {
        const gadget_client *client;
        gadget_slice options, body;
        gadget_status status;
    } refused[] = {
        {NULL, options, ABSENT, GADGET_NULL_ARGUMENT},
        {client, ABSENT, ABSENT, GADGET_NULL_ARGUMENT},
        {client, INVALID, ABSENT, GADGET_NULL_ARGUMENT},
        {client, too_long, ABSENT, GADGET_NULL_ARGUMENT},
        {client, options, INVALID, GADGET_NULL_ARGUMENT},
        {client, options, too_long, GADGET_NULL_ARGUMENT},
        {freed, options, ABSENT, GADGET_NO_SUCH_OBJECT},
        {(gadget_client *)&options, options, ABSENT, GADGET_NO_SUCH_OBJECT},
    };
    waiter incomplete = WAITER;
    gadget_completion completion = {NULL, NULL, on_destroyed};
    size_t i;
    gadget_client_free(freed);
    for (i = 0; i < sizeof refused / sizeof *refused; i++) {
        waiter waiting = WAITER;
        gadget_task *task = (gadget_task *)client;
        CHECK(start_with(refused[i].client, refused[i].options, refused[i].body, &waiting, &task) ==
              refused[i].status);
        CHECK(waiting.completed == 0 && waiting.destroyed == 1 && task == NULL);
    }
    completion.context = &incomplete;
    CHECK(gadget_client_start(client, options, ABSENT, &completion, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(incomplete.destroyed == 1);
    completion.destroy = NULL;
    CHECK(gadget_client_start(client, options, ABSENT, &completion, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_start(client, options, ABSENT, NULL, NULL) == GADGET_NULL_ARGUMENT);
    gadget_client_free(client);
}

static void an_empty_slice_is_not_absent_and_the_slice_of_null_is(void)
{
    gadget_client *client = new_client("{}");
    waiter waiting = WAITER;
    CHECK(ABSENT.data == NULL && ABSENT.length == 0);
    CHECK(TEXT("").data != NULL && TEXT("").length == 0);
    CHECK(IS(TEXT("a text"), "a text"));
    CHECK(start_with(client, TEXT(""), TEXT(""), &waiting, NULL) == GADGET_OK);
    ends_with(&waiting, "request:fail invalid options: not one JSON object");
    gadget_client_free(client);
}

static void a_freed_object_is_detected(void)
{
    gadget_client *client = new_client("{}");
    waiter waiting = WAITER;
    gadget_task *task = NULL;
    gadget_result *result;
    uint16_t status;
    CHECK(start(client, "{}", &waiting, &task) == GADGET_OK && task);
    result = wait_for(&waiting);
    gadget_result_free(result);
    CHECK(gadget_result_get_status(result, &status) == GADGET_NO_SUCH_OBJECT);
    gadget_result_free(result);
    CHECK(gadget_task_abort(task) == GADGET_OK); /* too late to have an effect */
    gadget_task_free(task);
    CHECK(gadget_task_abort(task) == GADGET_NO_SUCH_OBJECT);
    gadget_task_free(task);
    gadget_client_free(client);
    CHECK(gadget_client_shutdown(client) == GADGET_NO_SUCH_OBJECT);
    CHECK(gadget_client_enter_background(client) == GADGET_NO_SUCH_OBJECT);
    gadget_client_free(client);
}

static void an_object_of_another_type_is_detected(void)
{
    gadget_client *client = new_client("{}");
    int here;
    CHECK(gadget_task_abort((gadget_task *)client) == GADGET_NO_SUCH_OBJECT);
    CHECK(gadget_client_shutdown((gadget_client *)&here) == GADGET_NO_SUCH_OBJECT);
    gadget_result_free((gadget_result *)client);
    CHECK(gadget_client_shutdown(client) == GADGET_OK);
    gadget_client_free(client);
}

typedef struct {
    int warnings;
    int destroyed;
} sink;

static void logs(void *context, uint32_t level, gadget_slice line)
{
    sink *self = context;
    if (level == 2 && strstr((const char *)line.data, "timeout outside 1 to 60000 ms"))
        self->warnings++;
    CHECK(self->destroyed == 0);
}

static void destroys_sink(void *context)
{
    sink *self = context;
    self->destroyed++;
}

static void the_log_reaches_its_sink_until_another_replaces_it(void)
{
    gadget_client *client = new_client("{}");
    sink first = {0, 0}, second = {0, 0};
    gadget_log_sink to = {NULL, NULL, destroys_sink};
    waiter waiting = WAITER;
    to.context = &first;
    CHECK(gadget_log_to(&to, 2) == GADGET_NULL_ARGUMENT && first.destroyed == 1);
    first.destroyed = 0;
    to.log = logs;
    CHECK(gadget_log_to(&to, 2) == GADGET_OK);
    CHECK(start(client, text("{\"url\":\"%s\",\"timeout\":-1}", "/echo"), &waiting, NULL) ==
          GADGET_OK);
    ends_with(&waiting, "request:ok");
    CHECK(first.warnings == 1 && first.destroyed == 0);
    to.context = &second;
    CHECK(gadget_log_to(&to, 2) == GADGET_OK && first.destroyed == 1);
    CHECK(gadget_log_to(NULL, 0) == GADGET_OK);
    CHECK(second.warnings == 0 && second.destroyed == 1 && first.destroyed == 1);
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
    null_is_detected();
    a_wrong_configuration_is_named();
    a_refused_start_destroys_its_context_once_and_does_not_complete();
    an_empty_slice_is_not_absent_and_the_slice_of_null_is();
    a_freed_object_is_detected();
    an_object_of_another_type_is_detected();
    the_log_reaches_its_sink_until_another_replaces_it();
    puts("boundary: passed");
    return 0;
}
