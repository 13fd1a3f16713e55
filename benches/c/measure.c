#include "measure.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WARM_UP = 80 };

/* Microseconds per call. */
struct cost {
    double wall, cpu;
};

struct share {
    void (*call)(struct worker *);
    struct worker *worker;
    long calls;
};

static void *run_share(void *argument)
{
    const struct share *share = argument;

    for (long i = 0; i < share->calls; i++)
        share->call(share->worker);
    return NULL;
}

static void run(void (*call)(struct worker *), struct worker *workers, int threads, long calls)
{
    struct share shares[THREADS];
    pthread_t ids[THREADS];

    for (int i = 0; i < threads; i++)
        shares[i] = (struct share){call, &workers[i], calls / threads};
    if (threads == 1) {
        run_share(shares);
        return;
    }
    for (int i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, run_share, &shares[i]) != 0)
            abort();
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
}

static double now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static struct cost measure(void (*call)(struct worker *), struct worker *workers, int threads, long calls)
{
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);

    run(call, workers, threads, calls);
    return (struct cost){(now(CLOCK_MONOTONIC) - wall) / calls, (now(CLOCK_PROCESS_CPUTIME_ID) - cpu) / calls};
}

/* How many calls take one round, for the mean of both sides; a multiple of the threads. */
static long calls_for(const struct workload *work, struct worker *workers, double round_us)
{
    double theirs, ours;

    run(work->hiredis, workers, work->threads, WARM_UP);
    run(work->ours, workers, work->threads, WARM_UP);
    theirs = measure(work->hiredis, workers, work->threads, WARM_UP).wall;
    ours = measure(work->ours, workers, work->threads, WARM_UP).wall;
    return ((long)(2 * round_us / (theirs + ours)) / THREADS + 1) * THREADS;
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *numbers, int count)
{
    qsort(numbers, count, sizeof *numbers, by_number);
    return count % 2 ? numbers[count / 2] : (numbers[count / 2 - 1] + numbers[count / 2]) / 2;
}

static void report(const char *name, const struct cost *theirs, const struct cost *ours, int rounds)
{
    static const char *const names[] = {"peer_us", "ours_us", "ratio", "peer_cpu", "ours_cpu"};
    double *columns[5];

    for (int column = 0; column < 5; column++)
        columns[column] = malloc(rounds * sizeof(double));
    for (int i = 0; i < rounds; i++) {
        columns[0][i] = theirs[i].wall;
        columns[1][i] = ours[i].wall;
        columns[2][i] = theirs[i].wall / ours[i].wall;
        columns[3][i] = theirs[i].cpu;
        columns[4][i] = ours[i].cpu;
    }
    printf("{\"language\": \"c\", \"workload\": \"%s\", \"peer\": \"hiredis\"", name);
    for (int column = 0; column < 5; column++) {
        printf(", \"%s\": %.4f", names[column], median(columns[column], rounds));
        free(columns[column]);
    }
    printf("}\n");
    fflush(stdout);
}

void compare(const struct workload *work, struct worker *workers, struct plan plan)
{
    struct cost *theirs = calloc(plan.rounds, sizeof *theirs), *ours = calloc(plan.rounds, sizeof *ours);
    long calls = calls_for(work, workers, plan.round_us);

    for (int i = 0; i < plan.rounds; i++) {
        if (i % 2 == 0)
            theirs[i] = measure(work->hiredis, workers, work->threads, calls);
        ours[i] = measure(work->ours, workers, work->threads, calls);
        if (i % 2 == 1)
            theirs[i] = measure(work->hiredis, workers, work->threads, calls);
    }
    report(work->name, theirs, ours, plan.rounds);
    free(theirs);
    free(ours);
}
