# frozen_string_literal: true

require_relative "handle"

module DJRedis
  # The methods for the time that a key has to live.
  class Cache
    # Gives a key a new time to live, as {#set} takes it.
    # @param key [String, Symbol, Integer]
    # @param ttl [Numeric, nil] as in {#set}
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Boolean] false if the key is not there
    def touch(key, ttl: DEFAULT, version: nil)
      raw = Keys.encode(key)
      how = calling(version, ttl: ttl)
      succeeds { |slot| Library.djredis_cache_touch(@pointer, raw, raw.bytesize, how, slot) }
    end

    # Whole seconds left, rounded up.
    # @param key [String, Symbol, Integer]
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Integer, nil] 0: the key is not there; nil: it never expires
    def ttl(key, version: nil)
      Calls.seconds(pttl(key, version: version))
    end

    # Milliseconds left.
    # @param key [String, Symbol, Integer]
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Integer, nil] 0: the key is not there; nil: it never expires
    def pttl(key, version: nil)
      raw = Keys.encode(key)
      how = calling(version)
      ask(0) { |slot| Library.djredis_cache_ttl(@pointer, raw, raw.bytesize, how, slot) }
    end

    # Lets a key live for ever.
    # @param key [String, Symbol, Integer]
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Boolean] whether it would have expired; false if it is not there or never expires
    def persist(key, version: nil)
      left = pttl(key, version: version)
      return false if left.nil? || left.zero?

      touch(key, ttl: nil, version: version)
    end
  end
end
