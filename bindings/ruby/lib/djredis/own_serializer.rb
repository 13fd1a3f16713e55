# frozen_string_literal: true

module DJRedis
  # What a serializer of the program's own made of a value, and will make the value of again.
  # @private
  Serialized = Struct.new(:bytes)

  # A serializer of the program's own, such as Marshal; see {Cache#initialize}. To the library its bytes are raw. Integers
  # never get here: they are stored as digits, so that the server can count.
  # @private
  class OwnSerializer
    # djredis_value.flags of a payload: raw.
    FORMAT = 4
    # Of the message of an exception; some have the whole value.
    LONGEST_MESSAGE = 200

    # @param given [Object] the keyword `serializer` of {Cache#initialize}
    # @return [Boolean] whether it is one; else it is nil, or names one of the library's
    # @raise [ConfigError] for what is neither
    def self.own?(given)
      case given
      when nil, String, Symbol then return false # String#dump is something else
      end
      return true if given.respond_to?(:dump) && given.respond_to?(:load)

      raise ConfigError, "the serializer #{name(given)} has no methods dump(value) and load(string), as Marshal has them; " \
                         "the library's own are :pickle, :json, :msgpack and :raw"
    end

    # What it is called in sentences.
    def self.name(serializer)
      serializer.is_a?(Module) ? serializer.inspect : serializer.class.inspect
    end

    # Values that could not be read and were taken for misses.
    # @return [Integer]
    attr_reader :misses

    # @param serializer [#dump, #load]
    # @param lenient [Boolean] whether what can't be read is a miss: the option DECODE_ERROR
    def initialize(serializer, lenient)
      @serializer = serializer
      @name = OwnSerializer.name(serializer)
      @lenient = lenient
      @misses = 0
    end

    # @return [Integer, Serialized] what is given to the library for a value
    # @raise [EncodeError]
    def dump(value)
      case value
      when Integer then value
      else Serialized.new(bytes_of(value))
      end
    rescue StandardError => error
      # A BasicObject has no method of that name.
      kind = Kernel.instance_method(:class).bind_call(value)
      raise EncodeError, "an object of the class #{kind} can't be stored with the serializer #{@name}: #{said(error)}"
    end

    # @param found [Object] what the library gave for a key
    # @return [Object] the value; where it is to count as a miss, what the block answers
    # @raise [DecodeError]
    def load(found, key)
      made(found, "the value of the key #{key.inspect}")
    rescue DecodeError => error
      raise unless @lenient

      @misses += 1
      DJRedis.logger.warn("taken for a miss, since DECODE_ERROR is miss: #{error.message}")
      yield
    end

    # @param found [Object] what the library gave
    # @param name [String] what it is, for the sentence of the error
    # @return [Object] the value
    # @raise [DecodeError]
    def made(found, name = "the value")
      found.is_a?(Serialized) ? @serializer.load(found.bytes) : found
    rescue StandardError => error
      failure = DecodeError.new("#{name} can't be read by the serializer #{@name}: #{said(error)}")
      failure.stored = found.bytes
      raise failure
    end

    private

    def bytes_of(value)
      made = @serializer.dump(value)
      raise TypeError, "dump must return a String, not #{made.class}" unless made.is_a?(String)

      made.b
    end

    # What an exception says, whose message may have bytes of the value.
    def said(error)
      message = error.message.b.force_encoding(Encoding::UTF_8).scrub.gsub(/\s+/, " ")
      message = "#{message[0, LONGEST_MESSAGE]}..." if message.size > LONGEST_MESSAGE
      "#{error.class}: #{message}"
    end
  end
end
