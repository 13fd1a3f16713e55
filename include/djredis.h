/* libdjredis: Django's Redis cache for every language.
 *
 * Made from src/ffi by `make header`: change it there. SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A key, a name or a location is a pointer and a length, DJREDIS_NUL for a text that ends at its NUL; with length 0 the
 * pointer is never looked at. Every call answers with a status and leaves its result, or the sentence that says what went
 * wrong, in the slot `out`. Nothing here exits, aborts, prints or raises a signal. */


#ifndef DJREDIS_H
#define DJREDIS_H

#include <stddef.h>
#include <stdint.h>

/** Bumped only when an existing symbol or layout changes; the number in the SONAME. */
#define DJREDIS_ABI 1
/** As a length: the text ends at its NUL. */
#define DJREDIS_NUL SIZE_MAX
/** As ttl_ms: never expires. As deadline_ms: wait as long as it takes. */
#define DJREDIS_FOREVER INT64_MAX

/* Status: 0 done, > 0 an ordinary "no", < 0 an error. Numbers are never reused. */

/** Done. */
#define DJREDIS_OK 0
/** No such key; NX or XX not met; the end of a scan or cursor. */
#define DJREDIS_MISS 1
/** The server is away and IGNORE_EXCEPTIONS is on; `out` holds the error. */
#define DJREDIS_IGNORED 2
/** A required pointer was NULL. */
#define DJREDIS_ERR_NULL (-1)
/** A bad length, key or flag, or a wrong struct_size. */
#define DJREDIS_ERR_ARGUMENT (-2)
/** A bad location, an unknown option or a bad option value. */
#define DJREDIS_ERR_CONFIG (-3)
/** A bug in this library; the handle is still usable. */
#define DJREDIS_ERR_PANIC (-4)
/** Refused, reset or closed. */
#define DJREDIS_ERR_CONNECTION (-5)
/** The deadline passed. */
#define DJREDIS_ERR_TIMEOUT (-6)
/** No connection of the pool became free in time. */
#define DJREDIS_ERR_POOL (-7)
/** NOAUTH, WRONGPASS, NOPERM. */
#define DJREDIS_ERR_AUTH (-8)
/** Redis answered with an error. */
#define DJREDIS_ERR_SERVER (-9)
/** Bytes that are no reply; the connection was closed. */
#define DJREDIS_ERR_PROTOCOL (-10)
/** A value that can't be written. */
#define DJREDIS_ERR_ENCODE (-11)
/** Stored bytes that can't be read; they follow the message, see djredis_value.integer. */
#define DJREDIS_ERR_DECODE (-12)
/** incr, incr_version, move: the key is not there. */
#define DJREDIS_ERR_NOT_FOUND (-13)
/** This kind of client can't do that. */
#define DJREDIS_ERR_UNSUPPORTED (-14)
/** The cache was closed. */
#define DJREDIS_ERR_CLOSED (-15)
/** A connection or scan that was made before fork(). */
#define DJREDIS_ERR_FORKED (-16)
/** The host's parser failed. */
#define DJREDIS_ERR_CALLBACK (-17)
/** The key holds another type, or no number. */
#define DJREDIS_ERR_TYPE (-18)
/** LOADING, READONLY, MASTERDOWN, OOM, CLUSTERDOWN, MISCONF, BUSY. */
#define DJREDIS_ERR_UNAVAILABLE (-19)
/** The host's interrupt check said stop; the connection was closed. */
#define DJREDIS_ERR_INTERRUPTED (-20)

/* djredis_value.type */

/** Python's None. */
#define DJREDIS_NONE 0
/** integer: 0 or 1. */
#define DJREDIS_BOOL 1
/** integer. */
#define DJREDIS_INT 2
/** real. */
#define DJREDIS_FLOAT 3
/** data, len. */
#define DJREDIS_BYTES 4
/** data, len: valid UTF-8, not NUL-terminated. */
#define DJREDIS_TEXT 5
/** data, len: an integer of more than 64 bits, as an optional '-' and decimal digits. */
#define DJREDIS_BIGINT 6
/** data, len: a list, tuple, set, map, date, ... as MessagePack (docs/values.md). flags: its extension number, 0 for a list, 255 for a map. */
#define DJREDIS_MSGPACK 7
/** data, len: stored bytes that can't be typed; stored as they are when given to set. */
#define DJREDIS_OPAQUE 8
/** data, len: the message, a sentence. integer, for DJREDIS_ERR_DECODE: how many stored bytes follow at data + len. */
#define DJREDIS_ERROR 9
/** data, len: serialized bytes, verified and decompressed. flags: 1 pickle, 2 json, 3 msgpack, 4 raw. */
#define DJREDIS_PAYLOAD 10
/** An item of get_many that is not there. */
#define DJREDIS_MISSING 11
/** A list that the library made (get_many, keys, scan): `integer` djredis_items at data, then their bytes. */
#define DJREDIS_ITEMS 12

/* djredis_value.flags of a DJREDIS_MSGPACK: what it is (docs/values.md, section 3) */

/** A list: elements. */
#define DJREDIS_LIST 0
/** A dict: pairs. */
#define DJREDIS_MAP 255
/** A tuple: elements. */
#define DJREDIS_TUPLE 5
/** A set: elements. */
#define DJREDIS_SET 6
/** A frozenset: elements. */
#define DJREDIS_FROZENSET 7
/** A datetime; see djredis_value_time. */
#define DJREDIS_DATETIME 8
/** A date; see djredis_value_time. */
#define DJREDIS_DATE 9
/** A time of day; see djredis_value_time. */
#define DJREDIS_TIME 10
/** A timedelta; see djredis_value_time. */
#define DJREDIS_TIMEDELTA 11
/** A Decimal: its text, see djredis_value_leaf. */
#define DJREDIS_DECIMAL 12
/** A UUID: its 16 bytes, see djredis_value_leaf. */
#define DJREDIS_UUID 13
/** A complex number: real and imaginary part as big-endian doubles, see djredis_value_leaf. */
#define DJREDIS_COMPLEX 14
/** A Fraction: its text, see djredis_value_leaf. */
#define DJREDIS_FRACTION 15
/** An object of another class: pairs, docs/values.md, section 4. */
#define DJREDIS_RECORD 16
/** Text with lone surrogates, see djredis_value_leaf. */
#define DJREDIS_SURROGATES 17
/** A bytearray, see djredis_value_leaf. */
#define DJREDIS_BYTEARRAY 20
/** An OrderedDict: pairs. */
#define DJREDIS_ORDERED_DICT 22
/** A defaultdict: pairs. */
#define DJREDIS_DEFAULTDICT 23
/** A Counter: pairs. */
#define DJREDIS_COUNTER 24
/** A deque: elements. */
#define DJREDIS_DEQUE 25
/** A range: start, stop and step. */
#define DJREDIS_RANGE 26
/** Ellipsis. */
#define DJREDIS_ELLIPSIS 27
/** Django's SafeString: its text, see djredis_value_leaf. */
#define DJREDIS_SAFE_STRING 28

