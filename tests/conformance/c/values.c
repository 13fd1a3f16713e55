/* Typed values: the plain notation of README.md to a slot and back. */
#include "driver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t number;
} formats[] = {{"pickle", 1}, {"json", 2}, {"msgpack", 3}, {"raw", 4}};

static void set_bytes(djredis_value *value, int32_t type, const char *hex) {
    bytes content = from_hex(hex);
    value->type = type;
    value->data = content.data;
    value->len = content.len;
}

static void set_integer(djredis_value *value, const char *digits) {
    errno = 0;
    value->type = DJREDIS_INT;
    value->integer = strtoll(digits, NULL, 10);
    if (errno == ERANGE) {
        value->type = DJREDIS_BIGINT;
        value->len = strlen(digits);
        value->data = memcpy(scratch(value->len), digits, value->len);
    }
}

static void set_float(djredis_value *value, const char *hex) {
    uint64_t bits = strtoull(hex, NULL, 16);
    value->type = DJREDIS_FLOAT;
    memcpy(&value->real, &bits, sizeof bits);
}

/* The number of a payload's format; one that is none for other names. */
uint32_t format_number(const char *name) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(formats[i].name, name))
            return formats[i].number;
    return 99;
}

static void set_payload(djredis_value *value, const cJSON *payload) {
    set_bytes(value, DJREDIS_PAYLOAD, text_field(payload, "data"));
    value->flags = format_number(text_field(payload, "format"));
}

static void set_composite(djredis_value *value, const cJSON *json) {
    bytes packed = msgpack_from_json(json, &value->flags);
    value->type = DJREDIS_MSGPACK;
    value->data = packed.data;
    value->len = packed.len;
}

void value_from_json(const cJSON *json, djredis_value *value) {
    const cJSON *content = json->child;
    const char *name = content->string;
    memset(value, 0, sizeof *value);
    if (!strcmp(name, "none"))
        value->type = DJREDIS_NONE;
    else if (!strcmp(name, "bool")) {
        value->type = DJREDIS_BOOL;
        value->integer = cJSON_IsTrue(content);
    } else if (!strcmp(name, "int"))
        set_integer(value, content->valuestring);
    else if (!strcmp(name, "float"))
        set_float(value, content->valuestring);
    else if (!strcmp(name, "utf8"))
        set_bytes(value, DJREDIS_TEXT, content->valuestring);
    else if (!strcmp(name, "bytes"))
        set_bytes(value, DJREDIS_BYTES, content->valuestring);
    else if (!strcmp(name, "opaque"))
        set_bytes(value, DJREDIS_OPAQUE, content->valuestring);
    else if (!strcmp(name, "payload"))
        set_payload(value, content);
    else
        set_composite(value, json);
}

static cJSON *with(const char *kind, cJSON *content) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddItemToObject(json, kind, content);
    return json;
}

static cJSON *hex_of(const char *kind, bytes content) {
    return with(kind, cJSON_CreateString(to_hex(content.data, content.len)));
}

static cJSON *text_of(const uint8_t *data, size_t len) {
    char *text = scratch(len);
    memcpy(text, data, len);
    text[len] = 0;
    return cJSON_CreateString(text);
}

static cJSON *integer_of(int64_t integer) {
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRId64, integer);
    return with("int", cJSON_CreateString(digits));
}

static cJSON *float_of(double real) {
    char hex[17];
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    snprintf(hex, sizeof hex, "%016" PRIx64, bits);
    return with("float", cJSON_CreateString(hex));
}

static cJSON *elements_of(const djredis_value *value) {
    cJSON *list = cJSON_CreateArray();
    djredis_value key = {0}, item = {0};
    size_t pos = 0;
    int32_t status;
    while ((status = djredis_value_next(value, &pos, &key, &item)) == DJREDIS_OK)
        cJSON_AddItemToArray(list, value_to_json(&item));
    if (status != DJREDIS_MISS)
        cJSON_AddItemToArray(list, with("broken_cursor", cJSON_CreateString(djredis_status_name(status))));
    return list;
}

static cJSON *pairs_of(const djredis_value *value) {
    cJSON *list = cJSON_CreateArray();
    djredis_value key = {0}, item = {0};
    size_t pos = 0;
    while (djredis_value_next(value, &pos, &key, &item) == DJREDIS_OK) {
        cJSON *pair = cJSON_CreateArray();
        cJSON_AddItemToArray(pair, value_to_json(&key));
        cJSON_AddItemToArray(pair, value_to_json(&item));
        cJSON_AddItemToArray(list, pair);
    }
    return list;
}

static cJSON *extension_of(const djredis_value *value) {
    bytes content = msgpack_extension_payload(value);
    cJSON *pair = cJSON_CreateArray();
    cJSON_AddItemToArray(pair, cJSON_CreateNumber(value->flags));
    cJSON_AddItemToArray(pair, cJSON_CreateString(to_hex(content.data, content.len)));
    return with("ext", pair);
}

static cJSON *composite_of(const djredis_value *value) {
    switch (value->flags) {
    case 0: return with("list", elements_of(value));
    case 5: return with("tuple", elements_of(value));
    case 6: return with("set", elements_of(value));
    case 7: return with("frozenset", elements_of(value));
    case 16: return with("record", pairs_of(value));
    case 17: return hex_of("surrogates", msgpack_extension_payload(value));
    case 20: return hex_of("bytearray", msgpack_extension_payload(value));
    case 255: return with("dict", pairs_of(value));
    default: return extension_of(value);
    }
}

static cJSON *payload_of(const djredis_value *value) {
    cJSON *json = hex_of("data", (bytes){value->data, value->len});
    const char *format = value->flags >= 1 && value->flags <= 4 ? formats[value->flags - 1].name : "unknown";
    cJSON_AddStringToObject(json, "format", format);
    return with("payload", json);
}

static cJSON *error_of(const djredis_value *value) {
    cJSON *json = with("error", cJSON_CreateString(djredis_status_name((int32_t)value->integer)));
    cJSON_AddItemToObject(json, "message", text_of(value->data, value->len));
    return json;
}

cJSON *value_to_json(const djredis_value *value) {
    bytes content = {value->data, value->len};
    switch (value->type) {
    case DJREDIS_NONE: return with("none", cJSON_CreateTrue());
    case DJREDIS_BOOL: return with("bool", cJSON_CreateBool(value->integer != 0));
    case DJREDIS_INT: return integer_of(value->integer);
    case DJREDIS_FLOAT: return float_of(value->real);
    case DJREDIS_BYTES: return hex_of("bytes", content);
    case DJREDIS_TEXT: return hex_of("utf8", content);
    case DJREDIS_BIGINT: return with("int", text_of(value->data, value->len));
    case DJREDIS_MSGPACK: return composite_of(value);
    case DJREDIS_OPAQUE: return hex_of("opaque", content);
    case DJREDIS_ERROR: return error_of(value);
    case DJREDIS_PAYLOAD: return payload_of(value);
    case DJREDIS_MISSING: return with("missing", cJSON_CreateTrue());
    case DJREDIS_ITEMS: return with("items", elements_of(value));
    default: return with("unknown_type", cJSON_CreateNumber(value->type));
    }
}
