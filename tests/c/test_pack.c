/* djredis_pack: composite values part by part. */
#include "harness.h"

static djredis_cache *cache;

static void text(djredis_pack *pack, const char *content) { EXPECT(DJREDIS_OK, djredis_pack_text(pack, content, DJREDIS_NUL)); }

/* {"name": "Ada", "langs": {"en", "fr"}, "rank": (1, None), "born": date, "price": Decimal, "score": [2.5, True]} */
static void fill(djredis_pack *pack)
{
    djredis_time born = {.struct_size = sizeof born, .kind = DJREDIS_DATE, .year = 1815, .month = 12, .day = 10};
    djredis_value none = {0}, score = {.type = DJREDIS_FLOAT, .real = 2.5}, yes = {.type = DJREDIS_BOOL, .integer = 1};

    EXPECT(DJREDIS_OK, djredis_pack_begin(pack, DJREDIS_MAP));
    text(pack, "name"), text(pack, "Ada");
    text(pack, "langs");
    EXPECT(DJREDIS_OK, djredis_pack_begin(pack, DJREDIS_SET));
    text(pack, "en"), text(pack, "fr");
    EXPECT(DJREDIS_OK, djredis_pack_end(pack));
    text(pack, "rank");
    EXPECT(DJREDIS_OK, djredis_pack_begin(pack, DJREDIS_TUPLE));
    EXPECT(DJREDIS_OK, djredis_pack_int(pack, 1));
    EXPECT(DJREDIS_OK, djredis_pack_add(pack, &none));
    EXPECT(DJREDIS_OK, djredis_pack_end(pack));
    text(pack, "born");
    EXPECT(DJREDIS_OK, djredis_pack_time(pack, &born));
    text(pack, "price");
    EXPECT(DJREDIS_OK, djredis_pack_bytes(pack, DJREDIS_DECIMAL, "1.50", 4));
    text(pack, "score");
    EXPECT(DJREDIS_OK, djredis_pack_begin(pack, DJREDIS_LIST));
    EXPECT(DJREDIS_OK, djredis_pack_add(pack, &score));
    EXPECT(DJREDIS_OK, djredis_pack_add(pack, &yes));
    EXPECT(DJREDIS_OK, djredis_pack_end(pack));
    EXPECT(DJREDIS_OK, djredis_pack_end(pack));
}

static void check_parts(const djredis_value *user)
{
    djredis_value part = {0}, leaf = {0};
    djredis_time born = {.struct_size = sizeof born};
    size_t count;

    EXPECT(DJREDIS_OK, djredis_value_count(user, &count));
    CHECK(count == 6 && user->flags == DJREDIS_MAP);
    EXPECT(DJREDIS_OK, djredis_value_lookup(user, "langs", DJREDIS_NUL, &part));
    CHECK(part.type == DJREDIS_MSGPACK && part.flags == DJREDIS_SET);
    EXPECT(DJREDIS_OK, djredis_value_lookup(user, "born", DJREDIS_NUL, &part));
    EXPECT(DJREDIS_OK, djredis_value_time(&part, &born));
    CHECK(born.kind == DJREDIS_DATE && born.year == 1815 && born.month == 12 && born.day == 10);
    EXPECT(DJREDIS_OK, djredis_value_lookup(user, "price", DJREDIS_NUL, &part));
    EXPECT(DJREDIS_OK, djredis_value_leaf(&part, &leaf));
    CHECK(leaf.type == DJREDIS_TEXT && leaf.len == 4 && memcmp(leaf.data, "1.50", 4) == 0);
}

static void what_was_packed_comes_back(void)
{
    djredis_pack *pack = djredis_pack_new();
    djredis_value user = {0};

    for (int times = 0; times < 2; times++) { /* it is as new after djredis_pack_value */
        fill(pack);
        EXPECT(DJREDIS_OK, djredis_pack_value(pack, &user));
        EXPECT(DJREDIS_OK, djredis_cache_set(cache, "user", DJREDIS_NUL, &user, NULL, &out));
        EXPECT(DJREDIS_OK, djredis_cache_get(cache, "user", DJREDIS_NUL, NULL, &out));
        check_parts(&out);
    }
    /* A value is a part of another. */
    EXPECT(DJREDIS_OK, djredis_pack_begin(pack, DJREDIS_LIST));
    EXPECT(DJREDIS_OK, djredis_pack_add(pack, &out));
    EXPECT(DJREDIS_OK, djredis_pack_end(pack));
    EXPECT(DJREDIS_OK, djredis_pack_value(pack, &user));
    djredis_pack_free(pack);
    djredis_value first = {0};
    size_t pos = 0;
    EXPECT(DJREDIS_OK, djredis_value_next(&user, &pos, NULL, &first));
    check_parts(&first);
    djredis_value_clear(&user);
}

