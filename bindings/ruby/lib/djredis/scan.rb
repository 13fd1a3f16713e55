# frozen_string_literal: true

require_relative "keys"
require_relative "slots"

module DJRedis
  # A djredis_scan: a walk over the keys of a pattern.
  # @private
  module Scan
    # A key among the items of a slot.
    KEY = ->(_type, _integer, data, _place) { Keys.text(data) }

    # @return [FFI::AutoPointer] frees it when nobody uses it any more
    def self.open(cache, pattern, how)
      made = FFI::MemoryPointer.new(:pointer)
      Slots.use do |slot|
        status = Library.djredis_cache_scan(cache, pattern, pattern.bytesize, how, made, slot)
        raise Slots.failure(status, slot) unless status == ABI::OK
      end
      FFI::AutoPointer.new(made.read_pointer, Library.method(:djredis_scan_free))
    end
  end
end
