# frozen_string_literal: true

require "bigdecimal"
require_relative "abi"

module DJRedis
  # The class of {DEFAULT}.
  # @private
  class Default
    def inspect
      "DJRedis::DEFAULT"
    end
  end

  # A ttl or timeout that says: as the option TIMEOUT (SOCKET_TIMEOUT) says.
  DEFAULT = Default.new.freeze

  # How a call is done: times in milliseconds, and the djredis_call struct of each combination.
  # @private
  module Calls
    INT64 = (-(2**63)..(2**63) - 1).freeze
    # INT64_MAX itself means "for ever" to the library.
    MILLISECONDS = (-(2**63)...(2**63) - 1).freeze
    # A program has few combinations; where timeouts are random the table only turns over.
    KEPT_STRUCTS = 1024

    @structs = {}
    @by_ttl = {}

    # @return [Integer, nil] a time in milliseconds, fractions rounded up; nil where the option decides
    def self.milliseconds(time)
      return nil if time.equal?(DEFAULT)
      return ABI::FOREVER if time.nil?

      ms = time.is_a?(Integer) ? time * 1000 : from_seconds(time)
      return ms if MILLISECONDS.cover?(ms)

      raise ArgumentError, "the timeout #{time} is too large; nil means for ever"
    end

    def self.from_seconds(time)
      raise ArgumentError, "a timeout is a number of seconds, or nil for ever, not #{time.class}" unless seconds?(time)

      seconds = time.to_f
      raise ArgumentError, "a timeout of #{seconds} seconds has no meaning; nil means for ever" unless seconds.finite?

      # 16.1 * 1000 is 16100.000000000002: the error of the product is no fraction of a millisecond.
      ms = (seconds * 1000).round(6).ceil
      seconds.positive? ? [ms, 1].max : ms
    end

    # ActiveSupport's durations and ours are no Numeric.
    def self.seconds?(time)
      time.is_a?(Numeric) ? time.real? : time.respond_to?(:to_f) && !time.is_a?(String)
    end

    # A number that the library takes: an integer of 64 bits.
    def self.integer(value, name)
      return value if value.is_a?(Integer) && INT64.cover?(value)

      raise ArgumentError, "#{name} must be an integer of 64 bits, not #{value.inspect}"
    end

    # A number that can be subtracted.
    def self.negative(value, name)
      integer(-integer(value, name), name)
    end

    # The flags of a condition.
    def self.conditions(only_new, only_there)
      (only_new ? ABI::NX : 0) | (only_there ? ABI::XX : 0)
    end

    # Milliseconds left as whole seconds, rounded up.
    def self.seconds(milliseconds)
      milliseconds && -(-milliseconds).div(1000)
    end

    # The struct of a call with these settings; nil where everything is as the options say.
    def self.struct(flags = 0, version: nil, ttl: DEFAULT, itersize: nil, deadline: DEFAULT)
      return nil if flags.zero? && version.nil? && ttl.equal?(DEFAULT) && itersize.nil? && deadline.equal?(DEFAULT)

      key = [flags, version, ttl, itersize, deadline]
      @structs[key] || keep(@structs, key, build(*settings(flags, version, ttl), itersize, milliseconds(deadline)))
    end

    # The struct of a call with this time to live, which is most of them.
    def self.living(ttl)
      @by_ttl[ttl] || keep(@by_ttl, ttl, struct(ttl: ttl))
    end

    # The flags, the version and the time to live in milliseconds, as the library takes them.
    def self.settings(flags, version, ttl)
      ttl_ms = milliseconds(ttl)
      flags |= ABI::VERSION if version
      flags |= ABI::TTL if ttl_ms
      [flags, integer(version || 0, "version"), ttl_ms || 0]
    end

    def self.build(flags, version, ttl_ms, itersize, deadline_ms)
      raise ArgumentError, "a time to wait must be above 0; nil means as long as it takes" if deadline_ms && deadline_ms <= 0
      raise ArgumentError, "itersize must be 1 or more" if itersize && integer(itersize, "itersize") < 1

      [ABI::CALL_SIZE, flags, version, ttl_ms, itersize || 0, deadline_ms || 0].pack(ABI::CALL_LAYOUT).freeze
    end

    def self.keep(structs, key, struct)
      structs.clear if structs.size >= KEPT_STRUCTS
      structs[key] = struct
    end
    private_class_method :from_seconds, :seconds?, :build, :keep
  end
end
