# frozen_string_literal: true

require_relative "handle"

module DJRedis
  # The methods that count.
  class Cache
    # Adds to a number, in one step on the server. The expiry stays; a float that was stored stays a float.
    # @param key [String, Symbol, Integer]
    # @param by [Integer] of 64 bits
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Integer, Float, nil] the sum; nil only where IGNORE_EXCEPTIONS covers a failure
    # @raise [NotFoundError] where the key is missing
    # @raise [WrongTypeError] where it holds no number
    def incr(key, by = 1, version: nil)
      count(key, Calls.integer(by, "by"), calling(version))
    end

    # Subtracts from a number; see {#incr}.
    # @param (see #incr)
    # @return (see #incr)
    # @raise (see #incr)
    def decr(key, by = 1, version: nil)
      incr(key, Calls.negative(by, "by"), version: version)
    end

    # Moves a key to another version, with its expiry.
    # @param key [String, Symbol, Integer]
    # @param by [Integer] how many versions up
    # @param version [Integer, nil] that it has now; nil: the option VERSION
    # @return [Integer, nil] that version; nil only where IGNORE_EXCEPTIONS covers a failure
    # @raise [NotFoundError] where the key is missing
    def incr_version(key, by = 1, version: nil)
      raw = Keys.encode(key)
      delta = Calls.integer(by, "by")
      how = calling(version)
      ask { |slot| Library.djredis_cache_incr_version(@pointer, raw, raw.bytesize, delta, how, slot) }
    end

    # Moves a key to an older version; see {#incr_version}.
    # @param (see #incr_version)
    # @return (see #incr_version)
    # @raise (see #incr_version)
    def decr_version(key, by = 1, version: nil)
      incr_version(key, Calls.negative(by, "by"), version: version)
    end
  end
end
