/* djredis_cache: opening, closing, freeing in any order, and lengths that no memory has. */
#include "harness.h"

#define TOO_LONG ((size_t)PTRDIFF_MAX + 1)

/* After close every call answers ERR_CLOSED; the handle is still to be freed. */
static void closed(char **arguments)
{
    static const uint32_t lens[] = {1};
    djredis_cache *cache = open_private(arguments, NULL), *other = open_private(arguments, NULL);
    djredis_value value = int_value(1);
    djredis_scan *scan = NULL;
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("k"), &value, NULL, &out));
    djredis_cache_close(cache);
    djredis_cache_close(cache);
    EXPECT_ERROR(DJREDIS_ERR_CLOSED, "closed", djredis_cache_get(cache, TEXT("k"), NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_get_raw(cache, TEXT("k"), NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_set(cache, TEXT("k"), &value, NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_delete(cache, TEXT("k"), NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_has_key(cache, TEXT("k"), NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_touch(cache, TEXT("k"), NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_ttl(cache, TEXT("k"), NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_incr(cache, TEXT("k"), 1, NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_incr_version(cache, TEXT("k"), 1, NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_move(cache, TEXT("k"), TEXT("l"), NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_get_many(cache, 1, "k", lens, NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_set_many(cache, 1, "k", lens, &value, NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_delete_many(cache, 1, "k", lens, NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_clear(cache, NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_keys(cache, TEXT("*"), NULL, &out));
    EXPECT(DJREDIS_ERR_CLOSED, djredis_cache_delete_pattern(cache, TEXT("*"), NULL, &out));
    if (djredis_cache_scan(cache, TEXT("*"), NULL, &scan, &out) == DJREDIS_OK)
        EXPECT(DJREDIS_ERR_CLOSED, djredis_scan_next(scan, NULL, &out));
    djredis_scan_free(scan);
    EXPECT(DJREDIS_OK, djredis_cache_get(other, TEXT("k"), NULL, &out));
    djredis_cache_free(cache);
    EXPECT(DJREDIS_OK, djredis_cache_get(other, TEXT("k"), NULL, &out));
    djredis_cache_free(other);
}

/* Garbage collectors have no order: a cache may go before its scan, and one of two caches before the other. */
static void any_order(char **arguments)
{
    djredis_cache *first = open_private(arguments, NULL), *second = open_private(arguments, NULL);
    djredis_scan *scan = NULL, *late = NULL;
    EXPECT(DJREDIS_OK, djredis_cache_scan(first, TEXT("*"), NULL, &scan, &out));
    EXPECT(DJREDIS_OK, djredis_scan_next(scan, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_scan(second, TEXT("*"), NULL, &late, &out));
    djredis_cache_free(first);
    EXPECT_ERROR(DJREDIS_ERR_CLOSED, "closed", djredis_scan_next(scan, NULL, &out));
    djredis_scan_free(scan);
    djredis_scan_free(late);
    djredis_cache_free(second);
    djredis_cache_free(open_private(arguments, NULL));
}

/* Opening touches no socket: a dead location opens, closes and frees. */
static void unused(void)
{
    djredis_cache *cache = open_at("127.0.0.1:1:0", NULL);
    EXPECT(DJREDIS_OK, djredis_cache_make_key(cache, TEXT("k"), NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_CONNECTION, "127.0.0.1:1", djredis_cache_get(cache, TEXT("k"), NULL, &out));
    CHECK(out.flags == (DJREDIS_NOT_SENT | DJREDIS_AWAY));
    djredis_cache_close(cache);
    djredis_cache_free(cache);
}

static void failed_open(void)
{
    djredis_cache *cache = (djredis_cache *)&out;
    EXPECT_ERROR(DJREDIS_ERR_CONFIG, "port", djredis_cache_open(TEXT("127.0.0.1"), NULL, &cache, &out));
    CHECK(cache == NULL);
    EXPECT(DJREDIS_ERR_CONFIG, djredis_cache_open(TEXT("127.0.0.1"), NULL, &cache, NULL));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "UTF-8", djredis_cache_open(TEXT("\xff\xff"), NULL, &cache, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_cache_open("x", TOO_LONG, NULL, &cache, &out));
    EXPECT_ERROR(DJREDIS_ERR_CONFIG, "empty", djredis_cache_open(NULL, 0, NULL, &cache, &out));
}

/* Lengths over isize::MAX are refused before the pointer is looked at. */
static void lengths(djredis_cache *cache)
{
    djredis_value value = int_value(1), huge = {.type = DJREDIS_BYTES, .data = (const uint8_t *)"x", .len = TOO_LONG};
    djredis_scan *scan = NULL;
    static const uint32_t lens[] = {UINT32_MAX, UINT32_MAX};
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length of key", djredis_cache_get(cache, "k", TOO_LONG, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_cache_get(cache, "k", SIZE_MAX - 1, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_cache_set(cache, "k", TOO_LONG, &value, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_cache_set(cache, TEXT("k"), &huge, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_cache_set_raw(cache, TEXT("k"), "x", TOO_LONG, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_cache_set_payload(cache, TEXT("k"), "x", TOO_LONG, 1, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_cache_move(cache, TEXT("k"), "l", TOO_LONG, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_cache_keys(cache, "*", TOO_LONG, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_cache_scan(cache, "*", TOO_LONG, NULL, &scan, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_cache_decode(cache, "x", TOO_LONG, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_cache_option(cache, "DB", TOO_LONG, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "4 GiB", djredis_cache_get_many(cache, 2, "k", lens, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "key_lens", djredis_cache_get_many(cache, SIZE_MAX, "k", lens, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "key_lens", djredis_cache_delete_many(cache, TOO_LONG / 2, "k", lens, NULL, &out));
    CHECK(scan == NULL);
}

/* A key's length counts, not a NUL in it; DJREDIS_NUL ends at the NUL. */
static void keys_with_nul(djredis_cache *cache)
{
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("a\0b"), TEXT("1"), NULL, &out));
    EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, TEXT("a"), NULL, &out));
    EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, "a\0b", DJREDIS_NUL, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_has_key(cache, TEXT("a\0b"), NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_make_key(cache, "abc", DJREDIS_NUL, NULL, &out));
    CHECK(is_text(&out, DJREDIS_BYTES, ":1:abc"));
    EXPECT(DJREDIS_OK, djredis_cache_make_key(cache, NULL, 0, NULL, &out));
    CHECK(is_text(&out, DJREDIS_BYTES, ":1:"));
}

int main(int count, char **arguments)
{
    djredis_cache *cache;
    CHECK(count == 2);
    closed(arguments);
    any_order(arguments);
    unused();
    failed_open();
    cache = open_private(arguments, NULL);
    lengths(cache);
    keys_with_nul(cache);
    djredis_cache_free(cache);
    return finish();
}
