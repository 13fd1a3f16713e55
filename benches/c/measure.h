/* Interleaved rounds of all sides, and the lines of JSON that say what they cost. */
#ifndef MEASURE_H
#define MEASURE_H

#include <djredis.h>
#include <hiredis/hiredis.h>

enum { MAX_THREADS = 64 };

/* The bare loop: packed bytes on a blocking socket, and nothing else. Nobody can be faster. */
enum side { BARE, HIREDIS, OURS, SIDES };

/* What one thread has of its own. */
struct worker {
    int bare;
    redisContext *hiredis;
    djredis_value out;
};

/* Commands as hiredis takes them, and packed; made by request_pack. */
struct request {
    int commands, argc; /* so many commands, each with so many arguments */
    const char **argv;
    size_t *lens;
    char *packed;
    size_t packed_len;
    size_t reply_len; /* 0: one line */
};

struct workload {
    const char *name;
    struct request *request;
    void (*ours)(struct worker *);
    int threads;
};

/* How long to measure. */
struct plan {
    int rounds;
    double round_us;
};

void fail(const char *what, const char *why);

/* Packs the commands, and sends them once to see how long the reply is. */
void request_pack(struct request *request, struct worker *worker);

/* A blocking unix socket. */
int bare_connect(const char *path);

/* One call of one side. */
void call(enum side side, const struct workload *work, struct worker *worker);

void compare(const struct workload *work, struct worker *workers, struct plan plan);

#endif
