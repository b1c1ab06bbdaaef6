/* A cookie storage and a resolver of the host app. */
#include "support.h"

/* A storage in memory. */
typedef struct {
    char bytes[2000];
    size_t length;
    bool works;
    int saved;
    int set_aside;
    int destroyed;
} memory;

static bool loads(void *context, gadget_take give, void *answer)
{
    const memory *self = context;
    if (self->works && self->length)
        give(answer, slice(self->bytes, self->length));
    return self->works;
}

static bool saves(void *context, gadget_slice bytes)
{
    memory *self = context;
    if (!self->works)
        return false;
    CHECK(bytes.length < sizeof self->bytes);
    memcpy(self->bytes, bytes.data, bytes.length);
    self->length = bytes.length;
    self->saved++;
    return true;
}

static void sets_aside(void *context)
{
    memory *self = context;
    self->set_aside++;
    self->length = 0;
}

static void destroys_memory(void *context)
{
    memory *self = context;
    self->destroyed++;
}

static gadget_client *client_with(memory *self)
{
    gadget_cookie_storage storage = {NULL, loads, saves, sets_aside, destroys_memory};
    storage.context = self;
    return new_client_with("{}", &storage, NULL);
}

/* A thread of the library destroys the storage after the last save. */
static void is_destroyed(const int *destroyed, int times)
{
    while (*(volatile const int *)destroyed < times)
        sched_yield();
    CHECK(*destroyed == times);
}

static void copies(void *context, gadget_slice json)
{
    CHECK(json.length < 2000);
    memcpy(context, json.data, json.length);
    ((char *)context)[json.length] = 0;
}

static bool has_cookie(const gadget_client *client)
{
    char json[2000];
    CHECK(gadget_client_list_cookies(client, ABSENT, copies, json) == GADGET_OK);
    CHECK(strcmp(json, "[]") == 0 || strstr(json, "\"name\":\"a\",\"value\":\"1\""));
    return strcmp(json, "[]") != 0;
}

static void set_cookie(const gadget_client *client)
{
    const char *cookies = "[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"a.com\","
                          "\"expires\":33000000000000}]";
    CHECK(gadget_client_set_cookies(client, TEXT(cookies), NULL, 0) == GADGET_OK);
}

static void cookies_are_kept_in_a_storage_of_the_host_app(void)
{
    static memory self = {"", 0, true, 0, 0, 0};
    gadget_client *client = client_with(&self);
    set_cookie(client);
    CHECK(gadget_client_save_cookies(client) == GADGET_OK);
    CHECK(self.saved == 1 && self.length > 0 && self.destroyed == 0);
    gadget_client_free(client);
    is_destroyed(&self.destroyed, 1);
    CHECK(self.saved == 1);

    client = client_with(&self);
    CHECK(has_cookie(client));
    CHECK(gadget_client_clear_cookies(client, ABSENT) == GADGET_OK);
    gadget_client_free(client); /* saves soon */
    is_destroyed(&self.destroyed, 2);
    CHECK(self.saved == 2);
}

static bool loads_an_invalid_slice(void *context, gadget_take give, void *answer)
{
    (void)context;
    give(answer, slice(NULL, 4096));
    return true;
}

static void an_invalid_slice_is_a_failed_load_and_nothing_is_saved_over_it(void)
{
    static memory self = {"", 0, true, 0, 0, 0};
    gadget_cookie_storage storage = {NULL, loads_an_invalid_slice, saves, NULL, NULL};
    gadget_client *client;
    storage.context = &self;
    client = new_client_with("{}", &storage, NULL);
    CHECK(!has_cookie(client));
    set_cookie(client);
    CHECK(gadget_client_save_cookies(client) == GADGET_NOT_SAVED);
    gadget_client_free(client);
    CHECK(self.saved == 0);
}

static void a_damaged_or_broken_storage_does_not_stop_the_client(void)
{
    static memory self = {"", 0, true, 0, 0, 0};
    gadget_client *client = client_with(&self);
    set_cookie(client);
    gadget_client_free(client);
    is_destroyed(&self.destroyed, 1);
    CHECK(self.saved == 1);

    self.bytes[0] ^= 1;
    client = client_with(&self);
    CHECK(!has_cookie(client));
    CHECK(self.set_aside == 1);
    self.works = false;
    set_cookie(client);
    CHECK(gadget_client_save_cookies(client) == GADGET_NOT_SAVED);
    CHECK(has_cookie(client) && self.saved == 1);
    self.works = true;
    CHECK(gadget_client_save_cookies(client) == GADGET_OK);
    CHECK(self.saved == 2);
    gadget_client_free(client);
    is_destroyed(&self.destroyed, 2);
    CHECK(self.saved == 2);
}

