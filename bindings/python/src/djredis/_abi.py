"""The C ABI of libdjredis as ctypes tables. Made from include/djredis.h by `make header`: do not edit."""

from __future__ import annotations

from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_double,
    c_int32,
    c_int64,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any, Final

DJREDIS_ABI: Final = 1
DJREDIS_NUL: Final[int] = c_size_t(-1).value
DJREDIS_FOREVER: Final = 9223372036854775807
DJREDIS_OK: Final = 0
DJREDIS_MISS: Final = 1
DJREDIS_IGNORED: Final = 2
DJREDIS_ERR_NULL: Final = -1
DJREDIS_ERR_ARGUMENT: Final = -2
DJREDIS_ERR_CONFIG: Final = -3
DJREDIS_ERR_PANIC: Final = -4
DJREDIS_ERR_CONNECTION: Final = -5
DJREDIS_ERR_TIMEOUT: Final = -6
DJREDIS_ERR_POOL: Final = -7
DJREDIS_ERR_AUTH: Final = -8
DJREDIS_ERR_SERVER: Final = -9
DJREDIS_ERR_PROTOCOL: Final = -10
DJREDIS_ERR_ENCODE: Final = -11
DJREDIS_ERR_DECODE: Final = -12
DJREDIS_ERR_NOT_FOUND: Final = -13
DJREDIS_ERR_UNSUPPORTED: Final = -14
DJREDIS_ERR_CLOSED: Final = -15
DJREDIS_ERR_FORKED: Final = -16
DJREDIS_ERR_CALLBACK: Final = -17
DJREDIS_ERR_TYPE: Final = -18
DJREDIS_ERR_UNAVAILABLE: Final = -19
DJREDIS_ERR_INTERRUPTED: Final = -20
DJREDIS_NONE: Final = 0
DJREDIS_BOOL: Final = 1
DJREDIS_INT: Final = 2
DJREDIS_FLOAT: Final = 3
DJREDIS_BYTES: Final = 4
DJREDIS_TEXT: Final = 5
DJREDIS_BIGINT: Final = 6
DJREDIS_MSGPACK: Final = 7
DJREDIS_OPAQUE: Final = 8
DJREDIS_ERROR: Final = 9
DJREDIS_PAYLOAD: Final = 10
DJREDIS_MISSING: Final = 11
DJREDIS_ITEMS: Final = 12
DJREDIS_LIST: Final = 0
DJREDIS_MAP: Final = 255
DJREDIS_TUPLE: Final = 5
DJREDIS_SET: Final = 6
DJREDIS_FROZENSET: Final = 7
DJREDIS_DATETIME: Final = 8
DJREDIS_DATE: Final = 9
DJREDIS_TIME: Final = 10
DJREDIS_TIMEDELTA: Final = 11
DJREDIS_DECIMAL: Final = 12
DJREDIS_UUID: Final = 13
DJREDIS_COMPLEX: Final = 14
DJREDIS_FRACTION: Final = 15
DJREDIS_RECORD: Final = 16
DJREDIS_SURROGATES: Final = 17
DJREDIS_BYTEARRAY: Final = 20
DJREDIS_ORDERED_DICT: Final = 22
DJREDIS_DEFAULTDICT: Final = 23
DJREDIS_COUNTER: Final = 24
DJREDIS_DEQUE: Final = 25
DJREDIS_RANGE: Final = 26
DJREDIS_ELLIPSIS: Final = 27
DJREDIS_SAFE_STRING: Final = 28
DJREDIS_ZONE_NONE: Final = 0
DJREDIS_ZONE_FIXED: Final = 1
DJREDIS_ZONE_NAMED: Final = 2
DJREDIS_ZONE_OBJECT: Final = 3
DJREDIS_NOT_SENT: Final = 1
DJREDIS_MAYBE_SENT: Final = 2
DJREDIS_AWAY: Final = 4
DJREDIS_NX: Final = 1
DJREDIS_XX: Final = 2
DJREDIS_KEY_MADE: Final = 4
DJREDIS_VERSION: Final = 8
DJREDIS_TTL: Final = 16
DJREDIS_AS_PAYLOAD: Final = 32
DJREDIS_MULTI: Final = 64
DJREDIS_NEAR_ONLY: Final = 128


