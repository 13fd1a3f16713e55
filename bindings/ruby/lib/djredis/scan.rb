# frozen_string_literal: true

require_relative "values"

module DJRedis
  # A djredis_scan: a walk over the keys of a pattern.
  # @private
  module Scan
    # @return [FFI::AutoPointer] frees it when nobody uses it any more
    def self.open(cache, pattern, how, slot)
      made = FFI::MemoryPointer.new(:pointer)
      status = Library.djredis_cache_scan(cache, pattern, pattern.bytesize, how, made, slot)
      raise Slots.failure(status, slot) unless status == ABI::OK

      FFI::AutoPointer.new(made.read_pointer, Library.method(:djredis_scan_free))
    end

    # The keys in a slot.
    def self.texts(slot)
      Values.items(slot).map { |item| Keys.text(item.data) }
    end
  end
end
