# frozen_string_literal: true

require_relative "composite"
require_relative "writer_types"

module DJRedis
  # Makes MessagePack of Ruby's objects, for the library (docs/values.md).
  #
  # What is still to be written waits in a list of our own: Ruby's stack must not depend on the data.
  # @private
  class Writer
    include WriterTypes

    # How deep values may nest, in Ruby as in the library.
    DEPTH_LIMIT = 512

    # The largest value that Redis takes. Objects that hold others twice may become larger than memory.
    SIZE_LIMIT = 512 << 20

    # The end of a container; of an extension that starts there, whose length is then known.
    End = Struct.new(:start)
    PLAIN_END = End.new.freeze
    # Elements as a plain list, pairs as a plain map, whatever class they came in.
    List = Struct.new(:elements)
    Map = Struct.new(:pairs)

    EXT32 = 0xc9

    # A value with records that was not changed since it was read goes back as it came, with the stored payload behind it: Ruby
    # can't say all that Python can, the trailing zeros of a Decimal, say.
    # @return [String]
    def self.dump(value)
      made = plain(value)
      origin = Payload.origin(value)
      origin && plain(Composite.load(origin)) == made ? origin : made
    end

    def self.plain(value)
      writer = new
      writer.value(value)
      writer.out
    end
    private_class_method :plain

    # @return [String] what was written; an Integer that is appended is a byte
    attr_reader :out

    def initialize
      @out = String.new
      @todo = []
      @depth = 0
    end

    def value(value)
      @todo.push(value)
      write(@todo.pop) until @todo.empty?
    end

    # An extension that is all bytes.
    def leaf(number, bytes)
      size = bytes.bytesize
      fixed = [1, 2, 4, 8, 16].index(size)
      if fixed then @out << (0xd4 + fixed) << number
      elsif size < 1 << 8 then @out << 0xc7 << size << number
      elsif size < 1 << 16 then @out << [0xc8, size, number].pack("CnC")
      else @out << [EXT32, size, number].pack("CNC")
      end
      @out << bytes.b
    end

    # The start of a list; its elements are to follow.
    def list_header(size)
      header(size, 0x90, 0xdc)
    end

    def bytes(string)
      sized(0xc4, string.bytesize)
      @out << string.b
    end

    private

    # An extension that holds other values: bytes, then those, of which the last is given first.
    def nested(number, fixed, *parts)
      enter(End.new(@out.bytesize), parts)
      @out << [EXT32, 0, number].pack("CNC") << fixed
    end

    def list(elements)
      list_header(elements.size)
      enter(PLAIN_END, elements.reverse)
    end

    def map(pairs)
      header(pairs.size, 0x80, 0xde)
      flat = []
      pairs.each { |key, value| flat << key << value }
      enter(PLAIN_END, flat.reverse!)
    end

    def header(size, short, long)
      return @out << (short | size) if size < 16

      @out << (size < 1 << 16 ? [long, size].pack("Cn") : [long + 1, size].pack("CN"))
    end

    # @param parts [Array] the last one first
    def enter(ending, parts)
      @depth += 1
      raise EncodeError, "a value that is nested deeper than #{DEPTH_LIMIT}, or holds itself" if @depth > DEPTH_LIMIT
      raise EncodeError, "a value of more than #{SIZE_LIMIT} bytes, which Redis does not take" if @out.bytesize > SIZE_LIMIT

      @todo.push(ending).concat(parts)
    end

    def close(ending)
      @depth -= 1
      return unless ending.start

      length = @out.bytesize - ending.start - 6
      @out[ending.start + 1, 4] = [length].pack("N")
    end

    def integer(number)
      if number.negative? then negative(number)
      elsif number < 0x80 then @out << number
      elsif number < 1 << 8 then @out << 0xcc << number
      elsif number < 1 << 16 then @out << [0xcd, number].pack("Cn")
      elsif number < 1 << 32 then @out << [0xce, number].pack("CN")
      elsif number < 1 << 63 then @out << [0xcf, number].pack("CQ>")
      else leaf(Extensions::INTEGER, number.to_s)
      end
    end

    def negative(number)
      if number >= -32 then @out << (number & 0xff)
      elsif number >= -(1 << 7) then @out << [0xd0, number].pack("Cc")
      elsif number >= -(1 << 15) then @out << [0xd1, number].pack("Cs>")
      elsif number >= -(1 << 31) then @out << [0xd2, number].pack("Cl>")
      elsif number >= -(1 << 63) then @out << [0xd3, number].pack("Cq>")
      else leaf(Extensions::INTEGER, number.to_s)
      end
    end

    def text(string)
      size = string.bytesize
      size < 32 ? @out << (0xa0 | size) : sized(0xd9, size)
      @out << string.b
    end

    def sized(first, size)
      if size < 1 << 8 then @out << first << size
      elsif size < 1 << 16 then @out << [first + 1, size].pack("Cn")
      else @out << [first + 2, size].pack("CN")
      end
    end
  end
end
