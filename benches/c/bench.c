/* libdjredis beside hiredis, in one process, round by round.
 *
 *   bench SOCKET ROUNDS MILLISECONDS    of each round; prints JSON lines, see benches/README.md
 *
 * hiredis moves bytes. In the lines that are not "raw" our side pickles and unpickles besides.
 */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 100, TEXT = 100, LARGE = 1 << 20, KEY = 24, FRAMED = 160 };

static djredis_cache *cache;
static char text[TEXT];
static uint8_t pickled[FRAMED]; /* the text as it is stored */
static size_t pickled_len;
/* many_0 to many_99 and new_0 to new_99: as cache keys, one after the other, and as they stand in Redis. */
static struct keys {
    char joined[MANY * KEY];
    uint32_t lens[MANY];
    char full[MANY][KEY];
    size_t full_lens[MANY];
} many, fresh;
static djredis_value texts[MANY];

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

static void ok(int32_t status, const djredis_value *out)
{
    if (status == DJREDIS_OK)
        return;
    fprintf(stderr, "bench: %s: %.*s\n", djredis_status_name(status), (int)out->len, (const char *)out->data);
    exit(1);
}

/* ---- hiredis's side ---- */

static void expect(struct worker *w, redisReply *reply, int type)
{
    if (reply == NULL || reply->type != type)
        fail("hiredis", w->hiredis->errstr);
    freeReplyObject(reply);
}

static void hiredis_get(struct worker *w, const char *key)
{
    const char *args[] = {"GET", key};
    const size_t lens[] = {3, strlen(key)};

    expect(w, redisCommandArgv(w->hiredis, 2, args, lens), REDIS_REPLY_STRING);
}

static void hiredis_set(struct worker *w, const void *value, size_t len)
{
    const char *args[] = {"SET", ":1:new", value, "PX", "300000"};
    const size_t lens[] = {3, 6, len, 2, 6};

    expect(w, redisCommandArgv(w->hiredis, 5, args, lens), REDIS_REPLY_STATUS);
}

static void hiredis_get_text(struct worker *w) { hiredis_get(w, ":1:text"); }
static void hiredis_get_dict(struct worker *w) { hiredis_get(w, ":1:user"); }
static void hiredis_get_raw(struct worker *w) { hiredis_get(w, ":1:raw"); }
static void hiredis_get_large(struct worker *w) { hiredis_get(w, ":1:large"); }
static void hiredis_set_text(struct worker *w) { hiredis_set(w, pickled, pickled_len); }
static void hiredis_set_raw(struct worker *w) { hiredis_set(w, text, TEXT); }

static void hiredis_get_many(struct worker *w)
{
    const char *args[MANY + 1] = {"MGET"};
    size_t lens[MANY + 1] = {4};

    for (int i = 0; i < MANY; i++) {
        args[i + 1] = many.full[i];
        lens[i + 1] = many.full_lens[i];
    }
    expect(w, redisCommandArgv(w->hiredis, MANY + 1, args, lens), REDIS_REPLY_ARRAY);
}

static void hiredis_set_many(struct worker *w)
{
    void *reply;

    for (int i = 0; i < MANY; i++) {
        const char *args[] = {"SET", fresh.full[i], (const char *)pickled, "PX", "300000"};
        const size_t lens[] = {3, fresh.full_lens[i], pickled_len, 2, 6};
        redisAppendCommandArgv(w->hiredis, 5, args, lens);
    }
    for (int i = 0; i < MANY; i++) {
        if (redisGetReply(w->hiredis, &reply) != REDIS_OK)
            reply = NULL;
        expect(w, reply, REDIS_REPLY_STATUS);
    }
}

static void hiredis_incr(struct worker *w)
{
    const char *args[] = {"INCRBY", ":1:visits", "1"};
    const size_t lens[] = {6, 9, 1};

    expect(w, redisCommandArgv(w->hiredis, 3, args, lens), REDIS_REPLY_INTEGER);
}

/* ---- ours ---- */

static void our_get(struct worker *w, const char *key, size_t len, int32_t type)
{
    ok(djredis_cache_get(cache, key, len, NULL, &w->out), &w->out);
    if (w->out.type != type)
        fail(key, "it has another type");
}

