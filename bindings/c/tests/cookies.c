/* The host app lists, sets and deletes a client's cookies, and observes their changes. */
#include "support.h"

/* The bytes of the last call, and a NUL. */
typedef struct {
    char bytes[2000];
    size_t length;
    int count;
    int destroyed;
} keeper;

static void keeps(void *context, gadget_slice bytes)
{
    keeper *self = context;
    CHECK(bytes.length < sizeof self->bytes);
    memcpy(self->bytes, bytes.data, bytes.length);
    self->bytes[bytes.length] = 0;
    self->length = bytes.length;
    self->count++;
}

static void destroys(void *context)
{
    keeper *self = context;
    self->destroyed++;
}

static const char *cookies_for(const gadget_client *client, const char *url)
{
    static keeper kept;
    CHECK(gadget_client_list_cookies(client, TEXT(url), keeps, &kept) == GADGET_OK);
    return kept.bytes;
}

static void set(gadget_client *client, const char *json)
{
    CHECK(gadget_client_set_cookies(client, TEXT(json), NULL, 0) == GADGET_OK);
}

static void responds(gadget_client *client, const char *path)
{
    waiter waiting = WAITER;
    CHECK(get(client, path, &waiting, NULL) == GADGET_OK);
    ends_with(&waiting, "request:ok");
}

static gadget_status observe(const gadget_client *client, gadget_take changed, keeper *kept,
                             gadget_cookie_listener **listener)
{
    gadget_observer observer = {NULL, NULL, destroys};
    observer.context = kept;
    observer.changed = changed;
    return gadget_client_on_cookie_change(client, &observer, listener);
}

