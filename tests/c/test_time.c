/* djredis_time: dates and times field by field. */
#include "harness.h"


static djredis_value packed(djredis_pack *pack, const djredis_time *time)
{
    djredis_value value = {0};

    EXPECT(DJREDIS_OK, djredis_pack_time(pack, time));
    EXPECT(DJREDIS_OK, djredis_pack_value(pack, &value));
    return value; /* the owner goes along; nobody uses the first one again */
}

static void every_field_comes_back(void)
{
    djredis_pack *pack = djredis_pack_new();
    djredis_time given = {
        .struct_size = sizeof given, .kind = DJREDIS_DATETIME, .year = 2013, .month = 6, .day = 7, .hour = 17, .minute = 5, .second = 58,
        .microsecond = 123456, .fold = 1, .zone_kind = DJREDIS_ZONE_FIXED, .offset_seconds = -12600, .offset_microseconds = 5,
        .zone = "NST", .zone_len = 3,
    };
    djredis_time got = {.struct_size = sizeof got};
    djredis_value value = packed(pack, &given);

    EXPECT(DJREDIS_OK, djredis_value_time(&value, &got));
    CHECK(got.kind == DJREDIS_DATETIME && got.year == 2013 && got.month == 6 && got.day == 7 && got.hour == 17);
    CHECK(got.minute == 5 && got.second == 58 && got.microsecond == 123456 && got.fold == 1);
    CHECK(got.zone_kind == DJREDIS_ZONE_FIXED && got.offset_seconds == -12600 && got.offset_microseconds == 5);
    CHECK(got.zone_len == 3 && memcmp(got.zone, "NST", 3) == 0);
    djredis_value_clear(&value);

    djredis_time berlin = {
        .struct_size = sizeof berlin, .kind = DJREDIS_TIME, .hour = 1, .zone_kind = DJREDIS_ZONE_NAMED, .zone = "Europe/Berlin", .zone_len = DJREDIS_NUL,
    };
    value = packed(pack, &berlin);
    EXPECT(DJREDIS_OK, djredis_value_time(&value, &got));
    CHECK(got.kind == DJREDIS_TIME && got.zone_kind == DJREDIS_ZONE_NAMED && got.zone_len == 13);
    djredis_value_clear(&value);

    djredis_time span = {.struct_size = sizeof span, .kind = DJREDIS_TIMEDELTA, .days = -1, .second = 86399, .microsecond = 999999};
    value = packed(pack, &span);
    EXPECT(DJREDIS_OK, djredis_value_time(&value, &got));
    CHECK(got.days == -1 && got.second == 86399 && got.microsecond == 999999 && got.zone_kind == DJREDIS_ZONE_NONE && got.zone == NULL);
    djredis_value_clear(&value);
    djredis_pack_free(pack);
}

static void what_python_stored_is_read(void)
{
    /* pickle.dumps(datetime(2013, 6, 6, 17, 5, 58, tzinfo=timezone.utc), 5) */
    static const char stored[] =
        "\x80\x05\x95\x57\0\0\0\0\0\0\0\x8c\x08" "datetime\x94\x8c\x08" "datetime\x94\x93\x94" "C\x0a\x07\xdd\x06\x06\x11\x05:\0\0\0\x94h\0\x8c\x08timezone\x94\x93\x94h\0\x8c\x09timedelta\x94\x93\x94"
        "K\0K\0K\0\x87\x94R\x94\x85\x94R\x94\x86\x94R\x94.";
    djredis_cache *cache = open_at("memory:time", NULL);
    djredis_time got = {.struct_size = sizeof got};

    EXPECT(DJREDIS_OK, djredis_cache_decode(cache, stored, sizeof stored - 1, &out));
    EXPECT(DJREDIS_OK, djredis_value_time(&out, &got));
    CHECK(got.year == 2013 && got.second == 58 && got.zone_kind == DJREDIS_ZONE_FIXED && got.offset_seconds == 0);
    djredis_cache_free(cache);
}

static void others_are_no_times(void)
{
    djredis_value number = {.type = DJREDIS_INT, .integer = 5};
    djredis_value list = {.type = DJREDIS_MSGPACK, .data = (const uint8_t *)"\x90", .len = 1};
    djredis_value broken = {.type = DJREDIS_MSGPACK, .flags = DJREDIS_DATE, .data = (const uint8_t *)"\xd4\x09\0", .len = 3};
    djredis_time got = {.struct_size = sizeof got};
    djredis_time small = {.struct_size = 8};

    EXPECT(DJREDIS_MISS, djredis_value_time(&number, &got));
    EXPECT(DJREDIS_MISS, djredis_value_time(&list, &got));
    EXPECT(DJREDIS_ERR_DECODE, djredis_value_time(&broken, &got));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_value_time(&list, &small));
    EXPECT(DJREDIS_ERR_NULL, djredis_value_time(NULL, &got));
    EXPECT(DJREDIS_ERR_NULL, djredis_value_time(&list, NULL));
}

static void fields_out_of_range_are_refused(void)
{
    djredis_pack *pack = djredis_pack_new();
    djredis_time wrong[] = {
        {.struct_size = sizeof *wrong, .kind = DJREDIS_SET},
        {.struct_size = sizeof *wrong, .kind = DJREDIS_DATE, .year = -1, .month = 1, .day = 1},
        {.struct_size = sizeof *wrong, .kind = DJREDIS_TIME, .hour = 1000},
        {.struct_size = sizeof *wrong, .kind = DJREDIS_TIMEDELTA, .microsecond = 1000000},
        {.struct_size = sizeof *wrong, .kind = DJREDIS_TIME, .zone_kind = DJREDIS_ZONE_OBJECT},
        {.struct_size = 0, .kind = DJREDIS_TIME},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT(DJREDIS_ERR_ARGUMENT, djredis_pack_time(pack, &wrong[i]));
    djredis_pack_free(pack);
}

int main(void)
{
    every_field_comes_back();
    what_python_stored_is_read();
    others_are_no_times();
    fields_out_of_range_are_refused();
    return finish();
}
