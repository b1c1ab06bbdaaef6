/* What the requests of bench cost over the C interface alone: `abi CASE URL REQUESTS`. */
#include <gadget_request.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { IN_FLIGHT = 10 };

static gadget_client *client;
static char options[2000];
static atomic_long left, running;
static int ended[2];

static void next(void);

static void check(int is_well, const char *what)
{
    if (is_well)
        return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void completed(void *context, gadget_result *result)
{
    uint16_t status;
    size_t count, at;
    gadget_slice text, name, value;
    (void)context;
    check(!gadget_result_get_status(result, &status) && status == 200, "no response");
    check(!gadget_result_get_header_count(result, &count), "no headers");
    for (at = 0; at < count; at++) {
        check(!gadget_result_get_header(result, at, &name, &value), "no header");
        if (name.length == 12 && !memcmp(name.data, "content-type", 12))
            break;
    }
    check(at < count, "no content-type");
    check(!gadget_result_get_text(result, &text) && text.length, "no text");
    gadget_result_free(result);
    next();
}

static void next(void)
{
    gadget_completion completion = {NULL, completed, NULL};
    gadget_slice no_body = {NULL, 0};
    gadget_task *task;
    if (atomic_fetch_sub(&left, 1) > 0) {
        check(!gadget_client_start(client, gadget_slice_of(options), no_body, &completion, &task),
              "not started");
        gadget_task_free(task);
    } else if (atomic_fetch_sub(&running, 1) == 1) {
        check(write(ended[1], "", 1) == 1, "no pipe");
    }
}

static double now(clockid_t id)
{
    struct timespec time;
    clock_gettime(id, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void run(long requests)
{
    char byte;
    atomic_store(&left, requests);
    atomic_store(&running, IN_FLIGHT);
    for (int at = 0; at < IN_FLIGHT; at++)
        next();
    check(read(ended[0], &byte, 1) == 1, "no pipe");
}

int main(int argc, char **argv)
{
    gadget_config *config;
    long requests = argc == 4 ? atol(argv[3]) : 0;
    double start, cpu;
    check(requests > 0, "usage: abi CASE URL REQUESTS");
    snprintf(options, sizeof options, "{\"url\":\"%s\"}", argv[2]);
    check(!pipe(ended) && !gadget_config_new(gadget_slice_of("{}"), &config, NULL, 0) &&
              !gadget_client_new(config, NULL, NULL, &client),
          "no client");
    run(requests / 10 > IN_FLIGHT ? requests / 10 : IN_FLIGHT);
    start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    run(requests);
    printf("%s\tC\t%g\t%g\n", argv[1], (now(CLOCK_MONOTONIC) - start) / (double)requests * 1e6,
           (now(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)requests * 1e6);
    return 0;
}
