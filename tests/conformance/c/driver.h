/* The conformance driver for C: what its files share. */
#ifndef CONFORMANCE_DRIVER_H
#define CONFORMANCE_DRIVER_H

#include <cjson/cJSON.h>
#include <djredis.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bytes {
    const uint8_t *data;
    size_t len;
} bytes;

/* One step, taken apart. */
typedef struct request {
    const cJSON *json;
    djredis_cache *cache;
    const char *conn;         /* the name of a raw connection */
    const djredis_call *call; /* NULL where the step asks for nothing special */
    bytes key;
    cJSON *value;             /* an answer that does not stand in the slot */
} request;

/* scratch.c: memory that lives until the end of the step */
void *scratch(size_t size);
void scratch_free(void);
bytes from_hex(const char *text);
char *to_hex(const void *data, size_t len);

/* values.c: the plain notation of README.md and back */
uint32_t format_number(const char *name);
void value_from_json(const cJSON *json, djredis_value *value);
cJSON *value_to_json(const djredis_value *value);

/* msgpack.c: composite values are built by hand, as a C program does it */
bytes msgpack_from_json(const cJSON *json, uint32_t *kind);
bytes msgpack_extension_payload(const djredis_value *value);

bytes msgpack_batch(const cJSON *calls);

/* driver.c */
uint32_t flags_of(const cJSON *json);
int64_t number_field(const cJSON *json, const char *name);
int64_t ttl_of(const cJSON *json);

/* operations.c */
typedef int32_t (*operation)(request *step, djredis_value *out);
operation operation_named(const char *name);
bytes hex_field(const cJSON *json, const char *name);
const char *text_field(const cJSON *json, const char *name);

/* Joined texts and their lengths, as calls on many keys take them. */
typedef struct joined {
    size_t n;
    char *data;
    uint32_t *lens;
} joined;
/* column -1: the array holds hex; else each element is an array, and the hex stands in that column */
joined join(const cJSON *array, int column);

/* connections.c */
operation connection_operation_named(const char *name);
void release_all(void);

#endif
