/* Nothing grows: calls of every kind, threads that come and go, caches that are opened and freed.
 *
 * DJREDIS_LEAKS=10000000 makes that many calls on a server and on memory: each, and thousands of threads and caches (`make leaks`);
 * without it there are few. Threads have stacks of 128 KiB. */
#include "harness.h"

#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

enum { STACK = 128 << 10, GROWTH_KIB = 1024 };

/* Where a checker watches the memory it keeps what was freed, and frames are larger. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { PLAIN = 0 };
#else
enum { PLAIN = 1 };
#endif

struct size {
    long kib, files, threads;
};

static long entries(const char *folder)
{
    long count = 0;
    DIR *opened = opendir(folder);
    CHECK(opened != NULL);
    while (opened && readdir(opened))
        count++;
    if (opened)
        closedir(opened);
    return count;
}

static struct size size_now(void)
{
    struct size size = {0, entries("/proc/self/fd"), entries("/proc/self/task")};
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%*d %ld", &size.kib) == 1);
    if (file)
        fclose(file);
    size.kib *= 4;
    return size;
}

/* Every kind of call, in an order in which each finds what it needs. */
typedef int32_t kind(djredis_cache *cache, djredis_value *out);

static const uint32_t two_keys[] = {1, 1}, get_k[] = {3, 1};
static const djredis_value number = {.type = DJREDIS_INT, .integer = 5};
static const djredis_value text = {.type = DJREDIS_TEXT, .data = (const uint8_t *)"some text", .len = 9};

static int32_t set(djredis_cache *c, djredis_value *o) { return djredis_cache_set(c, TEXT("k"), &text, NULL, o); }
static int32_t get(djredis_cache *c, djredis_value *o) { return djredis_cache_get(c, TEXT("k"), NULL, o); }
static int32_t get_raw(djredis_cache *c, djredis_value *o) { return djredis_cache_get_raw(c, TEXT("k"), NULL, o); }
static int32_t incr_of_text(djredis_cache *c, djredis_value *o) { return djredis_cache_incr(c, TEXT("k"), 1, NULL, o); }
static int32_t set_number(djredis_cache *c, djredis_value *o) { return djredis_cache_set(c, TEXT("k"), &number, NULL, o); }
static int32_t incr(djredis_cache *c, djredis_value *o) { return djredis_cache_incr(c, TEXT("k"), 1, NULL, o); }
static int32_t has_key(djredis_cache *c, djredis_value *o) { return djredis_cache_has_key(c, TEXT("k"), NULL, o); }
static int32_t touch(djredis_cache *c, djredis_value *o) { return djredis_cache_touch(c, TEXT("k"), NULL, o); }
static int32_t ttl(djredis_cache *c, djredis_value *o) { return djredis_cache_ttl(c, TEXT("k"), NULL, o); }
static int32_t move(djredis_cache *c, djredis_value *o) { return djredis_cache_move(c, TEXT("k"), TEXT("l"), NULL, o); }
static int32_t incr_version(djredis_cache *c, djredis_value *o) { return djredis_cache_incr_version(c, TEXT("l"), 1, NULL, o); }
static int32_t delete(djredis_cache *c, djredis_value *o) { return djredis_cache_delete(c, TEXT("l"), NULL, o); }
static int32_t bad_pickle(djredis_cache *c, djredis_value *o) { return djredis_cache_set_raw(c, TEXT("k"), TEXT("\x80\x05]("), NULL, o); }
static int32_t set_payload(djredis_cache *c, djredis_value *o) { return djredis_cache_set_payload(c, TEXT("p"), TEXT("\x80\x05N."), 1, NULL, o); }
static int32_t lock(djredis_cache *c, djredis_value *o) { return djredis_cache_lock(c, TEXT("x"), TEXT("t"), NULL, o); }
static int32_t extend(djredis_cache *c, djredis_value *o) { return djredis_cache_extend(c, TEXT("x"), TEXT("t"), NULL, o); }
static int32_t unlock(djredis_cache *c, djredis_value *o) { return djredis_cache_unlock(c, TEXT("x"), TEXT("t"), NULL, o); }
static int32_t batch(djredis_cache *c, djredis_value *o) { return djredis_cache_batch(c, TEXT("\x91\x92\xa3get\xa1" "a"), NULL, o); }
static int32_t bad_batch(djredis_cache *c, djredis_value *o) { return djredis_cache_batch(c, TEXT("\x91\x92\xa3gut\xa1" "a"), NULL, o); }
static int32_t get_many(djredis_cache *c, djredis_value *o) { return djredis_cache_get_many(c, 2, "ab", two_keys, NULL, o); }
static int32_t get_many_raw(djredis_cache *c, djredis_value *o) { return djredis_cache_get_many_raw(c, 2, "ab", two_keys, NULL, o); }
static int32_t delete_many(djredis_cache *c, djredis_value *o) { return djredis_cache_delete_many(c, 2, "ab", two_keys, NULL, o); }
static int32_t keys(djredis_cache *c, djredis_value *o) { return djredis_cache_keys(c, TEXT("*"), NULL, o); }
static int32_t delete_pattern(djredis_cache *c, djredis_value *o) { return djredis_cache_delete_pattern(c, TEXT("*"), NULL, o); }
static int32_t clear(djredis_cache *c, djredis_value *o) { return djredis_cache_clear(c, NULL, o); }
static int32_t make_key(djredis_cache *c, djredis_value *o) { return djredis_cache_make_key(c, TEXT("k"), NULL, o); }
static int32_t encode(djredis_cache *c, djredis_value *o) { return djredis_cache_encode(c, &text, o); }
static int32_t decode_record(djredis_cache *c, djredis_value *o) { return djredis_cache_decode(c, TEXT("cmod\nClass\n)\x81}X\x01\0\0\0aK\x01sb."), o); }
static int32_t stats(djredis_cache *c, djredis_value *o) { return djredis_cache_stats(c, o); }
static int32_t option(djredis_cache *c, djredis_value *o) { return djredis_cache_option(c, TEXT("no such option"), o); }
static int32_t command(djredis_cache *c, djredis_value *o) { return djredis_cache_command(c, 2, "GETk", get_k, 1, NULL, o); }