/* djredis_time.zone_kind */

/** Python calls it naive. */
#define DJREDIS_ZONE_NONE 0
/** A fixed offset from UTC. */
#define DJREDIS_ZONE_FIXED 1
/** A name of the time zone database. */
#define DJREDIS_ZONE_NAMED 2
/** An object of a class that is not known here; it can't be written. */
#define DJREDIS_ZONE_OBJECT 3

/* djredis_value.flags of a DJREDIS_ERROR */

/** Nothing was executed: safe to try again. */
#define DJREDIS_NOT_SENT 1
/** May have been executed. */
#define DJREDIS_MAYBE_SENT 2
/** Connection trouble: what IGNORE_EXCEPTIONS covers. */
#define DJREDIS_AWAY 4

/* djredis_call.flags */

/** Set only if the key is not there. */
#define DJREDIS_NX 1
/** Set only if the key is there. */
#define DJREDIS_XX 2
/** The key is already prefix:version:key. */
#define DJREDIS_KEY_MADE 4
/** `version` is given. */
#define DJREDIS_VERSION 8
/** `ttl_ms` is given: DJREDIS_FOREVER; above 0; 0 and below as option ZERO_TIMEOUT says. */
#define DJREDIS_TTL 16
/** get, get_many: DJREDIS_PAYLOAD for what is no integer, for a host that decodes by itself. */
#define DJREDIS_AS_PAYLOAD 32
/** conn_pipeline: in MULTI ... EXEC. */
#define DJREDIS_MULTI 64
/** cache_get, cache_has_key: DJREDIS_MISS where the near cache (option NEAR_CACHE) has no answer at hand. Nothing is sent. */
#define DJREDIS_NEAR_ONLY 128


/**
 * A cache. Any number of threads may use it at once, before and after fork(). Made by djredis_cache_open, freed once by
 * djredis_cache_free; scans made from it may be freed before or after it.
 */
typedef struct djredis_cache djredis_cache;

/**
 * A connection borrowed from a cache's pool. One thread at a time, in the process that acquired it. Made by
 * djredis_conn_acquire, given back by djredis_conn_release, before or after its cache is freed.
 */
typedef struct djredis_conn djredis_conn;

/**
 * Options to open a cache with. One thread at a time. Made by djredis_options_new, freed by
 * djredis_options_free; djredis_cache_open copies them, so they may be freed or changed afterwards.
 */
typedef struct djredis_options djredis_options;

/**
 * A list, map, set, ... in the making, to be given to djredis_cache_set. One thread at a time. Made by djredis_pack_new, freed by
 * djredis_pack_free. Of the parts that were refused the first one's error comes out of djredis_pack_value, so that a program need
 * not look at each status.
 */
typedef struct djredis_pack djredis_pack;

/**
 * A walk over the keys that match a pattern. One thread at a time, in the process that started it. Made by djredis_cache_scan,
 * freed by djredis_scan_free, before or after its cache. It holds no connection between batches.
 */
typedef struct djredis_scan djredis_scan;

/**
 * One slot for what comes back, and for typed values going in. 48 bytes on 64-bit machines, frozen. One thread at a time.
 *
 * Zero it once (`djredis_value v = {0};`) and reuse it; never copy it by assignment. As `out` it is filled by the
 * call, and what it held is freed just before the call returns, so inputs may point into it, and `value`
 * may be `out`. `data` stays valid until the slot is passed as `out` to another call or to
 * djredis_value_clear, which the last use must end with. As an input only `type` and the fields
 * that its type names are read; input slots need no owner.
 */
typedef struct djredis_value {
    /**
     * DJREDIS_NONE ... DJREDIS_ITEMS.
     */
    int32_t type;
    /**
     * MSGPACK: what it is; PAYLOAD: the format; ERROR: DJREDIS_NOT_SENT, DJREDIS_MAYBE_SENT, DJREDIS_AWAY.
     */
    uint32_t flags;
    /**
     * BOOL, INT; ITEMS: how many; ERROR: how many stored bytes follow the message.
     */
    int64_t integer;
    /**
     * FLOAT.
     */
    double real;
    /**
     * The bytes; not NUL-terminated. NULL or anything where `len` is 0.
     */
    const uint8_t *data;
    /**
     * How many.
     */
    size_t len;
    /**
     * Private: never read or change it. NULL in a slot that a program fills by itself.
     */
    void *owner;
} djredis_value;

/**
 * A Python date, time, datetime or timedelta, field by field. Zero it and set struct_size to sizeof(djredis_time); new fields are
 * appended. `zone` borrows from the value that it was read from.
 */
