/* djredis_value: reuse, aliases, the cursor, and values that are refused. */
#include "harness.h"

#define PACKED(kind, bytes) {.type = DJREDIS_MSGPACK, .flags = (kind), .data = (const uint8_t *)(bytes), .len = sizeof(bytes) - 1}

enum { LIST = 0, TUPLE = 5, RECORD = 16, MAP = 255 };

static djredis_cache *cache;

static void cleared(void)
{
    static const djredis_value zeros;
    djredis_value slot = {0};
    djredis_value_clear(&slot);
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("k"), TEXT("bytes"), NULL, &slot));
    EXPECT(DJREDIS_OK, djredis_cache_get_raw(cache, TEXT("k"), NULL, &slot));
    CHECK(is_text(&slot, DJREDIS_BYTES, "bytes"));
    djredis_value_clear(&slot);
    CHECK(!memcmp(&slot, &zeros, sizeof slot));
    djredis_value_clear(&slot);
    CHECK(!memcmp(&slot, &zeros, sizeof slot));
}

/* One slot for everything: each call frees what the one before left. */
static void reused(void)
{
    djredis_value slot = {0};
    for (int i = 0; i < 1000; i++) {
        char key[16];
        int len = snprintf(key, sizeof key, "reuse%d", i % 7);
        EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, key, (size_t)len, key, (size_t)len, NULL, &slot));
        EXPECT(DJREDIS_OK, djredis_cache_get_raw(cache, key, (size_t)len, NULL, &slot));
        CHECK(is_text(&slot, DJREDIS_BYTES, key));
        EXPECT(DJREDIS_ERR_NULL, djredis_cache_get(NULL, TEXT("k"), NULL, &slot));
        CHECK(slot.type == DJREDIS_ERROR);
        EXPECT(DJREDIS_MISS, djredis_cache_get(cache, TEXT("no such key"), NULL, &slot));
        CHECK(slot.type == DJREDIS_NONE);
    }
    djredis_value_clear(&slot);
}

/* Keys and values that stand in the slot which the same call fills. */
static void aliased_key(void)
{
    djredis_value slot = {0};
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("first"), TEXT("second"), NULL, &slot));
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("second"), TEXT("third"), NULL, &slot));
    EXPECT(DJREDIS_OK, djredis_cache_get_raw(cache, TEXT("first"), NULL, &slot));
    EXPECT(DJREDIS_OK, djredis_cache_get_raw(cache, (const char *)slot.data, slot.len, NULL, &slot));
    CHECK(is_text(&slot, DJREDIS_BYTES, "third"));
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, (const char *)slot.data, slot.len, slot.data, slot.len, NULL, &slot));
    EXPECT(DJREDIS_OK, djredis_cache_get_raw(cache, TEXT("third"), NULL, &slot));
    CHECK(is_text(&slot, DJREDIS_BYTES, "third"));
    EXPECT(DJREDIS_OK, djredis_cache_delete(cache, (const char *)slot.data, slot.len, NULL, &slot));
    EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, TEXT("third"), NULL, &slot));
    djredis_value_clear(&slot);
}

static void aliased_value(void)
{
    djredis_value slot = {0};
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("k"), TEXT("\x80\x05\x8c\x05hello\x94."), NULL, &slot));
    EXPECT(DJREDIS_OK, djredis_cache_get(cache, TEXT("k"), NULL, &slot));
    CHECK(is_text(&slot, DJREDIS_TEXT, "hello"));
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("copy"), &slot, NULL, &slot));
    EXPECT(DJREDIS_OK, djredis_cache_get(cache, TEXT("copy"), NULL, &slot));
    CHECK(is_text(&slot, DJREDIS_TEXT, "hello"));
    EXPECT(DJREDIS_OK, djredis_cache_encode(cache, &slot, &slot));
    CHECK(slot.type == DJREDIS_BYTES && has(&slot, "hello"));
    EXPECT(DJREDIS_OK, djredis_cache_decode(cache, slot.data, slot.len, &slot));
    CHECK(is_text(&slot, DJREDIS_TEXT, "hello"));
    djredis_value_clear(&slot);
}

