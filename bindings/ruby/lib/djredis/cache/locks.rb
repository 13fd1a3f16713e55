# frozen_string_literal: true

require "securerandom"
require_relative "handle"
require_relative "../lock"

module DJRedis
  # Locks that redis-py's clients, and so Django's, respect.
  class Cache
    # Takes a lock, and gives it up after the block.
    #
    #   cache.lock("rebuild", ttl: 30, wait: 5) { rebuild }
    #
    # @param key [String, Symbol, Integer]
    # @param ttl [Numeric, nil] seconds until it is over by itself; by default the option TIMEOUT
    # @param wait [Numeric] seconds to wait where somebody has it; 0: not at all
    # @param version [Integer, nil] nil: the option VERSION
    # @param token [String] what only its owner knows
    # @yieldparam lock [Lock]
    # @return [Object, Lock] the block's value; without a block the {Lock}, to be released
    # @raise [LockTakenError] where somebody else has it
    # @raise [LockLostError] after the block, where its time was over before
    def lock(key, ttl: DEFAULT, wait: 0, version: nil, token: SecureRandom.uuid, &block)
      lock = Lock.new(key, token) { |function, time| on_lock(function, lock, version, time) }
      block ? lock.hold(ttl, wait, &block) : lock.tap { lock.take(ttl, wait) }
    end

    private

    # One of the library's three functions for locks.
    def on_lock(function, lock, version, ttl)
      key = Keys.encode(lock.key)
      token = lock.token.b
      how = calling(version, ttl: ttl)
      succeeds { |slot| Library.__send__(function, @pointer, key, key.bytesize, token, token.bytesize, how, slot) }
    end
  end
end