typedef struct djredis_time {
    /**
     * sizeof(djredis_time).
     */
    uint32_t struct_size;
    /**
     * DJREDIS_DATETIME, DJREDIS_DATE, DJREDIS_TIME or DJREDIS_TIMEDELTA: which fields count.
     */
    uint32_t kind;
    /**
     * 1 to 9999; datetime and date.
     */
    int32_t year;
    /**
     * 1 to 12.
     */
    int32_t month;
    /**
     * 1 to 31.
     */
    int32_t day;
    /**
     * Of a timedelta: -999999999 to 999999999.
     */
    int32_t days;
    /**
     * 0 to 23; datetime and time.
     */
    int32_t hour;
    /**
     * 0 to 59.
     */
    int32_t minute;
    /**
     * 0 to 59; of a timedelta 0 to 86399, counted upwards from `days`.
     */
    int32_t second;
    /**
     * 0 to 999999.
     */
    int32_t microsecond;
    /**
     * 1: the later of two times that read alike, when clocks are put back.
     */
    int32_t fold;
    /**
     * DJREDIS_ZONE_NONE, DJREDIS_ZONE_FIXED, DJREDIS_ZONE_NAMED or DJREDIS_ZONE_OBJECT; datetime and time.
     */
    uint32_t zone_kind;
    /**
     * ZONE_FIXED: seconds east of UTC, rounded down.
     */
    int32_t offset_seconds;
    /**
     * ZONE_FIXED: what is left, 0 to 999999.
     */
    int32_t offset_microseconds;
    /**
     * ZONE_NAMED: the name in the time zone database, "Europe/Berlin". ZONE_FIXED: a name, or none. Not NUL-terminated.
     */
    const char *zone;
    /**
     * Its length.
     */
    size_t zone_len;
} djredis_time;

/**
 * The host's own parser of replies, as hiredis.Reader is one: docs/parsers.md. `struct_size` is
 * `sizeof(djredis_parser)`; the library copies it.
 *
 * A connection has one parser. The functions are called on the thread whose call reads from it, never under a lock and never
 * from a thread of the library's; one parser is with one thread at a time. They must not block, since no deadline reaches into them,
 * and must return: no exception and no longjmp.
 */
typedef struct djredis_parser {
    /**
     * `sizeof(djredis_parser)` as the caller was compiled.
     */
    uint32_t struct_size;
    /**
     * 0.
     */
    uint32_t flags;
    /**
     * Handed to `create` and `destroy`.
     */
    void *ctx;
    /**
     * A parser for a new connection, once that is logged in; NULL is a failure. Needed.
     */
    void *(*create)(void *ctx);
    /**
     * Gives a parser `len` bytes at `data`, one whole reply; they stand until it returns. 0, or anything else for a failure. Needed.
     */
    int32_t (*feed)(void *parser, const uint8_t *data, size_t len);
    /**
     * Asks a parser for the reply. 0: it stands in RESP, `*len` bytes at `*data`, until the next call with this parser.
     * 1: it has none. Below 0: it failed, and a text that says why may stand there. Needed.
     */
    int32_t (*gets)(void *parser, const uint8_t **data, size_t *len);
    /**
     * Ends a parser: its connection is closed. May be NULL.
     */
    void (*free)(void *parser);
    /**
     * `ctx` is needed no more: no options, cache and connection have it. Not called in a child of fork() for what the parent
     * used. May be NULL.
     */
    void (*destroy)(void *ctx);
} djredis_parser;

/**
 * How to do one call. NULL or all zeros means all defaults; otherwise `struct_size` is `sizeof(djredis_call)`.
 *
 * `version` and `ttl_ms` are read only with their flag. Unknown flag bits, NX with XX and negative deadlines are
 * DJREDIS_ERR_ARGUMENT. New fields are appended: `struct_size` says which the caller knows; a larger one than
 * the library's is accepted if the extra bytes are zero. The library only reads it, during the call.
 */
typedef struct djredis_call {
    /**
     * `sizeof(djredis_call)` as the caller was compiled; 0 only if everything is 0.
     */
    uint32_t struct_size;
    /**
     * DJREDIS_NX, DJREDIS_XX, DJREDIS_KEY_MADE, DJREDIS_VERSION, DJREDIS_TTL, DJREDIS_AS_PAYLOAD, DJREDIS_MULTI,
     * DJREDIS_NEAR_ONLY, or'ed.
     */
    uint32_t flags;
    /**
     * The key's version, with DJREDIS_VERSION.
     */
    int64_t version;
    /**
     * Milliseconds to live, with DJREDIS_TTL: DJREDIS_FOREVER; > 0; 0 and below as the option ZERO_TIMEOUT says.
     */
    int64_t ttl_ms;
    /**
     * Keys that one SCAN looks at; 0: the option SCAN_ITERSIZE.
     */
    int64_t itersize;
    /**
     * Milliseconds that the whole call may take; 0: the option SOCKET_TIMEOUT; DJREDIS_FOREVER: as long as it takes.
     */
    int64_t deadline_ms;
} djredis_call;

/**
 * How long a copy of a value from the near cache may be used: while the number at `changes` is `unchanged`, and before the moments `expires` and
 * `*trusted`. All moments are nanoseconds of CLOCK_MONOTONIC.
 *
 * With each use read the clock first, then `*trusted`, then `*changes`, each by an atomic load that acquires. Both stay in place until
 * djredis_cache_free of the cache, and only the library writes them. In a child of fork() such copies must not be used.
 */
typedef struct djredis_near {
    /**
     * Counts what happens to the key, and to some others: news of a write, a write by this process, a flush, the loss of the connection.
     */
    const uint64_t *changes;
    /**
     * `*changes` before the value was looked up.
     */
    uint64_t unchanged;
    /**
     * Until when the server's silence is trusted: it moves on as the server answers, and is 0 where the connection is lost.
     */
    const uint64_t *trusted;
    /**
     * When the value's time to live is over; UINT64_MAX: never.
     */
    uint64_t expires;
} djredis_near;

/**
 * One item of a DJREDIS_ITEMS value; 32 bytes, frozen. Its bytes stand at `value.data + offset`.
 */
typedef struct djredis_item {
    /**
     * As in djredis_value; DJREDIS_MISSING for a key that is not there.
     */
    int32_t type;
    /**
     * As in djredis_value.
     */
    uint32_t flags;
    /**
     * BOOL, INT; FLOAT: the bits of the double; ERROR: the status (the bytes are the message).
     */
    int64_t integer;
    /**
     * Where the bytes start, counted from `value.data`.
     */
    uint64_t offset;
    /**
     * How many.
     */
    uint64_t len;
} djredis_item;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The ABI that the library was built with; compare it with DJREDIS_ABI. Any thread.
 */