static int32_t set_many(djredis_cache *cache, djredis_value *slot)
{
    const djredis_value values[] = {number, text};
    return djredis_cache_set_many(cache, 2, "ab", two_keys, values, NULL, slot);
}

static int32_t deep(djredis_cache *cache, djredis_value *slot)
{
    char stored[2 + 512 + 511 + 1] = "\x80\x02";
    memset(stored + 2, ']', 512);
    memset(stored + 2 + 512, 'a', 511);
    stored[sizeof stored - 1] = '.';
    return djredis_cache_decode(cache, stored, sizeof stored, slot);
}

static int32_t scan(djredis_cache *cache, djredis_value *slot)
{
    djredis_scan *begun = NULL;
    int32_t status = djredis_cache_scan(cache, TEXT("*"), NULL, &begun, slot);
    while (status == DJREDIS_OK)
        status = djredis_scan_next(begun, NULL, slot);
    djredis_scan_free(begun);
    return status;
}

static int32_t pack(djredis_cache *cache, djredis_value *slot)
{
    djredis_pack *made = djredis_pack_new();
    djredis_pack_begin(made, DJREDIS_LIST);
    djredis_pack_text(made, TEXT("element"));
    djredis_pack_end(made);
    int32_t status = djredis_pack_value(made, slot);
    djredis_pack_free(made);
    return status == DJREDIS_OK ? djredis_cache_set(cache, TEXT("a"), slot, NULL, slot) : status;
}

static int32_t raw_connection(djredis_cache *cache, djredis_value *slot)
{
    static const uint32_t counts[] = {2, 2}, lens[] = {3, 1, 3, 1};
    djredis_conn *conn = NULL;
    int32_t status = djredis_conn_acquire(cache, NULL, &conn, slot);
    if (status == DJREDIS_OK)
        status = djredis_conn_pipeline(conn, 2, counts, "GETkGETl", lens, NULL, slot);
    djredis_conn_release(conn);
    return status;
}

