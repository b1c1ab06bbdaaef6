/* What the C tests share. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <gadget_request.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(holds)                                                                  \
    do {                                                                              \
        if (!(holds)) {                                                               \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #holds);       \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)

/* A slice is this text. */
#define IS(slice, text) \
    ((slice).length == strlen(text) && memcmp((slice).data, (text), (slice).length) == 0)

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

/* Waits until the context is destroyed; then there was one completion, and its result is returned. */
static inline gadget_result *wait_for(waiter *self)
{
    pthread_mutex_lock(&self->lock);
    while (!self->destroyed)
        pthread_cond_wait(&self->changed, &self->lock);
    CHECK(self->completed == 1 && self->destroyed == 1);
    pthread_mutex_unlock(&self->lock);
    return self->result;
}

static inline gadget_client *new_client(const char *settings)
{
    gadget_config *config = NULL;
    gadget_client *client = NULL;
    char message[200] = "";
    if (gadget_config_new((const uint8_t *)settings, strlen(settings), &config, message, sizeof message)) {
        fprintf(stderr, "%s\n", message);
        exit(1);
    }
    CHECK(gadget_client_new(config, &client) == GADGET_OK);
    gadget_config_free(config);
    return client;
}

static inline gadget_status start(gadget_client *client, const char *options, waiter *waiting, gadget_task **task)
{
    return gadget_client_start(client, (const uint8_t *)options, strlen(options), NULL, 0, on_completed, waiting,
                               on_destroyed, task);
}

static inline const char *environment(const char *name)
{
    const char *value = getenv(name);
    if (!value) {
        fprintf(stderr, "%s is not set: run it by scripts/with-server\n", name);
        exit(2);
    }
    return value;
}

/* A text with the URL of a path at the test server in it; valid until the next. */
static inline const char *text(const char *format, const char *path)
{
    static char url[2000];
    char target[1000];
    snprintf(target, sizeof target, "%s%s", environment("GADGET_HTTP"), path);
    snprintf(url, sizeof url, format, target);
    return url;
}

static inline void comes_to(waiter *waiting, const char *words)
{
    gadget_result *result = wait_for(waiting);
    gadget_slice slice;
    CHECK(gadget_result_err_msg(result, &slice) == GADGET_OK && IS(slice, words));
    gadget_result_free(result);
}

#endif