uint32_t djredis_abi(void);

/**
 * The version of the library, as `1.2.3`. Static; any thread.
 */
const char *djredis_version(void);

/**
 * The name of a status without its `DJREDIS_`: `"ERR_TIMEOUT"`; `"UNKNOWN"` for other numbers. Static; any thread.
 */
const char *djredis_status_name(int32_t status);

/**
 * Sets what is asked when a signal interrupts a wait, for the whole process.
 *
 * `check` is called with `ctx` on the thread that waits, never under a lock: 0 goes on with the time that is left,
 * anything else ends the call with DJREDIS_ERR_INTERRUPTED. NULL, the default: always go on. `ctx` must stay
 * valid for ever, since a call may just be using it when the check is replaced. DJREDIS_OK. Any thread.
 */
int32_t djredis_set_interrupt_check(int32_t (*check)(void *ctx), void *ctx);

/**
 * Frees what a slot holds and makes it all zeros, ready for reuse. NULL and an empty slot are fine.
 */
void djredis_value_clear(struct djredis_value *value);

/**
 * How many elements (pairs, of a map) a DJREDIS_MSGPACK or DJREDIS_ITEMS value has; 0 for dates and other leaves.
 *
 * DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_TYPE for other types; DJREDIS_ERR_DECODE for bytes that are no MessagePack. Any thread.
 */
int32_t djredis_value_count(const struct djredis_value *value,
                            size_t *count);

/**
 * The next element of a DJREDIS_MSGPACK or DJREDIS_ITEMS value. `*pos` starts at 0 and is moved on.
 *
 * `item` (and `key`, for maps and records; it is NONE for others and may be NULL) borrow from `value`: they are
 * valid as long as it holds its data, and need no clearing. What they owned is freed first. DJREDIS_OK;
 * DJREDIS_MISS at the end; else as djredis_value_count. A DJREDIS_ERROR item has its status in `integer`.
 */
int32_t djredis_value_next(const struct djredis_value *value,
                           size_t *pos,
                           struct djredis_value *key,
                           struct djredis_value *item);

/**
 * The element of a map or record under a text key. `item` borrows from `value`, as with djredis_value_next.
 *
 * DJREDIS_OK; DJREDIS_MISS if there is no such key, or no keys at all; else as djredis_value_count.
 */
int32_t djredis_value_lookup(const struct djredis_value *value,
                             const char *key,
                             size_t key_len,
                             struct djredis_value *item);

/**
 * What a value that is all bytes amounts to: TEXT for a Decimal, a Fraction and a SafeString, BYTES (docs/values.md, section 3) for a
 * UUID, a bytearray, a complex number and the others. `item` borrows from `value`, as with djredis_value_next.
 *
 * DJREDIS_OK; DJREDIS_MISS for containers and all other values; else as djredis_value_count.
 */
int32_t djredis_value_leaf(const struct djredis_value *value,
                           struct djredis_value *item);

/**
 * A date, time, datetime or timedelta field by field. `time->zone` borrows from `value`.
 *
 * DJREDIS_OK; DJREDIS_MISS for any other value; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT for a wrong struct_size;
 * DJREDIS_ERR_DECODE for bytes that are none. Any thread.
 */
int32_t djredis_value_time(const struct djredis_value *value, struct djredis_time *time);

/**
 * A pack with nothing in it. Free it with djredis_pack_free. NULL only if memory is out.
 */
struct djredis_pack *djredis_pack_new(void);

/**
 * Begins a container: DJREDIS_LIST, DJREDIS_MAP, DJREDIS_TUPLE, DJREDIS_SET, DJREDIS_FROZENSET, DJREDIS_ORDERED_DICT, DJREDIS_COUNTER,
 * DJREDIS_DEQUE, DJREDIS_DEFAULTDICT, DJREDIS_RANGE (of start, stop and step) or DJREDIS_RECORD.
 *
 * What is added next goes into it until djredis_pack_end; in a map key, value, key, value. DJREDIS_OK; DJREDIS_ERR_NULL;
 * DJREDIS_ERR_ARGUMENT for another kind, or more than 512 levels.
 */
int32_t djredis_pack_begin(struct djredis_pack *pack,
                           uint32_t kind);

/**
 * Ends the container that began last. DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT if there is none, or a key has no value.
 */
int32_t djredis_pack_end(struct djredis_pack *pack);

/**
 * Adds a scalar, or a composite value as a part. It is copied. DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT for a value that can't
 * be a part of another.
 */
int32_t djredis_pack_add(struct djredis_pack *pack,
                         const struct djredis_value *value);

/**
 * Adds a text: valid UTF-8, a length in bytes or DJREDIS_NUL. DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT.
 */
int32_t djredis_pack_text(struct djredis_pack *pack, const char *text, size_t text_len);

/**
 * Adds an integer. DJREDIS_OK; DJREDIS_ERR_NULL.
 */
int32_t djredis_pack_int(struct djredis_pack *pack, int64_t integer);

/**
 * Adds a date, time, datetime or timedelta. DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT for a field out of range, a wrong
 * struct_size, or DJREDIS_ZONE_OBJECT.
 */
int32_t djredis_pack_time(struct djredis_pack *pack,
                          const struct djredis_time *time);

/**
 * Adds what is all bytes, as docs/values.md, section 3, has its payload: DJREDIS_DECIMAL ("1.50"), DJREDIS_UUID (16 bytes),
 * DJREDIS_FRACTION ("-1/3"), DJREDIS_BYTEARRAY, ... DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT for another kind.
 */
int32_t djredis_pack_bytes(struct djredis_pack *pack,
                           uint32_t kind,
                           const void *data,
                           size_t len);

/**
 * The value: a DJREDIS_MSGPACK, which djredis_cache_set takes. The pack is empty then, and can be used again.
 *
 * DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT if a container is still open, or it is not one value; the error of the first
 * part that was refused.
 */
