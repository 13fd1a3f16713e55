/* What Go can't say by itself: see frame.go. SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef DJREDIS_GO_SHIM_H
#define DJREDIS_GO_SHIM_H

#include "djredis.h"

#include <stdlib.h>
#include <time.h>

/* What one call works with. It lives in C memory, so that nothing in it is moved or looked at by Go's collector. */
typedef struct djredis_go_frame {
    djredis_value out;
    djredis_call call;
    djredis_near near;
} djredis_go_frame;

/* A slot that is passed in points to Go memory. Go may pass such a pointer as an argument, but may not store it; so the
 * slot is put together here, on C's stack. */
static inline djredis_value djredis_go_slot(int32_t type, uint32_t flags, int64_t integer, double real, const void *data,
                                            size_t len) {
    djredis_value value = {type, flags, integer, real, data, len, NULL};
    return value;
}

static inline int32_t djredis_go_set(djredis_cache *cache, const char *key, size_t key_len, int32_t type, uint32_t flags,
                                     int64_t integer, double real, const void *data, size_t len, djredis_go_frame *frame) {
    djredis_value value = djredis_go_slot(type, flags, integer, real, data, len);
    return djredis_cache_set(cache, key, key_len, &value, &frame->call, &frame->out);
}

/* The frame is a number here, since of a pointer to pointers Go looks up whether it is one of its own. */
static inline int32_t djredis_go_near_get(djredis_cache *cache, const char *key, size_t key_len, uintptr_t address) {
    djredis_go_frame *frame = (djredis_go_frame *)address;
    return djredis_cache_near_get(cache, key, key_len, &frame->call, &frame->near, &frame->out);
}

/* Nanoseconds of the clock that djredis_near goes by. */
static inline uint64_t djredis_go_monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline int32_t djredis_go_encode(djredis_cache *cache, int32_t type, uint32_t flags, int64_t integer, double real,
                                        const void *data, size_t len, djredis_go_frame *frame) {
    djredis_value value = djredis_go_slot(type, flags, integer, real, data, len);
    return djredis_cache_encode(cache, &value, &frame->out);
}

#endif
