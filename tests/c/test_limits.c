/* Values and keys that are larger than Redis takes: refused by name, nothing is sent, nothing is lost. */
#include "harness.h"

#include <sys/mman.h>

#define OVER ((size_t)(512 << 20) + 1)

static djredis_cache *cache;

/* Zeros that take no memory until they are written. */
static uint8_t *zeros(size_t len)
{
    void *pages = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return pages;
}

static void values(const uint8_t *huge)
{
    static const int32_t types[] = {DJREDIS_BYTES, DJREDIS_TEXT, DJREDIS_OPAQUE, DJREDIS_BIGINT};
    uint32_t key_lens[] = {4, 4}, value_lens[] = {1, (uint32_t)OVER};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        djredis_value value = {.type = types[i], .data = huge, .len = OVER};
        EXPECT(DJREDIS_ERR_ENCODE, djredis_cache_set(cache, TEXT("huge"), &value, NULL, &out));
        CHECK(out.type == DJREDIS_ERROR && out.len > 10);
    }
    EXPECT_ERROR(DJREDIS_ERR_ENCODE, "512", djredis_cache_set_raw(cache, TEXT("huge"), huge, OVER, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ENCODE, "512", djredis_cache_set_payload(cache, TEXT("huge"), huge, OVER, 1, NULL, &out));
    EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, TEXT("huge"), NULL, &out));
    /* One value that is too large does not lose the other. */
    EXPECT(DJREDIS_OK, djredis_cache_set_many_raw(cache, 2, "goodhuge", key_lens, huge, value_lens, NULL, &out));
    CHECK(out.type == DJREDIS_ITEMS && out.integer == 2);
    const djredis_item *items = (const djredis_item *)out.data;
    CHECK(items[0].type == DJREDIS_NONE);
    CHECK(items[1].type == DJREDIS_ERROR && items[1].integer == DJREDIS_ERR_ENCODE);
    EXPECT(DJREDIS_OK, djredis_cache_has_key(cache, TEXT("good"), NULL, &out));
    EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, TEXT("huge"), NULL, &out));
}

static void keys(const uint8_t *huge)
{
    djredis_value one = int_value(1);
    const char *key = (const char *)huge;
    uint32_t lens[] = {(uint32_t)OVER};
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "key", djredis_cache_get(cache, key, OVER, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "key", djredis_cache_set(cache, key, OVER, &one, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "key", djredis_cache_make_key(cache, key, OVER, NULL, &out));
    CHECK(djredis_cache_delete_many(cache, 1, key, lens, NULL, &out) < 0);
}

/* The server says no to what is too large for it alone; the connection and the cache go on. */
static void the_servers_own_limit(char **arguments)
{
    char command[512];
    uint8_t *two = calloc(1, 2 << 20);
    snprintf(command, sizeof command, "redis-cli -s %s CONFIG SET proto-max-bulk-len 1mb >/dev/null", arguments[1]);
    CHECK(system(command) == 0);
    CHECK(djredis_cache_set_raw(cache, TEXT("two"), two, 2 << 20, NULL, &out) < 0);
    CHECK(out.type == DJREDIS_ERROR && out.len > 10);
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("small"), two, 1000, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_get_raw(cache, TEXT("small"), NULL, &out));
    CHECK(out.len == 1000);
    free(two);
}

int main(int count, char **arguments)
{
    uint8_t *huge = zeros(OVER + 1);
    CHECK(count == 2);
    cache = open_private(arguments, NULL);
    values(huge);
    keys(huge);
    the_servers_own_limit(arguments);
    djredis_cache_free(cache);
    munmap(huge, OVER + 1);
    return finish();
}
