/* What the C tests share: checks that go on after a failure, and a cache on the private server. */
#ifndef DJREDIS_TEST_HARNESS_H
#define DJREDIS_TEST_HARNESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include <djredis.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

/* The slot that most checks use. */
static djredis_value out;

#define UNUSED __attribute__((unused))

#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);         \
            failures++;                                                             \
        }                                                                           \
    } while (0)

#define EXPECT(status, call) expect(__FILE__, __LINE__, #call, (status), (call))

/* An error: the status, and a sentence in `out` that has the words. */
#define EXPECT_ERROR(status, words, call)                                           \
    do {                                                                            \
        EXPECT(status, call);                                                       \
        expect_message(__FILE__, __LINE__, words);                                  \
    } while (0)

/* A text as pointer and length. */
#define TEXT(text) (text), sizeof(text) - 1

static UNUSED void expect(const char *file, int line, const char *call, int32_t wanted, int32_t status)
{
    if (status == wanted)
        return;
    fprintf(stderr, "%s:%d: %s: %s, not %s", file, line, call, djredis_status_name(status), djredis_status_name(wanted));
    if (out.type == DJREDIS_ERROR)
        fprintf(stderr, ": %.*s", (int)out.len, (const char *)out.data);
    fputc('\n', stderr);
    failures++;
}

static UNUSED int has(const djredis_value *value, const char *words)
{
    return value->len > 0 && memmem(value->data, value->len, words, strlen(words)) != NULL;
}

static UNUSED void expect_message(const char *file, int line, const char *words)
{
    if (out.type == DJREDIS_ERROR && has(&out, words))
        return;
    fprintf(stderr, "%s:%d: no '%s' in the message '%.*s'\n", file, line, words, (int)out.len, (const char *)out.data);
    failures++;
}

static UNUSED int is_text(const djredis_value *value, int32_t type, const char *text)
{
    return value->type == type && value->len == strlen(text) && !memcmp(value->data, text, value->len);
}

static UNUSED djredis_value text_value(const char *text)
{
    return (djredis_value){.type = DJREDIS_TEXT, .data = (const uint8_t *)text, .len = strlen(text)};
}

static UNUSED djredis_value int_value(int64_t number)
{
    return (djredis_value){.type = DJREDIS_INT, .integer = number};
}

/* A cache at `location`, with options as pairs of texts up to a NULL. Ends the program where it can't be opened. */
static UNUSED djredis_cache *open_at(const char *location, const char *const *pairs)
{
    djredis_cache *cache = NULL;
    djredis_options *options = djredis_options_new();
    int32_t status = DJREDIS_OK;
    for (; pairs && *pairs && status == DJREDIS_OK; pairs += 2)
        status = djredis_options_set(options, pairs[0], DJREDIS_NUL, pairs[1], DJREDIS_NUL, &out);
    if (status == DJREDIS_OK)
        status = djredis_cache_open(location, DJREDIS_NUL, options, &cache, &out);
    djredis_options_free(options);
    if (status != DJREDIS_OK) {
        fprintf(stderr, "can't open %s: %.*s\n", location, (int)out.len, (const char *)out.data);
        exit(2);
    }
    return cache;
}

/* A cache on the server whose socket is the program's argument. */
static UNUSED djredis_cache *open_private(char **arguments, const char *const *pairs)
{
    char location[256];
    snprintf(location, sizeof location, "unix:%s:0", arguments[1]);
    return open_at(location, pairs);
}

/* The last line of main. */
static UNUSED int finish(void)
{
    djredis_value_clear(&out);
    if (failures)
        fprintf(stderr, "%d checks failed\n", failures);
    return failures != 0;
}

#endif
