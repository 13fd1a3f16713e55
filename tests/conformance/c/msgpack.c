/* Writes composite values as MessagePack, always with the widest headers: the library must read every form. */
#include "driver.h"

#include <stdlib.h>
#include <string.h>

enum {
    NIL = 0xc0,
    FALSE_ = 0xc2,
    TRUE_ = 0xc3,
    BIN32 = 0xc6,
    EXT32 = 0xc9,
    FLOAT64 = 0xcb,
    INT64 = 0xd3,
    STR32 = 0xdb,
    ARRAY32 = 0xdd,
    MAP32 = 0xdf,
};

enum { EXT_OPAQUE = 3, EXT_BIGINT = 4, EXT_RECORD = 16, LIST = 0, MAP = 255 };

typedef struct buffer {
    uint8_t *data;
    size_t len, room;
} buffer;

static void put(buffer *out, const void *data, size_t len) {
    if (out->len + len > out->room) {
        size_t room = (out->len + len) * 2;
        uint8_t *larger = scratch(room);
        if (out->len)
            memcpy(larger, out->data, out->len);
        out->data = larger;
        out->room = room;
    }
    if (len)
        memcpy(out->data + out->len, data, len);
    out->len += len;
}

static void put_number(buffer *out, uint8_t tag, uint64_t number, int width) {
    uint8_t head[9] = {tag};
    for (int i = 0; i < width; i++)
        head[1 + i] = (uint8_t)(number >> (8 * (width - 1 - i)));
    put(out, head, 1 + (size_t)width);
}

static void put_bytes(buffer *out, uint8_t tag, bytes content) {
    put_number(out, tag, content.len, 4);
    put(out, content.data, content.len);
}

static void put_extension(buffer *out, int number, bytes content) {
    uint8_t type = (uint8_t)number;
    put_number(out, EXT32, content.len, 4);
    put(out, &type, 1);
    put(out, content.data, content.len);
}

static void put_value(buffer *out, const cJSON *json);

static void put_array(buffer *out, const cJSON *items) {
    const cJSON *item;
    put_number(out, ARRAY32, (uint64_t)cJSON_GetArraySize(items), 4);
    cJSON_ArrayForEach(item, items) put_value(out, item);
}

static void put_map(buffer *out, const cJSON *pairs) {
    const cJSON *pair;
    put_number(out, MAP32, (uint64_t)cJSON_GetArraySize(pairs), 4);
    cJSON_ArrayForEach(pair, pairs) {
        put_value(out, cJSON_GetArrayItem(pair, 0));
        put_value(out, cJSON_GetArrayItem(pair, 1));
    }
}

typedef struct kind {
    const char *name;
    int extension;
    void (*inner)(buffer *out, const cJSON *json); /* NULL: the hex stands there as it is */
} kind;

static const kind extensions[] = {
    {"tuple", 5, put_array}, {"set", 6, put_array},          {"frozenset", 7, put_array},
    {"record", EXT_RECORD, put_map}, {"surrogates", 17, NULL}, {"bytearray", 20, NULL},
};

static const kind *extension_named(const char *name) {
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (!strcmp(extensions[i].name, name))
            return &extensions[i];
    return NULL;
}

static void put_known_extension(buffer *out, const kind *known, const cJSON *content) {
    buffer inner = {0};
    if (!known->inner) {
        put_extension(out, known->extension, from_hex(content->valuestring));
        return;
    }
    known->inner(&inner, content);
    put_extension(out, known->extension, (bytes){inner.data, inner.len});
}

static void put_integer(buffer *out, const char *digits) {
    djredis_value value;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "int", digits);
    value_from_json(json, &value);
    cJSON_Delete(json);
    if (value.type == DJREDIS_INT)
        put_number(out, INT64, (uint64_t)value.integer, 8);
    else
        put_extension(out, EXT_BIGINT, (bytes){(const uint8_t *)digits, strlen(digits)});
}

