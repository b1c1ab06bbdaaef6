/* A host app observes the requests of a client, and gets its HAR. */
#include "support.h"

/* What an observer has heard: events in lines. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char lines[20000];
    size_t length;
    int destroyed;
    const gadget_client *client;
} heard;

#define HEARD {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, "", 0, 0, NULL}

static void hears(void *context, gadget_slice event)
{
    heard *self = context;
    size_t count;
    /* It can call the library. */
    if (self->client)
        CHECK(gadget_client_get_in_flight(self->client, &count) == GADGET_OK);
    pthread_mutex_lock(&self->lock);
    CHECK(self->destroyed == 0 && self->length + event.length + 2 < sizeof self->lines);
    memcpy(self->lines + self->length, event.data, event.length);
    self->length += event.length;
    self->lines[self->length++] = '\n';
    self->lines[self->length] = 0;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static void destroys(void *context)
{
    heard *self = context;
    pthread_mutex_lock(&self->lock);
    self->destroyed++;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static gadget_status observe(const gadget_client *client, gadget_take happened, heard *self)
{
    gadget_call_observer observer = {NULL, NULL, destroys};
    observer.context = self;
    observer.happened = happened;
    return gadget_client_set_observer(client, &observer);
}

/* Waits until the observer is destroyed. */
static void ends(heard *self)
{
    pthread_mutex_lock(&self->lock);
    while (!self->destroyed)
        pthread_cond_wait(&self->changed, &self->lock);
    CHECK(self->destroyed == 1);
    pthread_mutex_unlock(&self->lock);
}

static void a_refused_observer_is_destroyed_once(void)
{
    gadget_client *client = new_client("{}");
    heard self = HEARD, second = HEARD, freed = HEARD;

    CHECK(gadget_client_set_observer(client, NULL) == GADGET_NULL_ARGUMENT);
    CHECK(observe(NULL, hears, &self) == GADGET_NULL_ARGUMENT && self.destroyed == 1);
    CHECK(observe(client, NULL, &self) == GADGET_NULL_ARGUMENT && self.destroyed == 2);
    self.destroyed = 0;
    CHECK(observe(client, hears, &self) == GADGET_OK && self.destroyed == 0);
    CHECK(observe(client, hears, &second) == GADGET_TOO_LATE && second.destroyed == 1);
    gadget_client_free(client);
    ends(&self);
    CHECK(observe(client, hears, &freed) == GADGET_NO_SUCH_OBJECT && freed.destroyed == 1);
    CHECK(self.length == 0);
}

static void the_events_of_a_request_come_in_their_order(void)
{
    gadget_client *client = new_client("{\"platform\":\"android\"}");
    const char *names[] = {"start", "dispatched", "connection", "request", "head", "end"};
    waiter waiting = WAITER;
    heard self = HEARD;
    char *at = self.lines;
    size_t i;

    self.client = client;
    CHECK(observe(client, hears, &self) == GADGET_OK);
    CHECK(get(client, "/cookies/set?line=a%3D1", &waiting, NULL) == GADGET_OK);
    ends_with(&waiting, "request:ok");
    pthread_mutex_lock(&self.lock);
    while (!strstr(self.lines, "\"event\":\"end\""))
        pthread_cond_wait(&self.changed, &self.lock);
    pthread_mutex_unlock(&self.lock);
    gadget_client_free(client);
    ends(&self);
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        char event[40];
        snprintf(event, sizeof event, "\"event\":\"%s\"", names[i]);
        CHECK(strncmp(at, "{\"call\":\"02", 11) == 0);
        CHECK(strstr(at, event) && strstr(at, event) < strchr(at, '\n'));
        at = strchr(at, '\n') + 1;
    }
    CHECK(*at == 0);
    CHECK(strstr(self.lines, "\"statusCode\":200,\"header\":{"));
    CHECK(strstr(self.lines, "\"cookies\":[\"a=1\"]}"));
    CHECK(strstr(self.lines, "\"outcome\":\"success\",\"statusCode\":200,\"profile\":{"));
}

static void an_observer_is_destroyed_after_the_last_request_of_a_freed_client(void)
{
    gadget_client *client = new_client("{}");
    waiter waiting = WAITER;
    heard self = HEARD;

    CHECK(observe(client, hears, &self) == GADGET_OK);
    CHECK(get(client, "/delay/60000", &waiting, NULL) == GADGET_OK);
    gadget_client_free(client);
    ends_with(&waiting, "request:fail client closed");
    ends(&self);
    CHECK(strstr(self.lines, "\"event\":\"end\",\"outcome\":\"fail\",\"errno\":301,"));
}

/* A text that was taken. */
typedef struct {
    char text[20000];
    int count;
} taken;

static void takes(void *context, gadget_slice text)
{
    taken *self = context;
    CHECK(text.length < sizeof self->text);
    memcpy(self->text, text.data, text.length);
    self->text[text.length] = 0;
    self->count++;
}

static void a_client_gives_its_har(void)
{
    gadget_client *client = new_client("{\"har_exchanges\":1,\"har_body_bytes\":100}");
    waiter first = WAITER, second = WAITER;
    static taken har;

    CHECK(gadget_client_get_har(NULL, takes, &har) == GADGET_NULL_ARGUMENT);
    CHECK(gadget_client_get_har(client, NULL, &har) == GADGET_NULL_ARGUMENT);
    CHECK(get(client, "/gzip?body=first", &first, NULL) == GADGET_OK);
    ends_with(&first, "request:ok");
    CHECK(get(client, "/gzip?body=second", &second, NULL) == GADGET_OK);
    ends_with(&second, "request:ok");
    CHECK(gadget_client_get_har(client, takes, &har) == GADGET_OK && har.count == 1);
    CHECK(strncmp(har.text, "{\"log\":{\"version\":\"1.2\",", 24) == 0);
    CHECK(strstr(har.text, "\"text\":\"second\"") && !strstr(har.text, "\"text\":\"first\""));
    gadget_client_free(client);
    CHECK(gadget_client_get_har(client, takes, &har) == GADGET_NO_SUCH_OBJECT && har.count == 1);
}

int main(void)
{
    a_refused_observer_is_destroyed_once();
    the_events_of_a_request_come_in_their_order();
    an_observer_is_destroyed_after_the_last_request_of_a_freed_client();
    a_client_gives_its_har();
    puts("observed: passed");
    return 0;
}
