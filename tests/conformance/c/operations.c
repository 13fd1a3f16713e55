/* One function for each operation of a step: it calls one function of the library. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY(step) (const char *)(step)->key.data, (step)->key.len

const char *text_field(const cJSON *json, const char *name) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
    if (!text) {
        fprintf(stderr, "the step has no text %s\n", name);
        exit(1);
    }
    return text;
}

bytes hex_field(const cJSON *json, const char *name) {
    return from_hex(text_field(json, name));
}

joined join(const cJSON *array, int column) {
    joined all = {0};
    const cJSON *element;
    size_t total = 0, used = 0;
    cJSON_ArrayForEach(element, array)
        total += strlen((column < 0 ? element : cJSON_GetArrayItem(element, column))->valuestring) / 2;
    all.data = scratch(total);
    all.lens = scratch(sizeof(uint32_t) * (size_t)cJSON_GetArraySize(array));
    cJSON_ArrayForEach(element, array) {
        bytes part = from_hex((column < 0 ? element : cJSON_GetArrayItem(element, column))->valuestring);
        memcpy(all.data + used, part.data, part.len);
        all.lens[all.n++] = (uint32_t)part.len;
        used += part.len;
    }
    return all;
}

static joined keys_of(const request *step) {
    return join(cJSON_GetObjectItem(step->json, "keys"), -1);
}

static const cJSON *items_of(const request *step) {
    return cJSON_GetObjectItem(step->json, "items");
}

static int64_t delta_of(const request *step) {
    const cJSON *delta = cJSON_GetObjectItem(step->json, "delta");
    return delta ? strtoll(delta->valuestring, NULL, 10) : 1;
}

static uint32_t format_of(const request *step) {
    return format_number(text_field(step->json, "format"));
}

static djredis_value value_of(const request *step) {
    djredis_value value;
    value_from_json(cJSON_GetObjectItem(step->json, "value"), &value);
    return value;
}

static int32_t do_get(request *step, djredis_value *out) {
    return djredis_cache_get(step->cache, KEY(step), step->call, out);
}

static int32_t do_get_raw(request *step, djredis_value *out) {
    return djredis_cache_get_raw(step->cache, KEY(step), step->call, out);
}

static int32_t do_set(request *step, djredis_value *out) {
    djredis_value value = value_of(step);
    return djredis_cache_set(step->cache, KEY(step), &value, step->call, out);
}

static int32_t do_add(request *step, djredis_value *out) {
    djredis_value value = value_of(step);
    djredis_call call = {.struct_size = sizeof call};
    if (step->call)
        call = *step->call;
    call.flags |= DJREDIS_NX;
    return djredis_cache_set(step->cache, KEY(step), &value, &call, out);
}

static int32_t do_set_raw(request *step, djredis_value *out) {
    bytes data = hex_field(step->json, "data");
    return djredis_cache_set_raw(step->cache, KEY(step), data.data, data.len, step->call, out);
}

static int32_t do_set_payload(request *step, djredis_value *out) {
    bytes data = hex_field(step->json, "data");
    return djredis_cache_set_payload(step->cache, KEY(step), data.data, data.len, format_of(step), step->call, out);
}

static int32_t do_delete(request *step, djredis_value *out) {
    return djredis_cache_delete(step->cache, KEY(step), step->call, out);
}

static int32_t do_has_key(request *step, djredis_value *out) {
    return djredis_cache_has_key(step->cache, KEY(step), step->call, out);
}

static int32_t do_touch(request *step, djredis_value *out) {
    return djredis_cache_touch(step->cache, KEY(step), step->call, out);
}

static int32_t do_ttl(request *step, djredis_value *out) {
    return djredis_cache_ttl(step->cache, KEY(step), step->call, out);
}

static int32_t do_incr(request *step, djredis_value *out) {
    return djredis_cache_incr(step->cache, KEY(step), delta_of(step), step->call, out);
}

static int32_t do_incr_version(request *step, djredis_value *out) {
    return djredis_cache_incr_version(step->cache, KEY(step), delta_of(step), step->call, out);
}

static int32_t do_move(request *step, djredis_value *out) {
    bytes to = hex_field(step->json, "to");
    return djredis_cache_move(step->cache, KEY(step), (const char *)to.data, to.len, step->call, out);
}

/* The slot that get filled is given to set: input and output at once. */
static int32_t do_copy(request *step, djredis_value *out) {
    bytes to = hex_field(step->json, "to");
    int32_t status = djredis_cache_get(step->cache, KEY(step), step->call, out);
    if (status != DJREDIS_OK)
        return status;
    return djredis_cache_set(step->cache, (const char *)to.data, to.len, out, step->call, out);
}

