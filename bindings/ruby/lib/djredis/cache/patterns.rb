# frozen_string_literal: true

require_relative "handle"
require_relative "../scan"

module DJRedis
  # The methods for all keys of a pattern.
  class Cache
    # The keys that match, each once, without prefix and version. The server is not blocked meanwhile.
    #
    # @param pattern [String] in Redis's notation: * any characters, ? any one, [ab] one of these, \ before a literal
    #   one. The prefix and the version are added, and are no part of it
    # @param itersize [Integer, nil] how many keys the server looks at in one step; nil: the option SCAN_ITERSIZE
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Array<String>] binary where they are no UTF-8
    def keys(pattern = "*", itersize: nil, version: nil)
      raw = Keys.encode(pattern)
      how = calling(version, itersize: itersize)
      items(Scan::KEY) { |slot| Library.djredis_cache_keys(@pointer, raw, raw.bytesize, how, slot) } || []
    end

    # Yields the keys that match, as they are found: in bounded memory, perhaps one twice.
    #
    # @param (see #keys)
    # @yieldparam key [String]
    # @return [self, Enumerator] the Enumerator without a block
    # @raise [ForkedError] in a child of the process that began it
    def each_key(pattern = "*", itersize: nil, version: nil, &block)
      return enum_for(:each_key, pattern, itersize: itersize, version: version) unless block

      raw = Keys.encode(pattern)
      scan = Scan.open(@pointer, raw, calling(version, itersize: itersize))
      how = calling(nil)
      while (batch = items(Scan::KEY) { |slot| Library.djredis_scan_next(scan, how, slot) })
        batch.each(&block)
      end
      self
    end

    # Removes the keys that match, in batches.
    # @param (see #keys)
    # @return [Integer] how many
    def delete_pattern(pattern, itersize: nil, version: nil)
      raw = Keys.encode(pattern)
      how = calling(version, itersize: itersize)
      ask(0) { |slot| Library.djredis_cache_delete_pattern(@pointer, raw, raw.bytesize, how, slot) }
    end
  end
end
