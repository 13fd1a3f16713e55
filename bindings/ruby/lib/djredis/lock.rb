# frozen_string_literal: true

require_relative "calls"

module DJRedis
  # A lock that we have; see {Cache#lock}.
  class Lock
    # How often a taken lock is asked for again, in seconds.
    STEP = 0.05
    private_constant :STEP

    # @return [String, Symbol, Integer]
    attr_reader :key

    # @return [String] what only its owner knows
    attr_reader :token

    # @private
    # @yieldparam function [Symbol] the library's function for locks to call
    # @yieldparam ttl [Numeric, nil]
    def initialize(key, token, &call)
      @key = key
      @token = token.dup.freeze
      @call = call
      @perhaps_ours = false
    end

    # Lets the lock live as long as this from now on.
    # @param ttl [Numeric, nil] seconds; nil: for ever; by default the option TIMEOUT
    # @return [self]
    # @raise [LockLostError] where it is not ours any more
    def renew(ttl: DEFAULT)
      @call.call(:djredis_cache_extend, ttl) ? self : raise(lost)
    end

    # Gives the lock up.
    # @return [nil]
    # @raise [LockLostError] where it was not ours any more
    def release
      @call.call(:djredis_cache_unlock, DEFAULT) ? nil : raise(lost)
    end

    # @private
    def take(ttl, wait)
      limit = now + wait
      until try(ttl)
        left = limit - now
        raise LockTakenError, "somebody else has the lock #{@key.inspect}" unless left.positive?

        sleep([STEP, left].min)
      end
    end

    # @private
    def hold(ttl, wait)
      done = false
      take(ttl, wait)
      result = yield self
      done = true
      result
    ensure
      if done then release
      elsif @perhaps_ours then release_quietly
      end
    end

    private

    # A Timeout may come when the server has given us the lock and we don't know yet.
    def try(ttl)
      @perhaps_ours = true
      @perhaps_ours = @call.call(:djredis_cache_lock, ttl)
    rescue Error
      @perhaps_ours = false
      raise
    end

    # Where something else is on its way already, it is that which counts.
    def release_quietly
      @call.call(:djredis_cache_unlock, DEFAULT)
    rescue Error => error
      DJRedis.logger.warn("the lock #{@key.inspect} could not be released: #{error.message}")
    end

    def lost
      LockLostError.new("the lock #{@key.inspect} was not ours any more: its time was over")
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
