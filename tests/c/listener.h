/* A server that is no Redis: it accepts, logs clients in, and then is silent or resets the connection. */
#ifndef DJREDIS_TEST_LISTENER_H
#define DJREDIS_TEST_LISTENER_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum behaviour {
    KEEP_SILENT,
    RESET_AT_ONCE, /* closes with RST as soon as a command comes */
};

struct listener {
    int socket;
    pthread_t thread;
    enum behaviour behaviour;
    atomic_int clients; /* how many sent something after the handshake */
    atomic_int stopped;
    char location[64];
};

/* +OK for each command of a handshake; 0 once another command came. */
static int answer_handshake(int client, const char *request, size_t len)
{
    static const char *const names[] = {"CLIENT", "SELECT", "AUTH"};
    int answered = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (const char *at = request; (at = memmem(at, len - (size_t)(at - request), names[i], strlen(names[i]))); at++)
            answered += send(client, "+OK\r\n", 5, MSG_NOSIGNAL) == 5;
    return answered;
}

static void serve(struct listener *listener, int client)
{
    char buffer[4096];
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    ssize_t len;
    while ((len = read(client, buffer, sizeof buffer)) > 0 && answer_handshake(client, buffer, (size_t)len))
        continue;
    atomic_fetch_add(&listener->clients, len > 0);
    if (listener->behaviour == RESET_AT_ONCE)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    while (listener->behaviour == KEEP_SILENT && !atomic_load(&listener->stopped) && len > 0) {
        struct pollfd readable = {.fd = client, .events = POLLIN};
        if (poll(&readable, 1, 10) > 0)
            len = read(client, buffer, sizeof buffer);
    }
    close(client);
}

static void *accept_clients(void *argument)
{
    struct listener *listener = argument;
    int client;
    while ((client = accept(listener->socket, NULL, NULL)) >= 0)
        serve(listener, client);
    return NULL;
}

static inline struct listener *listen_and(enum behaviour behaviour)
{
    struct listener *listener = calloc(1, sizeof *listener);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    listener->behaviour = behaviour;
    listener->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener->socket, (struct sockaddr *)&address, len) || listen(listener->socket, 16) ||
        getsockname(listener->socket, (struct sockaddr *)&address, &len)) {
        perror("listener");
        exit(2);
    }
    snprintf(listener->location, sizeof listener->location, "127.0.0.1:%d:0", ntohs(address.sin_port));
    pthread_create(&listener->thread, NULL, accept_clients, listener);
    return listener;
}

/* Until a client has sent a command. */
static inline void wait_for_client(struct listener *listener)
{
    for (int i = 0; i < 2000 && !atomic_load(&listener->clients); i++)
        usleep(5 * 1000);
}

static inline void stop_listening(struct listener *listener)
{
    atomic_store(&listener->stopped, 1);
    shutdown(listener->socket, SHUT_RDWR);
    pthread_join(listener->thread, NULL);
    close(listener->socket);
    free(listener);
}

#endif