int32_t djredis_pack_value(struct djredis_pack *pack,
                           struct djredis_value *out);

/**
 * Frees a pack; NULL is fine. Values made of it stay.
 */
void djredis_pack_free(struct djredis_pack *pack);

/**
 * New options, all at their defaults. Free them with djredis_options_free. NULL only if memory is out.
 */
struct djredis_options *djredis_options_new(void);

/**
 * Sets an option by its name, in either case; docs/options.md has them all, djredis_options_list too.
 *
 * Lengths in bytes, or DJREDIS_NUL. DJREDIS_OK; DJREDIS_ERR_CONFIG for an unknown name (the message has the
 * nearest known one) or a value that it does not take; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT.
 */
int32_t djredis_options_set(struct djredis_options *options,
                            const char *name,
                            size_t name_len,
                            const char *value,
                            size_t value_len,
                            struct djredis_value *out);

/**
 * All options that the library knows: a DJREDIS_MSGPACK list of maps with the texts `name`, `type`, `default`,
 * `doc` and the bool `available`. DJREDIS_OK. Any thread.
 */
int32_t djredis_options_list(struct djredis_value *out);

/**
 * Frees options. NULL is fine.
 */
void djredis_options_free(struct djredis_options *options);

/**
 * Makes the host's own parser what reads replies, in the place of option PARSER_CLASS. NULL: the built-in one.
 *
 * Caches whose parsers have the same functions and the same `ctx` share connections. `destroy` is called once for each call
 * that was DJREDIS_OK. Else DJREDIS_ERR_ARGUMENT for a wrong struct_size, flags or a function that is missing;
 * DJREDIS_ERR_NULL.
 */
int32_t djredis_options_set_parser(struct djredis_options *options,
                                   const struct djredis_parser *parser,
                                   struct djredis_value *out);

/**
 * Opens a cache. No socket is touched and no thread started before its first use.
 *
 * `location`: `127.0.0.1:6379:1`, `unix:/path/to/socket:1`, a `redis://` or `unix://` URL, ...: docs/options.md. What
 * the location gives wins over `options`, which may be NULL. `*cache` becomes the handle, or NULL. DJREDIS_OK;
 * DJREDIS_ERR_CONFIG; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT. Any thread.
 */
int32_t djredis_cache_open(const char *location,
                           size_t location_len,
                           const struct djredis_options *options,
                           struct djredis_cache **cache,
                           struct djredis_value *out);

/**
 * Closes a cache: running calls finish, later ones answer DJREDIS_ERR_CLOSED. Idempotent; any thread. NULL is fine.
 * The handle still has to be freed.
 */
void djredis_cache_close(struct djredis_cache *cache);

/**
 * Closes and frees a cache; once, when no call is using it any more. Scans made from it answer
 * DJREDIS_ERR_CLOSED from then on, and may be freed later. NULL is fine.
 */
void djredis_cache_free(struct djredis_cache *cache);

/**
 * The value under a key, typed; PAYLOAD for what is not an integer with DJREDIS_AS_PAYLOAD.
 *
 * DJREDIS_OK; DJREDIS_MISS; DJREDIS_ERR_DECODE, where the stored bytes follow the message; DJREDIS_IGNORED and the
 * errors of docs/errors.md. With DJREDIS_NEAR_ONLY it never waits, and DJREDIS_MISS says nothing about the server: ask once
 * more without it. Such a miss is not counted, nor is what can't be read an error.
 */
int32_t djredis_cache_get(struct djredis_cache *cache,
                          const char *key,
                          size_t key_len,
                          const struct djredis_call *call,
                          struct djredis_value *out);

/**
 * Exactly the bytes that stand in Redis under a key, as BYTES. DJREDIS_OK; DJREDIS_MISS; errors as djredis_cache_get.
 */
int32_t djredis_cache_get_raw(struct djredis_cache *cache,
                              const char *key,
                              size_t key_len,
                              const struct djredis_call *call,
                              struct djredis_value *out);

/**
 * Stores a value. An INT or BIGINT is stored as digits, an OPAQUE value or PAYLOAD as it is, everything else pickled.
 *
 * DJREDIS_OK; DJREDIS_MISS if DJREDIS_NX or DJREDIS_XX was not met; DJREDIS_ERR_ENCODE for a value that can't be written
 * or has over 512 MiB; errors as djredis_cache_get. Nothing is written unless it is OK, but see DJREDIS_MAYBE_SENT.
 */
int32_t djredis_cache_set(struct djredis_cache *cache,
                          const char *key,
                          size_t key_len,
                          const struct djredis_value *value,
                          const struct djredis_call *call,
                          struct djredis_value *out);

/**
 * Stores `len` bytes exactly as they are; otherwise as djredis_cache_set.
 */
int32_t djredis_cache_set_raw(struct djredis_cache *cache,
                              const char *key,
                              size_t key_len,
                              const void *data,
                              size_t len,
                              const struct djredis_call *call,
                              struct djredis_value *out);

/**
 * Stores a payload that the host serialized by itself, in the format with this number (1 pickle, 2 json, 3 msgpack, 4 raw):
 * djredis_cache_set of a PAYLOAD, flat.
 */
int32_t djredis_cache_set_payload(struct djredis_cache *cache,
                                  const char *key,
                                  size_t key_len,
                                  const void *data,
                                  size_t len,
                                  uint32_t format,
                                  const struct djredis_call *call,
                                  struct djredis_value *out);

/**
 * Deletes a key. DJREDIS_OK; DJREDIS_MISS if it was not there; errors as djredis_cache_get.
 */
int32_t djredis_cache_delete(struct djredis_cache *cache,
                             const char *key,
                             size_t key_len,
                             const struct djredis_call *call,
                             struct djredis_value *out);

/**
 * Whether a key is there: DJREDIS_OK or DJREDIS_MISS; errors, and DJREDIS_NEAR_ONLY, as djredis_cache_get.
 */
