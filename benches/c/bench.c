/* libdjredis beside hiredis and a bare loop on a socket, in one process, round by round.
 *
 *   bench SOCKET ROUNDS MILLISECONDS    of each round; prints JSON lines, see benches/README.md
 *
 * The others move bytes. In the lines that are not "raw" our side pickles and unpickles besides.
 */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MANY = 100, TEXT = 100, LARGE = 1 << 20, KEY = 24, SET_ARGS = 5 };

static djredis_cache *cache;
/* As they are, and as they are stored. */
static char text[TEXT], large[LARGE];
static djredis_value pickled_text, pickled_large;
/* many_0 to many_99 and new_0 to new_99: as cache keys, one after the other, and as they stand in Redis. */
static struct keys {
    char joined[MANY * KEY];
    uint32_t lens[MANY];
    char full[MANY][KEY];
} many, fresh;
static djredis_value texts[MANY], bytes;

void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

static void expect(int32_t wanted, int32_t status, const djredis_value *out)
{
    if (status == wanted)
        return;
    fprintf(stderr, "bench: %s: %.*s\n", djredis_status_name(status), (int)out->len, (const char *)out->data);
    exit(1);
}

static void ok(int32_t status, const djredis_value *out) { expect(DJREDIS_OK, status, out); }

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
static void our_get_miss(struct worker *w)
{
    expect(DJREDIS_MISS, djredis_cache_get(cache, "nothing", 7, NULL, &w->out), &w->out);
}
static void our_get_raw(struct worker *w) { ok(djredis_cache_get_raw(cache, "raw", 3, NULL, &w->out), &w->out); }
static void our_set_text(struct worker *w) { ok(djredis_cache_set(cache, "new", 3, texts, NULL, &w->out), &w->out); }
static void our_set_large(struct worker *w) { ok(djredis_cache_set(cache, "new", 3, &bytes, NULL, &w->out), &w->out); }
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

/* ---- what the others send ---- */

static struct request request_of(int commands, int argc)
{
    size_t count = (size_t)commands * (size_t)argc;
    struct request made = {.commands = commands, .argc = argc};

    made.argv = calloc(count, sizeof *made.argv);
    made.lens = calloc(count, sizeof *made.lens);
    if (made.argv == NULL || made.lens == NULL)
        fail("bench", "it has no memory");
    return made;
}

static void put(struct request *request, int at, const void *argument, size_t len)
{
    request->argv[at] = argument;
    request->lens[at] = len;
}

static struct request get(const char *key)
{
    struct request made = request_of(1, 2);

    put(&made, 0, "GET", 3);
    put(&made, 1, key, strlen(key));
    return made;
}

static void put_set(struct request *request, int at, const char *key, const void *value, size_t len)
{
    put(request, at, "SET", 3);
    put(request, at + 1, key, strlen(key));
    put(request, at + 2, value, len);
    put(request, at + 3, "PX", 2);
    put(request, at + 4, "300000", 6);
}

static struct request set(const void *value, size_t len)
{
    struct request made = request_of(1, SET_ARGS);

    put_set(&made, 0, ":1:new", value, len);
    return made;
}

static struct request get_many(void)
{
    struct request made = request_of(1, MANY + 1);

    put(&made, 0, "MGET", 4);
    for (int i = 0; i < MANY; i++)
        put(&made, i + 1, many.full[i], strlen(many.full[i]));
    return made;
}

static struct request set_many(void)
{
    struct request made = request_of(MANY, SET_ARGS);

    for (int i = 0; i < MANY; i++)
        put_set(&made, i * SET_ARGS, fresh.full[i], pickled_text.data, pickled_text.len);
    return made;
}

static struct request incr(void)
{
    struct request made = request_of(1, 3);

    put(&made, 0, "INCRBY", 6);
    put(&made, 1, ":1:visits", 9);
    put(&made, 2, "1", 1);
    return made;
}

/* ---- setting up ---- */

