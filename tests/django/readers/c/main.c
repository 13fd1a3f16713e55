/* A C program that shares a Django site's cache: reader LOCATION NAME=VALUE...
 * Its commands are those of reader.rb; `mark` writes "from_c". */
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

djredis_cache *cache;
djredis_value out;

int32_t checked(int32_t status)
{
    if (status >= 0)
        return status;
    fprintf(stderr, "reader: %s: %.*s\n", djredis_status_name(status), (int)out.len, (const char *)out.data);
    exit(1);
}

const djredis_value *get(const char *key)
{
    if (checked(djredis_cache_get(cache, key, DJREDIS_NUL, NULL, &out)) == DJREDIS_OK)
        return &out;
    fprintf(stderr, "reader: there is no %s\n", key);
    exit(1);
}

djredis_value at(const djredis_value *value, const char *const *path)
{
    djredis_value found = *value, next = {0};

    found.owner = NULL; /* borrowed */
    for (; *path; path++) {
        if (found.type != DJREDIS_MSGPACK || checked(djredis_value_lookup(&found, *path, DJREDIS_NUL, &next)) != DJREDIS_OK)
            return (djredis_value){0};
        found = next;
    }
    return found;
}

/* The fields of a model instance are the record's state; instances that were fetched with it stand in its _state. */
static cJSON *shown_book(const djredis_value *record)
{
    static const char *const names[] = {"id",      "author_id", "title", "price", "published", "isbn",
                                        "details", "in_print",  "genre", "loan",  "cover"};
    static const char *const author_path[] = {"state", "_state", "state", "fields_cache", "author", "state", "name", NULL};
    djredis_value author = at(record, author_path);
    cJSON *book = cJSON_CreateObject();

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *const path[] = {"state", names[i], NULL};
        djredis_value field = at(record, path);
        cJSON_AddItemToObject(book, names[i], shown(&field));
    }
    cJSON_AddItemToObject(book, "author", shown(&author));
    return book;
}

static cJSON *shown_books(djredis_value books)
{
    cJSON *list = cJSON_CreateArray();
    djredis_value book = {0};
    size_t pos = 0;

    while (checked(djredis_value_next(&books, &pos, NULL, &book)) == DJREDIS_OK)
        cJSON_AddItemToArray(list, shown_book(&book));
    return list;
}

/* The rows of a pickled QuerySet, which Django runs when it is cached. */
static djredis_value rows(const djredis_value *queryset)
{
    static const char *const path[] = {"state", "_result_cache", NULL};

    return at(queryset, path);
}

static cJSON *shown_headers(const djredis_value *response)
{
    static const char *const path[] = {"state", "headers", "state", "_store", NULL};
    djredis_value headers = at(response, path), pair = {0}, name = {0}, value = {0};
    cJSON *object = cJSON_CreateObject();

    for (size_t pos = 0; checked(djredis_value_next(&headers, &pos, NULL, &pair)) == DJREDIS_OK;) {
        size_t part = 0;
        checked(djredis_value_next(&pair, &part, NULL, &name));
        checked(djredis_value_next(&pair, &part, NULL, &value));
        cJSON *text = shown_text(name.data, name.len);
        cJSON_AddItemToObject(object, text->valuestring, shown(&value));
        cJSON_Delete(text);
    }
    return object;
}

/* The content is a list of one part. */
static cJSON *shown_page(const djredis_value *response)
{
    static const char *const path[] = {"state", "_container", NULL};
    djredis_value content = at(response, path), part = {0};
    cJSON *page = cJSON_CreateObject();
    size_t pos = 0;

    checked(djredis_value_next(&content, &pos, NULL, &part));
    cJSON_AddItemToObject(page, "content", shown_text(part.data, part.len));
    cJSON_AddItemToObject(page, "headers", shown_headers(response));
    return page;
}

static cJSON *answer(const char *command, const char *key, const char *to)
{
    if (!strcmp(command, "mark"))
        mark(key);
    else if (!strcmp(command, "edit"))
        edit(key, to);
    else if (!strcmp(command, "copy"))
        copy(key, to);
    else if (!strcmp(command, "show"))
        return shown(get(key));
    else if (!strcmp(command, "book"))
        return shown_book(get(key));
    else if (!strcmp(command, "books") || !strcmp(command, "queryset"))
        return shown_books(*command == 'b' ? at(get(key), (const char *const[]){NULL}) : rows(get(key)));
    else if (!strcmp(command, "rows"))
        return shown((djredis_value[]){rows(get(key))});
    else if (!strcmp(command, "page"))
        return shown_page(get(key));
    else
        exit(2);
    return cJSON_CreateNull();
}

static void open_cache(const char *location, char **names_and_values)
{
    djredis_options *options = djredis_options_new();

    for (; *names_and_values; names_and_values++) {
        const char *value = strchr(*names_and_values, '=') + 1;
        size_t name_len = (size_t)(value - *names_and_values) - 1;
        checked(djredis_options_set(options, *names_and_values, name_len, value, DJREDIS_NUL, &out));
    }
    checked(djredis_cache_open(location, DJREDIS_NUL, options, &cache, &out));
    djredis_options_free(options);
}

int main(int argc, char **argv)
{
    char line[1024];

    if (argc < 2)
        return 2;
    open_cache(argv[1], argv + 2);
    while (fgets(line, sizeof line, stdin)) {
        char *command = strtok(line, "\t\n"), *key = strtok(NULL, "\t\n"), *to = strtok(NULL, "\t\n");
        cJSON *json = answer(command, key, to);
        char *text = cJSON_PrintUnformatted(json);
        puts(text);
        fflush(stdout);
        free(text);
        cJSON_Delete(json);
    }
    djredis_value_clear(&out);
    djredis_cache_free(cache);
    return 0;
}
