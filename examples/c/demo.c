/* The C half of `make demo`: works in the cache that a Django site fills.
 *
 *   demo LOCATION work       read what Django wrote, count, add, list, write typed values
 *   demo LOCATION clean      delete the sessions by pattern
 */
#include <djredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        if (key.type == DJREDIS_NONE)
            printf("%s", between);
        else
            printf("\n        %.*s: ", (int)key.len, (const char *)key.data);
        print_value(&item);
        between = ", ";
    }
}

static void print_value(const djredis_value *value)
{
    switch (value->type) {
    case DJREDIS_NONE: printf("none"); break;
    case DJREDIS_BOOL: printf("bool %s", value->integer ? "true" : "false"); break;
    case DJREDIS_INT: printf("int %" PRId64, value->integer); break;
    case DJREDIS_FLOAT: printf("float %g", value->real); break;
    case DJREDIS_TEXT: printf("text \"%.*s\"", (int)value->len, (const char *)value->data); break;
    case DJREDIS_MSGPACK:
        printf(value->flags == 255 ? "dict" : "list of ");
        print_composite(value);
        break;
    default: printf("type %" PRId32 " of %zu bytes", value->type, value->len);
    }
}

static void show(const char *key)
{
    printf("    get(\"%s\"): ", key);
    if (checked(djredis_cache_get(cache, key, DJREDIS_NUL, NULL, &out)) == DJREDIS_OK)
        print_value(&out);
    else
        printf("not there");
    printf("\n");
}

static void count_a_visit(void)
{
    checked(djredis_cache_incr(cache, "visits", DJREDIS_NUL, 1, NULL, &out));
    printf("    incr(\"visits\"): %" PRId64 "\n", out.integer);
}

/* Stores only where there is nothing, in one step: the second try finds the first one's value. */
static void add_once(const char *who)
{
    djredis_call only_new = {.struct_size = sizeof only_new, .flags = DJREDIS_NX | DJREDIS_TTL, .ttl_ms = 60000};
    djredis_value name = {.type = DJREDIS_TEXT, .data = (const uint8_t *)who, .len = strlen(who)};
    int32_t status = checked(djredis_cache_set(cache, "leader", DJREDIS_NUL, &name, &only_new, &out));

    printf("    add(\"leader\", \"%s\"): %s\n", who, status == DJREDIS_OK ? "stored" : "somebody is there already");
}

static void list_sessions(void)
{
    djredis_value key = {0}, item = {0};
    size_t position = 0, count = 0;

    checked(djredis_cache_keys(cache, "session_*", DJREDIS_NUL, NULL, &out));
    checked(djredis_value_count(&out, &count));
    printf("    keys(\"session_*\"): %zu keys:", count);
    while (checked(djredis_value_next(&out, &position, &key, &item)) == DJREDIS_OK)
        printf(" %.*s", (int)item.len, (const char *)item.data);
    printf("\n");
}

static void store(const char *key, const djredis_value *value)
{
    checked(djredis_cache_set(cache, key, DJREDIS_NUL, value, NULL, &out));
    printf("    set(\"%s\"): ", key);
    print_value(value);
    printf("\n");
}

static void write_typed_values(void)
{
    static const char name[] = "written by C, caf\xc3\xa9 included";
    static const uint8_t primes[] = {0x93, 2, 3, 5}; /* MessagePack: a list of three small integers */
    djredis_value text = {.type = DJREDIS_TEXT, .data = (const uint8_t *)name, .len = sizeof name - 1};
    djredis_value real = {.type = DJREDIS_FLOAT, .real = 21.5};
    djredis_value list = {.type = DJREDIS_MSGPACK, .data = primes, .len = sizeof primes};

    store("from_c:text", &text);
    store("from_c:float", &real);
    store("from_c:list", &list);
}

static void work(void)
{
    show("user:42");
    show("visits");
    count_a_visit();
    add_once("the C program");
    add_once("another program");
    list_sessions();
    write_typed_values();
}

static void clean(void)
{
    checked(djredis_cache_delete_pattern(cache, "session_*", DJREDIS_NUL, NULL, &out));
    printf("    delete_pattern(\"session_*\"): %" PRId64 " keys deleted\n", out.integer);
}

int main(int argc, char **argv)
{
    if (argc != 3 || (strcmp(argv[2], "work") != 0 && strcmp(argv[2], "clean") != 0)) {
        fprintf(stderr, "usage: demo LOCATION work|clean\n");
        return 2;
    }
    checked(djredis_cache_open(argv[1], DJREDIS_NUL, NULL, &cache, &out));
    if (strcmp(argv[2], "work") == 0)
        work();
    else
        clean();
    djredis_value_clear(&out);
    djredis_cache_free(cache);
    return 0;
}
