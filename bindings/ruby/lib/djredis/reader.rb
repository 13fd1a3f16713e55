# frozen_string_literal: true

require_relative "extensions"
require_relative "keys"

module DJRedis
  # Makes Ruby's objects of a composite value, which the library gives as MessagePack (docs/values.md).
  #
  # Containers that are begun and not yet complete wait in a list of our own: Ruby's stack must not depend on the data.
  # @private
  class Reader
    # What waits for the parts of a container: how many it lacks, those it has, and what makes it of them.
    Open = Struct.new(:missing, :elements, :finish)

    PENDING = Object.new
    AS_LIST = :itself.to_proc
    AS_MAP = lambda do |elements|
      map = {}
      at = 0
      while at < elements.size
        map[elements[at]] = elements[at + 1]
        at += 2
      end
      map
    end

    # byte: [directive of String#unpack1, bytes]
    NUMBERS = {
      0xca => ["g", 4], 0xcb => ["G", 8], 0xcc => ["C", 1], 0xcd => ["n", 2], 0xce => ["N", 4], 0xcf => ["Q>", 8],
      0xd0 => ["c", 1], 0xd1 => ["s>", 2], 0xd2 => ["l>", 4], 0xd3 => ["q>", 8]
    }.freeze
    # byte: [what follows, bytes of its length]
    SIZED = {
      0xc4 => [:bin, 1], 0xc5 => [:bin, 2], 0xc6 => [:bin, 4], 0xc7 => [:ext, 1], 0xc8 => [:ext, 2], 0xc9 => [:ext, 4],
      0xd9 => [:text, 1], 0xda => [:text, 2], 0xdb => [:text, 4], 0xdc => [:list, 2], 0xdd => [:list, 4],
      0xde => [:map, 2], 0xdf => [:map, 4]
    }.freeze
    LENGTHS = { 1 => "C", 2 => "n", 4 => "N" }.freeze
    CONSTANTS = { 0xc0 => nil, 0xc2 => false, 0xc3 => true }.freeze

    # @param data [String] one value, perhaps with the stored payload behind it
    # @param replies [Boolean] replies of Redis: strings are text where they are UTF-8
    def self.load(data, replies: false)
      reader = new(data, replies: replies)
      reader.keep_payload(reader.value)
    end

    # @param data [String] what an extension holds; frozen, where it is the key of a map
    def self.extension(number, data)
      reader = new(+data)
      made = Extensions.read(reader, number, data.bytesize)
      made.equal?(PENDING) ? reader.value : made
    end

    def initialize(data, replies: false)
      # Slices have the encoding of the whole: most are text.
      @data = data.force_encoding(Encoding::UTF_8)
      @at = 0
      @replies = replies
      @open = []
    end

    # The next value.
    def value
      made = PENDING
      while made.equal?(PENDING)
        byte = @data.getbyte(@at) || too_early
        @at += 1
        made = if byte < 0x80 then byte
               elsif byte >= 0xe0 then byte - 256
               elsif byte.between?(0xa0, 0xbf) then text(byte & 31)
               else head(byte)
               end
        made = into_open(made) unless @open.empty? || made.equal?(PENDING)
      end
      @at > @data.bytesize ? too_early : made
    end

    # Behind a value with records stands what was stored. It goes with the object, to be written back (section 5).
    def keep_payload(value)
      @at < @data.bytesize ? Payload.behind(value, self.value, @data) : value
    end

    # For extensions: begins a container whose last part is still to be read.
    def begin_container(count, finish)
      return finish.call([]) if count.zero?

      @open.push(Open.new(count, [], finish))
      PENDING
    end

    # For extensions: the next `size` bytes.
    def take(size)
      bytes = @data.byteslice(@at, size)
      too_early if bytes.nil? || bytes.bytesize < size

      @at += size
      bytes.force_encoding(Encoding::BINARY)
    end

    private

    def too_early
      raise DecodeError, "the library gave a value that ends too early"
    end

    # Puts a complete value where it belongs, and completes what that completes.
    def into_open(made)
      container = @open.last
      while container
        container.elements << made
        return PENDING unless (container.missing -= 1).zero?

        @open.pop
        made = container.finish.call(container.elements)
        container = @open.last
      end
      made
    end

    def head(byte)
      return begin_container((byte & 15) * 2, AS_MAP) if byte < 0x90
      return begin_container(byte & 15, AS_LIST) if byte < 0xa0

      directive, size = NUMBERS[byte]
      return take(size).unpack1(directive) if directive

      kind, size = SIZED[byte]
      return sized(kind, take(size).unpack1(LENGTHS[size])) if kind
      return Extensions.read(self, take(1).unpack1("c"), 1 << (byte - 0xd4)) if byte.between?(0xd4, 0xd8)

      CONSTANTS.fetch(byte) { raise DecodeError, "the library gave a value with the unknown byte #{byte}" }
    end

    def sized(kind, size)
      case kind
      when :bin then @replies ? Keys.text(take(size)) : take(size)
      when :text then text(size)
      when :list then begin_container(size, AS_LIST)
      when :map then begin_container(size * 2, AS_MAP)
      else Extensions.read(self, take(1).unpack1("c"), size)
      end
    end

    # That there are so many bytes is checked at the end of the value.
    def text(size)
      text = @data.byteslice(@at, size)
      @at += size
      text
    end
  end
end