static const struct {
    const char *name;
    kind *call;
    int32_t status;
    int only_on_a_server;
} kinds[] = {
    {"set", set, DJREDIS_OK, 0},
    {"get", get, DJREDIS_OK, 0},
    {"get_raw", get_raw, DJREDIS_OK, 0},
    {"incr of a text", incr_of_text, DJREDIS_ERR_TYPE, 0},
    {"set of a number", set_number, DJREDIS_OK, 0},
    {"incr", incr, DJREDIS_OK, 0},
    {"has_key", has_key, DJREDIS_OK, 0},
    {"touch", touch, DJREDIS_OK, 0},
    {"ttl", ttl, DJREDIS_OK, 0},
    {"move", move, DJREDIS_OK, 0},
    {"incr_version", incr_version, DJREDIS_OK, 0},
    {"delete of nothing", delete, DJREDIS_MISS, 0},
    {"set_raw", bad_pickle, DJREDIS_OK, 0},
    {"get of a bad pickle", get, DJREDIS_ERR_DECODE, 0},
    {"command", command, DJREDIS_OK, 1},
    {"raw connection", raw_connection, DJREDIS_OK, 1},
    {"set_payload", set_payload, DJREDIS_OK, 0},
    {"set_many", set_many, DJREDIS_OK, 0},
    {"get_many", get_many, DJREDIS_OK, 0},
    {"get_many_raw", get_many_raw, DJREDIS_OK, 0},
    {"batch", batch, DJREDIS_OK, 0},
    {"a bad batch", bad_batch, DJREDIS_ERR_ARGUMENT, 0},
    {"keys", keys, DJREDIS_OK, 0},
    {"scan", scan, DJREDIS_MISS, 0},
    {"lock", lock, DJREDIS_OK, 0},
    {"lock of another", lock, DJREDIS_MISS, 0},
    {"extend", extend, DJREDIS_OK, 0},
    {"unlock", unlock, DJREDIS_OK, 0},
    {"pack", pack, DJREDIS_OK, 0},
    {"delete_many", delete_many, DJREDIS_OK, 0},
    {"delete_pattern", delete_pattern, DJREDIS_OK, 0},
    {"clear", clear, DJREDIS_OK, 0},
    {"make_key", make_key, DJREDIS_OK, 0},
    {"encode", encode, DJREDIS_OK, 0},
    {"decode", decode_record, DJREDIS_OK, 0},
    {"decode of 512 levels", deep, DJREDIS_OK, 0},
    {"stats", stats, DJREDIS_OK, 0},
    {"option", option, DJREDIS_ERR_CONFIG, 0},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

struct place {
    char location[256];
    int is_server;
    djredis_cache *cache;
};

/* One call of each kind. Threads do it one after the other, so that each finds what it needs. */
static void *round_of_calls(void *argument)
{
    struct place *place = argument;
    djredis_value slot = {0};
    for (int i = 0; i < KINDS; i++) {
        if (kinds[i].only_on_a_server && !place->is_server)
            continue;
        int32_t status = kinds[i].call(place->cache, &slot);
        if (status != kinds[i].status) {
            fprintf(stderr, "%s: %s answered %s: %.*s\n", place->location, kinds[i].name, djredis_status_name(status),
                    slot.type == DJREDIS_ERROR ? (int)slot.len : 0, (const char *)slot.data);
            failures++;
        }
    }
    djredis_value_clear(&slot);
    return NULL;
}

static void round_in_a_thread(struct place *place)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (PLAIN)
        pthread_attr_setstacksize(&attributes, STACK);
    CHECK(pthread_create(&thread, &attributes, round_of_calls, place) == 0);
    pthread_attr_destroy(&attributes);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void round_here(struct place *place) { round_of_calls(place); }

static void open_and_free(struct place *place)
{
    djredis_value slot = {0};
    djredis_cache *cache = open_at(place->location, (const char *const[]){"KEY_PREFIX", "of its own", NULL});
    CHECK(djredis_cache_get(cache, TEXT("nothing"), NULL, &slot) == DJREDIS_MISS);
    djredis_value_clear(&slot);
    djredis_cache_free(cache);
}

/* Does it a tenth of the times, and then as often as it is to be: the process is as large as before. */
static void stays_flat(const char *what, void (*work)(struct place *), struct place *place, long times)
{
    for (long i = 0; i < times / 10 && !failures; i++)
        work(place);
    struct size before = size_now();
    for (long i = 0; i < times && !failures; i++)
        work(place);
    struct size after = size_now();
    /* A thread is in /proc for a moment after it was joined. */
    for (int i = 0; i < 1000 && after.threads > before.threads; i++) {
        usleep(10000);
        after = size_now();
    }
    int measures = PLAIN && getenv("DJREDIS_TEST_CHECKED") == NULL;
    int grew = after.files > before.files || after.threads > before.threads || (measures && after.kib > before.kib + GROWTH_KIB);
    if (getenv("DJREDIS_LEAKS") || grew)
        printf("%s, %ld %s: memory %ld -> %ld KiB, files %ld -> %ld, threads %ld -> %ld\n", place->is_server ? "server" : "memory:", times,
               what, before.kib, after.kib, before.files, after.files, before.threads, after.threads);
    fflush(stdout);
    failures += grew;
}

int main(int count, char **arguments)
{
    CHECK(count == 2);
    long calls = getenv("DJREDIS_LEAKS") ? atol(getenv("DJREDIS_LEAKS")) : 10000;
    long rounds = calls / KINDS, threads = calls / 10000 < 100 ? 100 : 1000, opened = calls / 100;
    struct place places[] = {{"", 1, NULL}, {"memory:leaks", 0, NULL}};
    snprintf(places[0].location, sizeof places[0].location, "unix:%s:0", arguments[1]);
    for (int i = 0; i < 2; i++) {
        places[i].cache = open_at(places[i].location, NULL);
        stays_flat("rounds of calls of every kind", round_here, &places[i], rounds);
        stays_flat("threads", round_in_a_thread, &places[i], threads);
        stays_flat("caches opened and freed", open_and_free, &places[i], opened);
        djredis_cache_free(places[i].cache);
    }
    return finish();
}
