/* Shared by the C tests. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <gadget_request.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                         \
    do {                                                                         \
        if (!(condition)) {                                                      \
            fprintf(stderr, "%s:%d: false: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                             \
        }                                                                        \
    } while (0)

#define IS(slice, text) \
    ((slice).length == strlen(text) && memcmp((slice).data, (text), (slice).length) == 0)

#define TEXT(text) gadget_slice_of(text)
#define ABSENT gadget_slice_of(NULL)

static inline gadget_slice slice(const void *data, size_t length)
{
    gadget_slice slice = {data, length};
    return slice;
}

/* Waits for one result. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    gadget_result *result;
    int completed;
    int destroyed;
} waiter;

#define WAITER {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, 0, 0}

static inline void on_completed(void *context, gadget_result *result)
{
    waiter *self = context;
    pthread_mutex_lock(&self->lock);
    CHECK(self->destroyed == 0);
    self->completed++;
    self->result = result;
    pthread_mutex_unlock(&self->lock);
}

static inline void on_destroyed(void *context)
{
    waiter *self = context;
    pthread_mutex_lock(&self->lock);
    self->destroyed++;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

/* Waits until the context is destroyed. Returns the result of its only completion. */
static inline gadget_result *wait_for(waiter *self)
{
    pthread_mutex_lock(&self->lock);
    while (!self->destroyed)
        pthread_cond_wait(&self->changed, &self->lock);
    CHECK(self->completed == 1 && self->destroyed == 1);
    pthread_mutex_unlock(&self->lock);
    return self->result;
}

static inline gadget_config *new_config(const char *settings)
{
    gadget_config *config = NULL;
    char message[200] = "";
    if (gadget_config_new(TEXT(settings), &config, message, sizeof message)) {
        fprintf(stderr, "%s\n", message);
        exit(1);
    }
    return config;
}

static inline gadget_client *new_client_with(const char *settings,
                                             const gadget_cookie_storage *storage,
                                             const gadget_resolver *resolver)
{
    gadget_config *config = new_config(settings);
    gadget_client *client = NULL;
    CHECK(gadget_client_new(config, storage, resolver, &client) == GADGET_OK);
    gadget_config_free(config);
    return client;
}

static inline gadget_client *new_client(const char *settings)
{
    return new_client_with(settings, NULL, NULL);
}

static inline gadget_status start_with(const gadget_client *client, gadget_slice options,
                                       gadget_slice body, waiter *waiting, gadget_task **task)
{
    gadget_completion completion = {NULL, on_completed, on_destroyed};
    completion.context = waiting;
    return gadget_client_start(client, options, body, &completion, task);
}

static inline gadget_status start(const gadget_client *client, const char *options,
                                  waiter *waiting, gadget_task **task)
{
    return start_with(client, TEXT(options), ABSENT, waiting, task);
}

static inline const char *environment(const char *name)
{
    const char *value = getenv(name);
    if (!value) {
        fprintf(stderr, "%s is not set: run this with scripts/with-server\n", name);
        exit(2);
    }
    return value;
}

/* Fills a format with the URL of a path at the test server. Valid until the next call. */
static inline const char *text(const char *format, const char *path)
{
    static char url[2000];
    char target[1000];
    snprintf(target, sizeof target, "%s%s", environment("GADGET_HTTP"), path);
    snprintf(url, sizeof url, format, target);
    return url;
}

static inline gadget_status get(const gadget_client *client, const char *path, waiter *waiting,
                                gadget_task **task)
{
    return start(client, text("{\"url\":\"%s\"}", path), waiting, task);
}

/* Waits for a result with this errMsg. */
static inline void ends_with(waiter *waiting, const char *err_msg)
{
    gadget_result *result = wait_for(waiting);
    gadget_slice message;
    CHECK(gadget_result_get_err_msg(result, &message) == GADGET_OK && IS(message, err_msg));
    gadget_result_free(result);
}

#endif
