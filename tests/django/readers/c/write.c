/* What the C program writes. */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

static void pack_leaf(djredis_pack *pack, const char *name, uint32_t kind, const void *data, size_t len)
{
    djredis_pack_text(pack, name, DJREDIS_NUL);
    djredis_pack_bytes(pack, kind, data, len);
}

static void pack_scalar(djredis_pack *pack, const char *name, djredis_value value)
{
    djredis_pack_text(pack, name, DJREDIS_NUL);
    djredis_pack_add(pack, &value);
}

static void pack_times(djredis_pack *pack)
{
    djredis_time at = {.struct_size = sizeof at, .kind = DJREDIS_DATETIME, .zone_kind = DJREDIS_ZONE_FIXED};
    djredis_time opens = {.struct_size = sizeof opens, .kind = DJREDIS_DATETIME, .zone_kind = DJREDIS_ZONE_NAMED};
    djredis_time day = {.struct_size = sizeof day, .kind = DJREDIS_DATE, .year = 2024, .month = 2, .day = 29};
    djredis_time loan = {.struct_size = sizeof loan, .kind = DJREDIS_TIMEDELTA, .days = 14};

    at.year = 2024, at.month = 2, at.day = 29, at.hour = 12, at.minute = 30, at.second = 15, at.microsecond = 250000;
    opens.year = 2024, opens.month = 3, opens.day = 31, opens.hour = 9;
    opens.zone = "Europe/Berlin", opens.zone_len = strlen(opens.zone);
    djredis_pack_text(pack, "at", DJREDIS_NUL);
    djredis_pack_time(pack, &at);
    djredis_pack_text(pack, "opens", DJREDIS_NUL);
    djredis_pack_time(pack, &opens);
    djredis_pack_text(pack, "day", DJREDIS_NUL);
    djredis_pack_time(pack, &day);
    djredis_pack_text(pack, "loan", DJREDIS_NUL);
    djredis_pack_time(pack, &loan);
}

static void pack_scalars(djredis_pack *pack)
{
    static const uint8_t order[] = {0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78};
    static const char big[] = "1180591620717411303424";

    pack_leaf(pack, "total", DJREDIS_DECIMAL, "12.25", 5);
    pack_leaf(pack, "order", DJREDIS_UUID, order, sizeof order);
    pack_scalar(pack, "cover", (djredis_value){.type = DJREDIS_BYTES, .data = (const uint8_t *)"\x00\xff", .len = 2});
    pack_scalar(pack, "count", (djredis_value){.type = DJREDIS_INT, .integer = 3});
    pack_scalar(pack, "big", (djredis_value){.type = DJREDIS_BIGINT, .data = (const uint8_t *)big, .len = strlen(big)});
    pack_scalar(pack, "ratio", (djredis_value){.type = DJREDIS_FLOAT, .real = 0.25});
    pack_scalar(pack, "paid", (djredis_value){.type = DJREDIS_BOOL, .integer = 1});
    pack_scalar(pack, "coupon", (djredis_value){.type = DJREDIS_NONE});
}

static void pack_containers(djredis_pack *pack)
{
    djredis_pack_text(pack, "tags", DJREDIS_NUL);
    djredis_pack_begin(pack, DJREDIS_SET);
    djredis_pack_text(pack, "red", DJREDIS_NUL);
    djredis_pack_text(pack, "blue", DJREDIS_NUL);
    djredis_pack_end(pack);
    djredis_pack_text(pack, "place", DJREDIS_NUL);
    djredis_pack_begin(pack, DJREDIS_TUPLE);
    djredis_pack_text(pack, "shelf", DJREDIS_NUL);
    djredis_pack_int(pack, 7);
    djredis_pack_end(pack);
    djredis_pack_text(pack, "nested", DJREDIS_NUL);
    djredis_pack_begin(pack, DJREDIS_MAP);
    djredis_pack_text(pack, "list", DJREDIS_NUL);
    djredis_pack_begin(pack, DJREDIS_LIST);
    djredis_pack_int(pack, 1);
    djredis_pack_begin(pack, DJREDIS_MAP);
    djredis_pack_text(pack, "empty", DJREDIS_NUL);
    djredis_pack_begin(pack, DJREDIS_LIST);
    djredis_pack_end(pack);
    djredis_pack_end(pack);
    djredis_pack_end(pack);
    djredis_pack_end(pack);
}

/* Adds the pairs of a map or record; `title`, if it is not NULL, instead of what stands under "title". */
static void pack_pairs(djredis_pack *pack, const djredis_value *map, const char *title)
{
    djredis_value key = {0}, item = {0};

    for (size_t pos = 0; checked(djredis_value_next(map, &pos, &key, &item)) == DJREDIS_OK;) {
        djredis_pack_add(pack, &key);
        if (title && key.len == strlen("title") && !memcmp(key.data, "title", key.len))
            djredis_pack_text(pack, title, DJREDIS_NUL);
        else
            djredis_pack_add(pack, &item);
    }
}

/* Stores what was packed, and frees the pack. */
static void store(djredis_pack *pack, const char *key, const djredis_call *call)
{
    checked(djredis_pack_value(pack, &out));
    djredis_pack_free(pack);
    checked(djredis_cache_set(cache, key, DJREDIS_NUL, &out, call, &out));
}

/* A session lives for weeks, a value of the cache for minutes: the time that is left goes on. */
void mark(const char *key)
{
    djredis_call left = {.struct_size = sizeof left, .flags = DJREDIS_TTL};
    djredis_pack *pack = djredis_pack_new();

    checked(djredis_cache_ttl(cache, key, DJREDIS_NUL, NULL, &out));
    left.ttl_ms = out.type == DJREDIS_INT ? out.integer : DJREDIS_FOREVER;
    djredis_pack_begin(pack, DJREDIS_MAP);
    pack_pairs(pack, get(key), NULL);
    djredis_pack_text(pack, "from_c", DJREDIS_NUL);
    djredis_pack_begin(pack, DJREDIS_MAP);
    pack_times(pack);
    pack_scalars(pack);
    pack_containers(pack);
    djredis_pack_end(pack);
    djredis_pack_end(pack);
    store(pack, key, &left);
}

void edit(const char *key, const char *to)
{
    djredis_pack *pack = djredis_pack_new();
    djredis_value name = {0}, part = {0};
    const djredis_value *record = get(key);

    djredis_pack_begin(pack, DJREDIS_RECORD);
    for (size_t pos = 0; checked(djredis_value_next(record, &pos, &name, &part)) == DJREDIS_OK;) {
        djredis_pack_add(pack, &name);
        if (name.len == strlen("state") && !memcmp(name.data, "state", name.len)) {
            djredis_pack_begin(pack, DJREDIS_MAP);
            pack_pairs(pack, &part, "Edited in C");
            djredis_pack_end(pack);
        } else {
            djredis_pack_add(pack, &part);
        }
    }
    djredis_pack_end(pack);
    store(pack, to, NULL);
}

void copy(const char *key, const char *to)
{
    checked(djredis_cache_set(cache, to, DJREDIS_NUL, get(key), NULL, &out));
}
