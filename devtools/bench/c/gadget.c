/* This library through its C interface, as a JavaScript engine calls it: JSON in, JSON out. */
#include "peer.h"

#include <gadget_request.h>
#include <pthread.h>
#include <stdatomic.h>

#define CHECK(status)      \
    do {                   \
        if (status)        \
            fail(#status); \
    } while (0)

static work the_work;
static gadget_client *client;
static char *options;

/* The round: requests that nobody has begun, and those whose results have not come. */
static atomic_size_t left, running;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static int has_ended;

static int take(void)
{
    size_t now = atomic_load(&left);
    while (now && !atomic_compare_exchange_weak(&left, &now, now - 1))
        ;
    return now > 0;
}

static void start(void);

static void completed(void *context, gadget_result *result)
{
    gadget_slice json, body;
    uint16_t status;
    (void)context;
    CHECK(gadget_result_get_json(result, &json));
    CHECK(gadget_result_get_status(result, &status));
    CHECK(gadget_result_get_body(result, &body));
    if (wants(&the_work, "bytes"))
        CHECK(gadget_result_get_array_buffer(result, &body));
    else if (json.length <= body.length || json.data[0] != '{')
        fail("no JSON");
    if (status != 200 || body.length != the_work.length)
        fail("a wrong response");
    gadget_result_free(result);
    start();
    if (atomic_fetch_sub(&running, 1) > 1)
        return;
    pthread_mutex_lock(&lock);
    has_ended = 1;
    pthread_cond_signal(&ended);
    pthread_mutex_unlock(&lock);
}

static void start(void)
{
    gadget_slice no_body = {NULL, 0};
    gadget_completion completion = {NULL, completed, NULL};
    if (!take())
        return;
    atomic_fetch_add(&running, 1);
    CHECK(gadget_client_start(client, gadget_slice_of(options), no_body, &completion, NULL));
}

static void run(size_t count)
{
    size_t i, at_once = the_work.in_flight ? the_work.in_flight : count;
    has_ended = 0;
    atomic_store(&left, count);
    atomic_store(&running, 1); /* this loop: the round does not end before it */
    for (i = 0; i < at_once; i++)
        start();
    if (atomic_fetch_sub(&running, 1) == 1)
        return;
    pthread_mutex_lock(&lock);
    while (!has_ended)
        pthread_cond_wait(&ended, &lock);
    pthread_mutex_unlock(&lock);
}

static void write_options(void)
{
    static const char post[] = "{\"url\":\"%s\",\"method\":\"POST\","
                               "\"header\":{\"content-type\":\"application/json\"},\"data\":%s}";
    size_t size = 1000 + (the_work.body ? strlen(the_work.body) : 0);
    options = malloc(size);
    if (!options)
        fail("no memory");
    if (wants(&the_work, "post"))
        snprintf(options, size, post, the_work.url, the_work.body);
    else if (wants(&the_work, "bytes"))
        snprintf(options, size, "{\"url\":\"%s\",\"responseType\":\"arraybuffer\"}", the_work.url);
    else
        snprintf(options, size, "{\"url\":\"%s\"}", the_work.url);
}

int main(int argc, char **argv)
{
    gadget_slice settings = gadget_slice_of("{\"platform\":\"pc\",\"max_queued\":20000}");
    gadget_config *config;
    the_work = work_of(argc, argv);
    write_options();
    CHECK(gadget_config_new(settings, &config, NULL, 0));
    CHECK(gadget_client_new(config, NULL, NULL, &client));
    gadget_config_free(config);
    serve(run);
    gadget_client_free(client);
    return 0;
}
