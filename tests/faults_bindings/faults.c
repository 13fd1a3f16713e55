/* Random calls from four threads through a proxy that breaks connections: see main.rs.
 *
 *   faults LOCATION CALLS SEED */
#include <djredis.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { THREADS = 4, OWN = 10, SHARED = 50, ROOM = 6000, HANG = 10 };

/* A key of one thread's own, and the serial number of its value; 0: none. */
struct own {
    char key[32];
    long serial;
};

struct worker {
    unsigned random;
    int thread;
    long calls, next;
    struct own own[OWN];
    djredis_value out;
    int64_t highest, acknowledged, in_doubt;
    long failed, wrong, hangs;
};

static djredis_cache *cache;

static unsigned draw(struct worker *worker, unsigned choices) { return (unsigned)rand_r(&worker->random) % choices; }

/* What stands under a key: it names the key, and the write that made it. */
static size_t text_of(char *text, const char *key, long serial)
{
    size_t filling = serial % 50 == 49 ? 5000 : (size_t)(serial % 100);
    size_t length = (size_t)snprintf(text, ROOM, "%s %ld ", key, serial);
    memset(text + length, 'x', filling);
    return length + filling;
}

static int is_text(const djredis_value *value, const char *key, long serial)
{
    char text[ROOM];
    size_t length = text_of(text, key, serial);
    return value->type == DJREDIS_TEXT && value->len == length && memcmp(value->data, text, length) == 0;
}

static void renew(struct worker *worker, struct own *own)
{
    snprintf(own->key, sizeof own->key, "own%d-%ld", worker->thread, ++worker->next);
    own->serial = 0;
}

static void judge(struct worker *worker, const char *what, int right)
{
    if (right)
        return;
    worker->wrong++;
    fprintf(stderr, "%s: type %" PRId32 ", %.*s\n", what, worker->out.type, (int)worker->out.len, (const char *)worker->out.data);
}

/* Whether a call failed; an error that says that the connection did is as good as an answer. */
static int failed(struct worker *worker, int32_t status)
{
    if (status >= 0)
        return 0;
    worker->failed++;
    int expected = status == DJREDIS_ERR_TIMEOUT || status == DJREDIS_ERR_CONNECTION || status == DJREDIS_ERR_POOL ||
                   status == DJREDIS_ERR_PROTOCOL;
    judge(worker, djredis_status_name(status), expected && worker->out.type == DJREDIS_ERROR && worker->out.len > 0);
    return 1;
}

static int maybe_sent(const struct worker *worker) { return !(worker->out.flags & DJREDIS_NOT_SENT); }

static void get(struct worker *worker, const char *key, long serial)
{
    int32_t status = djredis_cache_get(cache, key, DJREDIS_NUL, NULL, &worker->out);
    if (!failed(worker, status))
        judge(worker, "get", serial ? is_text(&worker->out, key, serial) : status == DJREDIS_MISS);
}

/* A write that may have been done all the same costs the key. */
static void wrote(struct worker *worker, struct own *own, int32_t status, long serial)
{
    if (!failed(worker, status))
        own->serial = serial;
    else if (maybe_sent(worker))
        renew(worker, own);
}

static void set(struct worker *worker, struct own *own)
{
    char text[ROOM];
    long serial = ++worker->next;
    djredis_value value = {.type = DJREDIS_TEXT, .data = (const uint8_t *)text};
    value.len = text_of(text, own->key, serial);
    wrote(worker, own, djredis_cache_set(cache, own->key, DJREDIS_NUL, &value, NULL, &worker->out), serial);
}

static void delete(struct worker *worker, struct own *own)
{
    int32_t status = djredis_cache_delete(cache, own->key, DJREDIS_NUL, NULL, &worker->out);
    if (status >= 0)
        judge(worker, "delete", (status == DJREDIS_OK) == (own->serial != 0));
    wrote(worker, own, status, 0);
}

static void has_key(struct worker *worker, const struct own *own)
{
    int32_t status = djredis_cache_has_key(cache, own->key, DJREDIS_NUL, NULL, &worker->out);
    if (!failed(worker, status))
        judge(worker, "has_key", (status == DJREDIS_OK) == (own->serial != 0));
}

