/* Values as JSON that keeps their types. */
#include "reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

cJSON *shown_text(const void *data, size_t len)
{
    char *text = strndup(data, len);
    cJSON *json = cJSON_CreateString(text);

    free(text);
    return json;
}

static cJSON *tagged(const char *tag, cJSON *value)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddItemToObject(object, tag, value);
    return object;
}

static cJSON *hex(const uint8_t *data, size_t len)
{
    char *digits = calloc(len + 1, 2);
    cJSON *json;

    for (size_t i = 0; i < len; i++)
        sprintf(digits + 2 * i, "%02x", data[i]);
    json = cJSON_CreateString(digits);
    free(digits);
    return json;
}

/* An integer of any width: a cJSON number is a double. */
static cJSON *integer(const djredis_value *value)
{
    char digits[64];

    if (value->type == DJREDIS_INT)
        snprintf(digits, sizeof digits, "%" PRId64, value->integer);
    else
        snprintf(digits, sizeof digits, "%.*s", (int)value->len, (const char *)value->data);
    return cJSON_CreateRaw(digits);
}

static cJSON *elements(const djredis_value *value)
{
    cJSON *list = cJSON_CreateArray();
    djredis_value item = {0};
    size_t pos = 0;

    while (checked(djredis_value_next(value, &pos, NULL, &item)) == DJREDIS_OK)
        cJSON_AddItemToArray(list, shown(&item));
    return list;
}

static cJSON *pairs(const djredis_value *value)
{
    cJSON *object = cJSON_CreateObject();
    djredis_value key = {0}, item = {0};
    size_t pos = 0;

    while (checked(djredis_value_next(value, &pos, &key, &item)) == DJREDIS_OK) {
        char *name = strndup((const char *)key.data, key.len);
        cJSON_AddItemToObject(object, name, shown(&item));
        free(name);
    }
    return object;
}

static cJSON *record(const djredis_value *value)
{
    static const char *const class_path[] = {"class", NULL};
    static const char *const args_path[] = {"args", NULL};
    djredis_value class_name = at(value, class_path), args = at(value, args_path);
    cJSON *object = tagged("$class", shown(&class_name));

    cJSON_AddItemToObject(object, "args", shown(&args));
    return object;
}

static cJSON *zone(const djredis_time *time)
{
    if (time->zone_kind == DJREDIS_ZONE_NAMED)
        return shown_text(time->zone, time->zone_len);
    return time->zone_kind == DJREDIS_ZONE_FIXED ? cJSON_CreateNumber(time->offset_seconds) : cJSON_CreateNull();
}

static cJSON *moment(const djredis_value *value)
{
    djredis_time t = {.struct_size = sizeof t};
    char text[80];
    cJSON *object;

    checked(djredis_value_time(value, &t));
    if (t.kind == DJREDIS_TIMEDELTA) {
        int parts[] = {t.days, t.second, t.microsecond};
        return tagged("$timedelta", cJSON_CreateIntArray(parts, 3));
    }
    snprintf(text, sizeof text, "%04d-%02d-%02d", t.year, t.month, t.day);
    if (t.kind == DJREDIS_DATE)
        return tagged("$date", cJSON_CreateString(text));
    snprintf(text + 10, sizeof text - 10, "T%02d:%02d:%02d.%06d", t.hour, t.minute, t.second, t.microsecond);
    object = tagged("$datetime", cJSON_CreateString(text));
    cJSON_AddItemToObject(object, "zone", zone(&t));
    return object;
}

/* What is all bytes: a text, or the 16 bytes of a UUID. */
static cJSON *leaf(const djredis_value *value)
{
    djredis_value item = {0};
    char text[37], *end = text;

    checked(djredis_value_leaf(value, &item));
    if (value->flags == DJREDIS_DECIMAL)
        return tagged("$decimal", shown_text(item.data, item.len));
    if (value->flags == DJREDIS_SAFE_STRING)
        return tagged("$safe", shown_text(item.data, item.len));
    for (size_t i = 0; i < 16; i++)
        end += sprintf(end, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", item.data[i]);
    return tagged("$uuid", cJSON_CreateString(text));
}

static cJSON *composite(const djredis_value *value)
{
    switch (value->flags) {
    case DJREDIS_LIST: return elements(value);
    case DJREDIS_TUPLE: return tagged("$tuple", elements(value));
    case DJREDIS_SET: return tagged("$set", elements(value));
    case DJREDIS_MAP: return pairs(value);
    case DJREDIS_RECORD: return record(value);
    case DJREDIS_DATETIME:
    case DJREDIS_DATE:
    case DJREDIS_TIMEDELTA: return moment(value);
    case DJREDIS_DECIMAL:
    case DJREDIS_SAFE_STRING:
    case DJREDIS_UUID: return leaf(value);
    }
    fprintf(stderr, "reader: what is extension %" PRIu32 "?\n", value->flags);
    exit(1);
}

cJSON *shown(const djredis_value *value)
{
    switch (value->type) {
    case DJREDIS_BOOL: return cJSON_CreateBool(value->integer != 0);
    case DJREDIS_INT:
    case DJREDIS_BIGINT: return integer(value);
    case DJREDIS_FLOAT: return cJSON_CreateNumber(value->real);
    case DJREDIS_TEXT: return shown_text(value->data, value->len);
    case DJREDIS_BYTES: return tagged("$bytes", hex(value->data, value->len));
    case DJREDIS_OPAQUE: return tagged("$opaque", hex(value->data, value->len));
    case DJREDIS_MSGPACK: return composite(value);
    }
    return cJSON_CreateNull();
}
