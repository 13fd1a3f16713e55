# frozen_string_literal: true

require_relative "handle"

module DJRedis
  # The methods for one key.
  class Cache
    # The value of a key, or `default`.
    #
    # @param key [String, Symbol, Integer]
    # @param default [Object] what a missing key answers
    # @param version [Integer, nil] the key's version; nil: the option VERSION
    # @return [Object]
    # @raise [DecodeError] where the value can't be read; it has the stored bytes
    def get(key, default = nil, version: nil)
      return loaded(key, default, version) if @serializer

      value_of(key, version.nil? ? @call : calling(version), default)
    end

    # Exactly the bytes that stand in Redis under a key, or `default`.
    # @param (see #get)
    # @return [String, Object] binary
    def get_raw(key, default = nil, version: nil)
      raw = Keys.encode(key)
      how = calling(version)
      ask(default) { |slot| Library.djredis_cache_get_raw(@pointer, raw, raw.bytesize, how, slot) }
    end

    # Stores a value.
    #
    # @param key [String, Symbol, Integer]
    # @param value [Object] nil, true, false, a number, String, Symbol, Time, Array, Hash, Set, ...: see the README
    # @param ttl [Numeric, nil] seconds to live, to the millisecond; nil: for ever; by default the option TIMEOUT. 0
    #   and below mean what the option ZERO_TIMEOUT says
    # @param version [Integer, nil] the key's version; nil: the option VERSION
    # @param nx [Boolean] only if the key is not there
    # @param xx [Boolean] only if the key is there
    # @return [Boolean] false where nx or xx is not met
    # @raise [EncodeError] where the value can't be stored
    def set(key, value, ttl: DEFAULT, version: nil, nx: false, xx: false)
      value = @serializer.dump(value) if @serializer
      store(key, value, calling(version, Calls.conditions(nx, xx), ttl: ttl))
    end

    # Stores bytes exactly as they are. Whoever reads them with {#get} must be able to: see {#encode}.
    #
    # @param bytes [String]
    # @param (see #set)
    # @return (see #set)
    def set_raw(key, bytes, ttl: DEFAULT, version: nil, nx: false, xx: false)
      raw = Keys.encode(key)
      data = bytes.b
      how = calling(version, Calls.conditions(nx, xx), ttl: ttl)
      succeeds { |slot| Library.djredis_cache_set_raw(@pointer, raw, raw.bytesize, data, data.bytesize, how, slot) }
    end

    # Stores a value only if the key is not there.
    # @param key [String, Symbol, Integer]
    # @param value [Object] as in {#set}
    # @param ttl [Numeric, nil] as in {#set}
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Boolean] whether it was stored
    # @raise [EncodeError] where the value can't be stored
    def add(key, value, ttl: DEFAULT, version: nil)
      set(key, value, ttl: ttl, version: version, nx: true)
    end

    # The value of a key; where it is missing, the block's value is stored and returned. Where several callers find it
    # missing at once, all return the value of the first one.
    #
    # @param key [String, Symbol, Integer]
    # @param ttl [Numeric, nil] as in {#set}
    # @param version [Integer, nil] nil: the option VERSION
    # @yieldreturn [Object] the value, where it is missing
    # @return [Object]
    # @raise [ArgumentError] without a block
    # @raise [DecodeError] where the value can't be read
    # @raise [EncodeError] where the block's value can't be stored
    def fetch(key, ttl: DEFAULT, version: nil)
      raise ArgumentError, "fetch needs a block that makes the value; get answers without one" unless block_given?

      found = get(key, DEFAULT, version: version)
      return found unless found.equal?(DEFAULT)

      made = yield
      add(key, made, ttl: ttl, version: version) ? made : get(key, made, version: version)
    end

    # Removes a key.
    # @param key [String, Symbol, Integer]
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Boolean] whether it was there
    def delete(key, version: nil)
      remove(key, calling(version))
    end

    # Whether a key is there.
    # @param key [String, Symbol, Integer]
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Boolean]
    def key?(key, version: nil)
      there?(key, calling(version))
    end
    alias has_key? key?
    alias include? key?

    # Gives a value another key, with its expiry. What stood under that key is gone.
    # @param key [String, Symbol, Integer]
    # @param to [String, Symbol, Integer] the new key
    # @param version [Integer, nil] of both; nil: the option VERSION
    # @return [Boolean] true; false only where IGNORE_EXCEPTIONS covers a failure
    # @raise [NotFoundError] where the key is missing
    def move(key, to, version: nil)
      raw = Keys.encode(key)
      raw_to = Keys.encode(to)
      how = calling(version)
      succeeds { |slot| Library.djredis_cache_move(@pointer, raw, raw.bytesize, raw_to, raw_to.bytesize, how, slot) }
    end

    private

    # {#get} with a serializer of the program's own.
    def loaded(key, default, version)
      found = value_of(key, calling(version, ABI::AS_PAYLOAD), default)
      @serializer.load(found, key) { default }
    end
  end
end