class djredis_value(Structure):
    type: int
    flags: int
    integer: int
    real: float
    data: int | None
    len: int
    owner: int | None
    _fields_ = [
        ("type", c_int32),
        ("flags", c_uint32),
        ("integer", c_int64),
        ("real", c_double),
        ("data", c_void_p),
        ("len", c_size_t),
        ("owner", c_void_p),
    ]


class djredis_time(Structure):
    struct_size: int
    kind: int
    year: int
    month: int
    day: int
    days: int
    hour: int
    minute: int
    second: int
    microsecond: int
    fold: int
    zone_kind: int
    offset_seconds: int
    offset_microseconds: int
    zone: int | None
    zone_len: int
    _fields_ = [
        ("struct_size", c_uint32),
        ("kind", c_uint32),
        ("year", c_int32),
        ("month", c_int32),
        ("day", c_int32),
        ("days", c_int32),
        ("hour", c_int32),
        ("minute", c_int32),
        ("second", c_int32),
        ("microsecond", c_int32),
        ("fold", c_int32),
        ("zone_kind", c_uint32),
        ("offset_seconds", c_int32),
        ("offset_microseconds", c_int32),
        ("zone", c_void_p),
        ("zone_len", c_size_t),
    ]


djredis_parser_create = CFUNCTYPE(c_void_p, c_void_p)
djredis_parser_feed = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_size_t)
djredis_parser_gets = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_void_p)
djredis_parser_free = CFUNCTYPE(None, c_void_p)
djredis_parser_destroy = CFUNCTYPE(None, c_void_p)


class djredis_parser(Structure):
    struct_size: int
    flags: int
    ctx: int | None
    create: Any
    feed: Any
    gets: Any
    free: Any
    destroy: Any
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("ctx", c_void_p),
        ("create", djredis_parser_create),
        ("feed", djredis_parser_feed),
        ("gets", djredis_parser_gets),
        ("free", djredis_parser_free),
        ("destroy", djredis_parser_destroy),
    ]


class djredis_call(Structure):
    struct_size: int
    flags: int
    version: int
    ttl_ms: int
    itersize: int
    deadline_ms: int
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("version", c_int64),
        ("ttl_ms", c_int64),
        ("itersize", c_int64),
        ("deadline_ms", c_int64),
    ]


class djredis_near(Structure):
    changes: int | None
    unchanged: int
    trusted: int | None
    expires: int
    _fields_ = [
        ("changes", c_void_p),
        ("unchanged", c_uint64),
        ("trusted", c_void_p),
        ("expires", c_uint64),
    ]


class djredis_item(Structure):
    type: int
    flags: int
    integer: int
    offset: int
    len: int
    _fields_ = [
        ("type", c_int32),
        ("flags", c_uint32),
        ("integer", c_int64),
        ("offset", c_uint64),
        ("len", c_uint64),
    ]


