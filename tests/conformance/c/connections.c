/* Raw connections, kept by name until they are released or the case ends. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CONNECTIONS = 8, NAME_SIZE = 32 };

static struct {
    char name[NAME_SIZE];
    djredis_conn *conn;
} connections[MAX_CONNECTIONS];

/* Where the connection with this name is kept, or the first free place; -1: neither. */
static int place_of(const char *name) {
    int free_place = -1;
    for (int i = MAX_CONNECTIONS - 1; i >= 0; i--) {
        if (!connections[i].conn)
            free_place = i;
        else if (!strcmp(connections[i].name, name))
            return i;
    }
    return free_place;
}

static djredis_conn *conn_of(const request *step) {
    int place = place_of(step->conn);
    return place < 0 ? NULL : connections[place].conn;
}

static joined args_of(const request *step) {
    return join(cJSON_GetObjectItem(step->json, "args"), -1);
}

static int32_t do_acquire(request *step, djredis_value *out) {
    int place = place_of(step->conn);
    if (place < 0 || connections[place].conn) {
        fprintf(stderr, "no place for the connection %s\n", step->conn);
        exit(1);
    }
    snprintf(connections[place].name, NAME_SIZE, "%s", step->conn);
    return djredis_conn_acquire(step->cache, step->call, &connections[place].conn, out);
}

static int32_t do_conn_command(request *step, djredis_value *out) {
    joined args = args_of(step);
    return djredis_conn_command(conn_of(step), args.n, args.data, args.lens, step->call, out);
}

static int32_t do_pipeline(request *step, djredis_value *out) {
    const cJSON *commands = cJSON_GetObjectItem(step->json, "commands"), *command, *arg;
    cJSON *all = cJSON_CreateArray();
    uint32_t *counts = scratch(sizeof *counts * (size_t)cJSON_GetArraySize(commands));
    size_t n = 0;
    cJSON_ArrayForEach(command, commands) {
        counts[n++] = (uint32_t)cJSON_GetArraySize(command);
        cJSON_ArrayForEach(arg, command) cJSON_AddItemToArray(all, cJSON_Duplicate(arg, 0));
    }
    joined args = join(all, -1);
    cJSON_Delete(all);
    return djredis_conn_pipeline(conn_of(step), n, counts, args.data, args.lens, step->call, out);
}

static int32_t do_send(request *step, djredis_value *out) {
    joined args = args_of(step);
    return djredis_conn_send(conn_of(step), args.n, args.data, args.lens, step->call, out);
}

static int32_t do_receive(request *step, djredis_value *out) {
    return djredis_conn_receive(conn_of(step), step->call, out);
}

static int32_t do_release(request *step, djredis_value *out) {
    int place = place_of(step->conn);
    (void)out;
    djredis_conn_release(connections[place].conn);
    connections[place].conn = NULL;
    return DJREDIS_OK;
}

void release_all(void) {
    for (int i = 0; i < MAX_CONNECTIONS; i++) {
        djredis_conn_release(connections[i].conn);
        connections[i].conn = NULL;
    }
}

static const struct {
    const char *name;
    operation run;
} operations[] = {
    {"acquire", do_acquire},   {"conn_command", do_conn_command}, {"pipeline", do_pipeline},
    {"send", do_send},         {"receive", do_receive},           {"release", do_release},
};

operation connection_operation_named(const char *name) {
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (!strcmp(operations[i].name, name))
            return operations[i].run;
    return NULL;
}