static void decoded_together(void)
{
    static const uint32_t lens[] = {2, 1, 9};
    static const char stored[] = "42?\x80\x05\x8c\x03" "abc\x94.";
    djredis_value slot = {0}, item = {0};
    djredis_call as_payload = {.struct_size = sizeof as_payload, .flags = DJREDIS_AS_PAYLOAD};
    size_t pos = 0;
    EXPECT(DJREDIS_OK, djredis_cache_decode_many(cache, 3, stored, lens, NULL, &slot));
    CHECK(slot.type == DJREDIS_ITEMS && slot.integer == 3);
    EXPECT(DJREDIS_OK, djredis_value_next(&slot, &pos, NULL, &item));
    CHECK(item.type == DJREDIS_INT && item.integer == 42);
    EXPECT(DJREDIS_OK, djredis_value_next(&slot, &pos, NULL, &item));
    CHECK(item.type == DJREDIS_ERROR && item.integer == DJREDIS_ERR_DECODE);
    EXPECT(DJREDIS_OK, djredis_value_next(&slot, &pos, NULL, &item));
    CHECK(is_text(&item, DJREDIS_TEXT, "abc"));
    EXPECT(DJREDIS_OK, djredis_cache_decode_many(cache, 1, stored + 3, lens + 2, &as_payload, &slot));
    pos = 0;
    EXPECT(DJREDIS_OK, djredis_value_next(&slot, &pos, NULL, &item));
    CHECK(item.type == DJREDIS_PAYLOAD && item.len == 9);
    djredis_value_clear(&slot);
}

static void aliased_keys(void)
{
    static const uint32_t lens[] = {1, 1, 1};
    djredis_value slot = {0}, item = {0};
    size_t pos = 0;
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("joined"), TEXT("abc"), NULL, &slot));
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("b"), TEXT("2"), NULL, &slot));
    EXPECT(DJREDIS_OK, djredis_cache_get_raw(cache, TEXT("joined"), NULL, &slot));
    EXPECT(DJREDIS_OK, djredis_cache_get_many(cache, 3, (const char *)slot.data, lens, NULL, &slot));
    CHECK(slot.type == DJREDIS_ITEMS && slot.integer == 3);
    EXPECT(DJREDIS_OK, djredis_value_next(&slot, &pos, NULL, &item));
    CHECK(item.type == DJREDIS_MISSING);
    EXPECT(DJREDIS_OK, djredis_value_next(&slot, &pos, NULL, &item));
    CHECK(item.type == DJREDIS_INT && item.integer == 2);
    djredis_value_clear(&slot);
}

/* ITEMS by the frozen layout and by the cursor: the same. */
static void items(void)
{
    static const uint32_t lens[] = {1, 4, 1, 3};
    djredis_value slot = {0}, key = {0}, item = {0};
    size_t pos = 0, count;
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("i"), TEXT("7"), NULL, NULL));
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("text"), TEXT("\x80\x05\x8c\x05hello\x94."), NULL, NULL));
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("f"), TEXT("\x80\x05G\x3f\xf8\0\0\0\0\0\0."), NULL, NULL));
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("bad"), TEXT("007"), NULL, NULL));
    EXPECT(DJREDIS_OK, djredis_cache_get_many(cache, 4, "itextfbad", lens, NULL, &slot));
    CHECK(slot.type == DJREDIS_ITEMS && slot.integer == 4 && (uintptr_t)slot.data % 8 == 0);
    const djredis_item *table = (const djredis_item *)slot.data;
    CHECK(table[0].type == DJREDIS_INT && table[0].integer == 7);
    CHECK(table[1].type == DJREDIS_TEXT && table[1].len == 5 && !memcmp(slot.data + table[1].offset, "hello", 5));
    CHECK(table[2].type == DJREDIS_FLOAT && table[2].integer == 0x3ff8000000000000);
    CHECK(table[3].type == DJREDIS_ERROR && table[3].integer == DJREDIS_ERR_DECODE && table[3].len > 0);
    EXPECT(DJREDIS_OK, djredis_value_count(&slot, &count));
    CHECK(count == 4);
    for (size_t i = 0; i < 4; i++) {
        EXPECT(DJREDIS_OK, djredis_value_next(&slot, &pos, &key, &item));
        CHECK(key.type == DJREDIS_NONE && item.type == table[i].type && item.len == table[i].len);
        CHECK(item.len == 0 || item.data == slot.data + table[i].offset);
        CHECK(i != 2 || item.real == 1.5);
    }
    EXPECT(DJREDIS_MISS, djredis_value_next(&slot, &pos, &key, &item));
    EXPECT(DJREDIS_MISS, djredis_value_next(&slot, &pos, &key, &item));
    EXPECT(DJREDIS_MISS, djredis_value_lookup(&slot, TEXT("i"), &item));
    djredis_value_clear(&slot);
}

