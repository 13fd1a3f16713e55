# frozen_string_literal: true

require_relative "handle"
require_relative "scan"

module DJRedis
  # The methods for all keys of a pattern, in Redis's notation: * any characters, ? any one, [ab] one of these, \ before
  # a literal one. The prefix and the version are added, and are no part of the pattern.
  # @private
  module Patterns
    # The keys that match, each once, without prefix and version. The server is not blocked meanwhile.
    # @return [Array<String>] binary where they are no UTF-8
    def keys(pattern = "*", version: nil)
      raw = Keys.encode(pattern)
      ask(:djredis_cache_keys, raw, raw.bytesize, Calls.struct(version: version), otherwise: []) { |slot| Scan.texts(slot) }
    end

    # Yields the keys that match, as they are found: in bounded memory, perhaps one twice.
    #
    # @param itersize [Integer, nil] how many keys the server looks at in one step; nil: the option SCAN_ITERSIZE
    # @return [self, Enumerator] the Enumerator without a block
    def each_key(pattern = "*", itersize: nil, version: nil, &block)
      return enum_for(:each_key, pattern, itersize: itersize, version: version) unless block

      raw = Keys.encode(pattern)
      how = Calls.struct(version: version, itersize: itersize)
      scan = Slots.use { |slot| Scan.open(@pointer, raw, how, slot) }
      while (batch = next_batch(scan))
        batch.each(&block)
      end
      self
    end

    # Removes the keys that match, in batches.
    # @return [Integer] how many
    def delete_pattern(pattern, itersize: nil, version: nil)
      raw = Keys.encode(pattern)
      how = Calls.struct(version: version, itersize: itersize)
      ask(:djredis_cache_delete_pattern, raw, raw.bytesize, how, otherwise: 0) { |slot| Values.read(slot) }
    end

    private

    # nil at the end.
    def next_batch(scan)
      Slots.use do |slot|
        status = Interrupts.guard { Library.djredis_scan_next(scan, nil, slot) }
        return Scan.texts(slot) if status == ABI::OK

        failed(status, slot) unless status == ABI::MISS
        nil
      end
    end
  end
end
