/* The header stands alone, may be included twice, and says what the library does; its frozen layouts are frozen. */
#include <djredis.h>
#include <djredis.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FROZEN(condition) _Static_assert(condition, #condition)

#if UINTPTR_MAX == UINT64_MAX
FROZEN(sizeof(djredis_value) == 48);
FROZEN(offsetof(djredis_value, flags) == 4);
FROZEN(offsetof(djredis_value, integer) == 8);
FROZEN(offsetof(djredis_value, real) == 16);
FROZEN(offsetof(djredis_value, data) == 24);
FROZEN(offsetof(djredis_value, len) == 32);
FROZEN(offsetof(djredis_value, owner) == 40);
#endif

FROZEN(sizeof(djredis_item) == 32);
FROZEN(offsetof(djredis_item, flags) == 4);
FROZEN(offsetof(djredis_item, integer) == 8);
FROZEN(offsetof(djredis_item, offset) == 16);
FROZEN(offsetof(djredis_item, len) == 24);

#if UINTPTR_MAX == UINT64_MAX
FROZEN(sizeof(djredis_near) == 32);
FROZEN(offsetof(djredis_near, unchanged) == 8);
FROZEN(offsetof(djredis_near, trusted) == 16);
FROZEN(offsetof(djredis_near, expires) == 24);
#endif

/* May only grow at its end. */
FROZEN(sizeof(djredis_call) >= 40);
FROZEN(offsetof(djredis_call, flags) == 4);
FROZEN(offsetof(djredis_call, version) == 8);
FROZEN(offsetof(djredis_call, ttl_ms) == 16);
FROZEN(offsetof(djredis_call, itersize) == 24);
FROZEN(offsetof(djredis_call, deadline_ms) == 32);

int main(void)
{
    if (djredis_abi() != DJREDIS_ABI) {
        fprintf(stderr, "the library has ABI %u, the header %d\n", djredis_abi(), DJREDIS_ABI);
        return 1;
    }
    return strcmp(djredis_status_name(DJREDIS_ERR_TIMEOUT), "ERR_TIMEOUT") == 0 ? 0 : 1;
}