djredis_set_interrupt_check_check = CFUNCTYPE(c_int32, c_void_p)
# name: (result, arguments)
PROTOTYPES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "djredis_abi": (c_uint32, ()),
    "djredis_version": (c_char_p, ()),
    "djredis_status_name": (c_char_p, (c_int32,)),
    "djredis_set_interrupt_check": (c_int32, (djredis_set_interrupt_check_check, c_void_p)),
    "djredis_value_clear": (None, (POINTER(djredis_value),)),
    "djredis_value_count": (c_int32, (POINTER(djredis_value), POINTER(c_size_t))),
    "djredis_value_next": (
        c_int32,
        (POINTER(djredis_value), POINTER(c_size_t), POINTER(djredis_value), POINTER(djredis_value)),
    ),
    "djredis_value_lookup": (c_int32, (POINTER(djredis_value), c_char_p, c_size_t, POINTER(djredis_value))),
    "djredis_value_leaf": (c_int32, (POINTER(djredis_value), POINTER(djredis_value))),
    "djredis_value_time": (c_int32, (POINTER(djredis_value), POINTER(djredis_time))),
    "djredis_pack_new": (c_void_p, ()),
    "djredis_pack_begin": (c_int32, (c_void_p, c_uint32)),
    "djredis_pack_end": (c_int32, (c_void_p,)),
    "djredis_pack_add": (c_int32, (c_void_p, POINTER(djredis_value))),
    "djredis_pack_text": (c_int32, (c_void_p, c_char_p, c_size_t)),
    "djredis_pack_int": (c_int32, (c_void_p, c_int64)),
    "djredis_pack_time": (c_int32, (c_void_p, POINTER(djredis_time))),
    "djredis_pack_bytes": (c_int32, (c_void_p, c_uint32, c_void_p, c_size_t)),
    "djredis_pack_value": (c_int32, (c_void_p, POINTER(djredis_value))),
    "djredis_pack_free": (None, (c_void_p,)),
    "djredis_options_new": (c_void_p, ()),
    "djredis_options_set": (c_int32, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(djredis_value))),
    "djredis_options_list": (c_int32, (POINTER(djredis_value),)),
    "djredis_options_free": (None, (c_void_p,)),
    "djredis_options_set_parser": (c_int32, (c_void_p, POINTER(djredis_parser), POINTER(djredis_value))),
    "djredis_cache_open": (c_int32, (c_char_p, c_size_t, c_void_p, POINTER(c_void_p), POINTER(djredis_value))),
    "djredis_cache_close": (None, (c_void_p,)),
    "djredis_cache_free": (None, (c_void_p,)),
    "djredis_cache_get": (c_int32, (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_cache_get_raw": (c_int32, (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_cache_set": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, POINTER(djredis_value), POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_set_raw": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, c_void_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_set_payload": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, c_void_p, c_size_t, c_uint32, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_delete": (c_int32, (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_cache_has_key": (c_int32, (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_cache_touch": (c_int32, (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_cache_ttl": (c_int32, (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_cache_incr": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, c_int64, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_incr_version": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, c_int64, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_move": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_near_get": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_near), POINTER(djredis_value)),
    ),
    "djredis_cache_get_many": (
        c_int32,
        (c_void_p, c_size_t, c_char_p, c_void_p, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_get_many_raw": (
        c_int32,
        (c_void_p, c_size_t, c_char_p, c_void_p, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_set_many": (
        c_int32,
        (c_void_p, c_size_t, c_char_p, c_void_p, POINTER(djredis_value), POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_set_many_raw": (
        c_int32,
        (c_void_p, c_size_t, c_char_p, c_void_p, c_void_p, c_void_p, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_set_many_payload": (
        c_int32,
        (
            c_void_p,
            c_size_t,
            c_char_p,
            c_void_p,
            c_void_p,
            c_void_p,
            c_uint32,
            POINTER(djredis_call),
            POINTER(djredis_value),
        ),
    ),
    "djredis_cache_delete_many": (
        c_int32,
        (c_void_p, c_size_t, c_char_p, c_void_p, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_keys": (c_int32, (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_cache_delete_pattern": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_scan": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(c_void_p), POINTER(djredis_value)),
    ),
    "djredis_cache_clear": (c_int32, (c_void_p, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_scan_next": (c_int32, (c_void_p, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_scan_free": (None, (c_void_p,)),
    "djredis_cache_lock": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_extend": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_unlock": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_command": (
        c_int32,
        (c_void_p, c_size_t, c_void_p, c_void_p, c_int32, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_batch": (c_int32, (c_void_p, c_void_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_cache_make_key": (c_int32, (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_cache_encode": (c_int32, (c_void_p, POINTER(djredis_value), POINTER(djredis_value))),
    "djredis_cache_decode": (c_int32, (c_void_p, c_void_p, c_size_t, POINTER(djredis_value))),
    "djredis_cache_decode_many": (
        c_int32,
        (c_void_p, c_size_t, c_void_p, c_void_p, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_server_for": (
        c_int32,
        (c_void_p, c_char_p, c_size_t, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_cache_option": (c_int32, (c_void_p, c_char_p, c_size_t, POINTER(djredis_value))),
    "djredis_cache_stats": (c_int32, (c_void_p, POINTER(djredis_value))),
    "djredis_conn_acquire": (c_int32, (c_void_p, POINTER(djredis_call), POINTER(c_void_p), POINTER(djredis_value))),
    "djredis_conn_command": (
        c_int32,
        (c_void_p, c_size_t, c_void_p, c_void_p, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_conn_pipeline": (
        c_int32,
        (c_void_p, c_size_t, c_void_p, c_void_p, c_void_p, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_conn_send": (
        c_int32,
        (c_void_p, c_size_t, c_void_p, c_void_p, POINTER(djredis_call), POINTER(djredis_value)),
    ),
    "djredis_conn_receive": (c_int32, (c_void_p, POINTER(djredis_call), POINTER(djredis_value))),
    "djredis_conn_release": (None, (c_void_p,)),
    "djredis_ruby_install": (c_int32, ()),
    "djredis_cpython_methods": (c_void_p, ()),
}
