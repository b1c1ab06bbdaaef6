/* What a host does with a client's cookies: sees and sets them, hears of changes, keeps them in a place of its own. */
#include "support.h"

#define TEXT(text) (const uint8_t *)(text), strlen(text)

/* The bytes that came last, with a NUL behind them. */
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
    const uint8_t *bytes = (const uint8_t *)url;
    CHECK(gadget_client_cookies(client, bytes, url ? strlen(url) : 0, keeps, &kept) == GADGET_OK);
    return kept.bytes;
}

static void set(gadget_client *client, const char *json)
{
    CHECK(gadget_client_set_cookies(client, TEXT(json), NULL, 0) == GADGET_OK);
}

static void responds(gadget_client *client, const char *path)
{
    waiter waiting = WAITER;
    CHECK(start(client, text("{\"url\":\"%s\"}", path), &waiting, NULL) == GADGET_OK);
    comes_to(&waiting, "request:ok");
}

static void null_and_freed_clients_are_found(void)
{
    gadget_client *client = new_client("{}"), *made = NULL;
    gadget_cookie_listener *listener = NULL;
    gadget_cookie_storage storage = {NULL, NULL, NULL, NULL, destroys};
    keeper kept = {"", 0, 0, 0};

    storage.context = &kept;
    CHECK(gadget_client_cookies(NULL, NULL, 0, keeps, &kept) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_cookies(client, NULL, 0, NULL, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_set_cookies(client, NULL, 0, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_clear_cookies(NULL, NULL, 0) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_save_cookies(NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_delete_cookie(client, NULL, 0, TEXT("h"), TEXT("/")) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_on_cookie_change(client, NULL, &kept, destroys, &listener) == GADGET_NULL_ARGUMENT);
    CHECK(kept.destroyed == 1);
    CHECK(gadget_client_on_cookie_change(client, keeps, &kept, destroys, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(kept.destroyed == 2 && listener == NULL);
    CHECK(gadget_client_new_with(NULL, NULL, NULL, &made) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_new_with(NULL, &storage, NULL, &made) == GADGET_NULL_ARGUMENT);
    CHECK(kept.destroyed == 3 && made == NULL);
    gadget_cookie_listener_free(NULL);
    gadget_client_free(client);
    CHECK(gadget_client_cookies(client, NULL, 0, keeps, &kept) == GADGET_NO_SUCH_OBJECT);
    CHECK(gadget_client_set_cookies(client, TEXT("[]"), NULL, 0) == GADGET_NO_SUCH_OBJECT);
    CHECK(gadget_client_on_cookie_change(client, keeps, &kept, destroys, &listener) == GADGET_NO_SUCH_OBJECT);
    CHECK(kept.destroyed == 4 && kept.count == 0);
}

static void a_host_sees_sets_and_clears_the_cookies_that_requests_carry(void)
{
    gadget_client *client = new_client("{\"platform\":\"android\"}");
    waiter shown = WAITER;
    gadget_result *result;
    gadget_slice slice;
    bool changed = false;

    set(client, "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"127.0.0.1\"},"
                "{\"name\":\"c\",\"value\":\"3\",\"domain\":\".example.com\"}]");
    responds(client, "/cookies/set?line=b%3D2;%20Path=/");
    CHECK(start(client, text("{\"url\":\"%s\"}", "/cookies"), &shown, NULL) == GADGET_OK);
    result = wait_for(&shown);
    CHECK(gadget_result_text(result, &slice) == GADGET_OK && IS(slice, "{\"cookie\":[\"a=1; b=2\"]}"));
    gadget_result_free(result);

    CHECK(strstr(cookies_for(client, NULL), "{\"name\":\"b\",\"value\":\"2\",\"domain\":\"127.0.0.1\",\"path\":\"/\""));
    CHECK(strcmp(cookies_for(client, "https://www.example.com/x"),
                 "[{\"name\":\"c\",\"value\":\"3\",\"domain\":\".example.com\",\"path\":\"/\",\"secure\":false,"
                 "\"httpOnly\":false}]") == 0);
    CHECK(strcmp(cookies_for(client, "no URL"), "[]") == 0);
    CHECK(gadget_client_set_cookie_line(client, TEXT("https://d.com/"), TEXT("d=4; Secure"), &changed) == GADGET_OK);
    CHECK(changed && strstr(cookies_for(client, "https://d.com/"), "\"secure\":true"));
    CHECK(gadget_client_set_cookie_line(client, TEXT("http://d.com/"), TEXT("d=5; Domain=e.com"), &changed) ==
          GADGET_OK);
    CHECK(!changed);
    CHECK(gadget_client_set_cookie_line(client, NULL, 0, TEXT("d=5"), NULL) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_delete_cookie(client, TEXT("b"), TEXT("127.0.0.1"), TEXT("/")) == GADGET_OK);
    CHECK(gadget_client_delete_cookie(client, TEXT("b"), TEXT("127.0.0.1"), TEXT("/")) == GADGET_NOT_AVAILABLE);
    CHECK(gadget_client_clear_cookies(client, TEXT("com")) == GADGET_OK);
    CHECK(strcmp(cookies_for(client, NULL),
                 "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"127.0.0.1\",\"path\":\"/\",\"secure\":false,"
                 "\"httpOnly\":false}]") == 0);
    CHECK(gadget_client_clear_cookies(client, NULL, 0) == GADGET_OK);
    CHECK(strcmp(cookies_for(client, NULL), "[]") == 0);
    gadget_client_free(client);
}

static void wrong_cookies_are_named_and_none_is_set(void)
{
    gadget_client *client = new_client("{}");
    const char *wrong = "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"a.com\"},"
                        "{\"name\":\"a;\",\"value\":\"1\",\"domain\":\"a.com\"}]";
    char message[60] = "", short_message[5] = "";

    CHECK(gadget_client_set_cookies(client, TEXT(wrong), message, sizeof message) == GADGET_INVALID_COOKIES);
    CHECK(strcmp(message, "[1].name: a character that no name has") == 0);
    CHECK(gadget_client_set_cookies(client, TEXT(wrong), short_message, sizeof short_message) ==
          GADGET_INVALID_COOKIES);
    CHECK(strcmp(short_message, "[1].") == 0);
    CHECK(gadget_client_set_cookies(client, TEXT("\xff"), message, sizeof message) == GADGET_INVALID_COOKIES);
    CHECK(strcmp(message, "not UTF-8") == 0);
    CHECK(strcmp(cookies_for(client, NULL), "[]") == 0);
    gadget_client_free(client);
}

static void a_listener_hears_of_changes_until_it_is_freed(void)
{
    gadget_client *client = new_client("{\"platform\":\"android\"}");
    gadget_cookie_listener *listener = NULL;
    keeper heard = {"", 0, 0, 0};

    CHECK(gadget_client_on_cookie_change(client, keeps, &heard, destroys, &listener) == GADGET_OK);
    set(client, "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"127.0.0.1\"}]");
    CHECK(heard.count == 1);
    CHECK(strcmp(heard.bytes, "{\"set\":{\"name\":\"a\",\"value\":\"1\",\"domain\":\"127.0.0.1\",\"path\":\"/\","
                              "\"secure\":false,\"httpOnly\":false}}") == 0);
    responds(client, "/cookies/set?line=a%3D2;%20Path=/;%20Max-Age=0");
    CHECK(heard.count == 2 && strncmp(heard.bytes, "{\"removed\":{\"name\":\"a\",\"value\":\"1\"", 34) == 0);
    gadget_cookie_listener_free(listener);
    gadget_cookie_listener_free(listener);
    CHECK(heard.destroyed == 1);
    responds(client, "/cookies/set?line=b%3D2");
    CHECK(heard.count == 2);
    gadget_client_free(client);
}

/* A listener that asks the client, and ends itself. */
typedef struct {
    gadget_client *client;
    gadget_cookie_listener *listener;
    int count;
    int destroyed;
} once;

static void asks_and_ends(void *context, gadget_slice change)
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

static void a_listener_may_ask_the_client_and_free_itself(void)
{
    once self = {new_client("{}"), NULL, 0, 0};
    CHECK(gadget_client_on_cookie_change(self.client, asks_and_ends, &self, destroys_once, &self.listener) ==
          GADGET_OK);
    set(self.client, "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"a.com\"}]");
    CHECK(self.count == 1 && self.destroyed == 1);
    set(self.client, "[{\"name\":\"b\",\"value\":\"1\",\"domain\":\"a.com\"}]");
    CHECK(self.count == 1);
    gadget_client_free(self.client);
}

/* A place of the host's. */
typedef struct {
    keeper kept;
    bool works;
    int set_aside;
} place;

static bool loads(void *context, gadget_take give, void *answer)
{
    const place *self = context;
    gadget_slice bytes = {(const uint8_t *)self->kept.bytes, self->kept.length};
    if (self->works && bytes.length)
        give(answer, bytes);
    return self->works;
}

static bool saves(void *context, gadget_slice bytes)
{
    place *self = context;
    if (self->works)
        keeps(&self->kept, bytes);
    return self->works;
}

static void sets_aside(void *context)
{
    place *self = context;
    self->set_aside++;
    self->kept.length = 0;
}

static void destroys_place(void *context)
{
    place *self = context;
    self->kept.destroyed++;
}

static gadget_client *client_at(place *where)
{
    gadget_cookie_storage storage = {NULL, loads, saves, sets_aside, destroys_place};
    gadget_config *config = NULL;
    gadget_client *client = NULL;
    storage.context = where;
    CHECK(gadget_config_new(TEXT("{}"), &config, NULL, 0) == GADGET_OK);
    CHECK(gadget_client_new_with(config, &storage, NULL, &client) == GADGET_OK);
    gadget_config_free(config);
    return client;
}

/* On a thread of the library: once it has saved what is left, it destroys the place. */
static void comes_to_its_end(const place *where, int times)
{
    while (*(volatile const int *)&where->kept.destroyed < times)
        sched_yield();
    CHECK(where->kept.destroyed == times);
}

static void cookies_are_kept_in_a_place_of_the_app(void)
{
    static place where = {{"", 0, 0, 0}, true, 0};
    const char *cookies = "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"a.com\",\"expires\":33000000000000}]";
    gadget_client *client = client_at(&where);
    set(client, cookies);
    CHECK(gadget_client_save_cookies(client) == GADGET_OK);
    CHECK(where.kept.count == 1 && where.kept.length > 0 && where.kept.destroyed == 0);
    gadget_client_free(client);
    comes_to_its_end(&where, 1);
    CHECK(where.kept.count == 1);

    client = client_at(&where);
    CHECK(strstr(cookies_for(client, NULL), "\"name\":\"a\",\"value\":\"1\""));
    CHECK(gadget_client_clear_cookies(client, NULL, 0) == GADGET_OK);
    gadget_client_free(client); /* saves soon */
    comes_to_its_end(&where, 2);
    CHECK(where.kept.count == 2);

    where.kept.bytes[0] ^= 1;
    client = client_at(&where);
    CHECK(strcmp(cookies_for(client, NULL), "[]") == 0);
    CHECK(where.set_aside == 1);
    where.works = false; /* the jar works on without it */
    set(client, cookies);
    CHECK(gadget_client_save_cookies(client) == GADGET_NOT_SAVED);
    CHECK(strstr(cookies_for(client, NULL), "\"name\":\"a\""));
    CHECK(where.kept.count == 2);
    where.works = true; /* and tries again */
    CHECK(gadget_client_save_cookies(client) == GADGET_OK);
    CHECK(where.kept.count == 3);
    gadget_client_free(client);
    comes_to_its_end(&where, 3);
    CHECK(where.kept.count == 3);
}

int main(void)
{
    null_and_freed_clients_are_found();
    a_host_sees_sets_and_clears_the_cookies_that_requests_carry();
    wrong_cookies_are_named_and_none_is_set();
    a_listener_hears_of_changes_until_it_is_freed();
    a_listener_may_ask_the_client_and_free_itself();
    cookies_are_kept_in_a_place_of_the_app();
    puts("cookies: all is well");
    return 0;
}
