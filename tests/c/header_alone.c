/* Compiled, not run, in every dialect that the header promises: alone, and included twice. */
#include <djredis.h>
#include <djredis.h>

int32_t takes_the_types(djredis_cache *cache, djredis_value *value, djredis_call *call, djredis_item *item);

int32_t takes_the_types(djredis_cache *cache, djredis_value *value, djredis_call *call, djredis_item *item)
{
    (void)item;
    return djredis_cache_get(cache, "k", DJREDIS_NUL, call, value);
}