static void name_keys(struct keys *keys, const char *stem)
{
    size_t used = 0;

    for (int i = 0; i < MANY; i++) {
        keys->lens[i] = (uint32_t)sprintf(keys->joined + used, "%s_%d", stem, i);
        sprintf(keys->full[i], ":1:%s", keys->joined + used);
        used += keys->lens[i];
    }
}

/* The rest is there: benches/python/fill.py. */
static void fill(struct worker *w)
{
    memset(text, 'x', TEXT);
    memset(large, 'x', LARGE);
    for (int i = 0; i < MANY; i++)
        texts[i] = (djredis_value){.type = DJREDIS_TEXT, .data = (const uint8_t *)text, .len = TEXT};
    bytes = (djredis_value){.type = DJREDIS_BYTES, .data = (const uint8_t *)large, .len = LARGE};
    name_keys(&many, "many");
    name_keys(&fresh, "new");
    ok(djredis_cache_set_raw(cache, "raw", 3, text, TEXT, NULL, &w->out), &w->out);
    ok(djredis_cache_encode(cache, texts, &pickled_text), &pickled_text);
    ok(djredis_cache_encode(cache, &bytes, &pickled_large), &pickled_large);
}

static void connect_to(const char *socket, struct worker *workers)
{
    char location[256];

    for (int i = 0; i < MAX_THREADS; i++) {
        workers[i].bare = bare_connect(socket);
        workers[i].hiredis = redisConnectUnix(socket);
        if (workers[i].hiredis == NULL || workers[i].hiredis->err)
            fail("hiredis", "it can't connect");
    }
    snprintf(location, sizeof location, "unix:%s:0", socket);
    ok(djredis_cache_open(location, DJREDIS_NUL, NULL, &cache, &workers[0].out), &workers[0].out);
}

static void compare_all(struct worker *workers, struct plan plan)
{
    struct request text_get = get(":1:text"), raw_get = get(":1:raw"), dict_get = get(":1:user"), large_get = get(":1:large"),
                   miss_get = get(":1:nothing"), text_set = set(pickled_text.data, pickled_text.len), raw_set = set(text, TEXT),
                   large_set = set(pickled_large.data, pickled_large.len), many_get = get_many(), many_set = set_many(), add = incr();
    const struct workload workloads[] = {
        {"get text", &text_get, our_get_text, 1},
        {"get miss", &miss_get, our_get_miss, 1},
        {"get raw", &raw_get, our_get_raw, 1},
        {"get dict", &dict_get, our_get_dict, 1},
        {"get 1 MB", &large_get, our_get_large, 1},
        {"set text", &text_set, our_set_text, 1},
        {"set raw", &raw_set, our_set_raw, 1},
        {"set 1 MB", &large_set, our_set_large, 1},
        {"get_many 100", &many_get, our_get_many, 1},
        {"set_many 100", &many_set, our_set_many, 1},
        {"incr", &add, our_incr, 1},
        {"get text, 8 threads", &text_get, our_get_text, 8},
        {"get text, 64 threads", &text_get, our_get_text, 64},
    };

    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++) {
        if (workloads[i].request->packed == NULL)
            request_pack(workloads[i].request, workers);
        compare(&workloads[i], workers, plan);
    }
}

int main(int argc, char **argv)
{
    static struct worker workers[MAX_THREADS];

    if (argc != 4) {
        fprintf(stderr, "usage: bench SOCKET ROUNDS MILLISECONDS\n");
        return 2;
    }
    struct plan plan = {.rounds = atoi(argv[2]), .round_us = atof(argv[3]) * 1000};
    connect_to(argv[1], workers);
    fill(&workers[0]);
    printf("{\"language\": \"c\", \"versions\": \"hiredis %d.%d.%d, libdjredis %s\"}\n", HIREDIS_MAJOR, HIREDIS_MINOR,
           HIREDIS_PATCH, djredis_version());
    compare_all(workers, plan);
    for (int i = 0; i < MAX_THREADS; i++) {
        djredis_value_clear(&workers[i].out);
        redisFree(workers[i].hiredis);
        close(workers[i].bare);
    }
    djredis_cache_free(cache);
    return 0;
}
