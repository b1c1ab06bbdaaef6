/* Ten thousand requests with random aborts have one result each. usage: many [REQUESTS] [SEED] */
#include "support.h"
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int completed, destroyed, succeeded, aborted;

static void count(void *context, gadget_result *result)
{
    gadget_slice message;
    CHECK(++*(int *)context == 1);
    CHECK(gadget_result_get_err_msg(result, &message) == GADGET_OK);
    pthread_mutex_lock(&lock);
    completed++;
    succeeded += IS(message, "request:ok");
    aborted += IS(message, "request:fail abort");
    pthread_mutex_unlock(&lock);
    gadget_result_free(result);
}

static void destroy(void *context)
{
    CHECK(*(int *)context == 1);
    pthread_mutex_lock(&lock);
    destroyed++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

int main(int argc, char **argv)
{
    int requests = argc > 1 ? atoi(argv[1]) : 10000, i;
    unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)time(NULL);
    gadget_client *client = new_client("{}");
    int *calls = calloc((size_t)requests, sizeof *calls);
    char options[300];
    gadget_completion completion = {NULL, count, destroy};
    snprintf(options, sizeof options, "%s", text("{\"url\":\"%s\"}", "/bytes/100"));
    printf("many: %d requests, seed %u\n", requests, seed);
    srand(seed);
    CHECK(calls);
    for (i = 0; i < requests; i++) {
        gadget_task *task;
        completion.context = &calls[i];
        CHECK(gadget_client_start(client, TEXT(options), ABSENT, &completion, &task) == GADGET_OK);
        if (rand() % 2) {
            struct timespec moment = {0, rand() % 200000};
            nanosleep(&moment, NULL);
            CHECK(gadget_task_abort(task) == GADGET_OK);
        }
        gadget_task_free(task);
        /* More than can be in flight, fewer than fit into the queue. */
        pthread_mutex_lock(&lock);
        while (i - destroyed > 500)
            pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
    }
    pthread_mutex_lock(&lock);
    while (destroyed < requests)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    printf("many: %d completed, %d succeeded, %d aborted\n", completed, succeeded, aborted);
    CHECK(completed == requests && succeeded + aborted == requests);
    free(calls);
    gadget_client_free(client);
    return 0;
}
