/* A hot call allocates nothing but its reply, and many calls leave the process no larger. */
#include "harness.h"

enum { WARM_UP = 2000, COUNTED = 1000, MANY = 100000, FEW_PAGES = 64 };

/* Where a checker watches the memory (it keeps what was freed), counting means nothing. */
#if defined(__SANITIZE_ADDRESS__)
enum { COUNTS = 0 };
static long allocations;
#else
enum { COUNTS = 1 };
static _Thread_local long allocations;

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

/* In place of the C library's, for this program and for libdjredis.so. */
void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}
#endif

static djredis_cache *cache;
static const djredis_value number = {.type = DJREDIS_INT, .integer = 123456};
static const djredis_value text = {.type = DJREDIS_TEXT, .data = (const uint8_t *)"some text", .len = 9};

static void set_raw(void) { EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("raw"), "some text", 9, NULL, &out)); }
static void set_text(void) { EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("text"), &text, NULL, &out)); }
static void set_int(void) { EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("number"), &number, NULL, &out)); }
static void get_raw(void) { EXPECT(DJREDIS_OK, djredis_cache_get_raw(cache, TEXT("raw"), NULL, &out)); }
static void get_text(void) { EXPECT(DJREDIS_OK, djredis_cache_get(cache, TEXT("text"), NULL, &out)); }
static void get_int(void) { EXPECT(DJREDIS_OK, djredis_cache_get(cache, TEXT("number"), NULL, &out)); }
static void get_nothing(void) { EXPECT(DJREDIS_MISS, djredis_cache_get(cache, TEXT("nothing"), NULL, &out)); }
static void delete_nothing(void) { EXPECT(DJREDIS_MISS, djredis_cache_delete(cache, TEXT("nothing"), NULL, &out)); }
static void incr(void) { EXPECT(DJREDIS_OK, djredis_cache_incr(cache, TEXT("number"), 1, NULL, &out)); }

static void allocates(const char *name, void (*call)(void), long at_most)
{
    for (int i = 0; i < WARM_UP; i++)
        call();
    allocations = 0;
    for (int i = 0; i < COUNTED; i++)
        call();
    if (COUNTS && allocations > at_most * COUNTED) {
        fprintf(stderr, "%s: %ld allocations in %d calls\n", name, allocations, COUNTED);
        failures++;
    }
}

static long resident_pages(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    CHECK(file != NULL && fscanf(file, "%*d %ld", &pages) == 1);
    if (file != NULL)
        fclose(file);
    return pages;
}

static void many_calls(int calls)
{
    for (int i = 0; i < calls; i++) {
        set_text();
        get_text();
    }
}

static void stays_as_large_as_it_is(void)
{
    many_calls(MANY / 10);
    long before = resident_pages();
    many_calls(MANY);
    CHECK(resident_pages() - before < FEW_PAGES);
}

int main(int argc, char **argv)
{
    (void)argc;
    cache = open_private(argv, NULL);
    allocates("set_raw", set_raw, 0);
    allocates("set of an int", set_int, 0);
    allocates("set of a text", set_text, 0);
    allocates("get_raw", get_raw, 1);
    allocates("get of an int", get_int, 0);
    allocates("get of a text", get_text, 1);
    allocates("get of nothing", get_nothing, 0);
    allocates("delete", delete_nothing, 0);
    allocates("incr", incr, 0);
    if (COUNTS && getenv("DJREDIS_TEST_CHECKED") == NULL)
        stays_as_large_as_it_is();
    djredis_cache_free(cache);
    return finish();
}
