# frozen_string_literal: true

module DJRedis
  # A zone at a fixed distance from UTC: Python's datetime.timezone.
  #
  # @!attribute seconds
  #   @return [Integer] east of UTC
  # @!attribute microseconds
  #   @return [Integer] on top of them
  # @!attribute name
  #   @return [String, nil]
  FixedZone = Struct.new(:seconds, :microseconds, :name)

  # Python's datetime where a Time would not say the same: without a zone, or in a named one.
  #
  # @!attribute year
  #   @return [Integer] 1 to 9999
  # @!attribute month
  #   @return [Integer]
  # @!attribute day
  #   @return [Integer]
  # @!attribute hour
  #   @return [Integer]
  # @!attribute minute
  #   @return [Integer]
  # @!attribute second
  #   @return [Integer]
  # @!attribute microsecond
  #   @return [Integer]
  # @!attribute fold
  #   @return [Integer] 1 for the second of two equal hours when summer time ends, else 0
  # @!attribute zone
  #   @return [nil, String, FixedZone, Record] nil: naive, Python does not know whose clock it is; the key of a time zone
  #     ("Europe/Berlin"); one with a fixed distance; the record of another zone object
  class DateTime < Struct.new(:year, :month, :day, :hour, :minute, :second, :microsecond, :fold, :zone)
    # @param year [Integer] 1 to 9999
    # @param month [Integer]
    # @param day [Integer]
    # @param hour [Integer]
    # @param minute [Integer]
    # @param second [Integer]
    # @param microsecond [Integer]
    # @param fold [Integer] 0 or 1
    # @param zone [nil, String, FixedZone, Record]
    def initialize(year, month, day, hour = 0, minute = 0, second = 0, microsecond = 0, fold = 0, zone = nil)
      super
    end

    # The moment as a Time.
    #
    # @param zone [String, Object, nil] what Time.new takes ("+02:00", a TZInfo::Timezone): needed for zones by key,
    #   unless TZInfo is loaded; for a naive one, the local time without it
    # @return [Time]
    # @raise [ArgumentError] where it needs a zone
    def to_time(zone = nil)
      zone ||= known_zone
      seconds = second + Rational(microsecond, 1_000_000)
      fields = [year, month, day, hour, minute, seconds]
      zone == :local ? Time.local(*fields) : Time.new(*fields, zone)
    end

    private

    def known_zone
      case zone
      when nil then :local
      when FixedZone then zone.seconds
      when "UTC", "Etc/UTC" then 0
      when String then defined?(TZInfo::Timezone) ? TZInfo::Timezone.get(zone) : unknown_zone
      else unknown_zone
      end
    end

    def unknown_zone
      raise ArgumentError, "to_time needs a zone for #{zone.inspect}: \"+02:00\", say, or a TZInfo::Timezone"
    end
  end

  # Python's datetime.time: a time of day.
  #
  # @!attribute hour
  #   @return [Integer]
  # @!attribute minute
  #   @return [Integer]
  # @!attribute second
  #   @return [Integer]
  # @!attribute microsecond
  #   @return [Integer]
  # @!attribute fold
  #   @return [Integer] see {DateTime}
  # @!attribute zone
  #   @return [nil, String, FixedZone, Record] see {DateTime}
  class TimeOfDay < Struct.new(:hour, :minute, :second, :microsecond, :fold, :zone)
    # @param hour [Integer]
    # @param minute [Integer]
    # @param second [Integer]
    # @param microsecond [Integer]
    # @param fold [Integer] 0 or 1
    # @param zone [nil, String, FixedZone, Record]
    def initialize(hour, minute = 0, second = 0, microsecond = 0, fold = 0, zone = nil)
      super
    end
  end

  # Python's datetime.timedelta.
  #
  # @!attribute days
  #   @return [Integer] may be negative
  # @!attribute seconds
  #   @return [Integer] 0 to 86399
  # @!attribute microseconds
  #   @return [Integer] 0 to 999999
  class Duration < Struct.new(:days, :seconds, :microseconds)
    # @param seconds [Numeric] rounded to microseconds
    # @return [Duration]
    def self.from_seconds(seconds)
      whole, microseconds = (seconds.to_r * 1_000_000).round.divmod(1_000_000)
      new(*whole.divmod(86_400), microseconds)
    end

    # @param days [Integer]
    # @param seconds [Integer]
    # @param microseconds [Integer]
    def initialize(days, seconds = 0, microseconds = 0)
      super
    end

    # @return [Rational] all of it in seconds
    def to_r
      (days * 86_400) + seconds + Rational(microseconds, 1_000_000)
    end

    # @return [Float] all of it in seconds
    def to_f
      to_r.to_f
    end
  end
end
