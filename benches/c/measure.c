#include "measure.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Calls of each thread. Starting a thread costs as much as several calls. */
enum { WARM_UP = 20, LEAST = 100, FEWER_ROUNDS = 4 };

static const char *const SIDE_NAMES[SIDES] = {"bare loop", "hiredis", "ours"};

/* Microseconds per call. */
struct cost {
    double wall, cpu;
};

struct share {
    enum side side;
    const struct workload *work;
    struct worker *worker;
    long calls;
};

static void *run_share(void *argument)
{
    const struct share *share = argument;

    for (long i = 0; i < share->calls; i++)
        call(share->side, share->work, share->worker);
    return NULL;
}

static void run(enum side side, const struct workload *work, struct worker *workers, long calls)
{
    struct share shares[MAX_THREADS];
    pthread_t ids[MAX_THREADS];

    for (int i = 0; i < work->threads; i++)
        shares[i] = (struct share){side, work, &workers[i], calls / work->threads};
    if (work->threads == 1) {
        run_share(shares);
        return;
    }
    for (int i = 0; i < work->threads; i++)
        if (pthread_create(&ids[i], NULL, run_share, &shares[i]) != 0)
            fail("bench", "there can't be so many threads");
    for (int i = 0; i < work->threads; i++)
        pthread_join(ids[i], NULL);
}

static double now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static struct cost measure(enum side side, const struct workload *work, struct worker *workers, long calls)
{
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);

    run(side, work, workers, calls);
    return (struct cost){(now(CLOCK_MONOTONIC) - wall) / calls, (now(CLOCK_PROCESS_CPUTIME_ID) - cpu) / calls};
}

/* How many calls take one round, for the mean of all sides; a multiple of the threads. */
static long calls_for(const struct workload *work, struct worker *workers, double round_us)
{
    double sum = 0;

    for (enum side side = 0; side < SIDES; side++) {
        run(side, work, workers, WARM_UP * work->threads);
        sum += measure(side, work, workers, WARM_UP * work->threads).wall;
    }
    long each = (long)(SIDES * round_us / sum) / work->threads + 1;
    return (work->threads > 1 && each < LEAST ? LEAST : each) * work->threads;
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

static void report(const char *workload, const char *peer, const struct cost *theirs, const struct cost *ours, int rounds)
{
    static const char *const names[] = {"peer_us", "ours_us", "ratio", "peer_cpu", "ours_cpu"};
    double *column = malloc(rounds * sizeof *column);

    printf("{\"language\": \"c\", \"workload\": \"%s\", \"peer\": \"%s\"", workload, peer);
    for (int name = 0; name < 5; name++) {
        for (int i = 0; i < rounds; i++) {
            const double all[] = {theirs[i].wall, ours[i].wall, theirs[i].wall / ours[i].wall, theirs[i].cpu, ours[i].cpu};
            column[i] = all[name];
        }
        printf(", \"%s\": %.4f", names[name], median(column, rounds));
    }
    printf("}\n");
    fflush(stdout);
    free(column);
}

void compare(const struct workload *work, struct worker *workers, struct plan plan)
{
    struct cost *costs[SIDES];
    long calls = calls_for(work, workers, plan.round_us);
    int rounds = work->threads > 1 ? plan.rounds / FEWER_ROUNDS : plan.rounds;

    for (int side = 0; side < SIDES; side++)
        costs[side] = calloc(rounds, sizeof **costs);
    for (int i = 0; i < rounds; i++)
        for (int turn = 0; turn < SIDES; turn++) {
            enum side side = i % 2 ? SIDES - 1 - turn : turn;
            costs[side][i] = measure(side, work, workers, calls);
        }
    for (enum side side = 0; side < OURS; side++)
        report(work->name, SIDE_NAMES[side], costs[side], costs[OURS], rounds);
    for (int side = 0; side < SIDES; side++)
        free(costs[side]);
}
