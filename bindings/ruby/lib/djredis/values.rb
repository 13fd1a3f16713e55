# frozen_string_literal: true

require_relative "reader"
require_relative "slots"
require_relative "writer"

module DJRedis
  # Values between Ruby and the slots of the library.
  # @private
  module Values
    INT64 = (-(2**63)..(2**63) - 1).freeze
    UTF8 = Encoding::UTF_8

    # An item of a list that the library made.
    Item = Struct.new(:type, :flags, :integer, :data) do
      def missing?
        type == ABI::MISSING
      end

      def error?
        type == ABI::ERROR
      end

      # The exception that an ERROR stands for.
      def error
        BY_STATUS.fetch(integer, Error).new(data.force_encoding(UTF8).scrub).tap { |made| made.status = integer }
      end

      def value(replies: false)
        return [integer].pack("q").unpack1("d") if type == ABI::FLOAT

        Values.build(type, integer, data, replies)
      end
    end

    # The value in a slot.
    def self.read(slot, replies: false)
      type = slot.get_int32(Slots::TYPE)
      return slot.get_double(Slots::REAL) if type == ABI::FLOAT

      build(type, slot.get_int64(Slots::INTEGER), Slots.content(slot), replies)
    end

    # What a type makes of its fields.
    def self.build(type, integer, data, replies)
      case type
      when ABI::NONE then nil
      when ABI::BOOL then integer == 1
      when ABI::INT then integer
      when ABI::BIGINT then Integer(data, 10)
      when ABI::TEXT then data.force_encoding(UTF8)
      when ABI::BYTES then replies ? Keys.text(data) : data
      when ABI::MSGPACK then Reader.load(data, replies: replies)
      when ABI::OPAQUE then Opaque.new(data)
      else raise DecodeError, "a value of a type that djredis for Ruby does not know (#{type})"
      end
    end

    # The items in a slot. Their bytes are copies, and outlive it.
    # @return [Array<Item>]
    def self.items(slot)
      content = Slots.content(slot)
      count = slot.get_int64(Slots::INTEGER)
      content.unpack(ABI::ITEM_LAYOUT * count).each_slice(5).map do |type, flags, integer, offset, size|
        Item.new(type, flags, integer, content.byteslice(offset, size))
      end
    end

    # Yields values as the array of structs that the library takes; it points into memory that lives as long.
    def self.structs(values)
      rows = values.map { |value| fields(value) }
      content = rows.map(&:last).join
      at = address(content)
      packed = rows.map do |type, integer, real, data|
        at += data.bytesize
        [type, 0, integer, real, at - data.bytesize, data.bytesize, 0].pack(ABI::VALUE_LAYOUT)
      end
      # `content` stays alive, and where it is, as long as this method runs: Ruby pins what its stack points to.
      yield packed.join
    end

    # Type, integer, real and bytes of a value.
    def self.fields(value)
      case value
      when nil then [ABI::NONE, 0, 0.0, ""]
      when true then [ABI::BOOL, 1, 0.0, ""]
      when false then [ABI::BOOL, 0, 0.0, ""]
      when Integer then INT64.cover?(value) ? [ABI::INT, value, 0.0, ""] : [ABI::BIGINT, 0, 0.0, value.to_s.b]
      when Float then [ABI::FLOAT, 0, value, ""]
      when Symbol then [ABI::TEXT, 0, 0.0, Texts.utf8(value.to_s).b]
      when Opaque then [ABI::OPAQUE, 0, 0.0, value.bytes]
      else bytes_of(value)
      end
    end

    def self.bytes_of(value)
      return [ABI::MSGPACK, 0, 0.0, Writer.dump(value)] unless value.instance_of?(String)
      return [ABI::BYTES, 0, 0.0, value.b] if value.encoding == Encoding::BINARY

      text = Texts.utf8(value)
      text.valid_encoding? ? [ABI::TEXT, 0, 0.0, text.b] : [ABI::MSGPACK, 0, 0.0, Writer.dump(value)]
    end

    def self.address(content)
      content.empty? ? 0 : [content].pack("P").unpack1("J")
    end
    private_class_method :fields, :bytes_of, :address
  end
end
