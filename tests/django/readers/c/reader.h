/* A C program that shares a Django site's cache. What its files have in common. */
#ifndef READER_H
#define READER_H

#include <cjson/cJSON.h>
#include <djredis.h>

extern djredis_cache *cache;
extern djredis_value out; /* the answer of the latest call */

/* Ends the program with the library's sentence if a call failed; gives OK or an ordinary "no". */
int32_t checked(int32_t status);
/* The value under a key, in `out`, which must be there. */
const djredis_value *get(const char *key);
/* The value at the end of a path of text keys through maps and records: {"state", "title", NULL}. Its type is NONE where
 * there is none. It borrows from `value`. */
djredis_value at(const djredis_value *value, const char *const *path);

/* A value in the notation of the tests; the caller frees it. */
cJSON *shown(const djredis_value *value);
/* Text that is not NUL-terminated, as JSON. */
cJSON *shown_text(const void *data, size_t len);

/* Adds to a session what Python has types for. */
void mark(const char *key);
/* Writes a model instance with another title to another key. */
void edit(const char *key, const char *to);
/* Writes a value unchanged to another key. */
void copy(const char *key, const char *to);

#endif
