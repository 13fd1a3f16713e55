/* The C part of `make demo`: works in the cache that a Django site fills.
 *
 *   demo LOCATION work     read what Django wrote, add, list, write a list
 *   demo LOCATION clean    delete the sessions by pattern
 *   demo LOCATION lock     take the lock "import" for a minute; status 3 if somebody has it
 */
#include <djredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAKEN = 3, A_MINUTE_MS = 60000, EXT_DATETIME = 8, A_MAP = 255 };

static djredis_cache *cache;
static djredis_value out; /* the answer of the latest call */

/* Ends the program with the library's sentence if a call failed; returns OK or an ordinary "no". */
static int32_t checked(int32_t status)
{
    if (status >= 0)
        return status;
    fprintf(stderr, "demo: %s: %.*s\n", djredis_status_name(status), (int)out.len, (const char *)out.data);
    exit(1);
}

static void print_value(const djredis_value *value);

/* A cursor over the fields of a dict, or over the items of a list, where `key` is NONE. */
static void print_composite(const djredis_value *composite)
{
    djredis_value key = {0}, item = {0};
    size_t position = 0;
    const char *between = "";

    while (checked(djredis_value_next(composite, &position, &key, &item)) == DJREDIS_OK) {
        printf("%s", between);
        if (key.type == DJREDIS_TEXT)
            printf("%.*s: ", (int)key.len, (const char *)key.data);
        print_value(&item);
        between = ", ";
    }
}

/* docs/values.md, section 3: year, month, day, hour, minute and second are first in the extension's data. */
static void print_datetime(const djredis_value *value)
{
    const uint8_t *d = value->data + (value->data[0] == 0xc7 ? 3 : 2); /* after its MessagePack header */

    printf("datetime %04d-%02d-%02d %02d:%02d:%02d", d[0] << 8 | d[1], d[2], d[3], d[4], d[5], d[6]);
}

static void print_messagepack(const djredis_value *value)
{
    if (value->flags == EXT_DATETIME) {
        print_datetime(value);
        return;
    }
    printf(value->flags == A_MAP ? "dict {" : "list [");
    print_composite(value);
    printf(value->flags == A_MAP ? "}" : "]");
}

static void print_value(const djredis_value *value)
{
    switch (value->type) {
    case DJREDIS_NONE: printf("none"); break;
    case DJREDIS_BOOL: printf("bool %s", value->integer ? "true" : "false"); break;
    case DJREDIS_INT: printf("int %" PRId64, value->integer); break;
    case DJREDIS_FLOAT: printf("float %g", value->real); break;
    case DJREDIS_TEXT: printf("text \"%.*s\"", (int)value->len, (const char *)value->data); break;
    case DJREDIS_MSGPACK: print_messagepack(value); break;
    default: printf("type %" PRId32 " of %zu bytes", value->type, value->len);
    }
}

static void show(const char *key)
{
    printf("    C       get(\"%s\"): ", key);
    if (checked(djredis_cache_get(cache, key, DJREDIS_NUL, NULL, &out)) == DJREDIS_OK)
        print_value(&out);
    else
        printf("not there");
    printf("\n");
}

/* Stores only where there is nothing, in one step. */
static void lead(void)
{
    djredis_call only_new = {.struct_size = sizeof only_new, .flags = DJREDIS_NX | DJREDIS_TTL, .ttl_ms = A_MINUTE_MS};
    djredis_value name = {.type = DJREDIS_TEXT, .data = (const uint8_t *)"C", .len = 1};
    int32_t status = checked(djredis_cache_set(cache, "leader", DJREDIS_NUL, &name, &only_new, &out));

    printf("    C       set(\"leader\", \"C\", NX): %s\n", djredis_status_name(status));
}

static void list_sessions(void)
{
    djredis_value item = {0};
    size_t position = 0, count = 0;

    checked(djredis_cache_keys(cache, "session_*", DJREDIS_NUL, NULL, &out));
    checked(djredis_value_count(&out, &count));
    printf("    C       keys(\"session_*\"): %zu keys:", count);
    while (checked(djredis_value_next(&out, &position, NULL, &item)) == DJREDIS_OK)
        printf(" %.*s", (int)item.len, (const char *)item.data);
    printf("\n");
}

static void store_list(void)
{
    /* MessagePack: ["caf\u00e9", 21.5, true, nil] */
    static const uint8_t bytes[] = "\x94\xa5" "caf\xc3\xa9" "\xcb\x40\x35\x80\0\0\0\0\0" "\xc3\xc0";
    djredis_value list = {.type = DJREDIS_MSGPACK, .data = bytes, .len = sizeof bytes - 1};

    checked(djredis_cache_set(cache, "from_c", DJREDIS_NUL, &list, NULL, &out));
    printf("    C       set(\"from_c\"): ");
    print_value(&list);
    printf("\n");
}

static int work(void)
{
    show("user:42");
    show("visits");
    lead();
    list_sessions();
    store_list();
    return 0;
}

static int clean(void)
{
    checked(djredis_cache_delete_pattern(cache, "session_*", DJREDIS_NUL, NULL, &out));
    printf("    C       delete_pattern(\"session_*\"): %" PRId64 " keys deleted\n", out.integer);
    return 0;
}

/* The lock is left to its time to live: the next program is to find it taken. */
static int lock(void)
{
    djredis_call how = {.struct_size = sizeof how, .flags = DJREDIS_TTL, .ttl_ms = A_MINUTE_MS};
    int32_t status = checked(djredis_cache_lock(cache, "import", DJREDIS_NUL, "C's token", DJREDIS_NUL, &how, &out));

    printf("    C       lock(\"import\"): %s\n", status == DJREDIS_OK ? "taken" : "somebody has it");
    return status == DJREDIS_OK ? 0 : TAKEN;
}

static const struct step {
    const char *name;
    int (*run)(void);
} steps[] = {{"work", work}, {"clean", clean}, {"lock", lock}};

static const struct step *find_step(const char *name)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i].name, name) == 0)
            return &steps[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const struct step *step = argc == 3 ? find_step(argv[2]) : NULL;
    int result;

    if (step == NULL) {
        fprintf(stderr, "usage: demo LOCATION work|clean|lock\n");
        return 2;
    }
    checked(djredis_cache_open(argv[1], DJREDIS_NUL, NULL, &cache, &out));
    result = step->run();
    djredis_value_clear(&out);
    djredis_cache_free(cache);
    return result;
}
