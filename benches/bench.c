/* libdjredis against hiredis, one connection each, on the same server: rounds of both in turn, so that what else the machine
 * does hits both. Prints the median round of each and their ratio.
 *
 *   bench SOCKET            (tools/bench pins it and the server to one CPU)
 *
 * hiredis moves bytes. The lines named "typed" do more on our side: the value is pickled or unpickled.
 */
#include <djredis.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 31, MANY = 100, SMALL = 100, LARGE = 1 << 20 };

static redisContext *hiredis;
static djredis_cache *cache;
static djredis_value out;
static char payload[LARGE];
static char joined[MANY * 16];
static uint32_t lengths[MANY];
static const char *mget_args[MANY + 1];
static size_t mget_lengths[MANY + 1];

static void fail(const char *what)
{
    fprintf(stderr, "bench: %s: %s %.*s\n", what, hiredis ? hiredis->errstr : "", (int)out.len, (const char *)out.data);
    exit(1);
}

static void ok(int32_t status)
{
    if (status != DJREDIS_OK)
        fail(djredis_status_name(status));
}

/* ---- hiredis's side ---- */

static void hiredis_run(int count, const char **args, const size_t *lens, int type)
{
    redisReply *reply = redisCommandArgv(hiredis, count, args, lens);

    if (reply == NULL || reply->type != type)
        fail("hiredis");
    freeReplyObject(reply);
}

static void hiredis_get(const char *key)
{
    const char *args[] = {"GET", key};
    const size_t lens[] = {3, strlen(key)};
    hiredis_run(2, args, lens, REDIS_REPLY_STRING);
}

static void hiredis_set(const char *key, size_t len)
{
    const char *args[] = {"SET", key, payload, "PX", "300000"};
    const size_t lens[] = {3, strlen(key), len, 2, 6};
    hiredis_run(5, args, lens, REDIS_REPLY_STATUS);
}

static void hiredis_get_small(void) { hiredis_get(":1:small"); }
static void hiredis_get_text(void) { hiredis_get(":1:text"); }
static void hiredis_get_large(void) { hiredis_get(":1:large"); }
static void hiredis_get_large_typed(void) { hiredis_get(":1:large_bytes"); }
static void hiredis_set_small(void) { hiredis_set(":1:small", SMALL); }
static void hiredis_mget(void) { hiredis_run(MANY + 1, mget_args, mget_lengths, REDIS_REPLY_ARRAY); }

/* ---- ours ---- */

static const djredis_value small_text = {.type = DJREDIS_TEXT, .data = (const uint8_t *)payload, .len = SMALL};

static void our_get_small(void) { ok(djredis_cache_get_raw(cache, "small", 5, NULL, &out)); }
static void our_get_text(void) { ok(djredis_cache_get(cache, "text", 4, NULL, &out)); }
static void our_get_large(void) { ok(djredis_cache_get_raw(cache, "large", 5, NULL, &out)); }
static void our_get_large_typed(void) { ok(djredis_cache_get(cache, "large_bytes", 11, NULL, &out)); }
static void our_set_small(void) { ok(djredis_cache_set_raw(cache, "small", 5, payload, SMALL, NULL, &out)); }
static void our_set_text(void) { ok(djredis_cache_set(cache, "text", 4, &small_text, NULL, &out)); }
static void our_mget(void) { ok(djredis_cache_get_many_raw(cache, MANY, joined, lengths, NULL, &out)); }
static void our_mget_typed(void) { ok(djredis_cache_get_many(cache, MANY, joined, lengths, NULL, &out)); }

/* ---- measuring ---- */

static const struct workload {
    const char *name;
    void (*hiredis)(void);
    void (*ours)(void);
    int calls; /* in one round */
    double limit;
} workloads[] = {
    {"get 100 B", hiredis_get_small, our_get_small, 1500, 1.05},
    {"get 100 B, typed", hiredis_get_text, our_get_text, 1500, 1.05},
    {"set 100 B", hiredis_set_small, our_set_small, 1500, 1.05},
    {"set 100 B, typed", hiredis_set_small, our_set_text, 1500, 1.05},
    {"mget 100 x 100 B", hiredis_mget, our_mget, 200, 1.0},
    {"mget 100 x 100 B, typed", hiredis_mget, our_mget_typed, 200, 1.0},
    {"get 1 MB", hiredis_get_large, our_get_large, 30, 1.0},
    {"get 1 MB, typed", hiredis_get_large_typed, our_get_large_typed, 30, 1.0},
};