/* {"a": [1, -2, nil], "b": (true, 2.5), 3: b"x", "big": 2**64} */
static const djredis_value nested = PACKED(MAP,
    "\x84\xa1" "a\x93\x01\xfe\xc0\xa1" "b\xc7\x0b\x05\x92\xc3\xcb\x40\x04\0\0\0\0\0\0\x03\xc4\x01x\xa3" "big\xc7\x14\x04" "18446744073709551616");

static void cursor(void)
{
    djredis_value key = {0}, item = {0}, inner = {0};
    size_t pos = 0, at = 0, count;
    EXPECT(DJREDIS_OK, djredis_value_count(&nested, &count));
    CHECK(count == 4);
    EXPECT(DJREDIS_OK, djredis_value_next(&nested, &pos, &key, &item));
    CHECK(is_text(&key, DJREDIS_TEXT, "a") && item.type == DJREDIS_MSGPACK && item.flags == LIST);
    EXPECT(DJREDIS_OK, djredis_value_next(&item, &at, &key, &inner));
    CHECK(key.type == DJREDIS_NONE && inner.type == DJREDIS_INT && inner.integer == 1);
    EXPECT(DJREDIS_OK, djredis_value_next(&item, &at, NULL, &inner));
    CHECK(inner.type == DJREDIS_INT && inner.integer == -2);
    EXPECT(DJREDIS_OK, djredis_value_next(&item, &at, NULL, &inner));
    CHECK(inner.type == DJREDIS_NONE);
    EXPECT(DJREDIS_MISS, djredis_value_next(&item, &at, NULL, &inner));
    EXPECT(DJREDIS_OK, djredis_value_next(&nested, &pos, &key, &item));
    CHECK(item.type == DJREDIS_MSGPACK && item.flags == TUPLE);
    at = 0;
    EXPECT(DJREDIS_OK, djredis_value_next(&item, &at, NULL, &inner));
    CHECK(inner.type == DJREDIS_BOOL && inner.integer == 1);
    EXPECT(DJREDIS_OK, djredis_value_next(&item, &at, NULL, &inner));
    CHECK(inner.type == DJREDIS_FLOAT && inner.real == 2.5);
    EXPECT(DJREDIS_OK, djredis_value_next(&nested, &pos, &key, &item));
    CHECK(key.type == DJREDIS_INT && key.integer == 3 && is_text(&item, DJREDIS_BYTES, "x"));
    EXPECT(DJREDIS_OK, djredis_value_next(&nested, &pos, &key, &item));
    CHECK(is_text(&item, DJREDIS_BIGINT, "18446744073709551616"));
    EXPECT(DJREDIS_MISS, djredis_value_next(&nested, &pos, &key, &item));
}

static void lookup(void)
{
    djredis_value item = {0};
    EXPECT(DJREDIS_OK, djredis_value_lookup(&nested, TEXT("big"), &item));
    CHECK(item.type == DJREDIS_BIGINT);
    EXPECT(DJREDIS_OK, djredis_value_lookup(&nested, "a", DJREDIS_NUL, &item));
    CHECK(item.type == DJREDIS_MSGPACK);
    EXPECT(DJREDIS_MISS, djredis_value_lookup(&item, TEXT("a"), &out));
    EXPECT(DJREDIS_MISS, djredis_value_lookup(&nested, TEXT("c"), &item));
    EXPECT(DJREDIS_MISS, djredis_value_lookup(&nested, NULL, 0, &item));
}

