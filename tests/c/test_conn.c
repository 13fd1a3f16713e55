/* djredis_conn: borrowing, lengths, deadlines, and giving back in any order. */
#include "harness.h"

#include "listener.h"

/* A command of up to eight words, as the library takes it. */
struct words {
    size_t count;
    char joined[256];
    uint32_t lens[8];
};

static struct words words(const char *text)
{
    struct words command = {0};
    char copy[256], *rest = copy, *word;
    snprintf(copy, sizeof copy, "%s", text);
    while ((word = strsep(&rest, " ")) != NULL) {
        command.lens[command.count++] = (uint32_t)strlen(word);
        strcat(command.joined, word);
    }
    return command;
}

static int32_t ask(djredis_conn *conn, const char *text)
{
    struct words command = words(text);
    return djredis_conn_command(conn, command.count, command.joined, command.lens, NULL, &out);
}

static djredis_conn *acquire(djredis_cache *cache)
{
    djredis_conn *conn = NULL;
    EXPECT(DJREDIS_OK, djredis_conn_acquire(cache, NULL, &conn, &out));
    return conn;
}

static void replies(djredis_cache *cache)
{
    djredis_conn *conn = acquire(cache);
    djredis_value item = {0};
    size_t pos = 0;
    EXPECT(DJREDIS_OK, ask(conn, "SET k v"));
    CHECK(is_text(&out, DJREDIS_TEXT, "OK"));
    EXPECT(DJREDIS_OK, ask(conn, "GET k"));
    CHECK(is_text(&out, DJREDIS_BYTES, "v"));
    EXPECT(DJREDIS_OK, ask(conn, "GET away"));
    CHECK(out.type == DJREDIS_NONE);
    EXPECT(DJREDIS_OK, ask(conn, "MGET k away"));
    CHECK(out.type == DJREDIS_MSGPACK && out.flags == 0);
    EXPECT(DJREDIS_OK, djredis_value_next(&out, &pos, NULL, &item));
    CHECK(is_text(&item, DJREDIS_BYTES, "v"));
    EXPECT(DJREDIS_OK, djredis_value_next(&out, &pos, NULL, &item));
    CHECK(item.type == DJREDIS_NONE);
    EXPECT(DJREDIS_MISS, djredis_value_next(&out, &pos, NULL, &item));
    djredis_conn_release(conn);
}

static void pipelines(djredis_cache *cache)
{
    djredis_conn *conn = acquire(cache);
    djredis_call multi = {.struct_size = sizeof multi, .flags = DJREDIS_MULTI};
    static const uint32_t counts[] = {3, 2}, lens[] = {3, 1, 1, 4, 1};
    EXPECT(DJREDIS_OK, djredis_conn_pipeline(conn, 2, counts, "SETn7INCRn", lens, &multi, &out));
    CHECK(out.type == DJREDIS_ITEMS && out.integer == 2);
    const djredis_item *items = (const djredis_item *)out.data;
    CHECK(items[0].type == DJREDIS_TEXT && items[1].type == DJREDIS_INT && items[1].integer == 8);
    EXPECT(DJREDIS_OK, djredis_conn_pipeline(conn, 0, NULL, NULL, NULL, NULL, &out));
    CHECK(out.type == DJREDIS_ITEMS && out.integer == 0);
    djredis_conn_release(conn);
}

static void refused(djredis_cache *cache)
{
    djredis_conn *conn = acquire(cache);
    djredis_call call = {.struct_size = sizeof call, .deadline_ms = -1};
    static const uint32_t four[] = {4}, huge[] = {UINT32_MAX, UINT32_MAX}, none[] = {0};
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "name", djredis_conn_command(conn, 0, NULL, NULL, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "name", djredis_conn_pipeline(conn, 1, none, NULL, NULL, NULL, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "deadline_ms", djredis_conn_command(conn, 1, "PING", four, &call, &out));
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "4 GiB", djredis_conn_command(conn, 2, "x", huge, NULL, &out));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_conn_command(conn, SIZE_MAX, "x", four, NULL, &out));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_cache_command(cache, 1, "PING", four, 7, NULL, &out));
    EXPECT(DJREDIS_ERR_ARGUMENT, djredis_cache_command(cache, 1, "PING", four, -2, NULL, &out));
    /* Nothing of that was sent. */
    EXPECT(DJREDIS_OK, ask(conn, "PING"));
    CHECK(is_text(&out, DJREDIS_TEXT, "PONG"));
    djredis_conn_release(conn);
}

/* A reply that came too late reaches nobody: the connection is closed. */
static void too_late(void)
{
    struct listener *silent = listen_and(KEEP_SILENT);
    djredis_cache *cache = open_at(silent->location, NULL);
    djredis_conn *conn = acquire(cache);
    djredis_call call = {.struct_size = sizeof call, .deadline_ms = 50};
    struct words command = words("GET k");
    EXPECT(DJREDIS_ERR_TIMEOUT, djredis_conn_command(conn, command.count, command.joined, command.lens, &call, &out));
    CHECK(djredis_conn_command(conn, command.count, command.joined, command.lens, &call, &out) < 0);
    djredis_conn_release(conn);
    djredis_cache_free(cache);
    stop_listening(silent);
}

static void any_order(char **arguments)
{
    djredis_cache *cache = open_private(arguments, NULL);
    djredis_conn *first = acquire(cache), *second = acquire(cache);
    djredis_cache_free(cache);
    EXPECT_ERROR(DJREDIS_ERR_CLOSED, "closed", ask(first, "PING"));
    djredis_conn_release(second);
    djredis_conn_release(first);
}

int main(int count, char **arguments)
{
    djredis_cache *cache = open_private(arguments, NULL);
    CHECK(count == 2);
    replies(cache);
    pipelines(cache);
    refused(cache);
    too_late();
    any_order(arguments);
    djredis_cache_free(cache);
    return finish();
}
