/* A proxy selector of the host app. The test server is the proxy: it answers for any host. */
#include "support.h"

/* Without the proxy nobody answers there. */
#define NOBODY "\"resolve\":[\"somewhere.invalid:80:127.0.0.1:1\"]"

/* A selector with one answer. */
typedef struct {
    const char *proxy; /* NULL: none */
    bool works;
    bool hangs;
    int gives;
    int calls;
    int destroyed;
} chooser;

static bool selects(void *context, gadget_slice origin, gadget_take give, void *answer)
{
    chooser *self = context;
    int i;
    CHECK(IS(origin, "http://somewhere.invalid/"));
    self->calls++;
    while (((volatile chooser *)self)->hangs)
        sched_yield();
    for (i = 0; i < self->gives; i++)
        give(answer, TEXT(self->proxy));
    return self->works;
}

static void destroys(void *context)
{
    chooser *self = context;
    self->destroyed++;
}

static gadget_status selected_by(const gadget_client *client, chooser *self, const char *settings)
{
    gadget_selector selector = {NULL, selects, destroys};
    char message[200] = "";
    gadget_status status;
    selector.context = self;
    status = gadget_client_set_proxy_selector(client, &selector, TEXT(settings), message,
                                              sizeof message);
    CHECK((status == GADGET_INVALID_CONFIG) == (message[0] != 0));
    return status;
}

static void ends(const gadget_client *client, const char *err_msg)
{
    waiter waiting = WAITER;
    const char *options = "{\"url\":\"http://somewhere.invalid/echo\"}";
    CHECK(start(client, options, &waiting, NULL) == GADGET_OK);
    ends_with(&waiting, err_msg);
}

/* A thread of the library destroys the context after its last use. */
static void is_destroyed(const chooser *self)
{
    while (*(volatile const int *)&self->destroyed == 0)
        sched_yield();
    CHECK(self->destroyed == 1);
}

static void the_host_app_chooses_the_proxy_and_garbage_sends_nothing(void)
{
    const char *proxies[] = {environment("GADGET_HTTP"), NULL, "garbage", "ftp://127.0.0.1", ""};
    size_t i;
    for (i = 0; i < sizeof proxies / sizeof *proxies; i++) {
        chooser self = {NULL, true, false, 1, 0, 0};
        gadget_client *client = new_client("{\"proxy\":\"http://127.0.0.1:1\"}");
        self.proxy = proxies[i];
        CHECK(selected_by(client, &self, NULL) == GADGET_OK);
        ends(client, i == 0 ? "request:ok" : "request:fail proxy failed");
        CHECK(self.calls == 1 && self.destroyed == 0);
        gadget_client_free(client);
        is_destroyed(&self);
    }
}

static void no_answer_means_no_proxy_and_two_or_a_failure_mean_that_the_proxy_failed(void)
{
    const char *messages[] = {"request:fail connection failed", "request:ok",
                              "request:fail proxy failed"};
    int gives;
    for (gives = 0; gives < 3; gives++) {
        chooser self = {NULL, true, false, 0, 0, 0}, failing = {NULL, false, false, 0, 0, 0};
        gadget_client *client = new_client("{" NOBODY "}");
        self.proxy = failing.proxy = environment("GADGET_HTTP");
        self.gives = failing.gives = gives;
        CHECK(selected_by(client, &self, "{}") == GADGET_OK);
        ends(client, messages[gives]);
        CHECK(selected_by(client, &failing, "{}") == GADGET_OK);
        is_destroyed(&self);
        ends(client, "request:fail proxy failed");
        gadget_client_free(client);
        is_destroyed(&failing);
    }
}

static void a_selector_that_hangs_is_a_timeout_and_another_takes_its_place(void)
{
    chooser hanging = {NULL, true, true, 1, 0, 0}, self = {NULL, true, false, 1, 0, 0};
    gadget_client *client = new_client("{\"connect_timeout_ms\":100}");
    self.proxy = hanging.proxy = environment("GADGET_HTTP");
    CHECK(selected_by(client, &hanging, NULL) == GADGET_OK);
    ends(client, "request:fail timeout");
    CHECK(selected_by(client, &self, NULL) == GADGET_OK);
    ends(client, "request:ok");
    CHECK(hanging.destroyed == 0);
    hanging.hangs = false;
    is_destroyed(&hanging);
    gadget_client_free(client);
    is_destroyed(&self);
}

static void hosts_of_the_bypass_are_reached_without_a_question(void)
{
    const char *settings[] = {NULL, "{\"proxy_bypass\":[\"somewhere.invalid\"]}"};
    int i;
    for (i = 0; i < 2; i++) {
        chooser self = {NULL, true, false, 1, 0, 0};
        gadget_client *client = new_client("{\"proxy_bypass\":[\"somewhere.invalid\"]," NOBODY "}");
        self.proxy = environment("GADGET_HTTP");
        CHECK(selected_by(client, &self, settings[i]) == GADGET_OK);
        ends(client, "request:fail connection failed");
        CHECK(self.calls == 0);
        CHECK(gadget_client_set_proxy(client, TEXT("{}"), NULL, 0) == GADGET_OK);
        is_destroyed(&self);
        ends(client, "request:fail connection failed");
        gadget_client_free(client);
    }
}

static void a_refused_selector_is_destroyed_once_and_the_client_keeps_its_own(void)
{
    gadget_selector without = {NULL, NULL, destroys};
    chooser self = {NULL, true, false, 1, 0, 0}, refused = {NULL, true, false, 1, 0, 0};
    gadget_client *client = new_client("{}");
    self.proxy = environment("GADGET_HTTP");
    without.context = &refused;
    CHECK(selected_by(client, &self, "{}") == GADGET_OK);
    CHECK(selected_by(client, &refused, "{\"proxy_bypass\":5}") == GADGET_INVALID_CONFIG);
    CHECK(selected_by(client, &refused, "{\"proxy\":\"http://a\"}") == GADGET_INVALID_CONFIG);
    CHECK(selected_by(NULL, &refused, "{}") == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_proxy_selector(client, &without, ABSENT, NULL, 0) ==
          GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_proxy_selector(client, NULL, ABSENT, NULL, 0) ==
          GADGET_NULL_ARGUMENT);
    CHECK(refused.destroyed == 4 && refused.calls == 0 && self.destroyed == 0);
    ends(client, "request:ok");
    gadget_client_free(client);
    is_destroyed(&self);
}

int main(void)
{
    the_host_app_chooses_the_proxy_and_garbage_sends_nothing();
    no_answer_means_no_proxy_and_two_or_a_failure_mean_that_the_proxy_failed();
    a_selector_that_hangs_is_a_timeout_and_another_takes_its_place();
    hosts_of_the_bypass_are_reached_without_a_question();
    a_refused_selector_is_destroyed_once_and_the_client_keeps_its_own();
    puts("proxies: passed");
    return 0;
}
