/* fork(): the cache works on both sides, each with connections of its own; a scan or a raw connection belongs to its process. */
#include "harness.h"

#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 20, CHILD_SECONDS = 30 };

static int32_t ping(djredis_conn *conn)
{
    static const uint32_t lens[] = {4};
    return djredis_conn_command(conn, 1, "PING", lens, NULL, &out);
}

static int child(djredis_cache *cache, djredis_scan *scan, djredis_conn *conn, int number)
{
    djredis_value mine = int_value(number);
    char key[16];
    int len = snprintf(key, sizeof key, "child%d", number);
    /* A child that hangs ends by the signal, which the parent sees. */
    alarm(CHILD_SECONDS);
    EXPECT_ERROR(DJREDIS_ERR_FORKED, "fork", djredis_scan_next(scan, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_FORKED, "fork", ping(conn));
    for (int i = 0; i < 20; i++) {
        EXPECT(DJREDIS_OK, djredis_cache_set(cache, key, (size_t)len, &mine, NULL, &out));
        EXPECT(DJREDIS_OK, djredis_cache_get(cache, key, (size_t)len, NULL, &out));
        CHECK(out.type == DJREDIS_INT && out.integer == number);
    }
    EXPECT_ERROR(DJREDIS_ERR_FORKED, "fork", djredis_scan_next(scan, NULL, &out));
    djredis_scan_free(scan);
    djredis_conn_release(conn);
    djredis_cache_free(cache);
    return finish();
}

/* A child forgets what the parent's threads may hold, on purpose. As another program it has no leaks to be told. */
static void end(int status)
{
    if (status == 0)
        execl("/bin/true", "true", (char *)NULL);
    _exit(1);
}

static void forked(djredis_cache *cache)
{
    djredis_value mine = int_value(-1);
    djredis_scan *scan = NULL;
    djredis_conn *conn = NULL;
    EXPECT(DJREDIS_OK, djredis_cache_scan(cache, TEXT("*"), NULL, &scan, &out));
    EXPECT(DJREDIS_OK, djredis_conn_acquire(cache, NULL, &conn, &out));
    for (int i = 0; i < CHILDREN; i++) {
        pid_t pid = fork();
        if (pid == 0)
            end(child(cache, scan, conn, i));
        CHECK(pid > 0);
        EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("parent"), &mine, NULL, &out));
        EXPECT(DJREDIS_OK, djredis_cache_get(cache, TEXT("parent"), NULL, &out));
        CHECK(out.type == DJREDIS_INT && out.integer == -1);
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status = 0;
        CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    /* The parent's scan and connection are its own, still. */
    EXPECT(DJREDIS_OK, ping(conn));
    CHECK(is_text(&out, DJREDIS_TEXT, "PONG"));
    djredis_conn_release(conn);
    while (djredis_scan_next(scan, NULL, &out) == DJREDIS_OK)
        CHECK(out.type == DJREDIS_ITEMS);
    CHECK(out.type == DJREDIS_NONE);
    djredis_scan_free(scan);
}

int main(int count, char **arguments)
{
    djredis_cache *cache = open_private(arguments, NULL), *unused = open_private(arguments, NULL);
    CHECK(count == 2);
    /* Before the first use, with an idle connection, and after the children. */
    djredis_value one = int_value(1);
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("k"), &one, NULL, &out));
    forked(cache);
    forked(unused);
    djredis_cache_free(unused);
    djredis_cache_free(cache);
    return finish();
}
