/* djredis_call: its size, its flags, its numbers. */
#include "harness.h"

#include <time.h>

static djredis_cache *cache;

static int32_t get(const djredis_call *call)
{
    return djredis_cache_get(cache, TEXT("k"), call, &out);
}

static void sizes(void)
{
    struct {
        djredis_call call;
        uint8_t tail[64];
    } larger = {.call = {.struct_size = sizeof larger}};
    djredis_call call = {0};
    EXPECT(DJREDIS_OK, get(NULL));
    EXPECT(DJREDIS_OK, get(&call));
    call.flags = DJREDIS_VERSION;
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "struct_size", get(&call));
    call = (djredis_call){.deadline_ms = 1000};
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "struct_size", get(&call));
    call = (djredis_call){.struct_size = sizeof call};
    EXPECT(DJREDIS_OK, get(&call));
    call.struct_size = sizeof call - 1;
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "struct_size", get(&call));
    call.struct_size = 8;
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "struct_size", get(&call));
    call.struct_size = UINT32_MAX;
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "struct_size", get(&call));
    EXPECT(DJREDIS_OK, get(&larger.call));
    larger.tail[63] = 1;
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "djredis_call", get(&larger.call));
}

static void flags(void)
{
    djredis_call call = {.struct_size = sizeof call};
    for (int bit = 8; bit < 32; bit++) {
        call.flags = UINT32_C(1) << bit;
        EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "flags", get(&call));
    }
    call.flags = DJREDIS_NX | DJREDIS_XX;
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "DJREDIS_NX", get(&call));
    /* Without their flags the numbers are not read. */
    call = (djredis_call){.struct_size = sizeof call, .version = 99, .ttl_ms = -1};
    EXPECT(DJREDIS_OK, get(&call));
    call.flags = DJREDIS_VERSION;
    EXPECT(DJREDIS_MISS, get(&call));
}

static void numbers(void)
{
    djredis_call call = {.struct_size = sizeof call, .deadline_ms = -1};
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "deadline_ms", get(&call));
    call.deadline_ms = INT64_MIN;
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "deadline_ms", get(&call));
    call.deadline_ms = DJREDIS_FOREVER;
    EXPECT(DJREDIS_OK, get(&call));
    call.deadline_ms = INT64_MAX - 1;
    EXPECT(DJREDIS_OK, get(&call));
    call = (djredis_call){.struct_size = sizeof call, .itersize = -1};
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "itersize", djredis_cache_keys(cache, TEXT("*"), &call, &out));
    call.itersize = INT64_MAX;
    EXPECT(DJREDIS_OK, djredis_cache_keys(cache, TEXT("*"), &call, &out));
}

/* ttl_ms: for ever, as long as Redis takes it, and beyond. */
static void times(void)
{
    djredis_value one = int_value(1);
    djredis_call call = {.struct_size = sizeof call, .flags = DJREDIS_TTL, .ttl_ms = DJREDIS_FOREVER};
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("k"), &one, &call, &out));
    EXPECT(DJREDIS_OK, djredis_cache_ttl(cache, TEXT("k"), NULL, &out));
    CHECK(out.type == DJREDIS_NONE);
    call.ttl_ms = 1;
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("short"), &one, &call, &out));
    call.ttl_ms = DJREDIS_FOREVER - 1;
    CHECK(djredis_cache_set(cache, TEXT("far"), &one, &call, &out) < 0);
    CHECK(out.type == DJREDIS_ERROR && out.len > 0);
    EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, TEXT("far"), NULL, &out));
    call.ttl_ms = INT64_MIN;
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("low"), &one, &call, &out));
}

