// The header serves C++ as it is.
#include <djredis.h>

int main()
{
    djredis_value out = {};
    djredis_cache *cache = nullptr;
    const int32_t status = djredis_cache_open("127.0.0.1:6379:0", DJREDIS_NUL, nullptr, &cache, &out);
    djredis_value_clear(&out);
    djredis_cache_free(cache);
    return status == DJREDIS_OK ? 0 : 1;
}
