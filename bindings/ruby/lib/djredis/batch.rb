# frozen_string_literal: true

require_relative "calls"
require_relative "keys"
require_relative "writer"

module DJRedis
  # Calls that are sent together; see {Cache#batch}. The methods are those of {Cache}, with the same arguments; what they
  # answer there is one of the results here.
  class Batch
    # The answer itself.
    VALUE = :itself.to_proc
    # An answer that says yes.
    YES = ->(_) { true }
    private_constant :VALUE, :YES

    # @private
    # @param serializer [OwnSerializer, nil]
    def initialize(serializer = nil)
      @serializer = serializer
      @calls = []
      @answers = []
    end

    # @param (see Cache#get)
    # @return [nil]
    def get(key, default = nil, version: nil)
      return call("get", key, version: version, missing: default) unless @serializer

      load = ->(found) { @serializer.load(found, key) { default } }
      call("get", key, flags: ABI::AS_PAYLOAD, version: version, missing: default, made: load)
    end

    # @param (see Cache#get_raw)
    # @return [nil]
    def get_raw(key, default = nil, version: nil)
      call("get_raw", key, version: version, missing: default)
    end

    # @param (see Cache#set)
    # @return [nil]
    # @raise (see Cache#set)
    def set(key, value, ttl: DEFAULT, version: nil, nx: false, xx: false)
      value = @serializer.dump(value) if @serializer
      operation = @serializer && !value.is_a?(Integer) ? "set_payload" : "set"
      call(operation, key, value, flags: Calls.conditions(nx, xx), version: version, ttl: ttl, missing: false, made: YES)
    end

    # @param (see Cache#add)
    # @return [nil]
    # @raise (see Cache#add)
    def add(key, value, ttl: DEFAULT, version: nil)
      set(key, value, ttl: ttl, version: version, nx: true)
    end

    # @param (see Cache#delete)
    # @return [nil]
    def delete(key, version: nil)
      call("delete", key, version: version, missing: false, made: YES)
    end

    # @param (see Cache#key?)
    # @return [nil]
    def key?(key, version: nil)
      call("has_key", key, version: version, missing: false, made: YES)
    end

    # @param (see Cache#touch)
    # @return [nil]
    def touch(key, ttl: DEFAULT, version: nil)
      call("touch", key, version: version, ttl: ttl, missing: false, made: YES)
    end

    # @param (see Cache#ttl)
    # @return [nil]
    def ttl(key, version: nil)
      call("ttl", key, version: version, missing: 0, made: Calls.method(:seconds))
    end

    # @param (see Cache#pttl)
    # @return [nil]
    def pttl(key, version: nil)
      call("ttl", key, version: version, missing: 0)
    end

    # @param (see Cache#incr)
    # @return [nil]
    def incr(key, by = 1, version: nil)
      call("incr", key, Calls.integer(by, "by"), version: version)
    end

    # @param (see Cache#decr)
    # @return [nil]
    def decr(key, by = 1, version: nil)
      incr(key, Calls.negative(by, "by"), version: version)
    end

    # How many calls there are.
    # @return [Integer]
    def size
      @calls.size
    end

    # @private
    # @return [String] as djredis_cache_batch takes it
    def encode
      writer = Writer.new
      writer.list_header(size)
      @calls.each { |call| writer.out << call }
      writer.out
    end

    # @private
    # @return [Proc] makes the results of the items, in order
    def results
      lambda do |type, integer, data, place|
        missing, made = @answers[place]
        case type
        when ABI::MISSING then missing
        when ABI::ERROR then failed(Values.error(integer, data))
        else made.call(Values.build(type, integer, data))
        end
      rescue DecodeError => error
        failed(error)
      end
    end

    # @private
    # @return [Error, nil] the first one among the results
    attr_reader :failure

    # @private
    # @return [Array] what an empty cache would answer
    def missing
      @answers.map(&:first)
    end

    private

    # Encoded at once, so that a value that can't be stored is refused where it was given.
    def call(operation, key, payload = nil, flags: 0, version: nil, ttl: DEFAULT, missing: nil, made: VALUE)
      raise ArgumentError, "nx and xx exclude each other" if flags == ABI::NX | ABI::XX

      writer = Writer.new
      writer.list_header(6)
      writer.value(operation)
      writer.bytes(Keys.plain(key))
      payload(writer, payload)
      Calls.settings(flags, version, ttl).each { |number| writer.value(number) }
      @calls << writer.out
      @answers << [missing, made]
      nil
    end

    def payload(writer, value)
      case value
      when Opaque then writer.leaf(Extensions::OPAQUE, value.bytes)
      when Serialized
        writer.list_header(2)
        writer.value(OwnSerializer::FORMAT)
        writer.bytes(value.bytes)
      else writer.value(value)
      end
    end

    def failed(error)
      @failure ||= error
      error
    end
  end
end