struct times { double wall, cpu; };

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* Microseconds per call. */
static struct times measure(void (*call)(void), int calls)
{
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);

    for (int i = 0; i < calls; i++)
        call();
    return (struct times){(now(CLOCK_MONOTONIC) - wall) / calls, (now(CLOCK_PROCESS_CPUTIME_ID) - cpu) / calls};
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *numbers)
{
    qsort(numbers, ROUNDS, sizeof *numbers, by_number);
    return numbers[ROUNDS / 2];
}

static void compare(const struct workload *work)
{
    double theirs[ROUNDS], ours[ROUNDS], ratio[ROUNDS], their_cpu[ROUNDS], our_cpu[ROUNDS];

    measure(work->hiredis, work->calls / 10);
    measure(work->ours, work->calls / 10);
    for (int i = 0; i < ROUNDS; i++) {
        struct times them = measure(work->hiredis, work->calls), us = measure(work->ours, work->calls);
        theirs[i] = them.wall;
        ours[i] = us.wall;
        their_cpu[i] = them.cpu;
        our_cpu[i] = us.cpu;
        ratio[i] = us.wall / them.wall;
    }
    double middle = median(ratio);
    printf("%-24s %9.2f us (cpu %8.2f) %9.2f us (cpu %8.2f)   x %.3f  %s %.2f\n", work->name, median(theirs),
           median(their_cpu), median(ours), median(our_cpu), middle, middle <= work->limit ? "within" : "OVER",
           work->limit);
}

static long resident_kb(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
        fail("/proc/self/statm");
    fclose(file);
    return pages * 4;
}

static void check_memory(void)
{
    for (int i = 0; i < 100000; i++)
        our_get_text();
    long before = resident_kb();
    for (int i = 0; i < 1000000; i++)
        our_get_text();
    printf("resident memory over 1,000,000 calls: %ld kB before, %ld kB after\n", before, resident_kb());
}

/* ---- setting up ---- */

static void store_bytes(const char *key, int32_t type, size_t len)
{
    djredis_value value = {.type = type, .data = (const uint8_t *)payload, .len = len};
    ok(djredis_cache_set(cache, key, DJREDIS_NUL, &value, NULL, &out));
}

static void fill(void)
{
    size_t used = 0;
    static char full[MANY][24];

    memset(payload, 'x', sizeof payload);
    ok(djredis_cache_set_raw(cache, "small", 5, payload, SMALL, NULL, &out));
    ok(djredis_cache_set_raw(cache, "large", 5, payload, LARGE, NULL, &out));
    store_bytes("text", DJREDIS_TEXT, SMALL);
    store_bytes("large_bytes", DJREDIS_BYTES, LARGE);
    mget_args[0] = "MGET";
    mget_lengths[0] = 4;
    for (int i = 0; i < MANY; i++) {
        lengths[i] = (uint32_t)sprintf(joined + used, "many_%d", i);
        mget_lengths[i + 1] = (size_t)sprintf(full[i], ":1:%s", joined + used);
        mget_args[i + 1] = full[i];
        store_bytes(joined + used, DJREDIS_TEXT, SMALL);
        used += lengths[i];
    }
}

int main(int argc, char **argv)
{
    char location[256];

    if (argc != 2) {
        fprintf(stderr, "usage: bench SOCKET\n");
        return 2;
    }
    hiredis = redisConnectUnix(argv[1]);
    if (hiredis == NULL || hiredis->err)
        fail("connect");
    snprintf(location, sizeof location, "unix:%s:0", argv[1]);
    ok(djredis_cache_open(location, DJREDIS_NUL, NULL, &cache, &out));
    fill();
    printf("%-24s %-27s %-27s   wall, ours / hiredis\n", "", "hiredis", "libdjredis");
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        compare(&workloads[i]);
    check_memory();
    djredis_value_clear(&out);
    djredis_cache_free(cache);
    redisFree(hiredis);
    return 0;
}
