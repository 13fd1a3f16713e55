/* Starts, gets one text and ends: with libdjredis, with hiredis, or without a cache.   start SOCKET */
#include <stdio.h>

#if defined OURS
#include <djredis.h>

static int get(const char *socket)
{
    char location[256];
    djredis_cache *cache;
    djredis_value out = {0};

    snprintf(location, sizeof location, "unix:%s:0", socket);
    if (djredis_cache_open(location, DJREDIS_NUL, NULL, &cache, &out) != DJREDIS_OK)
        return 1;
    if (djredis_cache_get(cache, "text", 4, NULL, &out) != DJREDIS_OK)
        return 1;
    djredis_value_clear(&out);
    djredis_cache_free(cache);
    return 0;
}
#elif defined PEER
#include <hiredis/hiredis.h>

static int get(const char *socket)
{
    redisContext *hiredis = redisConnectUnix(socket);
    redisReply *reply = redisCommand(hiredis, "GET :1:text");

    if (reply == NULL || reply->type != REDIS_REPLY_STRING)
        return 1;
    freeReplyObject(reply);
    redisFree(hiredis);
    return 0;
}
#else
static int get(const char *socket) { return socket == NULL; }
#endif

int main(int argc, char **argv) { return argc == 2 ? get(argv[1]) : 2; }