static void null_and_invalid_slices_are_detected(void)
{
    gadget_client *client = new_client("{}");
    gadget_slice invalid = {NULL, 1}, a = TEXT("a");
    keeper kept = {"", 0, 0, 0};

    set(client, "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"a.com\"}]");
    CHECK(gadget_client_list_cookies(NULL, ABSENT, keeps, &kept) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_list_cookies(client, ABSENT, NULL, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_list_cookies(client, invalid, keeps, &kept) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_cookies(client, ABSENT, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_cookies(client, invalid, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_cookie_line(client, ABSENT, a, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_cookie_line(client, invalid, a, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_cookie_line(client, a, invalid, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_clear_cookies(NULL, ABSENT) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_clear_cookies(client, invalid) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_clear_cookies(client, slice("a", (size_t)-1)) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_delete_cookie(client, ABSENT, a, a) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_delete_cookie(client, invalid, a, a) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_delete_cookie(client, a, invalid, a) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_delete_cookie(client, a, a, invalid) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_save_cookies(NULL) == GADGET_NULL_ARGUMENT);
    CHECK(kept.count == 0 && strstr(cookies_for(client, NULL), "\"name\":\"a\""));
    gadget_client_free(client);
    CHECK(gadget_client_list_cookies(client, ABSENT, keeps, &kept) == GADGET_NO_SUCH_OBJECT);
    CHECK(gadget_client_set_cookies(client, TEXT("[]"), NULL, 0) == GADGET_NO_SUCH_OBJECT);
    CHECK(kept.count == 0);
}

static void a_refused_observer_is_destroyed_once(void)
{
    gadget_client *client = new_client("{}");
    gadget_cookie_listener *listener = NULL;
    keeper kept = {"", 0, 0, 0};

    CHECK(observe(NULL, keeps, &kept, &listener) == GADGET_NULL_ARGUMENT && kept.destroyed == 1);
    CHECK(observe(client, NULL, &kept, &listener) == GADGET_NULL_ARGUMENT && kept.destroyed == 2);
    CHECK(observe(client, keeps, &kept, NULL) == GADGET_NULL_ARGUMENT && kept.destroyed == 3);
    CHECK(gadget_client_on_cookie_change(client, NULL, &listener) == GADGET_NULL_ARGUMENT);
    gadget_cookie_listener_free(NULL);
    gadget_client_free(client);
    CHECK(observe(client, keeps, &kept, &listener) == GADGET_NO_SUCH_OBJECT && kept.destroyed == 4);
    CHECK(listener == NULL && kept.count == 0);
}

static void the_host_app_lists_sets_and_deletes_the_cookies_that_requests_send(void)
{
    gadget_client *client = new_client("{\"platform\":\"android\"}");
    waiter shown = WAITER;
    gadget_result *result;
    gadget_slice slice, host = TEXT("127.0.0.1");
    bool changed = false;

    set(client, "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"127.0.0.1\"},"
                "{\"name\":\"c\",\"value\":\"3\",\"domain\":\".example.com\"}]");
    responds(client, "/cookies/set?line=b%3D2;%20Path=/");
    CHECK(get(client, "/cookies", &shown, NULL) == GADGET_OK);
    result = wait_for(&shown);
    CHECK(gadget_result_get_text(result, &slice) == GADGET_OK);
    CHECK(IS(slice, "{\"cookie\":[\"a=1; b=2\"]}"));
    gadget_result_free(result);

    CHECK(strstr(cookies_for(client, NULL),
                 "{\"name\":\"b\",\"value\":\"2\",\"domain\":\"127.0.0.1\",\"path\":\"/\""));
    CHECK(strcmp(cookies_for(client, "https://www.example.com/x"),
                 "[{\"name\":\"c\",\"value\":\"3\",\"domain\":\".example.com\",\"path\":\"/\","
                 "\"secure\":false,\"httpOnly\":false}]") == 0);
    CHECK(strcmp(cookies_for(client, "no URL"), "[]") == 0);
    CHECK(gadget_client_set_cookie_line(client, TEXT("https://d.com/"), TEXT("d=4; Secure"),
                                        &changed) == GADGET_OK);
    CHECK(changed && strstr(cookies_for(client, "https://d.com/"), "\"secure\":true"));
    CHECK(gadget_client_set_cookie_line(client, TEXT("http://d.com/"), TEXT("d=5; Domain=e.com"),
                                        &changed) == GADGET_OK);
    CHECK(!changed);
    CHECK(gadget_client_delete_cookie(client, TEXT("b"), host, TEXT("/")) == GADGET_OK);
    CHECK(gadget_client_delete_cookie(client, TEXT("b"), host, TEXT("/")) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_client_clear_cookies(client, TEXT("com")) == GADGET_OK);
    CHECK(strcmp(cookies_for(client, NULL),
                 "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"127.0.0.1\",\"path\":\"/\","
                 "\"secure\":false,\"httpOnly\":false}]") == 0);
    CHECK(gadget_client_clear_cookies(client, ABSENT) == GADGET_OK);
    CHECK(strcmp(cookies_for(client, NULL), "[]") == 0);
    gadget_client_free(client);
}

static void wrong_cookies_are_named_and_none_is_set(void)
{
    gadget_client *client = new_client("{}");
    gadget_slice wrong = TEXT("[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"a.com\"},"
                              "{\"name\":\"a;\",\"value\":\"1\",\"domain\":\"a.com\"}]");
    char message[60] = "", small[5] = "";

    CHECK(gadget_client_set_cookies(client, wrong, message, sizeof message) ==
          GADGET_INVALID_COOKIES);
    CHECK(strcmp(message, "[1].name: contains a forbidden character") == 0);
    CHECK(gadget_client_set_cookies(client, wrong, small, sizeof small) == GADGET_INVALID_COOKIES);
    CHECK(strcmp(small, "[1].") == 0);
    CHECK(gadget_client_set_cookies(client, TEXT("\xff"), message, sizeof message) ==
          GADGET_INVALID_COOKIES);
    CHECK(strcmp(message, "not UTF-8") == 0);
    CHECK(strcmp(cookies_for(client, NULL), "[]") == 0);
    gadget_client_free(client);
}

static void an_observer_gets_changes_until_its_listener_is_freed(void)
{
    gadget_client *client = new_client("{\"platform\":\"android\"}");
    gadget_cookie_listener *listener = NULL;
    keeper heard = {"", 0, 0, 0};

    CHECK(observe(client, keeps, &heard, &listener) == GADGET_OK);
    set(client, "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"127.0.0.1\"}]");
    CHECK(heard.count == 1);
    CHECK(strcmp(heard.bytes,
                 "{\"set\":{\"name\":\"a\",\"value\":\"1\",\"domain\":\"127.0.0.1\",\"path\":\"/\","
                 "\"secure\":false,\"httpOnly\":false}}") == 0);
    responds(client, "/cookies/set?line=a%3D2;%20Path=/;%20Max-Age=0");
    CHECK(heard.count == 2);
    CHECK(strncmp(heard.bytes, "{\"removed\":{\"name\":\"a\",\"value\":\"1\"", 34) == 0);
    gadget_cookie_listener_free(listener);
    gadget_cookie_listener_free(listener);
    CHECK(heard.destroyed == 1);
    responds(client, "/cookies/set?line=b%3D2");
    CHECK(heard.count == 2);
    gadget_client_free(client);
}

/* An observer that lists the client's cookies and frees its listener. */
typedef struct {
    gadget_client *client;
    gadget_cookie_listener *listener;
    int count;
    int destroyed;
} once;

static void lists_and_frees(void *context, gadget_slice change)
{
    once *self = context;
    (void)change;
    CHECK(strstr(cookies_for(self->client, NULL), "\"name\":\"a\""));
    gadget_cookie_listener_free(self->listener);
    CHECK(self->destroyed == 0);
    self->count++;
}

static void destroys_once(void *context)
{
    once *self = context;
    self->destroyed++;
}

static void an_observer_can_list_cookies_and_free_its_listener(void)
{
    once self = {new_client("{}"), NULL, 0, 0};
    gadget_observer observer = {NULL, lists_and_frees, destroys_once};
    observer.context = &self;
    CHECK(gadget_client_on_cookie_change(self.client, &observer, &self.listener) == GADGET_OK);
    set(self.client, "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"a.com\"}]");
    CHECK(self.count == 1 && self.destroyed == 1);
    set(self.client, "[{\"name\":\"b\",\"value\":\"1\",\"domain\":\"a.com\"}]");
    CHECK(self.count == 1);
    gadget_client_free(self.client);
}

int main(void)
{
    null_and_invalid_slices_are_detected();
    a_refused_observer_is_destroyed_once();
    the_host_app_lists_sets_and_deletes_the_cookies_that_requests_send();
    wrong_cookies_are_named_and_none_is_set();
    an_observer_gets_changes_until_its_listener_is_freed();
    an_observer_can_list_cookies_and_free_its_listener();
    puts("cookies: passed");
    return 0;
}
