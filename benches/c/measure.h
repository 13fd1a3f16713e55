/* Interleaved rounds of two sides, and the line of JSON that says what they cost. */
#ifndef MEASURE_H
#define MEASURE_H

#include <djredis.h>
#include <hiredis/hiredis.h>

enum { THREADS = 8 };

/* What one thread has of its own. */
struct worker {
    redisContext *hiredis;
    djredis_value out;
};

struct workload {
    const char *name;
    void (*hiredis)(struct worker *);
    void (*ours)(struct worker *);
    int threads; /* 1 or THREADS */
};

/* How long to measure. */
struct plan {
    int rounds;
    double round_us;
};

void compare(const struct workload *work, struct worker *workers, struct plan plan);

#endif
