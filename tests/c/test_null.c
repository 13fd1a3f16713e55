/* A NULL handle or pointer in the place of every argument: DJREDIS_ERR_NULL and a sentence, never a crash. */
#include "harness.h"

#define NULLED(words, call) EXPECT_ERROR(DJREDIS_ERR_NULL, words, call)

static const uint32_t lens[] = {1};
static djredis_near near;

static void no_cache(void)
{
    djredis_value value = int_value(1);
    djredis_scan *scan = NULL;
    djredis_conn *conn = NULL;
    NULLED("cache", djredis_cache_get(NULL, TEXT("k"), NULL, &out));
    NULLED("cache", djredis_cache_get_raw(NULL, TEXT("k"), NULL, &out));
    NULLED("cache", djredis_cache_set(NULL, TEXT("k"), &value, NULL, &out));
    NULLED("cache", djredis_cache_near_get(NULL, TEXT("k"), NULL, &near, &out));
    NULLED("cache", djredis_cache_set_raw(NULL, TEXT("k"), "v", 1, NULL, &out));
    NULLED("cache", djredis_cache_set_payload(NULL, TEXT("k"), "v", 1, 1, NULL, &out));
    NULLED("cache", djredis_cache_delete(NULL, TEXT("k"), NULL, &out));
    NULLED("cache", djredis_cache_has_key(NULL, TEXT("k"), NULL, &out));
    NULLED("cache", djredis_cache_touch(NULL, TEXT("k"), NULL, &out));
    NULLED("cache", djredis_cache_ttl(NULL, TEXT("k"), NULL, &out));
    NULLED("cache", djredis_cache_incr(NULL, TEXT("k"), 1, NULL, &out));
    NULLED("cache", djredis_cache_incr_version(NULL, TEXT("k"), 1, NULL, &out));
    NULLED("cache", djredis_cache_move(NULL, TEXT("k"), TEXT("l"), NULL, &out));
    NULLED("cache", djredis_cache_get_many(NULL, 1, "k", lens, NULL, &out));
    NULLED("cache", djredis_cache_get_many_raw(NULL, 1, "k", lens, NULL, &out));
    NULLED("cache", djredis_cache_set_many(NULL, 1, "k", lens, &value, NULL, &out));
    NULLED("cache", djredis_cache_set_many_raw(NULL, 1, "k", lens, "v", lens, NULL, &out));
    NULLED("cache", djredis_cache_set_many_payload(NULL, 1, "k", lens, "v", lens, 1, NULL, &out));
    NULLED("cache", djredis_cache_delete_many(NULL, 1, "k", lens, NULL, &out));
    NULLED("cache", djredis_cache_clear(NULL, NULL, &out));
    NULLED("cache", djredis_cache_keys(NULL, TEXT("*"), NULL, &out));
    NULLED("cache", djredis_cache_delete_pattern(NULL, TEXT("*"), NULL, &out));
    NULLED("cache", djredis_cache_scan(NULL, TEXT("*"), NULL, &scan, &out));
    NULLED("cache", djredis_cache_lock(NULL, TEXT("k"), TEXT("t"), NULL, &out));
    NULLED("cache", djredis_cache_extend(NULL, TEXT("k"), TEXT("t"), NULL, &out));
    NULLED("cache", djredis_cache_unlock(NULL, TEXT("k"), TEXT("t"), NULL, &out));
    NULLED("cache", djredis_cache_command(NULL, 1, "k", lens, -1, NULL, &out));
    NULLED("cache", djredis_cache_batch(NULL, "\x90", 1, NULL, &out));
    NULLED("cache", djredis_conn_acquire(NULL, NULL, &conn, &out));
    NULLED("cache", djredis_cache_make_key(NULL, TEXT("k"), NULL, &out));
    NULLED("cache", djredis_cache_encode(NULL, &value, &out));
    NULLED("cache", djredis_cache_decode(NULL, "v", 1, &out));
    NULLED("cache", djredis_cache_decode_many(NULL, 1, "v", lens, NULL, &out));
    NULLED("cache", djredis_cache_server_for(NULL, TEXT("k"), NULL, &out));
    NULLED("cache", djredis_cache_option(NULL, TEXT("VERSION"), &out));
    NULLED("cache", djredis_cache_stats(NULL, &out));
    NULLED("scan", djredis_scan_next(NULL, NULL, &out));
    CHECK(scan == NULL && conn == NULL);
}

