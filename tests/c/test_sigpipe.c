/* A host with the default SIGPIPE: a write to a reset connection is an error, not the end of the program. */
#include "harness.h"

#include "listener.h"

#include <signal.h>

enum { LARGE = 4 << 20 };

static void reset_by_the_server(void)
{
    struct listener *rude = listen_and(RESET_AT_ONCE);
    djredis_cache *cache = open_at(rude->location, (const char *const[]){"BREAKER_FAILURES", "0", NULL});
    uint8_t *large = calloc(1, LARGE);
    djredis_value value = {.type = DJREDIS_OPAQUE, .data = large, .len = LARGE};
    for (int i = 0; i < 20; i++) {
        EXPECT(DJREDIS_ERR_CONNECTION, djredis_cache_set(cache, TEXT("k"), &value, NULL, &out));
        CHECK(out.flags & DJREDIS_AWAY);
        EXPECT(DJREDIS_ERR_CONNECTION, djredis_cache_get(cache, TEXT("k"), NULL, &out));
    }
    djredis_cache_free(cache);
    stop_listening(rude);
    free(large);
}

/* An idle connection that the server closed: the next write goes out on a dead socket. */
static void closed_while_idle(char **arguments)
{
    djredis_cache *cache = open_private(arguments, NULL);
    djredis_value one = int_value(1);
    char command[512];
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("k"), &one, NULL, &out));
    for (int i = 0; i < 5; i++) {
        snprintf(command, sizeof command, "redis-cli -s %s CLIENT KILL TYPE normal SKIPME yes >/dev/null", arguments[1]);
        CHECK(system(command) == 0);
        EXPECT(DJREDIS_OK, djredis_cache_get(cache, TEXT("k"), NULL, &out));
    }
    djredis_cache_free(cache);
}

int main(int count, char **arguments)
{
    CHECK(count == 2);
    /* The test's own parent may ignore it. */
    signal(SIGPIPE, SIG_DFL);
    reset_by_the_server();
    closed_while_idle(arguments);
    return finish();
}