static void incr(struct worker *worker)
{
    char key[32];
    snprintf(key, sizeof key, "count%d", worker->thread);
    int32_t status = djredis_cache_incr(cache, key, DJREDIS_NUL, 1, NULL, &worker->out);
    if (failed(worker, status)) {
        worker->in_doubt += maybe_sent(worker);
        return;
    }
    int64_t counted = worker->out.integer, most = ++worker->acknowledged + worker->in_doubt;
    judge(worker, "incr", worker->out.type == DJREDIS_INT && counted > worker->highest && counted <= most);
    worker->highest = counted;
}

static void get_many(struct worker *worker)
{
    char keys[OWN * 32];
    uint32_t lengths[OWN];
    size_t end = 0;
    for (int place = 0; place < OWN; place++) {
        lengths[place] = (uint32_t)strlen(worker->own[place].key);
        memcpy(keys + end, worker->own[place].key, lengths[place]);
        end += lengths[place];
    }
    if (failed(worker, djredis_cache_get_many(cache, OWN, keys, lengths, NULL, &worker->out)))
        return;
    djredis_value item = {0};
    size_t position = 0;
    for (int place = 0; place < OWN; place++) {
        const struct own *own = &worker->own[place];
        int32_t status = djredis_value_next(&worker->out, &position, NULL, &item);
        int right = own->serial ? is_text(&item, own->key, own->serial) : item.type == DJREDIS_MISSING;
        judge(worker, "get_many", status == DJREDIS_OK && right);
    }
}

static void call(struct worker *worker)
{
    struct own *own = &worker->own[draw(worker, OWN)];
    char key[32];
    switch (draw(worker, 10)) {
    case 0: case 1: get(worker, own->key, own->serial); break;
    case 2: case 3: case 4: set(worker, own); break;
    case 5: delete(worker, own); break;
    case 6: incr(worker); break;
    case 7: get_many(worker); break;
    case 8: has_key(worker, own); break;
    default:
        snprintf(key, sizeof key, "shared%u", draw(worker, SHARED));
        get(worker, key, 1);
    }
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    for (int place = 0; place < OWN; place++)
        renew(worker, &worker->own[place]);
    for (long done = 0; done < worker->calls; done++) {
        time_t begun = time(NULL);
        call(worker);
        worker->hangs += time(NULL) - begun > HANG;
    }
    djredis_value_clear(&worker->out);
    return NULL;
}

int main(int count, char **arguments)
{
    if (count != 4)
        return 2;
    djredis_value out = {0};
    if (djredis_cache_open(arguments[1], DJREDIS_NUL, NULL, &cache, &out) != DJREDIS_OK) {
        fprintf(stderr, "%.*s\n", (int)out.len, (const char *)out.data);
        return 2;
    }
    static struct worker workers[THREADS];
    pthread_t threads[THREADS];
    long calls = strtol(arguments[2], NULL, 10) / THREADS;
    for (int thread = 0; thread < THREADS; thread++) {
        unsigned seed = (unsigned)strtoul(arguments[3], NULL, 10) * 1000 + (unsigned)thread;
        workers[thread] = (struct worker){.random = seed, .thread = thread, .calls = calls};
        if (pthread_create(&threads[thread], NULL, work, &workers[thread]) != 0)
            return 2;
    }
    struct worker all = {0};
    for (int thread = 0; thread < THREADS; thread++) {
        pthread_join(threads[thread], NULL);
        const struct worker *worker = &workers[thread];
        all.calls += worker->calls;
        all.failed += worker->failed;
        all.wrong += worker->wrong;
        all.hangs += worker->hangs;
        all.acknowledged += worker->acknowledged;
        all.in_doubt += worker->in_doubt;
    }
    djredis_cache_free(cache);
    printf("calls=%ld failed=%ld wrong=%ld hangs=%ld acknowledged=%" PRId64 " in_doubt=%" PRId64 "\n", all.calls, all.failed,
           all.wrong, all.hangs, all.acknowledged, all.in_doubt);
    return 0;
}
