/* djredis_parser: the host's own parser reads the replies; one that misbehaves costs an error and its connection. */
#include "harness.h"

#include "listener.h"

#include <sys/wait.h>

enum misbehaviour {
    NONE,
    REFUSES,      /* create fails */
    FEED_FAILS,
    GETS_FAILS,   /* and says why */
    GIVES_NONE,
    GIVES_TWO,
    GIVES_GARBAGE,
    GIVES_PART,   /* less than a reply */
    GIVES_BEYOND, /* a reply and a half */
    GIVES_PUSH,
    GIVES_NULL,
    GIVES_OTHER,  /* a reply of another type */
    RETURNS_ODD,
};

/* What the parsers of one class have in common. */
struct class {
    enum misbehaviour misbehaviour;
    atomic_int made, freed, destroyed, used;
    djredis_cache *inside; /* to be used by gets */
};

struct parser {
    struct class *class;
    char *data;
    size_t len;
    int fed, given;
    pthread_t thread;
};

static void *create(void *ctx)
{
    struct class *class = ctx;
    struct parser *parser = calloc(1, sizeof *parser);
    if (class->misbehaviour == REFUSES) {
        free(parser);
        return NULL;
    }
    parser->class = class;
    atomic_fetch_add(&class->made, 1);
    return parser;
}

static int32_t feed(void *object, const uint8_t *data, size_t len)
{
    struct parser *parser = object;
    free(parser->data);
    parser->data = malloc(len + 8);
    memcpy(parser->data, data, len);
    parser->len = len;
    parser->thread = pthread_self();
    parser->fed++;
    atomic_fetch_add(&parser->class->used, 1);
    return parser->class->misbehaviour == FEED_FAILS;
}

static int32_t give(const uint8_t **data, size_t *len, const char *text)
{
    *data = (const uint8_t *)text;
    *len = strlen(text);
    return 0;
}

static int32_t gets_reply(void *object, const uint8_t **data, size_t *len)
{
    struct parser *parser = object;
    djredis_cache *inside = parser->class->inside;
    CHECK(pthread_equal(parser->thread, pthread_self()));
    if (inside) {
        djredis_value slot = {0};
        parser->class->inside = NULL;
        CHECK(djredis_cache_has_key(inside, TEXT("no such key"), NULL, &slot) == DJREDIS_MISS);
        djredis_value_clear(&slot);
    }
    if (parser->given == parser->fed && parser->class->misbehaviour != GIVES_TWO)
        return 1;
    parser->given = parser->fed;
    *data = (const uint8_t *)parser->data;
    *len = parser->len;
    switch (parser->class->misbehaviour) {
    case GETS_FAILS:
        give(data, len, "a bad day");
        return -1;
    case GIVES_NONE:
        return 1;
    case GIVES_GARBAGE:
        return give(data, len, "hello\r\n");
    case GIVES_PART:
        --*len;
        return 0;
    case GIVES_BEYOND:
        memcpy(parser->data + parser->len, ":1", 2);
        *len += 2;
        return 0;
    case GIVES_PUSH:
        return give(data, len, ">1\r\n+x\r\n");
    case GIVES_NULL:
        *data = NULL;
        return 0;
    case GIVES_OTHER:
        return give(data, len, "*1\r\n:1\r\n");
    case RETURNS_ODD:
        return 7;
    default:
        return 0;
    }
}

static void end_parser(void *object)
{
    struct parser *parser = object;
    atomic_fetch_add(&parser->class->freed, 1);
    free(parser->data);
    free(parser);
}

static void destroy(void *ctx)
{
    struct class *class = ctx;
    CHECK(class->made == class->freed);
    atomic_fetch_add(&class->destroyed, 1);
}

static djredis_parser parser_of(struct class *class)
{
    return (djredis_parser){.struct_size = sizeof(djredis_parser), .ctx = class, .create = create, .feed = feed,
                            .gets = gets_reply, .free = end_parser, .destroy = destroy};
}

static djredis_cache *open_parsed(const char *location, struct class *class, const char *max_connections)
{
    djredis_cache *cache = NULL;
    djredis_options *options = djredis_options_new();
    djredis_parser parser = parser_of(class);
    EXPECT(DJREDIS_OK, djredis_options_set(options, TEXT("SOCKET_TIMEOUT"), TEXT("60"), &out));
    EXPECT(DJREDIS_OK, djredis_options_set(options, TEXT("SOCKET_CONNECT_TIMEOUT"), TEXT("60"), &out));
    EXPECT(DJREDIS_OK, djredis_options_set(options, TEXT("MAX_CONNECTIONS"), max_connections, DJREDIS_NUL, &out));
    EXPECT(DJREDIS_OK, djredis_options_set_parser(options, &parser, &out));
    EXPECT(DJREDIS_OK, djredis_cache_open(location, DJREDIS_NUL, options, &cache, &out));
    djredis_options_free(options);
    return cache;
}

