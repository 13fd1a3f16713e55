/* Many threads on few connections: each thread reads its own key of 100 bytes, again and again.
 *
 *   pool LOCATION THREADS CONNECTIONS MILLISECONDS
 *
 * prints one line of JSON: calls, calls per second, microseconds of this program's CPU per call, microseconds that half and 99 % of the
 * calls took at most, calls of the slowest thread / of the fastest, and the part of the calls that rode.
 */
#include <djredis.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { MAX_THREADS = 256, SAMPLES = 1 << 16, TEXT = 100 };

static struct thread {
    pthread_t id;
    char key[16];
    char text[TEXT];
    djredis_value out;
    uint64_t calls;
    uint32_t nanoseconds[SAMPLES]; /* of the latest calls */
} threads[MAX_THREADS];

static djredis_cache *cache;
static pthread_barrier_t start;
static atomic_bool stop;

static void ok(int32_t status, const djredis_value *out)
{
    if (status == DJREDIS_OK)
        return;
    fprintf(stderr, "pool: %s: %.*s\n", djredis_status_name(status), (int)out->len, (const char *)out->data);
    exit(1);
}

static uint64_t now(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

static void read_own_key(struct thread *thread)
{
    ok(djredis_cache_get(cache, thread->key, strlen(thread->key), NULL, &thread->out), &thread->out);
    if (thread->out.len != TEXT || memcmp(thread->out.data, thread->text, TEXT) != 0) {
        fprintf(stderr, "pool: a wrong value under %s\n", thread->key);
        exit(1);
    }
}

static void *run(void *argument)
{
    struct thread *thread = argument;

    pthread_barrier_wait(&start);
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        const uint64_t begin = now(CLOCK_MONOTONIC);

        read_own_key(thread);
        thread->nanoseconds[thread->calls++ % SAMPLES] = (uint32_t)(now(CLOCK_MONOTONIC) - begin);
    }
    return NULL;
}

static void open_cache(const char *location, const char *connections)
{
    djredis_options *options = djredis_options_new();
    djredis_value out = {0};

    ok(djredis_options_set(options, "MAX_CONNECTIONS", DJREDIS_NUL, connections, DJREDIS_NUL, &out), &out);
    ok(djredis_cache_open(location, DJREDIS_NUL, options, &cache, &out), &out);
    djredis_options_free(options);
    djredis_value_clear(&out);
}

static void store(struct thread *thread, int number)
{
    djredis_value value = {.type = DJREDIS_TEXT, .data = (const uint8_t *)thread->text, .len = TEXT};

    snprintf(thread->key, sizeof thread->key, "pool_%d", number);
    memset(thread->text, 'a' + number % 26, TEXT);
    memcpy(thread->text, thread->key, strlen(thread->key));
    ok(djredis_cache_set(cache, thread->key, strlen(thread->key), &value, NULL, &thread->out), &thread->out);
}

static int ascending(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

static double rides(void)
{
    djredis_value out = {0};
    const char *found;
    double number = 0;

    ok(djredis_cache_stats(cache, &out), &out);
    /* One MessagePack map; a library without the counter has no such key. */
    found = memmem(out.data, out.len, "rides", 5);
    if (found != NULL) {
        const uint8_t *at = (const uint8_t *)found + 5;
        const int width = *at == 0xcc ? 1 : *at == 0xcd ? 2 : *at == 0xce ? 4 : *at == 0xcf ? 8 : 0;

        number = width == 0 ? *at : 0;
        for (int i = 1; i <= width; i++)
            number = number * 256 + at[i];
    }
    djredis_value_clear(&out);
    return number;
}

static void report(int count, double seconds, double cpu)
{
    uint32_t *samples = malloc((size_t)count * SAMPLES * sizeof *samples);
    size_t kept = 0;
    uint64_t calls = 0, fewest = UINT64_MAX, most = 0;

    for (int i = 0; i < count; i++) {
        const uint64_t own = threads[i].calls;
        const size_t last = own < SAMPLES ? own : SAMPLES;

        memcpy(samples + kept, threads[i].nanoseconds, last * sizeof *samples);
        kept += last;
        calls += own;
        fewest = own < fewest ? own : fewest;
        most = own > most ? own : most;
    }
    qsort(samples, kept, sizeof *samples, ascending);
    printf("{\"calls\": %.0f, \"per_second\": %.0f, \"cpu_us\": %.2f, \"p50_us\": %.0f, \"p99_us\": %.0f, \"fairness\": %.2f, \"rode\": %.2f}\n",
           (double)calls, (double)calls / seconds, cpu * 1e6 / (double)calls, samples[kept / 2] / 1e3, samples[kept / 100 * 99] / 1e3,
           (double)fewest / (double)most, rides() / (double)calls);
    free(samples);
}

int main(int argc, char **argv)
{
    int count;
    uint64_t begin, cpu;

    if (argc != 5 || (count = atoi(argv[2])) < 1 || count > MAX_THREADS) {
        fprintf(stderr, "usage: pool LOCATION THREADS CONNECTIONS MILLISECONDS\n");
        return 2;
    }
    open_cache(argv[1], argv[3]);
    pthread_barrier_init(&start, NULL, (unsigned)count + 1);
    for (int i = 0; i < count; i++) {
        store(&threads[i], i);
        pthread_create(&threads[i].id, NULL, run, &threads[i]);
    }
    pthread_barrier_wait(&start);
    begin = now(CLOCK_MONOTONIC);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    nanosleep(&(struct timespec){.tv_sec = atoi(argv[4]) / 1000, .tv_nsec = atoi(argv[4]) % 1000 * 1000000L}, NULL);
    atomic_store(&stop, true);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    begin = now(CLOCK_MONOTONIC) - begin;
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i].id, NULL);
        djredis_value_clear(&threads[i].out);
    }
    report(count, (double)begin / 1e9, (double)cpu / 1e9);
    djredis_cache_free(cache);
    return 0;
}
