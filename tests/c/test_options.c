/* djredis_options: names and values, lengths, lifetime, and the list. */
#include "harness.h"

static void set_and_refuse(djredis_options *options)
{
    EXPECT(DJREDIS_OK, djredis_options_set(options, "KEY_PREFIX", DJREDIS_NUL, "site", DJREDIS_NUL, &out));
    EXPECT(DJREDIS_OK, djredis_options_set(options, TEXT("version"), TEXT("7"), &out));
    EXPECT(DJREDIS_OK, djredis_options_set(options, TEXT("TIMEOUT"), TEXT("60"), NULL));
    EXPECT_ERROR(DJREDIS_ERR_CONFIG, "KEY_PREFIX", djredis_options_set(options, TEXT("KEY_PREFX"), TEXT("x"), &out));
    EXPECT_ERROR(DJREDIS_ERR_CONFIG, "VERSION", djredis_options_set(options, TEXT("VERSION"), TEXT("seven"), &out));
    EXPECT(DJREDIS_ERR_CONFIG, djredis_options_set(options, TEXT("VERSION"), TEXT("seven"), NULL));
    /* The pointer's text is longer than the length says. */
    EXPECT(DJREDIS_OK, djredis_options_set(options, "VERSIONS", 7, "89", 1, &out));
    EXPECT(DJREDIS_OK, djredis_options_set(options, TEXT("PASSWORD"), NULL, 0, &out));
}

static void bad_texts(djredis_options *options)
{
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "UTF-8", djredis_options_set(options, TEXT("KEY_PREFIX"), TEXT("\xff\xfe"), &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "UTF-8", djredis_options_set(options, TEXT("\xff"), TEXT("x"), &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_options_set(options, "VERSION", (size_t)PTRDIFF_MAX + 1, "1", 1, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "length", djredis_options_set(options, TEXT("VERSION"), "1", SIZE_MAX - 1, &out));
    EXPECT_ERROR(DJREDIS_ERR_CONFIG, "unknown option", djredis_options_set(options, NULL, 0, TEXT("x"), &out));
}

/* Options are copied when a cache is opened: two caches from one, changed in between, freed before use. */
static void outlived(char **arguments, djredis_options *options)
{
    djredis_cache *first, *second;
    char location[256];
    snprintf(location, sizeof location, "unix:%s:0", arguments[1]);
    EXPECT(DJREDIS_OK, djredis_cache_open(location, DJREDIS_NUL, options, &first, &out));
    EXPECT(DJREDIS_OK, djredis_options_set(options, TEXT("KEY_PREFIX"), TEXT("other"), &out));
    EXPECT(DJREDIS_OK, djredis_cache_open(location, DJREDIS_NUL, options, &second, &out));
    djredis_options_free(options);
    EXPECT(DJREDIS_OK, djredis_cache_make_key(first, TEXT("k"), NULL, &out));
    CHECK(is_text(&out, DJREDIS_BYTES, "site:8:k"));
    EXPECT(DJREDIS_OK, djredis_cache_make_key(second, TEXT("k"), NULL, &out));
    CHECK(is_text(&out, DJREDIS_BYTES, "other:8:k"));
    djredis_cache_free(first);
    djredis_cache_free(second);
}

static void one_of_the_list(const djredis_value *list, const char *wanted, const char *type, const char *standard)
{
    djredis_value item = {0}, field = {0};
    size_t pos = 0;
    while (djredis_value_next(list, &pos, NULL, &item) == DJREDIS_OK) {
        CHECK(item.type == DJREDIS_MSGPACK && item.flags == 255);
        EXPECT(DJREDIS_OK, djredis_value_lookup(&item, TEXT("name"), &field));
        if (!is_text(&field, DJREDIS_TEXT, wanted))
            continue;
        EXPECT(DJREDIS_OK, djredis_value_lookup(&item, TEXT("type"), &field));
        CHECK(is_text(&field, DJREDIS_TEXT, type));
        EXPECT(DJREDIS_OK, djredis_value_lookup(&item, TEXT("default"), &field));
        CHECK(is_text(&field, DJREDIS_TEXT, standard));
        EXPECT(DJREDIS_OK, djredis_value_lookup(&item, TEXT("doc"), &field));
        CHECK(field.type == DJREDIS_TEXT && field.len > 10);
        return;
    }
    fprintf(stderr, "options_list has no %s\n", wanted);
    failures++;
}

/* Every name of the list is one that options_set knows. */
static void known_names(const djredis_value *list)
{
    djredis_value item = {0}, name = {0}, message = {0};
    djredis_options *options = djredis_options_new();
    size_t pos = 0, count = 0, seen = 0;
    EXPECT(DJREDIS_OK, djredis_value_count(list, &count));
    while (djredis_value_next(list, &pos, NULL, &item) == DJREDIS_OK) {
        seen++;
        EXPECT(DJREDIS_OK, djredis_value_lookup(&item, TEXT("name"), &name));
        djredis_options_set(options, (const char *)name.data, name.len, TEXT("?"), &message);
        CHECK(!has(&message, "unknown option"));
    }
    CHECK(seen == count && count > 30);
    djredis_value_clear(&message);
    djredis_options_free(options);
}

static void the_list(void)
{
    djredis_value list = {0};
    EXPECT(DJREDIS_OK, djredis_options_list(&list));
    CHECK(list.type == DJREDIS_MSGPACK && list.flags == 0);
    one_of_the_list(&list, "TIMEOUT", "seconds", "300");
    one_of_the_list(&list, "KEY_PREFIX", "text", "");
    one_of_the_list(&list, "MAX_CONNECTIONS", "integer", "16");
    one_of_the_list(&list, "PASSWORD", "secret", "");
    known_names(&list);
    djredis_value_clear(&list);
}

int main(int count, char **arguments)
{
    djredis_options *options = djredis_options_new();
    CHECK(count == 2 && options);
    set_and_refuse(options);
    bad_texts(options);
    outlived(arguments, options);
    the_list();
    djredis_options_free(NULL);
    return finish();
}
