/* The protocol of a peer: see devtools/bench/src/peer.rs. */
#ifndef PEER_H
#define PEER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How many requests may be in flight if all are submitted at once. */
#define PLACES 10

/* The arguments. */
typedef struct {
    const char *want; /* text, bytes, coded or post */
    const char *url;
    size_t length;    /* of the body that must come */
    size_t in_flight; /* 0: all are submitted at once */
    char *body;       /* the JSON to be sent, or NULL */
} work;

static inline void fail(const char *what)
{
    fprintf(stderr, "gadget-bench: %s\n", what);
    exit(1);
}

static inline int wants(const work *work, const char *what)
{
    return strcmp(work->want, what) == 0;
}

static inline char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 20);
    if (!file || !text || fread(text, 1, (1 << 20) - 1, file) == 0)
        fail(path);
    fclose(file);
    return text;
}

static inline work work_of(int argc, char **argv)
{
    work work = {NULL, NULL, 0, 0, NULL};
    if (argc < 5)
        fail("usage: WANT URL LENGTH IN_FLIGHT [BODY]");
    work.want = argv[1];
    work.url = argv[2];
    work.length = strtoul(argv[3], NULL, 10);
    work.in_flight = strtoul(argv[4], NULL, 10);
    if (argc > 5)
        work.body = read_text(argv[5]);
    return work;
}

static inline double micros(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static inline long peak_kib(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[200];
    long kib = 0;
    while (file && fgets(line, sizeof line, file) && sscanf(line, "VmHWM: %ld", &kib) != 1)
        ;
    if (file)
        fclose(file);
    return kib;
}

/* Lets `run` make requests as the input says, and prints what they cost. */
static inline void serve(void (*run)(size_t count))
{
    char line[40];
    while (fgets(line, sizeof line, stdin)) {
        double start = micros(CLOCK_MONOTONIC), cpu = micros(CLOCK_PROCESS_CPUTIME_ID), total;
        run(strtoul(line, NULL, 10));
        total = micros(CLOCK_PROCESS_CPUTIME_ID);
        printf("%f %f %f %ld -\n", (micros(CLOCK_MONOTONIC) - start) / 1e6, total - cpu, total,
               peak_kib());
        fflush(stdout);
    }
}

#endif
