# frozen_string_literal: true

require "bigdecimal"
require "date"
require "set"
require_relative "types"
require_relative "record"
require_relative "times"

module DJRedis
  # The stored bytes that go with a value that holds records.
  # @private
  class Payload
    # Where an object keeps what it was read from.
    NAME = :@djredis_origin

    # @param payload [Object] what stands behind the value
    # @param origin [String] both, as the library gave them
    # @return [Object] the value, or a copy of a frozen one, with its origin, if that has a payload
    def self.behind(value, payload, origin)
      return value unless payload.is_a?(Payload)

      holder = value.frozen? ? value.dup : value
      holder.instance_variable_set(NAME, origin)
      value.frozen? ? holder.freeze : holder
    end

    # @return [String, nil] what a value was read from
    def self.origin(value)
      value.instance_variable_get(NAME)
    end
  end

  # The extension types of docs/values.md, section 3: numbers, and how they are read.
  # @private
  module Extensions
    OPAQUE = 3
    INTEGER = 4
    TUPLE = 5
    SET = 6
    FROZENSET = 7
    DATETIME = 8
    DATE = 9
    TIME = 10
    TIMEDELTA = 11
    DECIMAL = 12
    UUID_BYTES = 13
    COMPLEX = 14
    FRACTION = 15
    RECORD = 16
    SURROGATES = 17
    ERROR_REPLY = 18
    STATUS_REPLY = 19
    BYTEARRAY = 20
    PAYLOAD = 21
    ORDERED_DICT = 22
    DEFAULT_DICT = 23
    COUNTER = 24
    DEQUE = 25
    RANGE = 26
    ELLIPSIS = 27
    SAFE_STRING = 28

    ZONE_FIXED = 1
    ZONE_KEY = 2
    ZONE_OBJECT = 3

    # number: how many values its payload holds, and what they make
    NESTED = {
      TUPLE => [1, ->((list)) { Tuple.new(list) }],
      SET => [1, ->((list)) { Set.new(list) }],
      FROZENSET => [1, ->((list)) { Set.new(list).freeze }],
      RECORD => [1, ->((fields)) { Record.from_fields(fields) }],
      ORDERED_DICT => [1, ->((map)) { OrderedDict.new.update(map) }],
      DEFAULT_DICT => [2, ->((factory, map)) { DefaultDict.new.update(map).tap { |made| made.factory = factory } }],
      COUNTER => [1, ->((map)) { Counter.new.update(map) }],
      DEQUE => [2, ->((maxlen, list)) { Deque.new(list).tap { |made| made.maxlen = maxlen } }],
      RANGE => [1, ->((parts)) { range(*parts) }]
    }.freeze

    # number: what its payload, all bytes, makes
    LEAVES = {
      OPAQUE => ->(bytes) { Opaque.new(bytes) },
      INTEGER => ->(bytes) { Integer(bytes, 10) },
      DATE => ->(bytes) { Date.new(*bytes.unpack("nCC"), Date::GREGORIAN) },
      TIMEDELTA => ->(bytes) { Duration.new(*bytes.unpack("l>NN")) },
      DECIMAL => ->(bytes) { decimal(bytes) },
      UUID_BYTES => ->(bytes) { UUID.new(bytes) },
      COMPLEX => ->(bytes) { Complex(*bytes.unpack("GG")) },
      FRACTION => ->(bytes) { Rational(*bytes.split("/").map { |part| Integer(part, 10) }) },
      SURROGATES => ->(bytes) { bytes.force_encoding(Encoding::UTF_8) },
      ERROR_REPLY => ->(bytes) { ServerError.new(bytes.force_encoding(Encoding::UTF_8).scrub) },
      STATUS_REPLY => ->(bytes) { Keys.text(bytes) },
      BYTEARRAY => ->(bytes) { ByteArray.new(bytes) },
      PAYLOAD => ->(_) { Payload.new },
      ELLIPSIS => ->(_) { DJRedis::ELLIPSIS },
      SAFE_STRING => ->(bytes) { SafeString.new(bytes.force_encoding(Encoding::UTF_8)) }
    }.freeze

    # The numbers of all that can stand in a value.
    ALL = [*NESTED.keys, *LEAVES.keys, DATETIME, TIME].freeze

    # @param reader [Reader] stands behind the header
    # @return [Object] the value, or Reader::PENDING where its parts follow
    def self.read(reader, number, size)
      return reader.begin_container(*NESTED[number]) if NESTED.key?(number)
      return moment(reader, 7, size, "nCCCCCCN", DateTime) if number == DATETIME
      return moment(reader, 4, size, "CCCCN", TimeOfDay) if number == TIME

      made = LEAVES.fetch(number) do
        raise DecodeError, "a value with the extension #{number}, which djredis for Ruby does not know"
      end
      made.call(reader.take(size))
    end

    # A datetime or a time: fixed numbers, then the zone.
    def self.moment(reader, fold_at, size, layout, kind)
      fixed = reader.take(fold_at == 7 ? 12 : 8)
      fields = fixed.unpack(layout)
      fields.push(fields.delete_at(-2)) # the fold comes after the microsecond
      left = size - fixed.bytesize
      return kind.new(*fields, nil) if left.zero?

      zone = reader.take(1).ord
      return reader.begin_container(1, ->((object)) { kind.new(*fields, object) }) if zone == ZONE_OBJECT

      data = reader.take(left - 1)
      zoned(kind, fields, zone == ZONE_KEY ? data.force_encoding(Encoding::UTF_8) : fixed_zone(data))
    end

    def self.fixed_zone(data)
      seconds, microseconds, name = data.unpack("l>Na*")
      FixedZone.new(seconds, microseconds, name.empty? ? nil : name.force_encoding(Encoding::UTF_8))
    end

    # A Time, where it says the same.
    def self.zoned(kind, fields, zone)
      plain = zone.is_a?(FixedZone) && zone.microseconds.zero? && zone.name.nil? && fields.last.zero?
      return kind.new(*fields, zone) unless kind == DateTime && plain

      *clock, microsecond, _fold = fields
      return Time.utc(*clock, microsecond) if zone.seconds.zero?

      clock[-1] += Rational(microsecond, 1_000_000)
      Time.new(*clock, zone.seconds)
    end

    def self.decimal(text)
      text.match?(/nan/i) ? BigDecimal("NaN") : BigDecimal(text)
    end

    # Python's range leaves out its end.
    def self.range(start, stop, step)
      step == 1 ? (start...stop) : (start...stop).step(step)
    end
    private_class_method :moment, :fixed_zone, :zoned, :decimal, :range
  end
end