int32_t djredis_cache_has_key(struct djredis_cache *cache,
                              const char *key,
                              size_t key_len,
                              const struct djredis_call *call,
                              struct djredis_value *out);

/**
 * Gives a key a new time to live: `ttl_ms` with DJREDIS_TTL, else the option TIMEOUT; DJREDIS_FOREVER takes it away.
 *
 * DJREDIS_OK; DJREDIS_MISS if the key is not there; errors as djredis_cache_get. 0 and below delete the key under
 * ZERO_TIMEOUT=expire.
 */
int32_t djredis_cache_touch(struct djredis_cache *cache,
                            const char *key,
                            size_t key_len,
                            const struct djredis_call *call,
                            struct djredis_value *out);

/**
 * How long a key still lives: INT milliseconds, or NONE if it never expires. DJREDIS_OK; DJREDIS_MISS if it is not
 * there; errors as djredis_cache_get.
 */
int32_t djredis_cache_ttl(struct djredis_cache *cache,
                          const char *key,
                          size_t key_len,
                          const struct djredis_call *call,
                          struct djredis_value *out);

/**
 * Adds `delta` to a number that is there, keeping its time to live; INT or BIGINT, FLOAT where a float was stored.
 *
 * DJREDIS_OK; DJREDIS_ERR_NOT_FOUND; DJREDIS_ERR_TYPE if it is no number; errors as djredis_cache_get.
 */
int32_t djredis_cache_incr(struct djredis_cache *cache,
                           const char *key,
                           size_t key_len,
                           int64_t delta,
                           const struct djredis_call *call,
                           struct djredis_value *out);

/**
 * Moves a value to the version `delta` higher, keeping its time to live; INT: the new version.
 *
 * DJREDIS_OK; DJREDIS_ERR_NOT_FOUND; errors as djredis_cache_get.
 */
int32_t djredis_cache_incr_version(struct djredis_cache *cache,
                                   const char *key,
                                   size_t key_len,
                                   int64_t delta,
                                   const struct djredis_call *call,
                                   struct djredis_value *out);

/**
 * Moves a value with its time to live to another key, over what stands there.
 *
 * DJREDIS_OK; DJREDIS_ERR_NOT_FOUND; errors as djredis_cache_get.
 */
int32_t djredis_cache_move(struct djredis_cache *cache,
                           const char *key,
                           size_t key_len,
                           const char *to,
                           size_t to_len,
                           const struct djredis_call *call,
                           struct djredis_value *out);

/**
 * djredis_cache_get with DJREDIS_NEAR_ONLY, for a host that keeps copies of its own: `*near` says how long it may use this one. It is all
 * zeros where there is no answer at hand.
 *
 * DJREDIS_OK; DJREDIS_MISS; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT. Any thread; it never waits. What the host reads from its copies is not
 * counted.
 */
int32_t djredis_cache_near_get(struct djredis_cache *cache,
                               const char *key,
                               size_t key_len,
                               const struct djredis_call *call,
                               struct djredis_near *near,
                               struct djredis_value *out);

/**
 * The values under `n` keys, as ITEMS in the order of the keys: a value, MISSING, or ERROR for one that can't be decoded. Where
 * keys are spread over servers and some of these fail, their keys are ERROR too; with IGNORE_EXCEPTIONS they are MISSING.
 *
 * The keys stand one after the other at `keys`, their lengths at `key_lens`. DJREDIS_OK; errors as djredis_cache_get.
 */
int32_t djredis_cache_get_many(struct djredis_cache *cache,
                               size_t n,
                               const char *keys,
                               const uint32_t *key_lens,
                               const struct djredis_call *call,
                               struct djredis_value *out);

/**
 * Exactly the bytes under `n` keys: ITEMS of BYTES and MISSING; otherwise as djredis_cache_get_many.
 */
int32_t djredis_cache_get_many_raw(struct djredis_cache *cache,
                                   size_t n,
                                   const char *keys,
                                   const uint32_t *key_lens,
                                   const struct djredis_call *call,
                                   struct djredis_value *out);

/**
 * Stores `n` values in one round trip to each server: ITEMS of NONE, or ERROR for one that failed, in the order of the keys.
 *
 * Keys as for djredis_cache_get_many; `values` has `n` slots. DJREDIS_OK; DJREDIS_ERR_ARGUMENT with DJREDIS_NX or
 * DJREDIS_XX; errors as djredis_cache_get.
 */
int32_t djredis_cache_set_many(struct djredis_cache *cache,
                               size_t n,
                               const char *keys,
                               const uint32_t *key_lens,
                               const struct djredis_value *values,
                               const struct djredis_call *call,
                               struct djredis_value *out);

/**
 * Stores `n` byte strings exactly as they are: they stand one after the other at `values`, their lengths at
 * `value_lens`; otherwise as djredis_cache_set_many.
 */
int32_t djredis_cache_set_many_raw(struct djredis_cache *cache,
                                   size_t n,
                                   const char *keys,
                                   const uint32_t *key_lens,
                                   const void *values,
                                   const uint32_t *value_lens,
                                   const struct djredis_call *call,
                                   struct djredis_value *out);

/**
 * Stores `n` payloads that the host serialized by itself, all in the format with this number (see
 * djredis_cache_set_payload); otherwise as djredis_cache_set_many_raw.
 */
int32_t djredis_cache_set_many_payload(struct djredis_cache *cache,
                                       size_t n,
                                       const char *keys,
                                       const uint32_t *key_lens,
                                       const void *values,
                                       const uint32_t *value_lens,
                                       uint32_t format,
                                       const struct djredis_call *call,
                                       struct djredis_value *out);

/**
 * Deletes `n` keys; INT: how many were there. Keys as for djredis_cache_get_many. Where one of several servers fails, the keys of
 * the others are deleted all the same. DJREDIS_OK; errors as djredis_cache_get.
 */
int32_t djredis_cache_delete_many(struct djredis_cache *cache,
                                  size_t n,
                                  const char *keys,
                                  const uint32_t *key_lens,
                                  const struct djredis_call *call,
                                  struct djredis_value *out);

