# frozen_string_literal: true

require "bigdecimal"
require_relative "slots"

module DJRedis
  # Locations and options between Ruby and the library, which takes both as text.
  # @private
  module Options
    # Where nil means "no limit" or "for ever". For any other option nil means that it is not given.
    TIMES = %w[TIMEOUT SOCKET_TIMEOUT SOCKET_CONNECT_TIMEOUT POOL_TIMEOUT].freeze

    # A new cache.
    # @return [FFI::AutoPointer] frees it when nobody uses it any more
    def self.open(location, options)
      where = location_text(location)
      settings = Library.djredis_options_new
      Slots.use do |slot|
        options.each { |name, value| set(settings, name.to_s, value, slot) }
        made = FFI::MemoryPointer.new(:pointer)
        status = Library.djredis_cache_open(where, where.bytesize, settings, made, slot)
        raise Slots.failure(status, slot) unless status == ABI::OK

        FFI::AutoPointer.new(made.read_pointer, Library.method(:djredis_cache_free))
      end
    ensure
      Library.djredis_options_free(settings) if settings
    end

    # All that there are.
    # @return [Array<Hash{Symbol => Object}>]
    def self.list
      Slots.use do |slot|
        status = Library.djredis_options_list(slot)
        raise Slots.failure(status, slot) unless status == ABI::OK

        Values.read(slot).map { |option| option.transform_keys(&:to_sym) }
      end
    end

    def self.location_text(location)
      entries = Array(location)
      unless !entries.empty? && entries.all?(String)
        raise ConfigError, "a location is a String or an Array of them, such as \"127.0.0.1:6379:1\""
      end
      if location.is_a?(Array) && entries.any? { |entry| entry.include?(",") }
        raise ConfigError, "an entry of the list of locations has a comma; write it as a URL, with %2C for the comma"
      end

      entries.join(",").b
    end

    def self.set(settings, name, value, slot)
      text = text_of(name.upcase, value)
      return if text.nil?

      status = Library.djredis_options_set(settings, name, name.bytesize, text, text.bytesize, slot)
      raise Slots.failure(status, slot) unless status == ABI::OK
    end

    # The value of an option as the library reads it; nil where it counts as not given.
    def self.text_of(name, value)
      case value
      when nil then TIMES.include?(name) ? "none" : nil
      when Float, Rational then value.to_f.finite? ? BigDecimal(value.to_f.to_s).to_s("F") : value.to_s
      when BigDecimal then value.to_s("F")
      when Array then value.map { |part| part.is_a?(Hash) ? part.values_at(:host, :port).join(":") : part }.join(",")
      else value.to_s.b
      end
    end
    private_class_method :location_text, :set, :text_of
  end
end
