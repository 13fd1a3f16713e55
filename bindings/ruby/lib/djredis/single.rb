# frozen_string_literal: true

require_relative "handle"

module DJRedis
  # The methods for one key.
  # @private
  module Single
    # The value of a key, or `default`.
    #
    # @param key [String, Symbol, Integer]
    # @param version [Integer, nil] the key's version; nil: the option VERSION
    # @raise [DecodeError] where the value can't be read; it has the stored bytes
    def get(key, default = nil, version: nil)
      raw = Keys.encode(key)
      ask(:djredis_cache_get, raw, raw.bytesize, Calls.struct(version: version), otherwise: default) do |slot|
        Values.read(slot)
      end
    end

    # Stores a value.
    #
    # @param value [Object] nil, true, false, a number, String, Symbol, Time, Array, Hash, Set, ...: see the README
    # @param ttl [Numeric, nil] seconds to live, to the millisecond; nil: for ever; by default the option TIMEOUT. 0
    #   and below mean what the option ZERO_TIMEOUT says
    # @param nx [Boolean] only if the key is not there
    # @param xx [Boolean] only if the key is there
    # @return [Boolean] false where nx or xx is not met
    # @raise [EncodeError] where the value can't be stored
    def set(key, value, ttl: DEFAULT, version: nil, nx: false, xx: false)
      flags = (nx ? ABI::NX : 0) | (xx ? ABI::XX : 0)
      how = Calls.struct(flags, version: version, ttl: ttl)
      raw = Keys.encode(key)
      Values.structs([value]) { |struct| succeeds(:djredis_cache_set, raw, raw.bytesize, struct, how) }
    end

    # Stores a value only if the key is not there.
    # @return [Boolean] whether it was stored
    def add(key, value, ttl: DEFAULT, version: nil)
      set(key, value, ttl: ttl, version: version, nx: true)
    end

    # The value of a key; where it is missing, the block's value is stored and returned. Where several callers find it
    # missing at once, all return the value of the first one.
    #
    # @yield makes the value
    # @raise [ArgumentError] without a block
    def fetch(key, ttl: DEFAULT, version: nil)
      raise ArgumentError, "fetch needs a block that makes the value; get answers without one" unless block_given?

      found = get(key, DEFAULT, version: version)
      return found unless found.equal?(DEFAULT)

      made = yield
      add(key, made, ttl: ttl, version: version) ? made : get(key, made, version: version)
    end

    # Removes a key.
    # @return [Boolean] whether it was there
    def delete(key, version: nil)
      raw = Keys.encode(key)
      succeeds(:djredis_cache_delete, raw, raw.bytesize, Calls.struct(version: version))
    end

    # Whether a key is there.
    # @return [Boolean]
    def key?(key, version: nil)
      raw = Keys.encode(key)
      succeeds(:djredis_cache_has_key, raw, raw.bytesize, Calls.struct(version: version))
    end
    alias has_key? key?
    alias include? key?

    # Gives a key a new time to live, as {#set} takes it.
    # @return [Boolean] false if the key is not there
    def touch(key, ttl: DEFAULT, version: nil)
      raw = Keys.encode(key)
      succeeds(:djredis_cache_touch, raw, raw.bytesize, Calls.struct(version: version, ttl: ttl))
    end

    # Whole seconds left, rounded up.
    # @return [Integer, nil] 0: the key is not there; nil: it never expires
    def ttl(key, version: nil)
      left = pttl(key, version: version)
      left && (left / 1000.0).ceil
    end

    # Milliseconds left.
    # @return [Integer, nil] 0: the key is not there; nil: it never expires
    def pttl(key, version: nil)
      raw = Keys.encode(key)
      ask(:djredis_cache_ttl, raw, raw.bytesize, Calls.struct(version: version), otherwise: 0) { |slot| Values.read(slot) }
    end

    # Lets a key live for ever.
    # @return [Boolean] whether it would have expired; false if it is not there or never expires
    def persist(key, version: nil)
      left = pttl(key, version: version)
      return false if left.nil? || left.zero?

      touch(key, ttl: nil, version: version)
    end

    # Adds to a number, in one step on the server. The expiry stays; a float that was stored stays a float.
    # @return [Integer, Float, nil] the sum; nil only where IGNORE_EXCEPTIONS covers a failure
    # @raise [NotFoundError] where the key is missing
    # @raise [WrongTypeError] where it holds no number
    def incr(key, by = 1, version: nil)
      count(:djredis_cache_incr, key, by, version)
    end

    # Subtracts from a number; see {#incr}.
    def decr(key, by = 1, version: nil)
      count(:djredis_cache_incr, key, negative(by), version)
    end

    # Moves a key to another version, with its expiry.
    # @return [Integer, nil] that version
    # @raise [NotFoundError]
    def incr_version(key, by = 1, version: nil)
      count(:djredis_cache_incr_version, key, by, version)
    end

    # Moves a key to an older version; see {#incr_version}.
    def decr_version(key, by = 1, version: nil)
      count(:djredis_cache_incr_version, key, negative(by), version)
    end

    private

    def count(function, key, by, version)
      raw = Keys.encode(key)
      how = Calls.struct(version: version)
      ask(function, raw, raw.bytesize, Calls.integer(by, "by"), how) { |slot| Values.read(slot) }
    end

    def negative(number)
      Calls.integer(-Calls.integer(number, "by"), "by")
    end
  end
end