static void put_value(buffer *out, const cJSON *json) {
    const cJSON *content = json->child;
    const char *name = content->string;
    const kind *known = extension_named(name);
    if (known)
        put_known_extension(out, known, content);
    else if (!strcmp(name, "none"))
        put_number(out, NIL, 0, 0);
    else if (!strcmp(name, "bool"))
        put_number(out, cJSON_IsTrue(content) ? TRUE_ : FALSE_, 0, 0);
    else if (!strcmp(name, "int"))
        put_integer(out, content->valuestring);
    else if (!strcmp(name, "float"))
        put_number(out, FLOAT64, strtoull(content->valuestring, NULL, 16), 8);
    else if (!strcmp(name, "utf8"))
        put_bytes(out, STR32, from_hex(content->valuestring));
    else if (!strcmp(name, "bytes"))
        put_bytes(out, BIN32, from_hex(content->valuestring));
    else if (!strcmp(name, "list"))
        put_array(out, content);
    else if (!strcmp(name, "dict"))
        put_map(out, content);
    else if (!strcmp(name, "ext"))
        put_extension(out, cJSON_GetArrayItem(content, 0)->valueint, from_hex(cJSON_GetArrayItem(content, 1)->valuestring));
}

bytes msgpack_from_json(const cJSON *json, uint32_t *number) {
    buffer out = {0};
    const kind *known = extension_named(json->child->string);
    if (known)
        *number = (uint32_t)known->extension;
    else if (!strcmp(json->child->string, "dict"))
        *number = MAP;
    else if (!strcmp(json->child->string, "ext"))
        *number = (uint32_t)cJSON_GetArrayItem(json->child, 0)->valueint;
    else
        *number = LIST;
    put_value(&out, json);
    return (bytes){out.data, out.len};
}

static void put_text(buffer *out, const char *text) {
    put_bytes(out, STR32, (bytes){(const uint8_t *)text, strlen(text)});
}

/* What a call is given: the value of set, the delta of incr. */
static void put_payload(buffer *out, const cJSON *call) {
    const cJSON *value = cJSON_GetObjectItem(call, "value");
    if (value && !strcmp(value->child->string, "opaque"))
        put_extension(out, EXT_OPAQUE, from_hex(value->child->valuestring));
    else if (value)
        put_value(out, value);
    else if (cJSON_HasObjectItem(call, "delta"))
        put_number(out, INT64, (uint64_t)number_field(call, "delta"), 8);
    else
        put_number(out, NIL, 0, 0);
}

bytes msgpack_batch(const cJSON *calls) {
    buffer out = {0};
    const cJSON *call;
    put_number(&out, ARRAY32, (uint64_t)cJSON_GetArraySize(calls), 4);
    cJSON_ArrayForEach(call, calls) {
        put_number(&out, ARRAY32, 6, 4);
        put_text(&out, text_field(call, "op"));
        put_bytes(&out, BIN32, hex_field(call, "key"));
        put_payload(&out, call);
        put_number(&out, INT64, flags_of(call), 8);
        put_number(&out, INT64, (uint64_t)number_field(call, "version"), 8);
        put_number(&out, INT64, (uint64_t)ttl_of(call), 8);
    }
    return (bytes){out.data, out.len};
}

/* What follows the header of an extension: fixext 1 to 16 (d4 to d8), ext 8, 16, 32 (c7, c8, c9). */
bytes msgpack_extension_payload(const djredis_value *value) {
    uint8_t tag = value->data[0];
    size_t head, len = 0;
    if (tag >= 0xd4 && tag <= 0xd8)
        return (bytes){value->data + 2, (size_t)1 << (tag - 0xd4)};
    head = (size_t)1 << (tag - 0xc7);
    for (size_t i = 0; i < head; i++)
        len = len << 8 | value->data[1 + i];
    return (bytes){value->data + 2 + head, len};
}