static void it_reads_every_reply(const char *location)
{
    struct class class = {0};
    djredis_cache *cache = open_parsed(location, &class, "4");
    djredis_value one = int_value(1), text = text_value("hello");
    char *large = malloc(1 << 20);
    memset(large, 'x', 1 << 20);
    EXPECT(DJREDIS_OK, djredis_cache_option(cache, TEXT("PARSER_CLASS"), &out));
    CHECK(is_text(&out, DJREDIS_TEXT, "own"));
    CHECK(class.made == 0);
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("n"), &one, NULL, &out));
    CHECK(class.made == 1 && class.used == 1);
    EXPECT(DJREDIS_OK, djredis_cache_incr(cache, TEXT("n"), 4, NULL, &out));
    CHECK(out.type == DJREDIS_INT && out.integer == 5);
    EXPECT(DJREDIS_OK, djredis_cache_set(cache, TEXT("t"), &text, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_get(cache, TEXT("t"), NULL, &out));
    CHECK(is_text(&out, DJREDIS_TEXT, "hello"));
    EXPECT(DJREDIS_MISS, djredis_cache_get(cache, TEXT("no such key"), NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_set_raw(cache, TEXT("large"), large, 1 << 20, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_get_raw(cache, TEXT("large"), NULL, &out));
    CHECK(out.len == 1 << 20 && !memcmp(out.data, large, out.len));
    EXPECT(DJREDIS_OK, djredis_cache_get_many(cache, 2, "nt", (const uint32_t[]){1, 1}, NULL, &out));
    CHECK(out.type == DJREDIS_ITEMS && out.integer == 2);
    EXPECT(DJREDIS_OK, djredis_cache_keys(cache, TEXT("*"), NULL, &out));
    CHECK(out.integer == 3);
    EXPECT_ERROR(DJREDIS_ERR_SERVER, "unknown command",
                 djredis_cache_command(cache, 1, "NOSUCH", (const uint32_t[]){6}, -1, NULL, &out));
    class.inside = cache;
    EXPECT(DJREDIS_OK, djredis_cache_has_key(cache, TEXT("t"), NULL, &out));
    CHECK(class.inside == NULL && class.made == 2);
    djredis_cache_free(cache);
    CHECK(class.freed == 2 && class.destroyed == 1);
    free(large);
}

static void misbehaving(const char *location, enum misbehaviour how, int32_t status, const char *words)
{
    struct class class = {0};
    djredis_cache *cache = open_parsed(location, &class, "1");
    EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, TEXT("no such key"), NULL, &out));
    class.misbehaviour = how;
    EXPECT_ERROR(status, words, djredis_cache_has_key(cache, TEXT("t"), NULL, &out));
    CHECK(has(&out, "PARSER_CLASS") && has(&out, "unix:"));
    CHECK((out.flags & (DJREDIS_MAYBE_SENT | DJREDIS_AWAY)) == DJREDIS_MAYBE_SENT);
    class.misbehaviour = NONE;
    EXPECT(DJREDIS_OK, djredis_cache_has_key(cache, TEXT("t"), NULL, &out));
    CHECK(class.made == 2 && class.freed == 1); /* the connection was closed, and its parser ended */
    djredis_cache_free(cache);
    CHECK(class.destroyed == 1);
}

static void none_can_be_made(const char *location)
{
    struct class class = {.misbehaviour = REFUSES};
    djredis_cache *cache = open_parsed(location, &class, "1");
    EXPECT_ERROR(DJREDIS_ERR_CALLBACK, "PARSER_CLASS", djredis_cache_has_key(cache, TEXT("t"), NULL, &out));
    CHECK(out.flags == DJREDIS_NOT_SENT);
    class.misbehaviour = NONE;
    EXPECT(DJREDIS_OK, djredis_cache_has_key(cache, TEXT("t"), NULL, &out));
    djredis_cache_free(cache);
}

