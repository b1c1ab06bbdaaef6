/* Thirty calls at the same time: ten are in flight, the others wait. Run it as `concurrent URL`. */
#include <gadget_request.h>
#include <pthread.h>
#include <stdio.h>

enum { CALLS = 30 };

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int succeeded, failed;
} counter;

static void completed(void *context, gadget_result *result) /* on a thread of the library */
{
    counter *self = context;
    bool is_success = false;
    gadget_result_is_success(result, &is_success);
    gadget_result_free(result);
    pthread_mutex_lock(&self->lock);
    *(is_success ? &self->succeeded : &self->failed) += 1;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static gadget_client *new_client(void)
{
    gadget_config *config = NULL;
    gadget_client *client = NULL;
    const gadget_slice settings = gadget_slice_of("{\"platform\":\"pc\"}");
    char message[200] = "";
    if (gadget_config_new(settings, &config, message, sizeof message))
        fprintf(stderr, "%s\n", message); /* names the setting */
    gadget_client_new(config, NULL, NULL, &client); /* no storage, no resolver */
    gadget_config_free(config);
    return client;
}

int main(int argc, char **argv)
{
    static counter calls = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
    const gadget_completion completion = {&calls, completed, NULL};
    const gadget_slice no_body = {NULL, 0};
    gadget_client *client = new_client();
    gadget_task *last = NULL;
    const char *url = argc > 1 ? argv[1] : "http://open.feishu.cn";
    char options[2000];
    size_t in_flight = 0, queued = 0;
    int i;
    snprintf(options, sizeof options, "{\"url\":\"%s\"}", url);
    for (i = 0; i < CALLS; i++)
        if (gadget_client_start(client, gadget_slice_of(options), no_body, &completion,
                                i == CALLS - 1 ? &last : NULL))
            return 2;
    gadget_client_get_in_flight(client, &in_flight);
    gadget_client_get_queued(client, &queued);
    gadget_task_abort(last); /* it fails, unless it has finished already */
    gadget_task_free(last);

    pthread_mutex_lock(&calls.lock);
    while (calls.succeeded + calls.failed < CALLS)
        pthread_cond_wait(&calls.changed, &calls.lock);
    pthread_mutex_unlock(&calls.lock);
    printf("%zu were in flight, %zu waited; %d succeeded, %d failed\n", in_flight, queued,
           calls.succeeded, calls.failed);
    gadget_client_free(client);
    return 0;
}