static void no_key(djredis_cache *cache)
{
    djredis_value value = int_value(1);
    djredis_scan *scan = NULL;
    NULLED("key", djredis_cache_get(cache, NULL, 1, NULL, &out));
    NULLED("key", djredis_cache_get(cache, NULL, DJREDIS_NUL, NULL, &out));
    NULLED("key", djredis_cache_get_raw(cache, NULL, 1, NULL, &out));
    NULLED("key", djredis_cache_set(cache, NULL, 1, &value, NULL, &out));
    NULLED("key", djredis_cache_near_get(cache, NULL, 1, NULL, &near, &out));
    NULLED("near", djredis_cache_near_get(cache, TEXT("k"), NULL, NULL, &out));
    NULLED("key", djredis_cache_set_raw(cache, NULL, 1, "v", 1, NULL, &out));
    NULLED("key", djredis_cache_set_payload(cache, NULL, 1, "v", 1, 1, NULL, &out));
    NULLED("key", djredis_cache_delete(cache, NULL, 1, NULL, &out));
    NULLED("key", djredis_cache_has_key(cache, NULL, 1, NULL, &out));
    NULLED("key", djredis_cache_touch(cache, NULL, 1, NULL, &out));
    NULLED("key", djredis_cache_ttl(cache, NULL, 1, NULL, &out));
    NULLED("key", djredis_cache_incr(cache, NULL, 1, 1, NULL, &out));
    NULLED("key", djredis_cache_incr_version(cache, NULL, 1, 1, NULL, &out));
    NULLED("key", djredis_cache_move(cache, NULL, 1, TEXT("l"), NULL, &out));
    NULLED("to", djredis_cache_move(cache, TEXT("k"), NULL, 1, NULL, &out));
    NULLED("key", djredis_cache_lock(cache, NULL, 1, TEXT("t"), NULL, &out));
    NULLED("token", djredis_cache_lock(cache, TEXT("k"), NULL, 1, NULL, &out));
    NULLED("key", djredis_cache_extend(cache, NULL, 1, TEXT("t"), NULL, &out));
    NULLED("token", djredis_cache_extend(cache, TEXT("k"), NULL, 1, NULL, &out));
    NULLED("key", djredis_cache_unlock(cache, NULL, 1, TEXT("t"), NULL, &out));
    NULLED("token", djredis_cache_unlock(cache, TEXT("k"), NULL, 1, NULL, &out));
    NULLED("key", djredis_cache_make_key(cache, NULL, 1, NULL, &out));
    NULLED("key", djredis_cache_server_for(cache, NULL, 1, NULL, &out));
    NULLED("pattern", djredis_cache_keys(cache, NULL, 1, NULL, &out));
    NULLED("pattern", djredis_cache_delete_pattern(cache, NULL, 1, NULL, &out));
    NULLED("pattern", djredis_cache_scan(cache, NULL, 1, NULL, &scan, &out));
    NULLED("name", djredis_cache_option(cache, NULL, 1, &out));
}

static void no_value(djredis_cache *cache)
{
    djredis_value empty = {.type = DJREDIS_TEXT, .len = 3};
    NULLED("value", djredis_cache_set(cache, TEXT("k"), NULL, NULL, &out));
    NULLED("value", djredis_cache_set(cache, TEXT("k"), &empty, NULL, &out));
    NULLED("value", djredis_cache_encode(cache, NULL, &out));
    NULLED("data", djredis_cache_set_raw(cache, TEXT("k"), NULL, 1, NULL, &out));
    NULLED("data", djredis_cache_set_payload(cache, TEXT("k"), NULL, 1, 1, NULL, &out));
    NULLED("data", djredis_cache_decode(cache, NULL, 1, &out));
    NULLED("scan", djredis_cache_scan(cache, TEXT("*"), NULL, NULL, &out));
}