/* A silent server costs the call's time, and the parser hears nothing. */
static void deadlines_hold(void)
{
    struct class class = {0};
    struct listener *silent = listen_and(KEEP_SILENT);
    djredis_cache *cache = open_parsed(silent->location, &class, "1");
    djredis_call call = {.struct_size = sizeof call, .deadline_ms = 100};
    EXPECT(DJREDIS_ERR_TIMEOUT, djredis_cache_has_key(cache, TEXT("t"), &call, &out));
    CHECK(class.made == class.freed && class.used == 0);
    djredis_cache_free(cache);
    stop_listening(silent);
}

struct work {
    djredis_cache *cache;
    int number, failures;
};

static void *use(void *argument)
{
    struct work *work = argument;
    djredis_value slot = {0}, mine = int_value(work->number);
    char key[16];
    size_t len = (size_t)snprintf(key, sizeof key, "thread%d", work->number);
    for (int i = 0; i < 300; i++) {
        work->failures += djredis_cache_set(work->cache, key, len, &mine, NULL, &slot) != DJREDIS_OK;
        work->failures += djredis_cache_get(work->cache, key, len, NULL, &slot) != DJREDIS_OK || slot.integer != mine.integer;
    }
    djredis_value_clear(&slot);
    return NULL;
}

/* More threads than connections: each waits for one of its own. */
static void many_threads(const char *location)
{
    enum { THREADS = 8 };
    struct class class = {0};
    struct work work[THREADS];
    pthread_t threads[THREADS];
    djredis_cache *cache = open_parsed(location, &class, "2");
    for (int i = 0; i < THREADS; i++) {
        work[i] = (struct work){cache, i, 0};
        pthread_create(&threads[i], NULL, use, &work[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(work[i].failures == 0);
    }
    CHECK(class.made == 2 && class.used == 2 * 300 * THREADS);
    djredis_cache_free(cache);
    CHECK(class.destroyed == 1);
}

/* A child makes its own parsers, and leaves the parent's alone. */
static void forked(const char *location)
{
    struct class class = {0};
    djredis_cache *cache = open_parsed(location, &class, "2");
    int status;
    EXPECT(DJREDIS_OK, djredis_cache_has_key(cache, TEXT("t"), NULL, &out));
    pid_t pid = fork();
    if (pid == 0) {
        failures = 0;
        EXPECT(DJREDIS_OK, djredis_cache_has_key(cache, TEXT("t"), NULL, &out));
        CHECK(class.made == 2 && class.freed == 0);
        djredis_cache_free(cache);
        CHECK(class.freed == 1 && class.destroyed == 0);
        if (failures)
            _exit(1);
        execl("/bin/true", "true", (char *)NULL); /* another program has no leaks to be told */
    }
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    EXPECT(DJREDIS_OK, djredis_cache_has_key(cache, TEXT("t"), NULL, &out));
    djredis_cache_free(cache);
    CHECK(class.made == 1 && class.destroyed == 1);
}

/* Messages of pub/sub go through the parser too, and a quiet channel is none of its failures. */
static void messages(const char *location)
{
    struct class class = {0};
    djredis_cache *cache = open_parsed(location, &class, "2");
    djredis_call shortly = {.struct_size = sizeof shortly, .deadline_ms = 50};
    djredis_conn *conn = NULL;
    EXPECT(DJREDIS_OK, djredis_conn_acquire(cache, NULL, &conn, &out));
    EXPECT(DJREDIS_OK, djredis_conn_send(conn, 2, "SUBSCRIBEnews", (const uint32_t[]){9, 4}, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_conn_receive(conn, NULL, &out));
    EXPECT(DJREDIS_MISS, djredis_conn_receive(conn, &shortly, &out));
    EXPECT(DJREDIS_OK, djredis_cache_command(cache, 3, "PUBLISHnewshi", (const uint32_t[]){7, 4, 2}, -1, NULL, &out));
    EXPECT(DJREDIS_OK, djredis_conn_receive(conn, NULL, &out));
    CHECK(out.type == DJREDIS_MSGPACK && has(&out, "news") && has(&out, "hi"));
    class.misbehaviour = GIVES_NONE;
    djredis_conn_release(conn);
    djredis_cache_free(cache);
    CHECK(class.destroyed == 1);
}

/* Caches with the same parser share connections; each needs its own destroy. */
static void shared(const char *location)
{
    struct class class = {0};
    djredis_cache *one = open_parsed(location, &class, "1"), *other = open_parsed(location, &class, "1");
    EXPECT(DJREDIS_OK, djredis_cache_has_key(one, TEXT("t"), NULL, &out));
    EXPECT(DJREDIS_OK, djredis_cache_has_key(other, TEXT("t"), NULL, &out));
    CHECK(class.made == 1);
    djredis_cache_free(one);
    EXPECT(DJREDIS_OK, djredis_cache_has_key(other, TEXT("t"), NULL, &out));
    djredis_cache_free(other);
    CHECK(class.freed == 1 && class.destroyed == 2);
}

static void what_is_refused(const char *location)
{
    struct class class = {0};
    djredis_options *options = djredis_options_new();
    djredis_parser good = parser_of(&class), parser = good;
    djredis_cache *cache = NULL;
    EXPECT_ERROR(DJREDIS_ERR_NULL, "options", djredis_options_set_parser(NULL, &good, &out));
    parser.struct_size = 8;
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "sizeof(djredis_parser)", djredis_options_set_parser(options, &parser, &out));
    parser = good, parser.flags = 1;
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "flags", djredis_options_set_parser(options, &parser, &out));
    parser = good, parser.gets = NULL;
    EXPECT_ERROR(DJREDIS_ERR_ARGUMENT, "gets", djredis_options_set_parser(options, &parser, &out));
    CHECK(class.destroyed == 0);
    /* What is given last counts; free and destroy may be missing. */
    EXPECT(DJREDIS_OK, djredis_options_set_parser(options, &good, &out));
    EXPECT(DJREDIS_OK, djredis_options_set_parser(options, NULL, &out));
    CHECK(class.destroyed == 1);
    EXPECT(DJREDIS_OK, djredis_options_set_parser(options, &good, &out));
    EXPECT(DJREDIS_OK, djredis_options_set(options, TEXT("PARSER_CLASS"), TEXT("builtin"), &out));
    CHECK(class.destroyed == 2);
    parser = good, parser.free = NULL, parser.destroy = NULL, class.misbehaviour = REFUSES;
    EXPECT(DJREDIS_OK, djredis_options_set_parser(options, &parser, &out));
    EXPECT(DJREDIS_OK, djredis_cache_open(location, DJREDIS_NUL, options, &cache, &out));
    EXPECT(DJREDIS_ERR_CALLBACK, djredis_cache_has_key(cache, TEXT("t"), NULL, &out));
    djredis_cache_free(cache);
    /* A store inside the process has no replies. */
    EXPECT(DJREDIS_OK, djredis_options_set_parser(options, &good, &out));
    EXPECT(DJREDIS_OK, djredis_cache_open(TEXT("memory:parsed"), options, &cache, &out));
    EXPECT(DJREDIS_MISS, djredis_cache_has_key(cache, TEXT("t"), NULL, &out));
    djredis_options_free(options);
    CHECK(class.destroyed == 2);
    djredis_cache_free(cache);
    CHECK(class.destroyed == 3 && class.made == 0);
}

int main(int count, char **arguments)
{
    char location[256];
    CHECK(count == 2);
    snprintf(location, sizeof location, "unix:%s:0", arguments[1]);
    it_reads_every_reply(location);
    misbehaving(location, FEED_FAILS, DJREDIS_ERR_CALLBACK, "failed");
    misbehaving(location, GETS_FAILS, DJREDIS_ERR_CALLBACK, "a bad day");
    misbehaving(location, GIVES_NONE, DJREDIS_ERR_CALLBACK, "gave none");
    misbehaving(location, GIVES_TWO, DJREDIS_ERR_CALLBACK, "more than one");
    misbehaving(location, GIVES_GARBAGE, DJREDIS_ERR_CALLBACK, "what is none");
    misbehaving(location, GIVES_PART, DJREDIS_ERR_CALLBACK, "what is none");
    misbehaving(location, GIVES_BEYOND, DJREDIS_ERR_CALLBACK, "what is none");
    misbehaving(location, GIVES_PUSH, DJREDIS_ERR_CALLBACK, "what is none");
    misbehaving(location, GIVES_NULL, DJREDIS_ERR_CALLBACK, "NULL");
    misbehaving(location, GIVES_OTHER, DJREDIS_ERR_PROTOCOL, "an array where an integer belongs");
    misbehaving(location, RETURNS_ODD, DJREDIS_ERR_CALLBACK, "returned 7");
    none_can_be_made(location);
    deadlines_hold();
    many_threads(location);
    forked(location);
    messages(location);
    shared(location);
    what_is_refused(location);
    return finish();
}