static void our_get_text(struct worker *w) { our_get(w, "text", 4, DJREDIS_TEXT); }
static void our_get_dict(struct worker *w) { our_get(w, "user", 4, DJREDIS_MSGPACK); }
static void our_get_large(struct worker *w) { our_get(w, "large", 5, DJREDIS_BYTES); }
static void our_get_raw(struct worker *w) { ok(djredis_cache_get_raw(cache, "raw", 3, NULL, &w->out), &w->out); }
static void our_set_text(struct worker *w) { ok(djredis_cache_set(cache, "new", 3, texts, NULL, &w->out), &w->out); }
static void our_set_raw(struct worker *w) { ok(djredis_cache_set_raw(cache, "new", 3, text, TEXT, NULL, &w->out), &w->out); }
static void our_incr(struct worker *w) { ok(djredis_cache_incr(cache, "visits", 6, 1, NULL, &w->out), &w->out); }

static void our_get_many(struct worker *w)
{
    ok(djredis_cache_get_many(cache, MANY, many.joined, many.lens, NULL, &w->out), &w->out);
}

static void our_set_many(struct worker *w)
{
    ok(djredis_cache_set_many(cache, MANY, fresh.joined, fresh.lens, texts, NULL, &w->out), &w->out);
}

static const struct workload workloads[] = {
    {"get text", hiredis_get_text, our_get_text, 1},
    {"get raw", hiredis_get_raw, our_get_raw, 1},
    {"get dict", hiredis_get_dict, our_get_dict, 1},
    {"get 1 MB", hiredis_get_large, our_get_large, 1},
    {"set text", hiredis_set_text, our_set_text, 1},
    {"set raw", hiredis_set_raw, our_set_raw, 1},
    {"get_many 100", hiredis_get_many, our_get_many, 1},
    {"set_many 100", hiredis_set_many, our_set_many, 1},
    {"incr", hiredis_incr, our_incr, 1},
    {"get text, 8 threads", hiredis_get_text, our_get_text, THREADS},
};

/* ---- setting up ---- */

static void name_keys(struct keys *keys, const char *stem)
{
    size_t used = 0;

    for (int i = 0; i < MANY; i++) {
        keys->lens[i] = (uint32_t)sprintf(keys->joined + used, "%s_%d", stem, i);
        keys->full_lens[i] = (size_t)sprintf(keys->full[i], ":1:%s", keys->joined + used);
        used += keys->lens[i];
    }
}

/* The rest is there: benches/python/fill.py. */
static void fill(struct worker *w)
{
    memset(text, 'x', TEXT);
    for (int i = 0; i < MANY; i++)
        texts[i] = (djredis_value){.type = DJREDIS_TEXT, .data = (const uint8_t *)text, .len = TEXT};
    name_keys(&many, "many");
    name_keys(&fresh, "new");
    ok(djredis_cache_set_raw(cache, "raw", 3, text, TEXT, NULL, &w->out), &w->out);
    ok(djredis_cache_encode(cache, texts, &w->out), &w->out);
    if (w->out.len > sizeof pickled)
        fail("encode", "the pickle is too long");
    pickled_len = w->out.len;
    memcpy(pickled, w->out.data, pickled_len);
}

static void connect_to(const char *socket, struct worker *workers)
{
    char location[256];

    for (int i = 0; i < THREADS; i++) {
        workers[i].hiredis = redisConnectUnix(socket);
        if (workers[i].hiredis == NULL || workers[i].hiredis->err)
            fail("hiredis", "it can't connect");
    }
    snprintf(location, sizeof location, "unix:%s:0", socket);
    ok(djredis_cache_open(location, DJREDIS_NUL, NULL, &cache, &workers[0].out), &workers[0].out);
}

int main(int argc, char **argv)
{
    static struct worker workers[THREADS];

    if (argc != 4) {
        fprintf(stderr, "usage: bench SOCKET ROUNDS MILLISECONDS\n");
        return 2;
    }
    struct plan plan = {.rounds = atoi(argv[2]), .round_us = atof(argv[3]) * 1000};
    connect_to(argv[1], workers);
    fill(&workers[0]);
    printf("{\"language\": \"c\", \"versions\": \"hiredis %d.%d.%d, libdjredis %s\"}\n", HIREDIS_MAJOR, HIREDIS_MINOR,
           HIREDIS_PATCH, djredis_version());
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        compare(&workloads[i], workers, plan);
    for (int i = 0; i < THREADS; i++) {
        djredis_value_clear(&workers[i].out);
        redisFree(workers[i].hiredis);
    }
    djredis_cache_free(cache);
    return 0;
}
