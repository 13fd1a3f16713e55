# frozen_string_literal: true

module DJRedis
  # Ruby's values in the words of Python.
  # @private
  module Texts
    # Years that Python's datetime knows.
    YEARS = (1..9999).freeze
    # BigDecimals of up to so many digits are written without an exponent, as people write prices.
    PLAIN_DIGITS = 28

    # What Python's surrogatepass writes for a lone surrogate.
    SURROGATE = /\xED[\xA0-\xBF][\x80-\xBF]/n.freeze

    # The text as UTF-8. It may be invalid there, for Ruby, but only by lone surrogates, which Python's text may have.
    def self.utf8(string)
      case string.encoding
      when Encoding::UTF_8, Encoding::US_ASCII then check(string)
      else string.encode(Encoding::UTF_8)
      end
    rescue EncodingError => error
      raise EncodeError, "a text in #{string.encoding} can't be made UTF-8: #{error.message}"
    end

    def self.check(string)
      return string if string.valid_encoding?
      return string if string.b.gsub(SURROGATE, "").force_encoding(Encoding::UTF_8).valid_encoding?

      raise EncodeError, "a String that calls itself #{string.encoding} has other bytes; store them as bytes, with String#b"
    end

    def self.year(year)
      return year if YEARS.cover?(year)

      raise EncodeError, "the year #{year} can't be stored: Python knows the years 1 to 9999"
    end

    # A BigDecimal as Python's str() writes a Decimal.
    def self.decimal(number)
      return number.nan? ? "NaN" : "#{'-' if number.negative?}Infinity" unless number.finite?

      sign = number.sign.negative? ? "-" : ""
      return "#{sign}0" if number.zero?

      _, digits, _, point = number.split
      "#{sign}#{placed(digits, point)}"
    end

    # The number 0.DIGITS x 10^point.
    def self.placed(digits, point)
      if point > PLAIN_DIGITS || point < -5
        rest = digits[1..]
        "#{digits[0]}#{".#{rest}" unless rest.empty?}E#{format('%+d', point - 1)}"
      elsif point >= digits.length then digits.ljust(point, "0")
      elsif point.positive? then "#{digits[0, point]}.#{digits[point..]}"
      else "0.#{'0' * -point}#{digits}"
      end
    end

    # Start, stop and step of Python's range, which leaves out its end.
    def self.range(range)
      step = range.is_a?(Range) ? 1 : range.step
      parts = [range.begin, range.end, step]
      unless parts.all?(Integer)
        raise EncodeError, "the range #{range.inspect} can't be stored: Python's have a beginning and an end, all integers"
      end

      parts[1] += (step <=> 0) unless range.exclude_end?
      parts
    end
    private_class_method :check, :placed
  end
end
