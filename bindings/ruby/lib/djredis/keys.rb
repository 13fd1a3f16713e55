# frozen_string_literal: true

module DJRedis
  # Keys between Ruby and the library: one, and many at once.
  # @private
  module Keys
    # The bytes of a key (or pattern), which nobody else can change during the call.
    def self.encode(key)
      text = plain(key)
      text.frozen? ? text : text.b
    end

    # The bytes of a key, perhaps the very String of the program.
    def self.plain(key)
      case key
      when String then bytes(key)
      when Symbol, Integer then key.to_s
      else raise ArgumentError, "a key is a String, Symbol or Integer, not #{key.class}"
      end
    end

    def self.bytes(text)
      case text.encoding
      when Encoding::UTF_8, Encoding::US_ASCII, Encoding::BINARY then text
      else text.encode(Encoding::UTF_8)
      end
    rescue EncodingError => error
      raise ArgumentError, "the key #{text.inspect} can't be made UTF-8: #{error.message}"
    end
    private_class_method :bytes

    # Many strings as the library takes them: one buffer, and their lengths.
    def self.join(strings)
      [strings.pack("a*" * strings.size), strings.map(&:bytesize).pack("L*")]
    end

    # A key from Redis: UTF-8 where it is, else binary.
    def self.text(data)
      data.force_encoding(Encoding::UTF_8)
      data.valid_encoding? ? data : data.force_encoding(Encoding::BINARY)
    end
  end
end
