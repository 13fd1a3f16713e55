#include "measure.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { QUIET_MS = 50, BUFFER = 2 << 20 };

int bare_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("bare loop", "it can't connect");
    return fd;
}

static void write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t count = write(fd, bytes, len);
        if (count <= 0)
            fail("bare loop", "it can't write");
        bytes += count;
        len -= (size_t)count;
    }
}

static void bare_call(struct worker *w, const struct request *request)
{
    static _Thread_local char buffer[BUFFER];
    size_t got = 0;

    write_all(w->bare, request->packed, request->packed_len);
    do {
        ssize_t count = read(w->bare, buffer + got, sizeof buffer - got);
        if (count <= 0)
            fail("bare loop", "it can't read");
        got += (size_t)count;
    } while (request->reply_len ? got < request->reply_len : buffer[got - 1] != '\n');
}

static void expect(struct worker *w, redisReply *reply)
{
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
        fail("hiredis", reply ? reply->str : w->hiredis->errstr);
    freeReplyObject(reply);
}

static void hiredis_call(struct worker *w, const struct request *request)
{
    void *reply;

    if (request->commands == 1) {
        expect(w, redisCommandArgv(w->hiredis, request->argc, request->argv, request->lens));
        return;
    }
    for (int i = 0; i < request->commands; i++) {
        int first = i * request->argc;
        redisAppendCommandArgv(w->hiredis, request->argc, request->argv + first, request->lens + first);
    }
    for (int i = 0; i < request->commands; i++) {
        if (redisGetReply(w->hiredis, &reply) != REDIS_OK)
            reply = NULL;
        expect(w, reply);
    }
}

/* What comes until the server keeps quiet. */
static size_t drain(int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    static char buffer[BUFFER];
    size_t got = 0;

    while (poll(&entry, 1, QUIET_MS) > 0) {
        ssize_t count = read(fd, buffer, sizeof buffer);
        if (count <= 0)
            fail("bare loop", "it can't read");
        got += (size_t)count;
    }
    return got;
}

void request_pack(struct request *request, struct worker *worker)
{
    for (int i = 0; i < request->commands; i++) {
        int first = i * request->argc;
        char *command;
        int len = redisFormatCommandArgv(&command, request->argc, request->argv + first, request->lens + first);
        char *longer = realloc(request->packed, request->packed_len + (size_t)len);
        if (len < 0 || longer == NULL)
            fail("bare loop", "it has no memory");
        memcpy(longer + request->packed_len, command, (size_t)len);
        request->packed = longer;
        request->packed_len += (size_t)len;
        free(command);
    }
    write_all(worker->bare, request->packed, request->packed_len);
    request->reply_len = drain(worker->bare);
    /* A number grows while it is counted up. */
    if (strcmp(request->argv[0], "INCRBY") == 0)
        request->reply_len = 0;
}

void call(enum side side, const struct workload *work, struct worker *worker)
{
    switch (side) {
    case BARE:
        bare_call(worker, work->request);
        break;
    case HIREDIS:
        hiredis_call(worker, work->request);
        break;
    default:
        work->ours(worker);
    }
}
