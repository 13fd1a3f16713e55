# frozen_string_literal: true

# The values that Python has and Ruby has no class for. Each is written back as what it was.
module DJRedis
  # Python's tuple: an Array in everything, but stored as a tuple. +Tuple["a", 1]+.
  # As a key of a dict, or in a set, Python takes tuples, not lists.
  class Tuple < Array; end

  # Python's bytearray: a binary String.
  class ByteArray < String
    # @param bytes [String]
    def initialize(bytes = "")
      super(bytes.b)
    end
  end

  # Django's SafeString: text that is marked as safe HTML.
  class SafeString < String; end

  # Python's collections.OrderedDict: a Hash.
  class OrderedDict < Hash; end

  # Python's collections.Counter: a Hash.
  class Counter < Hash; end

  # Python's collections.defaultdict: a Hash; what makes its defaults is only known to Python.
  class DefaultDict < Hash
    # @return [Record, nil] the callable, as a record
    attr_accessor :factory
  end

  # Python's collections.deque: an Array.
  class Deque < Array
    # @return [Integer, nil] how many elements it may have
    attr_accessor :maxlen
  end

  # The class of {ELLIPSIS}.
  # @private
  class Ellipsis
    def inspect
      "DJRedis::ELLIPSIS"
    end
  end

  # Python's Ellipsis (+...+).
  ELLIPSIS = Ellipsis.new.freeze

  # Stored bytes that are valid but can't be typed, an object that contains itself, say. Given to set they are stored
  # as they are.
  class Opaque
    # @return [String] the bytes as they stand in Redis
    attr_reader :bytes

    # @param bytes [String]
    def initialize(bytes)
      @bytes = bytes.b.freeze
      freeze
    end

    # @param other [Object]
    # @return [Boolean]
    def ==(other)
      other.is_a?(Opaque) && bytes == other.bytes
    end
    alias eql? ==

    # @return [Integer]
    def hash
      bytes.hash
    end

    # @return [String]
    def inspect
      "#<#{self.class} #{bytes.bytesize} bytes>"
    end
  end

  # Python's uuid.UUID.
  class UUID
    FORM = /\A\h{8}-\h{4}-\h{4}-\h{4}-\h{12}\z/.freeze
    private_constant :FORM

    # @return [String] its 16 bytes
    attr_reader :bytes

    # @param text [String] "12345678-1234-5678-1234-567812345678", or its 16 bytes
    # @raise [ArgumentError] for any other text
    def initialize(text)
      @bytes = (FORM.match?(text) ? [text.delete("-")].pack("H*") : text.b).freeze
      raise ArgumentError, "no UUID: #{text.inspect}" unless @bytes.bytesize == 16

      freeze
    end

    # @return [String] "12345678-1234-5678-1234-567812345678"
    def to_s
      bytes.unpack("H8H4H4H4H12").join("-")
    end

    # @param other [Object]
    # @return [Boolean]
    def ==(other)
      other.is_a?(UUID) && bytes == other.bytes
    end
    alias eql? ==

    # @return [Integer]
    def hash
      bytes.hash
    end

    # @return [String]
    def inspect
      "#<#{self.class} #{self}>"
    end
  end
end
