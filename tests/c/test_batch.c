/* djredis_cache_batch: what it takes, and what it refuses whole. */
#include "harness.h"

static djredis_cache *cache;

static int32_t batch(const char *ops, size_t len)
{
    return djredis_cache_batch(cache, ops, len, NULL, &out);
}

static void taken(void)
{
    const djredis_item *items;
    /* [["set", "k", 7, 0, 0, 0], ["get", "k"], ["incr", bin "k", 2], ["get", "away", nil]] */
    EXPECT(DJREDIS_OK, batch(TEXT("\x94\x96\xa3set\xa1k\x07\x00\x00\x00\x92\xa3get\xa1k\x93\xa4incr\xc4\x01k\x02\x93\xa3get\xa4" "away\xc0")));
    CHECK(out.type == DJREDIS_ITEMS && out.integer == 4);
    items = (const djredis_item *)out.data;
    CHECK(items[0].type == DJREDIS_NONE);
    CHECK(items[1].type == DJREDIS_INT && items[1].integer == 7);
    CHECK(items[2].type == DJREDIS_INT && items[2].integer == 9);
    CHECK(items[3].type == DJREDIS_MISSING);
    EXPECT(DJREDIS_OK, batch(TEXT("\x90")));
    CHECK(out.type == DJREDIS_ITEMS && out.integer == 0);
}

/* A pickle that the host made is stored and given back byte for byte; another format is that call's own error. */
static void payloads(void)
{
    const djredis_item *items;
    EXPECT(DJREDIS_OK, batch(TEXT("\x93\x93\xabset_payload\xa1p\x92\x01\xc4\x04\x80\x05\x88\x2e"
                                  "\x94\xa3get\xa1p\xc0\x20"
                                  "\x93\xabset_payload\xa1j\x92\x02\xc4\x04true")));
    CHECK(out.type == DJREDIS_ITEMS && out.integer == 3);
    items = (const djredis_item *)out.data;
    CHECK(items[0].type == DJREDIS_NONE);
    CHECK(items[1].type == DJREDIS_PAYLOAD && items[1].flags == 1 && items[1].len == 4);
    CHECK(memcmp(out.data + items[1].offset, "\x80\x05\x88\x2e", 4) == 0);
    CHECK(items[2].type == DJREDIS_ERROR && items[2].integer == DJREDIS_ERR_ENCODE);
}

static void refused(void)
{
    static const struct {
        const char *ops;
        size_t len;
    } bad[] = {
        {NULL, 0},
        {TEXT("\xc0")},                                 /* nil */
        {TEXT("\x91\xc0")},                             /* [nil] */
        {TEXT("\x91\x90")},                             /* [[]] */
        {TEXT("\x91\x91\xa3get")},                      /* no key */
        {TEXT("\x91\x92\xa3get\x07")},                  /* a key that is a number */
        {TEXT("\x91\x92\x07\xa1k")},                    /* an operation that is a number */
        {TEXT("\x91\x92\xa7" "explode\xa1k")},          /* no such operation */
        {TEXT("\x80")},                                 /* a map */
        {TEXT("\x91\x81\xa3get\xa1k")},                  /* a map in the place of a call */
        {TEXT("\x91\x93\xa4incr\xa1k\xa1x")},           /* a delta that is text */
        {TEXT("\x91\x93\xabset_payload\xa1k\xc4\x01N")},                 /* a payload without a format */
        {TEXT("\x91\x93\xabset_payload\xa1k\x91\x01")},                 /* a format without a payload */
        {TEXT("\x91\x93\xabset_payload\xa1k\x92\x09\xc4\x01N")},         /* no such format */
        {TEXT("\x91\x93\xabset_payload\xa1k\x92\x01\xa1N")},             /* a payload that is text */
        {TEXT("\x91\x94\xa3get\xa1k\xc0\xcd\x80\x00")}, /* unknown flags */
        {TEXT("\x91\x94\xa3set\xa1k\x07\x03")},         /* NX with XX */
        {TEXT("\x91\x97\xa3get\xa1k\xc0\0\0\0\0")},     /* seven fields */
        {TEXT("\x91\x92\xa3get\xa1")},                  /* it ends too early */
        {TEXT("\x91\x92\xa3get\xa1k\x01")},             /* something after it */
        {TEXT("\xdd\xff\xff\xff\xff")},                 /* a length without elements */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int32_t status = batch(bad[i].ops, bad[i].len);
        if (status != DJREDIS_ERR_ARGUMENT) {
            fprintf(stderr, "batch %zu: %s\n", i, djredis_status_name(status));
            failures++;
        }
        CHECK(out.type == DJREDIS_ERROR && out.len > 10);
    }
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", batch("x", (size_t)PTRDIFF_MAX + 1));
}

/* One call that is wrong sends none of the others. */
static void nothing_is_sent(void)
{
    EXPECT(DJREDIS_ERR_ARGUMENT, batch(TEXT("\x92\x93\xa3set\xa3" "new\x07\x92\xa7" "explode\xa1k")));
    EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, TEXT("new"), NULL, &out));
}

int main(int count, char **arguments)
{
    CHECK(count == 2);
    cache = open_private(arguments, NULL);
    taken();
    payloads();
    refused();
    nothing_is_sent();
    djredis_cache_free(cache);
    return finish();
}
