# frozen_string_literal: true

require_relative "extensions"
require_relative "texts"

module DJRedis
  # How each class of Ruby is written; a part of {Writer}.
  # @private
  module WriterTypes
    E = Extensions

    private

    def write(item)
      case item
      when String then string(item)
      when Integer then integer(item)
      when Writer::End then close(item)
      when Hash then hash(item)
      when Array then array(item)
      when Float then @out << [0xcb, item].pack("CG")
      when nil then @out << 0xc0
      when true then @out << 0xc3
      when false then @out << 0xc2
      when Symbol then text(Texts.utf8(item.to_s))
      when Writer::List then list(item.elements)
      when Writer::Map then map(item.pairs)
      else write_object(item)
      end
    end

    def write_object(item)
      case item
      when Set then nested(item.frozen? ? E::FROZENSET : E::SET, "", Writer::List.new(item.to_a))
      when Time, ::Date, DateTime, TimeOfDay, Duration then moment(item)
      when BigDecimal then leaf(E::DECIMAL, Texts.decimal(item))
      when Rational then leaf(E::FRACTION, "#{item.numerator}/#{item.denominator}")
      when Complex then leaf(E::COMPLEX, [item.real.to_f, item.imaginary.to_f].pack("GG"))
      when Range, Enumerator::ArithmeticSequence then nested(E::RANGE, "", Writer::List.new(Texts.range(item)))
      when Record then nested(E::RECORD, "", Writer::Map.new(item.to_h))
      when UUID then leaf(E::UUID_BYTES, item.bytes)
      when ELLIPSIS then leaf(E::ELLIPSIS, "")
      else refuse(item)
      end
    end

    def refuse(item)
      raise EncodeError, "an Opaque can only be stored alone, not inside another value" if Opaque === item # rubocop:disable Style/CaseEquality

      # A BasicObject has no method of that name.
      kind = Kernel.instance_method(:class).bind_call(item)
      raise EncodeError, "an object of the class #{kind} can't be stored: it is no data that Python would understand. " \
                         "Store a Hash, an Array, a String, a number, a Time, ... instead"
    end

    def string(item)
      return plain_string(item) if item.instance_of?(String)

      case item
      when ByteArray then leaf(E::BYTEARRAY, item)
      when SafeString then leaf(E::SAFE_STRING, Texts.utf8(item))
      else plain_string(item)
      end
    end

    def plain_string(item)
      return text(item) if item.encoding == Encoding::UTF_8 && item.valid_encoding?
      return bytes(item) if item.encoding == Encoding::BINARY

      converted = Texts.utf8(item)
      converted.valid_encoding? ? text(converted) : leaf(E::SURROGATES, converted)
    end

    def array(item)
      case item
      when Tuple then nested(E::TUPLE, "", Writer::List.new(item.to_a))
      when Deque then nested(E::DEQUE, "", Writer::List.new(item.to_a), item.maxlen)
      else list(item.to_a)
      end
    end

    def hash(item)
      case item
      when OrderedDict then nested(E::ORDERED_DICT, "", Writer::Map.new(item))
      when Counter then nested(E::COUNTER, "", Writer::Map.new(item))
      when DefaultDict then nested(E::DEFAULT_DICT, "", Writer::Map.new(item), item.factory)
      else map(item)
      end
    end

    def moment(item)
      case item
      when Time then time(item)
      when ::DateTime then time(item.gregorian.to_time)
      when ::Date then date(item.gregorian)
      when Duration then leaf(E::TIMEDELTA, item.to_a.pack("l>NN"))
      when DateTime then zoned(E::DATETIME, item, [Texts.year(item.year), *item.to_a[1, 5]], "nCCCCC")
      else zoned(E::TIME, item, item.to_a[0, 3], "CCC")
      end
    end

    # Python's calendar is Gregorian from the year 1; Ruby's dates before 1582 are not.
    def date(item)
      leaf(E::DATE, [Texts.year(item.year), item.month, item.day].pack("nCC"))
    end

    # A Time is a datetime at its distance from UTC, to the microsecond.
    def time(item)
      fields = [Texts.year(item.year), item.month, item.day, item.hour, item.min, item.sec, 0, item.usec]
      leaf(E::DATETIME, (fields + [E::ZONE_FIXED, item.utc_offset, 0]).pack("nCCCCCCNCl>N"))
    end

    def zoned(number, item, clock, layout)
      fixed = [*clock, item.fold, item.microsecond].pack("#{layout}CN")
      case item.zone
      when nil then leaf(number, fixed)
      when FixedZone
        zone = [E::ZONE_FIXED, item.zone.seconds, item.zone.microseconds].pack("Cl>N")
        leaf(number, fixed + zone + item.zone.name.to_s.b)
      when String then leaf(number, fixed + [E::ZONE_KEY].pack("C") + item.zone.b)
      else nested(number, fixed + [E::ZONE_OBJECT].pack("C"), item.zone)
      end
    end
  end
end
