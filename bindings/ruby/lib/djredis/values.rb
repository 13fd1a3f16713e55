# frozen_string_literal: true

require_relative "composite"
require_relative "own_serializer"
require_relative "slots"
require_relative "writer"

module DJRedis
  # Values between Ruby and the slots of the library.
  # @private
  module Values
    INT64 = (-(2**63)..(2**63) - 1).freeze
    UTF8 = Encoding::UTF_8
    EMPTY = ""
    # A value whose bytes are the String that is packed as its pointer.
    STRUCT_LAYOUT = ABI::VALUE_LAYOUT.sub("J", "P0").freeze

    # The value in a slot.
    def self.read(slot, replies: false)
      type = slot.get_int32(Slots::TYPE)
      return Slots.content(slot).force_encoding(UTF8) if type == ABI::TEXT
      return slot.get_int64(Slots::INTEGER) if type == ABI::INT
      return slot.get_double(Slots::REAL) if type == ABI::FLOAT

      build(type, slot.get_int64(Slots::INTEGER), Slots.content(slot), replies: replies)
    end

    # What a type makes of its fields, as they stand in an item.
    def self.build(type, integer, data, replies: false)
      case type
      when ABI::TEXT then data.force_encoding(UTF8)
      when ABI::INT then integer
      when ABI::MSGPACK then Composite.load(data, replies: replies)
      when ABI::BYTES then replies ? Keys.text(data) : data
      when ABI::NONE then nil
      when ABI::BOOL then integer == 1
      when ABI::FLOAT then [integer].pack("q").unpack1("d")
      when ABI::BIGINT then Integer(data, 10)
      when ABI::OPAQUE then Opaque.new(data)
      when ABI::PAYLOAD then Serialized.new(data)
      else raise DecodeError, "a value of a type that djredis for Ruby does not know (#{type})"
      end
    end

    # The exception that an item of the type ERROR stands for.
    def self.error(status, data)
      BY_STATUS.fetch(status, Error).new(data.force_encoding(UTF8).scrub).tap { |made| made.status = status }
    end

    # What the block makes of the type, the integer, the bytes and the place of each item in a slot. The bytes are copies.
    # @return [Array]
    def self.items(slot)
      content = Slots.content(slot)
      table = content.unpack(ABI::ITEM_LAYOUT * slot.get_int64(Slots::INTEGER))
      table.each_slice(5).with_index.map do |(type, _flags, integer, offset, size), place|
        yield type, integer, content.byteslice(offset, size), place
      end
    end

    # Yields a value as the struct that the library takes. It points into `data`, which stays alive, and where it is, as
    # long as this method runs: Ruby pins what its stack points to.
    def self.struct(value)
      type, flags, integer, real, data = fields(value)
      yield [type, flags, integer, real, data, data.bytesize, 0].pack(STRUCT_LAYOUT)
    end

    # Yields values as an array of structs, as {struct} does.
    def self.structs(values)
      rows = values.map { |value| fields(value) }
      content = rows.map(&:last).join
      at = address(content)
      flat = []
      rows.each do |type, flags, integer, real, data|
        flat.push(type, flags, integer, real, at, data.bytesize, 0)
        at += data.bytesize
      end
      yield flat.pack(ABI::VALUE_LAYOUT * rows.size)
    end

    # Type, flags, integer, real and bytes of a value.
    def self.fields(value)
      case value
      when String then string(value)
      when Integer then INT64.cover?(value) ? [ABI::INT, 0, value, 0.0, EMPTY] : [ABI::BIGINT, 0, 0, 0.0, value.to_s.b]
      when nil then [ABI::NONE, 0, 0, 0.0, EMPTY]
      when true then [ABI::BOOL, 0, 1, 0.0, EMPTY]
      when false then [ABI::BOOL, 0, 0, 0.0, EMPTY]
      when Float then [ABI::FLOAT, 0, 0, value, EMPTY]
      when Symbol then string(value.to_s)
      when Opaque then [ABI::OPAQUE, 0, 0, 0.0, value.bytes]
      when Serialized then [ABI::PAYLOAD, OwnSerializer::FORMAT, 0, 0.0, value.bytes]
      else [ABI::MSGPACK, 0, 0, 0.0, Writer.dump(value)]
      end
    end

    def self.string(value)
      return [ABI::MSGPACK, 0, 0, 0.0, Writer.dump(value)] if value.is_a?(ByteArray) || value.is_a?(SafeString)
      return [ABI::BYTES, 0, 0, 0.0, value.b] if value.encoding == Encoding::BINARY

      text = Texts.utf8(value)
      text.valid_encoding? ? [ABI::TEXT, 0, 0, 0.0, text.b] : [ABI::MSGPACK, 0, 0, 0.0, Writer.dump(value)]
    end

    def self.address(content)
      content.empty? ? 0 : [content].pack("P").unpack1("J")
    end
    private_class_method :string, :address
  end
end
