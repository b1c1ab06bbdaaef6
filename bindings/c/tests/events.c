/* The events of a request: its head and its chunks, pauses, and what is legal inside. */
#include "support.h"

/* What a request has reported. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    waiter *waiting; /* of the same request */
    int heads;
    int chunks;
    size_t bytes;
    int destroyed;
    bool pauses;
    gadget_client *to_free;
    gadget_task *to_abort;
} hearer;

#define HEARER(waiting, pauses) \
    {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, waiting, 0, 0, 0, 0, pauses, NULL, NULL}

static void hears_head(void *context, uint16_t status_code, gadget_slice head)
{
    hearer *self = context;
    const char *begin = "{\"statusCode\":200,\"header\":{";
    CHECK(status_code == 200 && head.length > strlen(begin));
    CHECK(memcmp(head.data, begin, strlen(begin)) == 0);
    pthread_mutex_lock(&self->lock);
    CHECK(self->chunks == 0 && self->destroyed == 0 && self->waiting->completed == 0);
    self->heads++;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static bool hears_chunk(void *context, gadget_slice chunk)
{
    hearer *self = context;
    bool pauses;
    CHECK(chunk.data && chunk.length > 0);
    pthread_mutex_lock(&self->lock);
    CHECK(self->heads == 1 && self->destroyed == 0 && self->waiting->completed == 0);
    self->chunks++;
    self->bytes += chunk.length;
    pauses = self->pauses;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
    if (self->to_abort) {
        CHECK(gadget_task_resume(self->to_abort) == GADGET_OK);
        CHECK(gadget_task_abort(self->to_abort) == GADGET_OK);
        gadget_task_free(self->to_abort);
    }
    gadget_client_free(self->to_free);
    return !pauses;
}

static void hearer_is_destroyed(void *context)
{
    hearer *self = context;
    CHECK(self->waiting->completed == 0);
    self->destroyed++;
}

static void wait_for_chunks(hearer *self, int chunks)
{
    pthread_mutex_lock(&self->lock);
    while (self->chunks < chunks)
        pthread_cond_wait(&self->changed, &self->lock);
    CHECK(self->chunks == chunks);
    pthread_mutex_unlock(&self->lock);
}

static gadget_status start_heard(const gadget_client *client, const char *path, hearer *self,
                                 gadget_task **task)
{
    gadget_events events = {NULL, hears_head, hears_chunk, false, hearer_is_destroyed};
    gadget_completion completion = {NULL, on_completed, on_destroyed};
    gadget_slice options = TEXT(text("{\"url\":\"%s\",\"enableChunked\":true}", path));
    events.context = self;
    completion.context = self->waiting;
    return gadget_client_listen(client, options, ABSENT, &events, &completion, task);
}

static void the_head_and_the_chunks_come_before_the_result(void)
{
    gadget_client *client = new_client("{}");
    const char *paths[] = {"/bytes/300000", "/coded/gzip,br?zeros=300000", "/chunks/300?size=1000"};
    size_t i;
    for (i = 0; i < sizeof paths / sizeof *paths; i++) {
        waiter waiting = WAITER;
        hearer self = HEARER(&waiting, false);
        CHECK(start_heard(client, paths[i], &self, NULL) == GADGET_OK);
        ends_with(&waiting, "request:ok");
        CHECK(self.heads == 1 && self.chunks > 0 && self.bytes == 300000 && self.destroyed == 1);
    }
    gadget_client_free(client);
}

static void a_paused_request_goes_on_with_each_resume(void)
{
    gadget_client *client = new_client("{}");
    waiter waiting = WAITER;
    hearer self = HEARER(&waiting, true);
    gadget_task *task = NULL;
    int chunk;
    CHECK(start_heard(client, "/chunks/20?size=1000", &self, &task) == GADGET_OK && task);
    for (chunk = 1; chunk < 5; chunk++) {
        wait_for_chunks(&self, chunk);
        CHECK(gadget_task_resume(task) == GADGET_OK);
    }
    wait_for_chunks(&self, 5);
    self.pauses = false;
    CHECK(gadget_task_resume(task) == GADGET_OK);
    ends_with(&waiting, "request:ok");
    CHECK(self.bytes == 20000);
    CHECK(gadget_task_resume(task) == GADGET_OK); /* too late to have an effect */
    gadget_task_free(task);
    CHECK(gadget_task_resume(task) == GADGET_NO_SUCH_OBJECT);
    CHECK(gadget_task_resume(NULL) == GADGET_NULL_ARGUMENT);
    gadget_client_free(client);
}

static void after_an_abort_nothing_comes_but_the_result(void)
{
    gadget_client *client = new_client("{}");
    waiter waiting = WAITER;
    hearer self = HEARER(&waiting, true);
    gadget_task *task = NULL;
    CHECK(start_heard(client, "/chunks/20?size=1000", &self, &task) == GADGET_OK);
    wait_for_chunks(&self, 1);
    CHECK(gadget_task_abort(task) == GADGET_OK);
    CHECK(gadget_task_resume(task) == GADGET_OK);
    ends_with(&waiting, "request:fail abort");
    CHECK(self.chunks == 1 && self.destroyed == 1);
    gadget_task_free(task);
    gadget_client_free(client);
}

static void abort_resume_and_frees_are_legal_inside_an_event(void)
{
    waiter waiting = WAITER, silent = WAITER;
    hearer self = HEARER(&waiting, false);
    gadget_client *client = new_client("{}");
    /* The task of another request: its own may not be there yet. */
    CHECK(get(client, "/fault/silence", &silent, &self.to_abort) == GADGET_OK);
    self.to_free = client;
    CHECK(start_heard(client, "/chunks/20?size=1000", &self, NULL) == GADGET_OK);
    ends_with(&waiting, "request:fail client closed");
    ends_with(&silent, "request:fail abort");
    CHECK(self.chunks == 1 && self.destroyed == 1);
}

static void the_head_can_wait_and_the_functions_can_be_null(void)
{
    gadget_client *client = new_client("{}");
    gadget_events events = {NULL, NULL, NULL, false, NULL};
    gadget_completion completion = {NULL, on_completed, on_destroyed};
    waiter waiting = WAITER, without = WAITER, late = WAITER;
    hearer self = HEARER(&late, false);
    gadget_slice options = TEXT(text("{\"url\":\"%s\",\"enableChunked\":true}", "/bytes/100000"));
    gadget_task *task = NULL;
    completion.context = &waiting;
    CHECK(gadget_client_listen(client, options, ABSENT, &events, &completion, NULL) ==
          GADGET_OK);
    ends_with(&waiting, "request:ok");
    completion.context = &without;
    CHECK(gadget_client_listen(client, options, ABSENT, NULL, &completion, NULL) ==
          GADGET_OK);
    ends_with(&without, "request:ok");
    events.context = &self;
    events.received_headers = hears_head;
    events.received_chunk = hears_chunk;
    events.headers_wait = true;
    completion.context = &late;
    options = TEXT(text("{\"url\":\"%s\"}", "/fault/silence-in-body"));
    CHECK(gadget_client_listen(client, options, ABSENT, &events, &completion, &task) ==
          GADGET_OK);
    CHECK(self.heads == 0 && late.completed == 0);
    CHECK(gadget_task_resume(task) == GADGET_OK);
    pthread_mutex_lock(&self.lock);
    while (self.heads == 0)
        pthread_cond_wait(&self.changed, &self.lock);
    pthread_mutex_unlock(&self.lock);
    CHECK(gadget_task_abort(task) == GADGET_OK);
    ends_with(&late, "request:fail abort");
    CHECK(self.heads == 1 && self.chunks == 0);
    gadget_task_free(task);
    gadget_client_free(client);
}

static void a_refused_start_destroys_both_contexts_once(void)
{
    gadget_client *client = new_client("{}"), *freed = new_client("{}");
    waiter waiting = WAITER;
    hearer self = HEARER(&waiting, false);
    gadget_events events = {NULL, hears_head, hears_chunk, false, hearer_is_destroyed};
    gadget_completion completion = {NULL, NULL, on_destroyed};
    gadget_task *task = (gadget_task *)client;
    events.context = &self;
    completion.context = &waiting;
    gadget_client_free(freed);
    CHECK(start_heard(NULL, "/echo", &self, &task) == GADGET_NULL_ARGUMENT && !task);
    CHECK(self.destroyed == 1 && waiting.destroyed == 1);
    CHECK(start_heard(freed, "/echo", &self, NULL) == GADGET_NO_SUCH_OBJECT);
    CHECK(self.destroyed == 2 && waiting.destroyed == 2);
    CHECK(gadget_client_listen(client, ABSENT, ABSENT, &events, &completion, NULL) ==
          GADGET_NULL_ARGUMENT);
    CHECK(self.destroyed == 3 && waiting.destroyed == 3);
    CHECK(gadget_client_listen(client, TEXT("{}"), ABSENT, &events, NULL, NULL) ==
          GADGET_NULL_ARGUMENT);
    CHECK(self.destroyed == 4 && waiting.destroyed == 3 && waiting.completed == 0);
    /* Wrong options are a result; the events end before it. */
    waiting.destroyed = 0;
    completion.completed = on_completed;
    CHECK(gadget_client_listen(client, TEXT("{}"), ABSENT, &events, &completion, NULL) ==
          GADGET_OK);
    ends_with(&waiting, "request:fail invalid url: missing");
    CHECK(self.destroyed == 5 && self.heads == 0);
    gadget_client_free(client);
}

int main(void)
{
    the_head_and_the_chunks_come_before_the_result();
    a_paused_request_goes_on_with_each_resume();
    after_an_abort_nothing_comes_but_the_result();
    abort_resume_and_frees_are_legal_inside_an_event();
    the_head_can_wait_and_the_functions_can_be_null();
    a_refused_start_destroys_both_contexts_once();
    puts("events: passed");
    return 0;
}
