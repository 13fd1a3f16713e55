/* A bug inside the library: every function answers DJREDIS_ERR_PANIC once, and works afterwards.
 *
 * tools/test-c holds the functions of the header against those that are called here.
 * Needs a library built with the feature test-panic, whose djredis_test_panic makes this thread's next call panic inside. */
#include "harness.h"

void djredis_test_panic(void);

static djredis_cache *cache;

/* The call panics, and works when it is made again. */
#define PANICS(again, call)                                                         \
    do {                                                                            \
        djredis_test_panic();                                                       \
        EXPECT_ERROR(DJREDIS_ERR_PANIC, "bug", call);                               \
        EXPECT(again, call);                                                        \
    } while (0)

/* For functions that have no slot for a message. */
#define PANICS_SILENTLY(again, call)                                                \
    do {                                                                            \
        djredis_test_panic();                                                       \
        EXPECT(DJREDIS_ERR_PANIC, call);                                            \
        EXPECT(again, call);                                                        \
    } while (0)

static void single(void)
{
    djredis_value one = int_value(1);
    PANICS(DJREDIS_OK, djredis_cache_set(cache, TEXT("k"), &one, NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_get(cache, TEXT("k"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_get_raw(cache, TEXT("k"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("k"), TEXT("5"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_has_key(cache, TEXT("k"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_touch(cache, TEXT("k"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_ttl(cache, TEXT("k"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_incr(cache, TEXT("k"), 1, NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_incr_version(cache, TEXT("k"), 1, NULL, &out));
    PANICS(DJREDIS_MISS, djredis_cache_delete(cache, TEXT("k"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_set_payload(cache, TEXT("k"), TEXT("\x80\x05N."), 1, NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_move(cache, TEXT("k"), TEXT("l"), NULL, &out));
}

static void many(void)
{
    static const uint32_t lens[] = {1, 1};
    djredis_value values[] = {int_value(1), int_value(2)};
    PANICS(DJREDIS_OK, djredis_cache_set_many(cache, 2, "ab", lens, values, NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_set_many_raw(cache, 2, "ab", lens, "12", lens, NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_set_many_payload(cache, 2, "ab", lens, "12", lens, 1, NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_get_many(cache, 2, "ab", lens, NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_get_many_raw(cache, 2, "ab", lens, NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_delete_many(cache, 2, "ab", lens, NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_keys(cache, TEXT("*"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_delete_pattern(cache, TEXT("*"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_clear(cache, NULL, &out));
}

static void scans(void)
{
    djredis_scan *scan = NULL;
    djredis_test_panic();
    EXPECT_ERROR(DJREDIS_ERR_PANIC, "bug", djredis_cache_scan(cache, TEXT("*"), NULL, &scan, &out));
    CHECK(scan == NULL);
    EXPECT(DJREDIS_OK, djredis_cache_scan(cache, TEXT("*"), NULL, &scan, &out));
    PANICS(DJREDIS_MISS, djredis_scan_next(scan, NULL, &out));
    djredis_scan_free(scan);
}

static void locks(void)
{
    PANICS(DJREDIS_OK, djredis_cache_lock(cache, TEXT("l"), TEXT("t"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_extend(cache, TEXT("l"), TEXT("t"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_unlock(cache, TEXT("l"), TEXT("t"), NULL, &out));
}

static void connections(void)
{
    static const uint32_t ping[] = {4}, counts[] = {1};
    djredis_conn *conn = NULL;
    PANICS(DJREDIS_OK, djredis_cache_batch(cache, TEXT("\x91\x92\xa3get\xa1k"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_command(cache, 1, "PING", ping, -1, NULL, &out));
    djredis_test_panic();
    EXPECT_ERROR(DJREDIS_ERR_PANIC, "bug", djredis_conn_acquire(cache, NULL, &conn, &out));
    CHECK(conn == NULL);
    EXPECT(DJREDIS_OK, djredis_conn_acquire(cache, NULL, &conn, &out));
    PANICS(DJREDIS_OK, djredis_conn_command(conn, 1, "PING", ping, NULL, &out));
    PANICS(DJREDIS_OK, djredis_conn_pipeline(conn, 1, counts, "PING", ping, NULL, &out));
    PANICS(DJREDIS_OK, djredis_conn_send(conn, 1, "PING", ping, NULL, &out));
    PANICS(DJREDIS_OK, djredis_conn_receive(conn, NULL, &out));
    djredis_test_panic();
    djredis_conn_release(conn);
}

static void inspection(void)
{
    static const uint32_t one_long[] = {1};
    djredis_value one = int_value(1);
    djredis_near near;
    PANICS(DJREDIS_OK, djredis_cache_make_key(cache, TEXT("k"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_encode(cache, &one, &out));
    PANICS(DJREDIS_OK, djredis_cache_decode(cache, TEXT("5"), &out));
    PANICS(DJREDIS_OK, djredis_cache_decode_many(cache, 1, "5", one_long, NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_server_for(cache, TEXT("k"), NULL, &out));
    PANICS(DJREDIS_OK, djredis_cache_option(cache, TEXT("VERSION"), &out));
    PANICS(DJREDIS_OK, djredis_cache_stats(cache, &out));
    PANICS(DJREDIS_MISS, djredis_cache_near_get(cache, TEXT("k"), NULL, &near, &out));
    PANICS(DJREDIS_OK, djredis_options_list(&out));
}

static void values(void)
{
    djredis_value list = {.type = DJREDIS_MSGPACK, .data = (const uint8_t *)"\x92\x01\x02", .len = 3}, item = {0};
    size_t pos = 0, count;
    PANICS_SILENTLY(DJREDIS_OK, djredis_value_count(&list, &count));
    PANICS_SILENTLY(DJREDIS_OK, djredis_value_next(&list, &pos, NULL, &item));
    PANICS_SILENTLY(DJREDIS_MISS, djredis_value_lookup(&list, TEXT("k"), &item));
    PANICS_SILENTLY(DJREDIS_OK, djredis_set_interrupt_check(NULL, NULL));
}

static void packs(void)
{
    djredis_time day = {.struct_size = sizeof day, .kind = DJREDIS_DATE, .year = 2013, .month = 6, .day = 7};
    djredis_value one = int_value(1), item = {0};
    djredis_pack *pack;
    djredis_test_panic();
    CHECK(djredis_pack_new() == NULL);
    pack = djredis_pack_new();
    PANICS_SILENTLY(DJREDIS_OK, djredis_pack_begin(pack, DJREDIS_LIST));
    PANICS_SILENTLY(DJREDIS_OK, djredis_pack_int(pack, 1));
    PANICS_SILENTLY(DJREDIS_OK, djredis_pack_text(pack, TEXT("a")));
    PANICS_SILENTLY(DJREDIS_OK, djredis_pack_add(pack, &one));
    PANICS_SILENTLY(DJREDIS_OK, djredis_pack_bytes(pack, DJREDIS_DECIMAL, "1.50", 4));
    PANICS_SILENTLY(DJREDIS_OK, djredis_pack_time(pack, &day));
    PANICS_SILENTLY(DJREDIS_OK, djredis_pack_end(pack));
    djredis_test_panic();
    EXPECT_ERROR(DJREDIS_ERR_PANIC, "bug", djredis_pack_value(pack, &out));
    EXPECT(DJREDIS_OK, djredis_pack_value(pack, &out));
    PANICS_SILENTLY(DJREDIS_MISS, djredis_value_leaf(&out, &item));
    PANICS_SILENTLY(DJREDIS_MISS, djredis_value_time(&out, &day));
    djredis_test_panic();
    djredis_pack_free(pack);
}

/* What they answer where there is no such interpreter. */
static void interpreters(void)
{
    djredis_test_panic();
    CHECK(djredis_cpython_methods() == NULL);
    djredis_test_panic();
    EXPECT(DJREDIS_ERR_UNSUPPORTED, djredis_ruby_install());
}

static void opening(char **arguments)
{
    djredis_options *options;
    djredis_cache *other = NULL;
    char location[256];
    snprintf(location, sizeof location, "unix:%s:0", arguments[1]);
    djredis_test_panic();
    CHECK(djredis_options_new() == NULL);
    options = djredis_options_new();
    PANICS(DJREDIS_OK, djredis_options_set(options, TEXT("VERSION"), TEXT("2"), &out));
    PANICS(DJREDIS_OK, djredis_options_set_parser(options, NULL, &out));
    djredis_test_panic();
    EXPECT_ERROR(DJREDIS_ERR_PANIC, "bug", djredis_cache_open(location, DJREDIS_NUL, options, &other, &out));
    CHECK(other == NULL);
    EXPECT(DJREDIS_OK, djredis_cache_open(location, DJREDIS_NUL, options, &other, &out));
    /* These answer nothing; the panic stays inside. */
    djredis_test_panic();
    djredis_cache_close(other);
    djredis_cache_free(other);
    djredis_test_panic();
    djredis_options_free(options);
    djredis_test_panic();
    djredis_value_clear(&out);
}

int main(int count, char **arguments)
{
    CHECK(count == 2);
    cache = open_private(arguments, NULL);
    single();
    many();
    scans();
    locks();
    connections();
    inspection();
    values();
    packs();
    interpreters();
    opening(arguments);
    djredis_cache_free(cache);
    return finish();
}