static int32_t do_get_many(request *step, djredis_value *out) {
    joined keys = keys_of(step);
    return djredis_cache_get_many(step->cache, keys.n, keys.data, keys.lens, step->call, out);
}

static int32_t do_get_many_raw(request *step, djredis_value *out) {
    joined keys = keys_of(step);
    return djredis_cache_get_many_raw(step->cache, keys.n, keys.data, keys.lens, step->call, out);
}

static int32_t do_set_many(request *step, djredis_value *out) {
    joined keys = join(items_of(step), 0);
    djredis_value *values = scratch(sizeof *values * (keys.n + 1));
    for (size_t i = 0; i < keys.n; i++)
        value_from_json(cJSON_GetArrayItem(cJSON_GetArrayItem(items_of(step), (int)i), 1), &values[i]);
    return djredis_cache_set_many(step->cache, keys.n, keys.data, keys.lens, values, step->call, out);
}

static int32_t do_set_many_raw(request *step, djredis_value *out) {
    joined keys = join(items_of(step), 0), values = join(items_of(step), 1);
    return djredis_cache_set_many_raw(step->cache, keys.n, keys.data, keys.lens, values.data, values.lens, step->call, out);
}

static int32_t do_set_many_payload(request *step, djredis_value *out) {
    joined keys = join(items_of(step), 0), values = join(items_of(step), 1);
    return djredis_cache_set_many_payload(step->cache, keys.n, keys.data, keys.lens, values.data, values.lens, format_of(step),
                                          step->call, out);
}

static int32_t do_delete_many(request *step, djredis_value *out) {
    joined keys = keys_of(step);
    return djredis_cache_delete_many(step->cache, keys.n, keys.data, keys.lens, step->call, out);
}

static int32_t do_clear(request *step, djredis_value *out) {
    return djredis_cache_clear(step->cache, step->call, out);
}

static int32_t do_keys(request *step, djredis_value *out) {
    bytes pattern = hex_field(step->json, "pattern");
    return djredis_cache_keys(step->cache, (const char *)pattern.data, pattern.len, step->call, out);
}

static int32_t do_delete_pattern(request *step, djredis_value *out) {
    bytes pattern = hex_field(step->json, "pattern");
    return djredis_cache_delete_pattern(step->cache, (const char *)pattern.data, pattern.len, step->call, out);
}

static void append_items(cJSON *all, const djredis_value *batch) {
    cJSON *json = value_to_json(batch), *items = cJSON_DetachItemFromObject(json, "items");
    while (items && items->child)
        cJSON_AddItemToArray(all, cJSON_DetachItemFromArray(items, 0));
    cJSON_Delete(items);
    cJSON_Delete(json);
}

/* All batches of a scan as one list. */
static int32_t do_scan(request *step, djredis_value *out) {
    bytes pattern = hex_field(step->json, "pattern");
    djredis_scan *scan = NULL;
    int32_t status = djredis_cache_scan(step->cache, (const char *)pattern.data, pattern.len, step->call, &scan, out);
    if (status != DJREDIS_OK)
        return status;
    cJSON *all = cJSON_CreateArray();
    while ((status = djredis_scan_next(scan, NULL, out)) == DJREDIS_OK)
        append_items(all, out);
    djredis_scan_free(scan);
    step->value = cJSON_CreateObject();
    cJSON_AddItemToObject(step->value, "items", all);
    return status == DJREDIS_MISS ? DJREDIS_OK : status;
}

