/* djredis_scan: batch by batch to the end, and what a scan answers when it is over. */
#include "harness.h"

enum { KEYS = 500 };

static void fill(djredis_cache *cache)
{
    for (int i = 0; i < KEYS; i++) {
        char key[16];
        int len = snprintf(key, sizeof key, "key%03d", i);
        djredis_value value = int_value(i);
        EXPECT(DJREDIS_OK, djredis_cache_set(cache, key, (size_t)len, &value, NULL, &out));
    }
}

/* 7 of "key007", which no NUL follows. */
static int number_of(const djredis_value *key)
{
    char text[7] = {0};
    int number = 0;
    CHECK(key->type == DJREDIS_TEXT && key->len == 6);
    memcpy(text, key->data, key->len < 6 ? key->len : 6);
    CHECK(sscanf(text, "key%3d", &number) == 1);
    return number;
}

/* Every key at least once; two scans at a time do not disturb each other. */
static void walk(djredis_cache *cache, const djredis_call *call)
{
    char seen[KEYS] = {0};
    djredis_scan *scan = NULL, *other = NULL;
    djredis_value item = {0};
    int batches = 0, keys = 0;
    EXPECT(DJREDIS_OK, djredis_cache_scan(cache, TEXT("key*"), call, &scan, &out));
    EXPECT(DJREDIS_OK, djredis_cache_scan(cache, TEXT("nothing*"), NULL, &other, &out));
    while (djredis_scan_next(scan, NULL, &out) == DJREDIS_OK) {
        CHECK(out.type == DJREDIS_ITEMS);
        batches++;
        for (size_t pos = 0; djredis_value_next(&out, &pos, NULL, &item) == DJREDIS_OK;) {
            int number = number_of(&item);
            keys += !seen[number];
            seen[number] = 1;
        }
        if (batches == 2)
            while (djredis_scan_next(other, NULL, &out) == DJREDIS_OK)
                CHECK(out.integer == 0);
    }
    CHECK(keys == KEYS);
    CHECK(!call || batches > 5);
    EXPECT(DJREDIS_MISS, djredis_scan_next(scan, NULL, &out));
    EXPECT(DJREDIS_MISS, djredis_scan_next(scan, NULL, &out));
    djredis_scan_free(scan);
    djredis_scan_free(other);
}

static void refused(djredis_cache *cache)
{
    djredis_call call = {.struct_size = sizeof call, .deadline_ms = -1};
    djredis_scan *scan = (djredis_scan *)&out;
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "deadline_ms", djredis_cache_scan(cache, TEXT("*"), &call, &scan, &out));
    CHECK(scan == NULL);
    EXPECT(DJREDIS_OK, djredis_cache_scan(cache, TEXT("*"), NULL, &scan, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "deadline_ms", djredis_scan_next(scan, &call, &out));
    EXPECT(DJREDIS_OK, djredis_scan_next(scan, NULL, &out));
    djredis_cache_close(cache);
    EXPECT(DJREDIS_ERR_CLOSED, djredis_scan_next(scan, NULL, &out));
    djredis_scan_free(scan);
}

int main(int count, char **arguments)
{
    djredis_call small = {.struct_size = sizeof small, .itersize = 20};
    djredis_cache *cache = open_private(arguments, NULL);
    CHECK(count == 2);
    fill(cache);
    walk(cache, &small);
    walk(cache, NULL);
    refused(cache);
    djredis_cache_free(cache);
    return finish();
}
