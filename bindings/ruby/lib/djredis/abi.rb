# frozen_string_literal: true

# The C ABI of libdjredis. Made from include/djredis.h by `make header`: do not edit.

module DJRedis
  # @private
  module ABI
    NUMBER = 1
    NUL = 18446744073709551615
    FOREVER = 9223372036854775807
    OK = 0
    MISS = 1
    IGNORED = 2
    ERR_NULL = -1
    ERR_ARGUMENT = -2
    ERR_CONFIG = -3
    ERR_PANIC = -4
    ERR_CONNECTION = -5
    ERR_TIMEOUT = -6
    ERR_POOL = -7
    ERR_AUTH = -8
    ERR_SERVER = -9
    ERR_PROTOCOL = -10
    ERR_ENCODE = -11
    ERR_DECODE = -12
    ERR_NOT_FOUND = -13
    ERR_UNSUPPORTED = -14
    ERR_CLOSED = -15
    ERR_FORKED = -16
    ERR_CALLBACK = -17
    ERR_TYPE = -18
    ERR_UNAVAILABLE = -19
    ERR_INTERRUPTED = -20
    NONE = 0
    BOOL = 1
    INT = 2
    FLOAT = 3
    BYTES = 4
    TEXT = 5
    BIGINT = 6
    MSGPACK = 7
    OPAQUE = 8
    ERROR = 9
    PAYLOAD = 10
    MISSING = 11
    ITEMS = 12
    LIST = 0
    MAP = 255
    TUPLE = 5
    SET = 6
    FROZENSET = 7
    DATETIME = 8
    DATE = 9
    TIME = 10
    TIMEDELTA = 11
    DECIMAL = 12
    UUID = 13
    COMPLEX = 14
    FRACTION = 15
    RECORD = 16
    SURROGATES = 17
    BYTEARRAY = 20
    ORDERED_DICT = 22
    DEFAULTDICT = 23
    COUNTER = 24
    DEQUE = 25
    RANGE = 26
    ELLIPSIS = 27
    SAFE_STRING = 28
    ZONE_NONE = 0
    ZONE_FIXED = 1
    ZONE_NAMED = 2
    ZONE_OBJECT = 3
    NOT_SENT = 1
    MAYBE_SENT = 2
    AWAY = 4
    NX = 1
    XX = 2
    KEY_MADE = 4
    VERSION = 8
    TTL = 16
    AS_PAYLOAD = 32
    MULTI = 64
    NEAR_ONLY = 128

    # type, flags, integer, real, data, len, owner
    VALUE_LAYOUT = "lLqdJJJ"
    VALUE_SIZE = 48

    # struct_size, kind, year, month, day, days, hour, minute, second, microsecond, fold, zone_kind, offset_seconds, offset_microseconds, zone, zone_len
    TIME_LAYOUT = "LLlllllllllLllJJ"
    TIME_SIZE = 72

    # struct_size, flags, ctx, create, feed, gets, free, destroy
    PARSER_LAYOUT = "LLJJJJJJ"
    PARSER_SIZE = 56

    # struct_size, flags, version, ttl_ms, itersize, deadline_ms
    CALL_LAYOUT = "LLqqqq"
    CALL_SIZE = 40

    # changes, unchanged, trusted, expires
    NEAR_LAYOUT = "JQJQ"
    NEAR_SIZE = 32

    # type, flags, integer, offset, len
    ITEM_LAYOUT = "lLqQQ"
    ITEM_SIZE = 32

    # name: [arguments, result, whether it can wait]
    PROTOTYPES = {
      djredis_abi: [[], :uint32, false],
      djredis_version: [[], :string, false],
      djredis_status_name: [[:int32], :string, false],
      djredis_set_interrupt_check: [[:pointer, :pointer], :int32, false],
      djredis_value_clear: [[:pointer], :void, false],
      djredis_value_count: [[:pointer, :pointer], :int32, false],
      djredis_value_next: [[:pointer, :pointer, :pointer, :pointer], :int32, false],
      djredis_value_lookup: [[:pointer, :buffer_in, :size_t, :pointer], :int32, false],
      djredis_value_leaf: [[:pointer, :pointer], :int32, false],
      djredis_value_time: [[:pointer, :pointer], :int32, false],
      djredis_pack_new: [[], :pointer, false],
      djredis_pack_begin: [[:pointer, :uint32], :int32, false],
      djredis_pack_end: [[:pointer], :int32, false],
      djredis_pack_add: [[:pointer, :pointer], :int32, false],
      djredis_pack_text: [[:pointer, :buffer_in, :size_t], :int32, false],
      djredis_pack_int: [[:pointer, :int64], :int32, false],
      djredis_pack_time: [[:pointer, :pointer], :int32, false],
      djredis_pack_bytes: [[:pointer, :uint32, :buffer_in, :size_t], :int32, false],
      djredis_pack_value: [[:pointer, :pointer], :int32, false],
      djredis_pack_free: [[:pointer], :void, false],
      djredis_options_new: [[], :pointer, false],
      djredis_options_set: [[:pointer, :buffer_in, :size_t, :buffer_in, :size_t, :pointer], :int32, false],
      djredis_options_list: [[:pointer], :int32, false],
      djredis_options_free: [[:pointer], :void, false],
      djredis_options_set_parser: [[:pointer, :pointer, :pointer], :int32, false],
      djredis_cache_open: [[:buffer_in, :size_t, :buffer_in, :pointer, :pointer], :int32, false],
      djredis_cache_close: [[:pointer], :void, true],
      djredis_cache_free: [[:pointer], :void, false],
      djredis_cache_get: [[:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_get_raw: [[:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_set: [[:pointer, :buffer_in, :size_t, :pointer, :pointer, :pointer], :int32, true],
      djredis_cache_set_raw: [[:pointer, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_set_payload: [[:pointer, :buffer_in, :size_t, :buffer_in, :size_t, :uint32, :pointer, :pointer], :int32, true],
      djredis_cache_delete: [[:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_has_key: [[:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_touch: [[:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_ttl: [[:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_incr: [[:pointer, :buffer_in, :size_t, :int64, :pointer, :pointer], :int32, true],
      djredis_cache_incr_version: [[:pointer, :buffer_in, :size_t, :int64, :pointer, :pointer], :int32, true],
      djredis_cache_move: [[:pointer, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_near_get: [[:pointer, :buffer_in, :size_t, :pointer, :pointer, :pointer], :int32, false],
      djredis_cache_get_many: [[:pointer, :size_t, :buffer_in, :buffer_in, :pointer, :pointer], :int32, true],
      djredis_cache_get_many_raw: [[:pointer, :size_t, :buffer_in, :buffer_in, :pointer, :pointer], :int32, true],
      djredis_cache_set_many: [[:pointer, :size_t, :buffer_in, :buffer_in, :pointer, :pointer, :pointer], :int32, true],
      djredis_cache_set_many_raw: [[:pointer, :size_t, :buffer_in, :buffer_in, :buffer_in, :buffer_in, :pointer, :pointer], :int32, true],
      djredis_cache_set_many_payload: [[:pointer, :size_t, :buffer_in, :buffer_in, :buffer_in, :buffer_in, :uint32, :pointer, :pointer], :int32, true],
      djredis_cache_delete_many: [[:pointer, :size_t, :buffer_in, :buffer_in, :pointer, :pointer], :int32, true],
      djredis_cache_keys: [[:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_delete_pattern: [[:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_scan: [[:pointer, :buffer_in, :size_t, :pointer, :pointer, :pointer], :int32, false],
      djredis_cache_clear: [[:pointer, :pointer, :pointer], :int32, true],
      djredis_scan_next: [[:pointer, :pointer, :pointer], :int32, true],
      djredis_scan_free: [[:pointer], :void, false],
      djredis_cache_lock: [[:pointer, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_extend: [[:pointer, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_unlock: [[:pointer, :buffer_in, :size_t, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_command: [[:pointer, :size_t, :buffer_in, :buffer_in, :int32, :pointer, :pointer], :int32, true],
      djredis_cache_batch: [[:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, true],
      djredis_cache_make_key: [[:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, false],
      djredis_cache_encode: [[:pointer, :pointer, :pointer], :int32, true],
      djredis_cache_decode: [[:pointer, :buffer_in, :size_t, :pointer], :int32, true],
      djredis_cache_decode_many: [[:pointer, :size_t, :buffer_in, :buffer_in, :pointer, :pointer], :int32, true],
      djredis_cache_server_for: [[:pointer, :buffer_in, :size_t, :pointer, :pointer], :int32, false],
      djredis_cache_option: [[:pointer, :buffer_in, :size_t, :pointer], :int32, false],
      djredis_cache_stats: [[:pointer, :pointer], :int32, false],
      djredis_conn_acquire: [[:pointer, :pointer, :pointer, :pointer], :int32, true],
      djredis_conn_command: [[:pointer, :size_t, :buffer_in, :buffer_in, :pointer, :pointer], :int32, true],
      djredis_conn_pipeline: [[:pointer, :size_t, :buffer_in, :buffer_in, :buffer_in, :pointer, :pointer], :int32, true],
      djredis_conn_send: [[:pointer, :size_t, :buffer_in, :buffer_in, :pointer, :pointer], :int32, true],
      djredis_conn_receive: [[:pointer, :pointer, :pointer], :int32, true],
      djredis_conn_release: [[:pointer], :void, false],
      djredis_ruby_install: [[], :int32, false],
      djredis_cpython_methods: [[], :pointer, false],
    }.freeze
  end
end