/* A resolver with one answer. */
typedef struct {
    const char *address;
    int calls;
    int destroyed;
} phonebook;

static bool resolves(void *context, gadget_slice host, gadget_take give, void *answer)
{
    phonebook *self = context;
    CHECK(IS(host, "known.example"));
    self->calls++;
    if (self->address)
        give(answer, TEXT(self->address));
    return self->address != NULL;
}

static void destroys_phonebook(void *context)
{
    phonebook *self = context;
    self->destroyed++;
}

static void the_host_app_resolves_names_and_the_policy_for_addresses_holds(void)
{
    const char *answers[] = {"127.0.0.1", "192.168.1.1", "no address", NULL};
    const char *messages[] = {"request:ok", "request:fail private address not allowed",
                              "request:fail name not resolved", "request:fail name not resolved"};
    const char *settings = "{\"allow_private_addresses\":false,"
                           "\"allowed_private_networks\":[\"127.0.0.1\"]}";
    const char *port = strrchr(environment("GADGET_HTTP"), ':');
    int i;
    for (i = 0; i < 4; i++) {
        phonebook book = {answers[i], 0, 0};
        gadget_resolver resolver = {NULL, resolves, destroys_phonebook};
        gadget_client *client;
        waiter waiting = WAITER;
        char options[100];
        resolver.context = &book;
        client = new_client_with(settings, NULL, &resolver);
        snprintf(options, sizeof options, "{\"url\":\"http://known.example%s/close/1\"}", port);
        CHECK(start(client, options, &waiting, NULL) == GADGET_OK);
        ends_with(&waiting, messages[i]);
        CHECK(book.calls == 1 && book.destroyed == 0);
        gadget_client_free(client);
        is_destroyed(&book.destroyed, 1); /* with the last connection, on a thread of the library */
    }
}

static void a_refused_client_destroys_its_storage_and_its_resolver_once(void)
{
    memory self = {"", 0, true, 0, 0, 0};
    phonebook book = {NULL, 0, 0};
    gadget_cookie_storage storage = {NULL, loads, saves, sets_aside, destroys_memory};
    gadget_resolver resolver = {NULL, resolves, destroys_phonebook};
    gadget_config *config = new_config("{}");
    gadget_client *client = NULL;
    storage.context = &self;
    resolver.context = &book;
    CHECK(gadget_client_new(NULL, &storage, &resolver, &client) == GADGET_NULL_ARGUMENT);
    CHECK(self.destroyed == 1 && book.destroyed == 1);
    CHECK(gadget_client_new(config, &storage, &resolver, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(self.destroyed == 2 && book.destroyed == 2);
    storage.save = NULL;
    CHECK(gadget_client_new(config, &storage, &resolver, &client) == GADGET_NULL_ARGUMENT);
    CHECK(self.destroyed == 3 && book.destroyed == 3);
    storage.save = saves;
    resolver.resolve = NULL;
    CHECK(gadget_client_new(config, &storage, &resolver, &client) == GADGET_NULL_ARGUMENT);
    CHECK(self.destroyed == 4 && book.destroyed == 4);
    resolver.resolve = resolves;
    gadget_config_free(config);
    CHECK(gadget_client_new(config, &storage, &resolver, &client) == GADGET_NO_SUCH_OBJECT);
    CHECK(self.destroyed == 5 && book.destroyed == 5 && client == NULL);
}

int main(void)
{
    cookies_are_kept_in_a_storage_of_the_host_app();
    an_invalid_slice_is_a_failed_load_and_nothing_is_saved_over_it();
    a_damaged_or_broken_storage_does_not_stop_the_client();
    the_host_app_resolves_names_and_the_policy_for_addresses_holds();
    a_refused_client_destroys_its_storage_and_its_resolver_once();
    puts("callbacks: passed");
    return 0;
}
