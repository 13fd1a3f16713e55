/* Stores a value and reads it back.
 *
 *   cc quickstart.c -o quickstart $(pkg-config --cflags --libs djredis)
 *   ./quickstart 127.0.0.1:6379:0
 */
#include <djredis.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    const char *location = argc > 1 ? argv[1] : "127.0.0.1:6379:0";
    djredis_value out = {0}; /* one slot for every answer; a new call frees what it held */
    djredis_value greeting = {.type = DJREDIS_TEXT, .data = (const uint8_t *)"hello, world", .len = 12};
    djredis_cache *cache = NULL;

    int32_t status = djredis_cache_open(location, DJREDIS_NUL, NULL, &cache, &out);
    if (status == DJREDIS_OK)
        status = djredis_cache_set(cache, "greeting", DJREDIS_NUL, &greeting, NULL, &out);
    if (status == DJREDIS_OK)
        status = djredis_cache_get(cache, "greeting", DJREDIS_NUL, NULL, &out);

    if (status < 0)
        fprintf(stderr, "%.*s\n", (int)out.len, (const char *)out.data);
    else if (status == DJREDIS_OK && out.type == DJREDIS_TEXT)
        printf("%.*s\n", (int)out.len, (const char *)out.data);

    djredis_value_clear(&out);
    djredis_cache_free(cache);
    return status == DJREDIS_OK ? 0 : 1;
}
