/* The conformance driver for C: reads one step as a line of JSON, answers with one line. See ../README.md. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CACHES = 16, NAME_SIZE = 32 };

static struct {
    char name[NAME_SIZE];
    djredis_cache *cache;
} caches[MAX_CACHES];

static djredis_value out;

static djredis_cache *cache_named(const char *name) {
    for (int i = 0; i < MAX_CACHES; i++)
        if (caches[i].cache && !strcmp(caches[i].name, name))
            return caches[i].cache;
    return NULL;
}

/* In the place of the one with this name, or in a free one. */
static void keep(const char *name, djredis_cache *cache) {
    for (int i = 0; i < MAX_CACHES; i++) {
        if (caches[i].cache && strcmp(caches[i].name, name))
            continue;
        djredis_cache_free(caches[i].cache);
        snprintf(caches[i].name, NAME_SIZE, "%s", name);
        caches[i].cache = cache;
        return;
    }
    fprintf(stderr, "more than %d caches in one case\n", MAX_CACHES);
    exit(1);
}

static void free_all(void) {
    release_all();
    for (int i = 0; i < MAX_CACHES; i++) {
        djredis_cache_free(caches[i].cache);
        caches[i].cache = NULL;
    }
}

static const char *option_text(const cJSON *option) {
    char *text;
    if (cJSON_IsString(option))
        return option->valuestring;
    if (cJSON_IsBool(option))
        return cJSON_IsTrue(option) ? "true" : "false";
    text = scratch(NAME_SIZE);
    snprintf(text, NAME_SIZE, "%.15g", option->valuedouble);
    return text;
}

static int32_t open_cache(const cJSON *json) {
    djredis_cache *cache = NULL;
    djredis_options *options = djredis_options_new();
    const cJSON *option;
    int32_t status = DJREDIS_OK;
    cJSON_ArrayForEach(option, cJSON_GetObjectItem(json, "options")) {
        if (status == DJREDIS_OK)
            status = djredis_options_set(options, option->string, DJREDIS_NUL, option_text(option), DJREDIS_NUL, &out);
    }
    if (status == DJREDIS_OK)
        status = djredis_cache_open(text_field(json, "location"), DJREDIS_NUL, options, &cache, &out);
    djredis_options_free(options);
    if (status == DJREDIS_OK)
        keep(text_field(json, "cache"), cache);
    return status;
}

/* The flags of a step or of a call of a batch, those of its fields among them. */
uint32_t flags_of(const cJSON *json) {
    static const struct {
        const char *name;
        uint32_t flag;
    } known[] = {
        {"NX", DJREDIS_NX},
        {"XX", DJREDIS_XX},
        {"KEY_MADE", DJREDIS_KEY_MADE},
        {"AS_PAYLOAD", DJREDIS_AS_PAYLOAD},
        {"MULTI", DJREDIS_MULTI},
    };
    uint32_t flags = 0;
    const cJSON *flag;
    cJSON_ArrayForEach(flag, cJSON_GetObjectItem(json, "flags")) {
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (!strcmp(known[i].name, flag->valuestring))
                flags |= known[i].flag;
    }
    if (cJSON_HasObjectItem(json, "ttl_ms"))
        flags |= DJREDIS_TTL;
    if (cJSON_HasObjectItem(json, "version"))
        flags |= DJREDIS_VERSION;
    return flags;
}

int64_t number_field(const cJSON *json, const char *name) {
    const cJSON *field = cJSON_GetObjectItem(json, name);
    return cJSON_IsString(field) ? strtoll(field->valuestring, NULL, 10) : 0;
}

int64_t ttl_of(const cJSON *json) {
    return cJSON_IsNull(cJSON_GetObjectItem(json, "ttl_ms")) ? DJREDIS_FOREVER : number_field(json, "ttl_ms");
}

/* Whether the step asks for anything special; fills `call` if it does. */
static int call_of(const cJSON *json, djredis_call *call) {
    memset(call, 0, sizeof *call);
    call->struct_size = sizeof *call;
    call->flags = flags_of(json);
    call->ttl_ms = ttl_of(json);
    call->version = number_field(json, "version");
    call->itersize = number_field(json, "itersize");
    call->deadline_ms = number_field(json, "deadline_ms");
    return call->flags || call->itersize || call->deadline_ms;
}

static int32_t run(request *step, const char *name) {
    operation chosen = operation_named(name);
    if (!strcmp(name, "open"))
        return open_cache(step->json);
    if (!strcmp(name, "close")) {
        djredis_cache_close(step->cache);
        return DJREDIS_OK;
    }
    if (!strcmp(name, "reset")) {
        free_all();
        return DJREDIS_OK;
    }
    if (!chosen) {
        fprintf(stderr, "unknown operation %s\n", name);
        exit(1);
    }
    return chosen(step, &out);
}

static void add_error(cJSON *answer) {
    char *message = scratch(out.len);
    cJSON *flags = cJSON_AddArrayToObject(answer, "flags");
    memcpy(message, out.data, out.len);
    message[out.len] = 0;
    cJSON_AddStringToObject(answer, "message", message);
    cJSON_AddStringToObject(answer, "stored", to_hex(out.data + out.len, (size_t)out.integer));
    if (out.flags & DJREDIS_NOT_SENT)
        cJSON_AddItemToArray(flags, cJSON_CreateString("NOT_SENT"));
    if (out.flags & DJREDIS_MAYBE_SENT)
        cJSON_AddItemToArray(flags, cJSON_CreateString("MAYBE_SENT"));
    if (out.flags & DJREDIS_AWAY)
        cJSON_AddItemToArray(flags, cJSON_CreateString("AWAY"));
}

static cJSON *answer_to(const cJSON *json) {
    djredis_call call;
    request step = {.json = json};
    const cJSON *cache = cJSON_GetObjectItem(json, "cache");
    cJSON *answer = cJSON_CreateObject();
    if (cJSON_HasObjectItem(json, "key"))
        step.key = hex_field(json, "key");
    if (call_of(json, &call))
        step.call = &call;
    step.conn = cJSON_GetStringValue(cJSON_GetObjectItem(json, "conn"));
    step.cache = cache ? cache_named(cache->valuestring) : NULL;
    int32_t status = run(&step, text_field(json, "do"));
    cJSON_AddStringToObject(answer, "status", djredis_status_name(status));
    if (status < 0 || status == DJREDIS_IGNORED)
        add_error(answer);
    else
        cJSON_AddItemToObject(answer, "value", step.value ? step.value : value_to_json(&out));
    return answer;
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        cJSON *json = cJSON_Parse(line), *answer = answer_to(json);
        char *text = cJSON_PrintUnformatted(answer);
        puts(text);
        fflush(stdout);
        free(text);
        cJSON_Delete(answer);
        cJSON_Delete(json);
        scratch_free();
    }
    free_all();
    djredis_value_clear(&out);
    free(line);
    return 0;
}