/**
 * The keys that match a pattern (Redis's glob), without prefix and version, each once, in no order: ITEMS of TEXT, or
 * BYTES where they are not UTF-8. With DJREDIS_KEY_MADE the pattern and the keys are whole.
 *
 * SCAN, not KEYS: other clients are served meanwhile. SOCKET_TIMEOUT holds for each round trip, `deadline_ms` for the
 * whole. DJREDIS_OK; errors as djredis_cache_get.
 */
int32_t djredis_cache_keys(struct djredis_cache *cache,
                           const char *pattern,
                           size_t len,
                           const struct djredis_call *call,
                           struct djredis_value *out);

/**
 * Deletes the keys that match a pattern; INT: how many it deleted. Times as for djredis_cache_keys.
 *
 * DJREDIS_OK; errors as djredis_cache_get: what was deleted until then stays deleted.
 */
int32_t djredis_cache_delete_pattern(struct djredis_cache *cache,
                                     const char *pattern,
                                     size_t len,
                                     const struct djredis_call *call,
                                     struct djredis_value *out);

/**
 * Starts going through the keys that match a pattern; nothing is sent before djredis_scan_next. `*scan` becomes the
 * handle, to be freed with djredis_scan_free, or NULL. `version`, DJREDIS_KEY_MADE and `itersize` of `call` hold for the whole scan.
 *
 * DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT; DJREDIS_ERR_CLOSED.
 */
int32_t djredis_cache_scan(struct djredis_cache *cache,
                           const char *pattern,
                           size_t len,
                           const struct djredis_call *call,
                           struct djredis_scan **scan,
                           struct djredis_value *out);

/**
 * Deletes everything: the whole database, or under CLEAR=prefix the keys of this cache's prefix in all versions.
 *
 * DJREDIS_OK; DJREDIS_ERR_CONFIG for CLEAR=prefix without a prefix; errors as djredis_cache_get.
 */
int32_t djredis_cache_clear(struct djredis_cache *cache, const struct djredis_call *call, struct djredis_value *out);

/**
 * The next batch of keys, as ITEMS of TEXT, or BYTES where they are not UTF-8; never an empty one.
 *
 * As with SCAN itself a key may come in two batches. Of `call` only `deadline_ms` counts. DJREDIS_OK; DJREDIS_MISS at the
 * end; DJREDIS_ERR_FORKED in a child of the process that started it; errors as djredis_cache_get, after
 * which it can be called again.
 */
int32_t djredis_scan_next(struct djredis_scan *scan,
                          const struct djredis_call *call,
                          struct djredis_value *out);

/**
 * Frees a scan. NULL is fine.
 */
void djredis_scan_free(struct djredis_scan *scan);

/**
 * Takes a lock that redis-py's clients respect: SET key token NX PX. `token` is what only its owner knows, a UUID say;
 * its time to live is `ttl_ms` with DJREDIS_TTL, else the option TIMEOUT.
 *
 * DJREDIS_OK; DJREDIS_MISS if somebody has it; DJREDIS_ERR_ARGUMENT for an empty token; errors as djredis_cache_get: after
 * one with DJREDIS_MAYBE_SENT the lock may have been taken.
 */
int32_t djredis_cache_lock(struct djredis_cache *cache,
                           const char *key,
                           size_t key_len,
                           const char *token,
                           size_t token_len,
                           const struct djredis_call *call,
                           struct djredis_value *out);

/**
 * Sets the time to live of a lock that is still ours anew, counted from now.
 *
 * DJREDIS_OK; DJREDIS_MISS if it is not ours any more; otherwise as djredis_cache_lock.
 */
int32_t djredis_cache_extend(struct djredis_cache *cache,
                             const char *key,
                             size_t key_len,
                             const char *token,
                             size_t token_len,
                             const struct djredis_call *call,
                             struct djredis_value *out);

/**
 * Gives up a lock. DJREDIS_OK; DJREDIS_MISS if it is not ours any more; otherwise as djredis_cache_lock.
 */
int32_t djredis_cache_unlock(struct djredis_cache *cache,
                             const char *key,
                             size_t key_len,
                             const char *token,
                             size_t token_len,
                             const struct djredis_call *call,
                             struct djredis_value *out);

/**
 * Any command in one crossing, on the server of a cache key: the argument with index `key_index` is made into
 * prefix:version:key; -1 for none. Arguments and reply as with djredis_conn_command. It is never sent twice.
 *
 * DJREDIS_OK; DJREDIS_ERR_UNSUPPORTED without a key where keys are spread over several servers; DJREDIS_ERR_ARGUMENT for commands that change the connection's state (djredis_conn_acquire gives one of its own);
 * errors as djredis_cache_get.
 */
int32_t djredis_cache_command(struct djredis_cache *cache,
                              size_t argc,
                              const void *args,
                              const uint32_t *lens,
                              int32_t key_index,
                              const struct djredis_call *call,
                              struct djredis_value *out);

/**
 * Many different calls as one pipeline: MessagePack `[[op, key, payload, flags, version, ttl_ms], ...]` -> ITEMS, in order.
 *
 * `op`: "get", "get_raw", "set", "set_payload", "delete", "has_key", "touch", "ttl" or "incr". `key`: text or binary.
 * `payload`: the value of "set" (docs/values.md), `[format, binary]` of "set_payload", the delta of "incr", else nil.
 * `flags`, `version`, `ttl_ms` as in djredis_call; what is left out at the end is 0. An item is what the single call leaves: a value, NONE where it was DJREDIS_OK without one, MISSING for
 * DJREDIS_MISS, or ERROR. Not a transaction. DJREDIS_OK; DJREDIS_ERR_ARGUMENT for a batch that is not of this form, with
 * nothing sent; errors as djredis_cache_get.
 */
int32_t djredis_cache_batch(struct djredis_cache *cache,
                            const void *ops,
                            size_t len,
                            const struct djredis_call *call,
                            struct djredis_value *out);

/**
 * The full key that the cache uses in Redis, as BYTES. Nothing is sent. DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT.
 */