static int32_t do_lock(request *step, djredis_value *out) {
    bytes token = hex_field(step->json, "token");
    return djredis_cache_lock(step->cache, KEY(step), (const char *)token.data, token.len, step->call, out);
}

static int32_t do_extend(request *step, djredis_value *out) {
    bytes token = hex_field(step->json, "token");
    return djredis_cache_extend(step->cache, KEY(step), (const char *)token.data, token.len, step->call, out);
}

static int32_t do_unlock(request *step, djredis_value *out) {
    bytes token = hex_field(step->json, "token");
    return djredis_cache_unlock(step->cache, KEY(step), (const char *)token.data, token.len, step->call, out);
}

static int32_t do_command(request *step, djredis_value *out) {
    const cJSON *index = cJSON_GetObjectItem(step->json, "key_index");
    joined args = join(cJSON_GetObjectItem(step->json, "args"), -1);
    int32_t key_index = index ? (int32_t)strtol(index->valuestring, NULL, 10) : -1;
    return djredis_cache_command(step->cache, args.n, args.data, args.lens, key_index, step->call, out);
}

static int32_t do_batch(request *step, djredis_value *out) {
    bytes calls = msgpack_batch(cJSON_GetObjectItem(step->json, "calls"));
    return djredis_cache_batch(step->cache, calls.data, calls.len, step->call, out);
}

static int32_t do_make_key(request *step, djredis_value *out) {
    return djredis_cache_make_key(step->cache, KEY(step), step->call, out);
}

static int32_t do_encode(request *step, djredis_value *out) {
    djredis_value value = value_of(step);
    return djredis_cache_encode(step->cache, &value, out);
}

static int32_t do_decode(request *step, djredis_value *out) {
    bytes data = hex_field(step->json, "data");
    return djredis_cache_decode(step->cache, data.data, data.len, out);
}

static int32_t do_option(request *step, djredis_value *out) {
    return djredis_cache_option(step->cache, text_field(step->json, "name"), DJREDIS_NUL, out);
}

static int32_t do_server_for(request *step, djredis_value *out) {
    return djredis_cache_server_for(step->cache, KEY(step), step->call, out);
}

static int32_t do_stats(request *step, djredis_value *out) {
    return djredis_cache_stats(step->cache, out);
}

static int32_t do_options_list(request *step, djredis_value *out) {
    (void)step;
    return djredis_options_list(out);
}

static const struct {
    const char *name;
    operation run;
} operations[] = {
    {"get", do_get},
    {"get_raw", do_get_raw},
    {"set", do_set},
    {"add", do_add},
    {"set_raw", do_set_raw},
    {"set_payload", do_set_payload},
    {"delete", do_delete},
    {"has_key", do_has_key},
    {"touch", do_touch},
    {"ttl", do_ttl},
    {"incr", do_incr},
    {"incr_version", do_incr_version},
    {"move", do_move},
    {"copy", do_copy},
    {"get_many", do_get_many},
    {"get_many_raw", do_get_many_raw},
    {"set_many", do_set_many},
    {"set_many_raw", do_set_many_raw},
    {"set_many_payload", do_set_many_payload},
    {"delete_many", do_delete_many},
    {"clear", do_clear},
    {"keys", do_keys},
    {"scan", do_scan},
    {"delete_pattern", do_delete_pattern},
    {"lock", do_lock},
    {"extend", do_extend},
    {"unlock", do_unlock},
    {"command", do_command},
    {"batch", do_batch},
    {"make_key", do_make_key},
    {"encode", do_encode},
    {"decode", do_decode},
    {"option", do_option},
    {"server_for", do_server_for},
    {"stats", do_stats},
    {"options_list", do_options_list},
};

operation operation_named(const char *name) {
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (!strcmp(operations[i].name, name))
            return operations[i].run;
    return connection_operation_named(name);
}