/* DJREDIS_NEAR_ONLY: what the near cache has, and nothing that only the server has. */
static void near_only(char **arguments)
{
    djredis_call call = {.struct_size = sizeof call, .flags = DJREDIS_NEAR_ONLY};
    EXPECT(DJREDIS_MISS, get(&call));
    EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, TEXT("k"), &call, &out));
    djredis_cache *near = open_private(arguments, (const char *const[]){"NEAR_CACHE", "1048576", NULL});
    EXPECT(DJREDIS_MISS, djredis_cache_get(near, TEXT("k"), &call, &out));
    EXPECT(DJREDIS_MISS, djredis_cache_has_key(near, TEXT("k"), &call, &out));
    EXPECT(DJREDIS_OK, djredis_cache_get(near, TEXT("k"), NULL, &out));
    djredis_value_clear(&out);
    EXPECT(DJREDIS_OK, djredis_cache_get(near, TEXT("k"), &call, &out));
    CHECK(out.type == DJREDIS_INT && out.integer == 1);
    EXPECT(DJREDIS_OK, djredis_cache_has_key(near, TEXT("k"), &call, &out));
    EXPECT(DJREDIS_MISS, djredis_cache_get(near, TEXT("gone"), &call, &out));
    EXPECT(DJREDIS_ERR_NULL, djredis_cache_get(near, NULL, 1, &call, &out));
    djredis_value two = int_value(2);
    EXPECT(DJREDIS_OK, djredis_cache_set(near, TEXT("k"), &two, NULL, &out));
    EXPECT(DJREDIS_MISS, djredis_cache_get(near, TEXT("k"), &call, &out));
    djredis_cache_close(near);
    EXPECT(DJREDIS_MISS, djredis_cache_get(near, TEXT("k"), &call, &out));
    djredis_cache_free(near);
}

static uint64_t monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Whether a host's own copy may still be used. */
static int may_use(const djredis_near *near)
{
    uint64_t now = monotonic();
    return now < near->expires && now < __atomic_load_n(near->trusted, __ATOMIC_ACQUIRE) &&
           __atomic_load_n(near->changes, __ATOMIC_ACQUIRE) == near->unchanged;
}

/* djredis_cache_near_get: a copy is good until its key is written, its time is over, or the cache is closed. */
static void near_copies(char **arguments)
{
    const uint64_t second = 1000000000u;
    djredis_value three = int_value(3);
    djredis_near lent, ahead = {0};
    djredis_cache *near = open_private(arguments, (const char *const[]){"NEAR_CACHE", "1048576", NULL});
    EXPECT(DJREDIS_MISS, djredis_cache_near_get(near, TEXT("k"), NULL, &lent, &out));
    CHECK(!lent.changes && !lent.unchanged && !lent.trusted && !lent.expires);
    EXPECT(DJREDIS_OK, djredis_cache_get(near, TEXT("k"), NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_near_get(near, TEXT("k"), NULL, &lent, &out));
    CHECK(out.type == DJREDIS_INT && out.integer == 2);
    CHECK(may_use(&lent));
    CHECK(*lent.trusted < monotonic() + 11 * second);
    EXPECT(DJREDIS_OK, djredis_cache_set(near, TEXT("k"), &three, NULL, &out));
    CHECK(!may_use(&lent));

    djredis_call minute = {.struct_size = sizeof minute, .flags = DJREDIS_TTL, .ttl_ms = 60000};
    EXPECT(DJREDIS_OK, djredis_cache_set(near, TEXT("short"), &three, &minute, &out));
    for (int tries = 0; !ahead.changes && tries < 1000; tries++) { /* the news of it may come late */
        EXPECT(DJREDIS_OK, djredis_cache_get(near, TEXT("short"), NULL, &out));
        djredis_cache_near_get(near, TEXT("short"), NULL, &ahead, &out);
    }
    CHECK(ahead.changes && ahead.expires < monotonic() + 60 * second);
    djredis_cache_close(near);
    CHECK(ahead.changes && !may_use(&ahead));
    djredis_cache_free(near);
}

int main(int count, char **arguments)
{
    djredis_value one = int_value(1);
    CHECK(count == 2);
    cache = open_private(arguments, NULL);
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("k"), &one, NULL, &out));
    sizes();
    flags();
    numbers();
    times();
    near_only(arguments);
    near_copies(arguments);
    djredis_cache_free(cache);
    return finish();
}