int32_t djredis_cache_make_key(struct djredis_cache *cache,
                               const char *key,
                               size_t key_len,
                               const struct djredis_call *call,
                               struct djredis_value *out);

/**
 * The bytes that djredis_cache_set would store, as BYTES. Nothing is sent. DJREDIS_OK; DJREDIS_ERR_ENCODE.
 */
int32_t djredis_cache_encode(struct djredis_cache *cache, const struct djredis_value *value, struct djredis_value *out);

/**
 * The value that djredis_cache_get would make of `len` stored bytes. Nothing is sent. DJREDIS_OK; DJREDIS_ERR_DECODE.
 */
int32_t djredis_cache_decode(struct djredis_cache *cache, const void *data, size_t len, struct djredis_value *out);

/**
 * What djredis_cache_get_many would make of `n` stored values, as ITEMS in their order: a value (with
 * DJREDIS_AS_PAYLOAD a payload), or ERROR. Nothing is sent.
 *
 * They stand one after the other at `data`, their lengths at `lens`. DJREDIS_OK; DJREDIS_ERR_ARGUMENT.
 */
int32_t djredis_cache_decode_many(struct djredis_cache *cache,
                                  size_t n,
                                  const void *data,
                                  const uint32_t *lens,
                                  const struct djredis_call *call,
                                  struct djredis_value *out);

/**
 * The server that holds a key, as TEXT: its entry of the location, without a password. Nothing is sent.
 * DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT.
 */
int32_t djredis_cache_server_for(struct djredis_cache *cache,
                                 const char *key,
                                 size_t key_len,
                                 const struct djredis_call *call,
                                 struct djredis_value *out);

/**
 * The value of an option that is in force, as TEXT; secrets as `***`. DJREDIS_OK; DJREDIS_ERR_CONFIG for an unknown name.
 */
int32_t djredis_cache_option(struct djredis_cache *cache,
                             const char *name,
                             size_t name_len,
                             struct djredis_value *out);

/**
 * What was counted since the cache was opened: a MSGPACK map of texts to integers (docs/options.md), and under `formats` another
 * one: how many values were read of each format. DJREDIS_OK; DJREDIS_ERR_NULL.
 */
int32_t djredis_cache_stats(struct djredis_cache *cache,
                            struct djredis_value *out);

/**
 * Borrows a connection from the pool. `*conn` becomes the handle, or NULL. Keys are sent as they are given.
 *
 * DJREDIS_OK; DJREDIS_ERR_UNSUPPORTED where keys are spread over several servers; DJREDIS_ERR_POOL if none is free in time;
 * errors as djredis_cache_get. IGNORE_EXCEPTIONS does not cover raw connections.
 */
int32_t djredis_conn_acquire(struct djredis_cache *cache,
                             const struct djredis_call *call,
                             struct djredis_conn **conn,
                             struct djredis_value *out);

/**
 * One command and its reply. The `argc` arguments stand one after the other at `args`, their lengths at `lens`.
 *
 * A status is TEXT, a string BYTES, nil NONE, an aggregate MSGPACK (docs/values.md). DJREDIS_OK; DJREDIS_MISS for an EXEC that
 * a change of a watched key prevented; DJREDIS_ERR_ARGUMENT for SUBSCRIBE and the like, see djredis_conn_send;
 * DJREDIS_ERR_FORKED in a child of the process that acquired it; errors as djredis_cache_get.
 */
int32_t djredis_conn_command(struct djredis_conn *conn,
                             size_t argc,
                             const void *args,
                             const uint32_t *lens,
                             const struct djredis_call *call,
                             struct djredis_value *out);

/**
 * Many commands in one write: `n` of them, with `argcs[i]` arguments each, all arguments one after the other at `args`.
 * With DJREDIS_MULTI in MULTI ... EXEC. ITEMS: their replies in order, ERROR among them.
 *
 * DJREDIS_OK; with DJREDIS_MULTI: DJREDIS_MISS if a change of a watched key prevented it, or the first error of a command that
 * could not be queued, with nothing executed; otherwise as djredis_conn_command.
 */
int32_t djredis_conn_pipeline(struct djredis_conn *conn,
                              size_t n,
                              const uint32_t *argcs,
                              const void *args,
                              const uint32_t *lens,
                              const struct djredis_call *call,
                              struct djredis_value *out);

/**
 * Sends a command without waiting for its reply, which djredis_conn_receive brings: SUBSCRIBE, MONITOR, blocking commands.
 *
 * DJREDIS_OK; otherwise as djredis_conn_command.
 */
int32_t djredis_conn_send(struct djredis_conn *conn,
                          size_t argc,
                          const void *args,
                          const uint32_t *lens,
                          const struct djredis_call *call,
                          struct djredis_value *out);

/**
 * The next reply or message, as djredis_conn_command gives it; a pushed message is a MSGPACK list.
 *
 * DJREDIS_OK; DJREDIS_MISS if none came by the deadline: the connection stays, and so does what came of a message;
 * otherwise as djredis_conn_command.
 */
int32_t djredis_conn_receive(struct djredis_conn *conn, const struct djredis_call *call, struct djredis_value *out);

/**
 * Gives a connection back, and frees the handle. It is closed instead if its state was changed (SELECT, AUTH, HELLO,
 * CLIENT, SUBSCRIBE, MONITOR, an open MULTI or WATCH), a reply was not received, or a call on it failed. NULL is fine.
 */
void djredis_conn_release(struct djredis_conn *conn);

/**
 * For the Ruby gem: defines the methods of the module `DJRedis::Native`, which must be there, in the Ruby that this process
 * runs. DJREDIS_OK; DJREDIS_ERR_UNSUPPORTED where it runs none, or one that this library can't work with: then nothing has
 * happened. A Ruby thread that holds the GVL, once.
 */
int32_t djredis_ruby_install(void);

/**
 * For the Python package only: functions for CPython, as a table of PyMethodDef that ends with zeros, or NULL outside of
 * CPython 3.9 and newer. Which arguments they take is the package's own business and changes with it. Static. Any thread.
 */
const void *djredis_cpython_methods(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* DJREDIS_H */