static void refused_by_the_cursor(void)
{
    static const djredis_value broken[] = {
        PACKED(LIST, ""), PACKED(LIST, "\x92\x01"), PACKED(LIST, "\xdd\xff\xff\xff\xff"),
        PACKED(MAP, "\x81\xa1"), PACKED(TUPLE, "\xc7\xff\x05"), PACKED(LIST, "\xc1"),
    };
    djredis_value number = int_value(7), item = {0};
    size_t pos = 0, count;
    EXPECT(DJREDIS_ERR_TYPE, djredis_value_count(&number, &count));
    EXPECT(DJREDIS_ERR_TYPE, djredis_value_next(&number, &pos, NULL, &item));
    EXPECT(DJREDIS_ERR_TYPE, djredis_value_lookup(&number, TEXT("k"), &item));
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        int32_t status = DJREDIS_OK;
        for (pos = 0; status == DJREDIS_OK;)
            status = djredis_value_next(&broken[i], &pos, NULL, &item);
        EXPECT(DJREDIS_ERR_DECODE, status);
        CHECK(djredis_cache_set(cache, TEXT("broken"), &broken[i], NULL, &out) < 0);
        EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, TEXT("broken"), NULL, &out));
    }
    /* A position that no cursor gave. */
    pos = SIZE_MAX;
    CHECK(djredis_value_next(&nested, &pos, NULL, &item) != DJREDIS_OK);
}

/* Values that can't be written: the status, a sentence, and nothing in Redis. */
static void refused_by_set(void)
{
    static const struct {
        int32_t status;
        djredis_value value;
    } bad[] = {
        {DJREDIS_ERR_ARGUMENT, {.type = 99}},
        {DJREDIS_ERR_ARGUMENT, {.type = -1}},
        {DJREDIS_ERR_ARGUMENT, {.type = DJREDIS_ERROR, .data = (const uint8_t *)"x", .len = 1}},
        {DJREDIS_ERR_ARGUMENT, {.type = DJREDIS_MISSING}},
        {DJREDIS_ERR_ARGUMENT, {.type = DJREDIS_ITEMS}},
        {DJREDIS_ERR_ARGUMENT, {.type = DJREDIS_TEXT, .data = (const uint8_t *)"\xff\xfe", .len = 2}},
        {DJREDIS_ERR_ARGUMENT, {.type = DJREDIS_PAYLOAD, .flags = 9, .data = (const uint8_t *)"x", .len = 1}},
        {DJREDIS_ERR_ENCODE, {.type = DJREDIS_BIGINT, .data = (const uint8_t *)"12x", .len = 3}},
        {DJREDIS_ERR_ENCODE, {.type = DJREDIS_BIGINT}},
        {DJREDIS_ERR_ENCODE, {.type = DJREDIS_BIGINT, .data = (const uint8_t *)"007", .len = 3}},
        {DJREDIS_ERR_ENCODE, PACKED(LIST, "\x92\x01")},
        {DJREDIS_ERR_ENCODE, PACKED(LIST, "\xd6\x63" "abcd")},
        {DJREDIS_ERR_ENCODE, PACKED(LIST, "\x90\x90")},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        EXPECT(bad[i].status, djredis_cache_set(cache, TEXT("bad value"), &bad[i].value, NULL, &out));
        CHECK(out.type == DJREDIS_ERROR && out.len > 10);
        EXPECT(bad[i].status, djredis_cache_encode(cache, &bad[i].value, &out));
        EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, TEXT("bad value"), NULL, &out));
    }
}

int main(int count, char **arguments)
{
    CHECK(count == 2);
    cache = open_private(arguments, NULL);
    cleared();
    reused();
    aliased_key();
    aliased_value();
    decoded_together();
    aliased_keys();
    items();
    cursor();
    lookup();
    refused_by_the_cursor();
    refused_by_set();
    djredis_cache_free(cache);
    return finish();
}