static void no_arrays(djredis_cache *cache)
{
    djredis_value value = int_value(1);
    NULLED("keys", djredis_cache_get_many(cache, 1, NULL, lens, NULL, &out));
    NULLED("data", djredis_cache_decode_many(cache, 1, NULL, lens, NULL, &out));
    NULLED("lens", djredis_cache_decode_many(cache, 1, "v", NULL, NULL, &out));
    NULLED("key_lens", djredis_cache_get_many(cache, 1, "k", NULL, NULL, &out));
    NULLED("keys", djredis_cache_get_many_raw(cache, 1, NULL, lens, NULL, &out));
    NULLED("key_lens", djredis_cache_get_many_raw(cache, 1, "k", NULL, NULL, &out));
    NULLED("keys", djredis_cache_set_many(cache, 1, NULL, lens, &value, NULL, &out));
    NULLED("key_lens", djredis_cache_set_many(cache, 1, "k", NULL, &value, NULL, &out));
    NULLED("values", djredis_cache_set_many(cache, 1, "k", lens, NULL, NULL, &out));
    NULLED("values", djredis_cache_set_many_raw(cache, 1, "k", lens, NULL, lens, NULL, &out));
    NULLED("value_lens", djredis_cache_set_many_raw(cache, 1, "k", lens, "v", NULL, NULL, &out));
    NULLED("values", djredis_cache_set_many_payload(cache, 1, "k", lens, NULL, lens, 1, NULL, &out));
    NULLED("value_lens", djredis_cache_set_many_payload(cache, 1, "k", lens, "v", NULL, 1, NULL, &out));
    NULLED("keys", djredis_cache_delete_many(cache, 1, NULL, lens, NULL, &out));
    NULLED("key_lens", djredis_cache_delete_many(cache, 1, "k", NULL, NULL, &out));
    /* None of n keys: no pointer is looked at. */
    EXPECT(DJREDIS_OK, djredis_cache_get_many(cache, 0, NULL, NULL, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_set_many(cache, 0, NULL, NULL, NULL, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_set_many_raw(cache, 0, NULL, NULL, NULL, NULL, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_delete_many(cache, 0, NULL, NULL, NULL, &out));
}

static void no_options_nor_location(void)
{
    djredis_cache *cache = (djredis_cache *)&out;
    djredis_options *options = djredis_options_new();
    NULLED("options", djredis_options_set(NULL, TEXT("DB"), TEXT("1"), &out));
    NULLED("options", djredis_options_set_parser(NULL, NULL, &out));
    NULLED("name", djredis_options_set(options, NULL, 2, TEXT("1"), &out));
    NULLED("value", djredis_options_set(options, TEXT("DB"), NULL, DJREDIS_NUL, &out));
    NULLED("location", djredis_cache_open(NULL, 1, NULL, &cache, &out));
    CHECK(cache == NULL);
    NULLED("cache", djredis_cache_open(TEXT("127.0.0.1:6379:0"), NULL, NULL, &out));
    djredis_options_free(options);
}

static void no_cursor(void)
{
    djredis_value item = {0}, list = {.type = DJREDIS_MSGPACK, .data = (const uint8_t *)"\x90", .len = 1};
    djredis_value hollow = {.type = DJREDIS_MSGPACK, .len = 1};
    size_t pos = 0, count;
    EXPECT(DJREDIS_ERR_NULL, djredis_value_count(NULL, &count));
    EXPECT(DJREDIS_ERR_NULL, djredis_value_count(&list, NULL));
    EXPECT(DJREDIS_ERR_NULL, djredis_value_count(&hollow, &count));
    EXPECT(DJREDIS_ERR_NULL, djredis_value_next(NULL, &pos, NULL, &item));
    EXPECT(DJREDIS_ERR_NULL, djredis_value_next(&list, NULL, NULL, &item));
    EXPECT(DJREDIS_ERR_NULL, djredis_value_next(&list, &pos, NULL, NULL));
    EXPECT(DJREDIS_ERR_NULL, djredis_value_lookup(NULL, TEXT("k"), &item));
    EXPECT(DJREDIS_ERR_NULL, djredis_value_lookup(&list, NULL, 1, &item));
    EXPECT(DJREDIS_ERR_NULL, djredis_value_lookup(&list, TEXT("k"), NULL));
}

static void no_connection(djredis_cache *cache)
{
    static const uint32_t ping[] = {4}, counts[] = {1};
    djredis_conn *conn = NULL;
    NULLED("ops", djredis_cache_batch(cache, NULL, 1, NULL, &out));
    NULLED("args", djredis_cache_command(cache, 1, NULL, ping, -1, NULL, &out));
    NULLED("lens", djredis_cache_command(cache, 1, "PING", NULL, -1, NULL, &out));
    NULLED("conn", djredis_conn_acquire(cache, NULL, NULL, &out));
    NULLED("conn", djredis_conn_command(NULL, 1, "PING", ping, NULL, &out));
    NULLED("conn", djredis_conn_pipeline(NULL, 1, counts, "PING", ping, NULL, &out));
    NULLED("conn", djredis_conn_send(NULL, 1, "PING", ping, NULL, &out));
    NULLED("conn", djredis_conn_receive(NULL, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_conn_acquire(cache, NULL, &conn, &out));
    NULLED("args", djredis_conn_command(conn, 1, NULL, ping, NULL, &out));
    NULLED("lens", djredis_conn_command(conn, 1, "PING", NULL, NULL, &out));
    NULLED("argcs", djredis_conn_pipeline(conn, 1, NULL, "PING", ping, NULL, &out));
    NULLED("args", djredis_conn_pipeline(conn, 1, counts, NULL, ping, NULL, &out));
    NULLED("lens", djredis_conn_pipeline(conn, 1, counts, "PING", NULL, NULL, &out));
    NULLED("args", djredis_conn_send(conn, 1, NULL, ping, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_conn_command(conn, 1, "PING", ping, NULL, NULL));
    djredis_conn_release(conn);
}

/* Without a slot the status still comes; only the message and the value are lost. */
static void no_slot(djredis_cache *cache)
{
    djredis_value value = int_value(1);
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("k"), &value, NULL, NULL));
    EXPECT(DJREDIS_OK, djredis_cache_has_key(cache, TEXT("k"), NULL, NULL));
    EXPECT(DJREDIS_OK, djredis_cache_get(cache, TEXT("k"), NULL, NULL));
    EXPECT(DJREDIS_OK, djredis_cache_delete(cache, TEXT("k"), NULL, NULL));
    EXPECT(DJREDIS_MISS, djredis_cache_delete(cache, TEXT("k"), NULL, NULL));
    EXPECT(DJREDIS_ERR_NULL, djredis_cache_get(NULL, TEXT("k"), NULL, NULL));
    EXPECT(DJREDIS_ERR_NULL, djredis_cache_get(cache, NULL, 1, NULL, NULL));
}

int main(int count, char **arguments)
{
    djredis_cache *cache = open_private(arguments, NULL);
    CHECK(count == 2);
    no_cache();
    no_key(cache);
    no_value(cache);
    no_arrays(cache);
    no_options_nor_location();
    no_cursor();
    no_connection(cache);
    no_slot(cache);
    djredis_value_clear(NULL);
    djredis_options_free(NULL);
    djredis_scan_free(NULL);
    djredis_conn_release(NULL);
    djredis_cache_close(NULL);
    djredis_cache_free(NULL);
    djredis_cache_free(cache);
    return finish();
}