static void every_kind_has_its_elements_or_its_bytes(void)
{
    static const uint32_t arrays[] = {DJREDIS_LIST, DJREDIS_TUPLE, DJREDIS_SET, DJREDIS_FROZENSET, DJREDIS_DEQUE, DJREDIS_RANGE};
    static const uint32_t maps[] = {DJREDIS_MAP, DJREDIS_RECORD, DJREDIS_ORDERED_DICT, DJREDIS_DEFAULTDICT, DJREDIS_COUNTER};
    static const uint32_t leaves[] = {DJREDIS_UUID, DJREDIS_COMPLEX, DJREDIS_SURROGATES, DJREDIS_BYTEARRAY, DJREDIS_ELLIPSIS};
    static const uint32_t texts[] = {DJREDIS_DECIMAL, DJREDIS_FRACTION, DJREDIS_SAFE_STRING};
    djredis_pack *pack = djredis_pack_new();
    djredis_value leaf = {0};
    size_t count;

    for (size_t i = 0; i < sizeof arrays / sizeof *arrays + sizeof maps / sizeof *maps; i++) {
        int is_map = i >= sizeof arrays / sizeof *arrays;
        uint32_t kind = is_map ? maps[i - sizeof arrays / sizeof *arrays] : arrays[i];
        EXPECT(DJREDIS_OK, djredis_pack_begin(pack, kind));
        text(pack, "k");
        if (is_map)
            EXPECT(DJREDIS_OK, djredis_pack_int(pack, 7));
        EXPECT(DJREDIS_OK, djredis_pack_end(pack));
        EXPECT(DJREDIS_OK, djredis_pack_value(pack, &out));
        EXPECT(DJREDIS_OK, djredis_value_count(&out, &count));
        CHECK(out.flags == kind && count == 1);
        EXPECT(is_map ? DJREDIS_OK : DJREDIS_MISS, djredis_value_lookup(&out, "k", DJREDIS_NUL, &leaf));
        EXPECT(DJREDIS_MISS, djredis_value_leaf(&out, &leaf));
    }
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves + sizeof texts / sizeof *texts; i++) {
        int is_text_kind = i >= sizeof leaves / sizeof *leaves;
        uint32_t kind = is_text_kind ? texts[i - sizeof leaves / sizeof *leaves] : leaves[i];
        EXPECT(DJREDIS_OK, djredis_pack_bytes(pack, kind, "12345", 5));
        EXPECT(DJREDIS_OK, djredis_pack_value(pack, &out));
        EXPECT(DJREDIS_OK, djredis_value_leaf(&out, &leaf));
        CHECK(out.flags == kind && is_text(&leaf, is_text_kind ? DJREDIS_TEXT : DJREDIS_BYTES, "12345"));
    }
    djredis_pack_free(pack);
}

static void the_first_error_comes_out_at_the_end(void)
{
    djredis_pack *pack = djredis_pack_new();
    djredis_value opaque = {.type = DJREDIS_OPAQUE, .data = (const uint8_t *)"x", .len = 1};

    EXPECT(DJREDIS_OK, djredis_pack_begin(pack, DJREDIS_LIST));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_pack_add(pack, &opaque));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_pack_begin(pack, DJREDIS_DATE));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_pack_bytes(pack, DJREDIS_SET, "", 0));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_pack_text(pack, "\xff", 1));
    EXPECT(DJREDIS_OK, djredis_pack_end(pack));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_pack_value(pack, &out));
    CHECK(has(&out, "a part was refused: an opaque value"));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_pack_value(pack, &out));
    CHECK(has(&out, "0 values"));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_pack_end(pack));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_pack_value(pack, &out));
    CHECK(has(&out, "nothing is open"));
    djredis_pack_free(pack);
}

static void null_is_an_error(void)
{
    djredis_pack *pack = djredis_pack_new();

    EXPECT(DJREDIS_ERR_NULL, djredis_pack_begin(NULL, DJREDIS_LIST));
    EXPECT(DJREDIS_ERR_NULL, djredis_pack_end(NULL));
    EXPECT(DJREDIS_ERR_NULL, djredis_pack_int(NULL, 1));
    EXPECT(DJREDIS_ERR_NULL, djredis_pack_value(NULL, &out));
    EXPECT(DJREDIS_ERR_NULL, djredis_pack_add(pack, NULL));
    EXPECT(DJREDIS_ERR_NULL, djredis_pack_time(pack, NULL));
    EXPECT(DJREDIS_ERR_NULL, djredis_pack_text(pack, NULL, 3));
    EXPECT(DJREDIS_ERR_NULL, djredis_pack_bytes(pack, DJREDIS_UUID, NULL, 16));
    djredis_pack_free(pack);
    djredis_pack_free(NULL);
}

int main(void)
{
    cache = open_at("memory:pack", NULL);
    what_was_packed_comes_back();
    every_kind_has_its_elements_or_its_bytes();
    the_first_error_comes_out_at_the_end();
    null_is_an_error();
    djredis_cache_free(cache);
    return finish();
}
