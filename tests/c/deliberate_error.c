/* Not a test: a mistake that a sanitizer must catch, to prove that it is on, in the library too. */
#include "harness.h"

int main(int count, char **arguments)
{
    djredis_cache *cache = open_private(arguments, NULL);
    uint8_t *eight = calloc(8, 1);
    CHECK(count == 2);
    /* The library is told of 56 bytes that are not there. */
    djredis_cache_set_raw(cache, TEXT("k"), eight, 64, NULL, &out);
    free(eight);
    djredis_cache_free(cache);
    return finish();
}
