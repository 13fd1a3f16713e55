/* The operations whose instructions are counted, under valgrind --tool=callgrind.
 *
 *   operations SOCKET    of a Redis server that this program may fill
 *
 * The large value fits into the buffer of a socket, so that it can come in one piece.
 *
 * Each is called a few times to warm up and then TIMES times; after each of those callgrind writes a dump that is named after the
 * operation. Only what runs inside djredis_* functions is counted: see tools/instructions.
 */
#include <djredis.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

enum { WARM_UP = 5, TIMES = 25, MANY = 100, TEXT = 100, LARGE = 100000, ENTRIES = 20 };

static djredis_cache *cache;
static djredis_value out;
static char keys[MANY * 4]; /* k000 to k099, one after the other */
static uint32_t lens[MANY];
static djredis_value texts[MANY], dict, large;
static char *stored_dict;
static size_t stored_dict_len;

static int32_t get_hit(void) { return djredis_cache_get(cache, "text", 4, NULL, &out); }
static int32_t get_miss(void) { return djredis_cache_get(cache, "nothing", 7, NULL, &out); }
static int32_t get_dict(void) { return djredis_cache_get(cache, "dict", 4, NULL, &out); }
static int32_t get_large(void) { return djredis_cache_get(cache, "large", 5, NULL, &out); }
static int32_t set_text(void) { return djredis_cache_set(cache, "new", 3, texts, NULL, &out); }
static int32_t set_large(void) { return djredis_cache_set(cache, "large", 5, &large, NULL, &out); }
static int32_t incr(void) { return djredis_cache_incr(cache, "visits", 6, 1, NULL, &out); }
static int32_t delete_missing(void) { return djredis_cache_delete(cache, "nothing", 7, NULL, &out); }
static int32_t get_many(void) { return djredis_cache_get_many(cache, MANY, keys, lens, NULL, &out); }
static int32_t set_many(void) { return djredis_cache_set_many(cache, MANY, keys, lens, texts, NULL, &out); }
static int32_t decode_dict(void) { return djredis_cache_decode(cache, stored_dict, stored_dict_len, &out); }
static int32_t encode_dict(void) { return djredis_cache_encode(cache, &dict, &out); }

static const struct operation {
    const char *name;
    int32_t (*call)(void);
    int32_t status;
} operations[] = {
    {"get hit", get_hit, DJREDIS_OK},
    {"get miss", get_miss, DJREDIS_MISS},
    {"get dict", get_dict, DJREDIS_OK},
    {"get 100 kB", get_large, DJREDIS_OK},
    {"set", set_text, DJREDIS_OK},
    {"set 100 kB", set_large, DJREDIS_OK},
    {"incr", incr, DJREDIS_OK},
    {"delete", delete_missing, DJREDIS_MISS},
    {"get_many 100", get_many, DJREDIS_OK},
    {"set_many 100", set_many, DJREDIS_OK},
    {"decode dict", decode_dict, DJREDIS_OK},
    {"encode dict", encode_dict, DJREDIS_OK},
};

static void expect(const char *what, int32_t status, int32_t wanted)
{
    if (status == wanted)
        return;
    fprintf(stderr, "operations: %s: %s: %.*s\n", what, djredis_status_name(status), (int)out.len, (const char *)out.data);
    exit(1);
}

static djredis_value text_of(const char *text, size_t len)
{
    return (djredis_value){.type = DJREDIS_TEXT, .data = (const uint8_t *)text, .len = len};
}

/* A dict of 20 entries in MessagePack: numbers, and texts of 40 bytes. */
static void make_dict(void)
{
    static uint8_t packed[ENTRIES * 64];
    uint8_t *at = packed;

    *at++ = 0xde;
    *at++ = 0;
    *at++ = ENTRIES;
    for (int i = 0; i < ENTRIES; i++) {
        *at++ = 0xa0 | 8;
        at += sprintf((char *)at, "field_%02d", i);
        if (i % 2 == 0) {
            *at++ = (uint8_t)i;
            continue;
        }
        *at++ = 0xd9;
        *at++ = 40;
        memset(at, 'a' + i, 40);
        at += 40;
    }
    dict = (djredis_value){.type = DJREDIS_MSGPACK, .flags = DJREDIS_MAP, .data = packed, .len = (size_t)(at - packed)};
}

static void make_inputs(void)
{
    static char text[TEXT];
    static uint8_t bytes[LARGE];

    memset(text, 'x', sizeof text);
    for (int i = 0; i < MANY; i++) {
        char key[5];
        snprintf(key, sizeof key, "k%03d", i);
        memcpy(keys + 4 * i, key, 4);
        lens[i] = 4;
        texts[i] = text_of(text, TEXT);
    }
    large = (djredis_value){.type = DJREDIS_BYTES, .data = bytes, .len = LARGE};
    make_dict();
}

static void fill(void)
{
    const djredis_value zero = {.type = DJREDIS_INT};

    expect("text", djredis_cache_set(cache, "text", 4, texts, NULL, &out), DJREDIS_OK);
    expect("dict", djredis_cache_set(cache, "dict", 4, &dict, NULL, &out), DJREDIS_OK);
    expect("visits", djredis_cache_set(cache, "visits", 6, &zero, NULL, &out), DJREDIS_OK);
    expect("large", set_large(), DJREDIS_OK);
    expect("many", set_many(), DJREDIS_OK);
    expect("encode", encode_dict(), DJREDIS_OK);
    stored_dict_len = out.len;
    stored_dict = malloc(out.len);
    if (stored_dict == NULL)
        abort();
    memcpy(stored_dict, out.data, out.len);
}

int main(int argc, char **argv)
{
    char location[256];

    if (argc != 2) {
        fprintf(stderr, "usage: operations SOCKET\n");
        return 2;
    }
    snprintf(location, sizeof location, "unix:%s:0", argv[1]);
    expect("open", djredis_cache_open(location, DJREDIS_NUL, NULL, &cache, &out), DJREDIS_OK);
    make_inputs();
    fill();
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        const struct operation *operation = &operations[i];
        for (int time = 0; time < WARM_UP + TIMES; time++) {
            if (time >= WARM_UP)
                CALLGRIND_ZERO_STATS;
            expect(operation->name, operation->call(), operation->status);
            if (time >= WARM_UP)
                CALLGRIND_DUMP_STATS_AT(operation->name);
        }
    }
    free(stored_dict);
    djredis_value_clear(&out);
    djredis_cache_free(cache);
    return 0;
}
