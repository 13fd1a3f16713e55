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

enum { TAKEN = 3, A_MINUTE_MS = 60000 };

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

static void print_messagepack(const djredis_value *value)
{
    djredis_time time = {.struct_size = sizeof time};

    if (checked(djredis_value_time(value, &time)) == DJREDIS_OK) {
        printf("datetime %04d-%02d-%02d %02d:%02d:%02d", time.year, time.month, time.day, time.hour, time.minute, time.second);
        return;
    }
    printf(value->flags == DJREDIS_MAP ? "dict {" : "list [");
    print_composite(value);
    printf(value->flags == DJREDIS_MAP ? "}" : "]");
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
    djredis_pack *pack = djredis_pack_new();
    djredis_value degrees = {.type = DJREDIS_FLOAT, .real = 21.5}, yes = {.type = DJREDIS_BOOL, .integer = 1};
    djredis_value none = {0}, list = {0};

    djredis_pack_begin(pack, DJREDIS_LIST);
    djredis_pack_text(pack, "caf\xc3\xa9", DJREDIS_NUL);
    djredis_pack_add(pack, &degrees);
    djredis_pack_add(pack, &yes);
    djredis_pack_add(pack, &none);
    djredis_pack_end(pack);
    checked(djredis_pack_value(pack, &list));
    djredis_pack_free(pack);
    checked(djredis_cache_set(cache, "from_c", DJREDIS_NUL, &list, NULL, &out));
    printf("    C       set(\"from_c\"): ");
    print_value(&list);
    printf("\n");
    djredis_value_clear(&list);
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
