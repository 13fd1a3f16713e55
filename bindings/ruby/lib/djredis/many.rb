# frozen_string_literal: true

require_relative "handle"

module DJRedis
  # The methods for many keys: one call, and one round trip.
  # @private
  module Many
    # The values of the keys that are there, by key.
    #
    # @param keys [Array] get_many("a", "b") or get_many(["a", "b"])
    # @return [Hash]
    # @raise [DecodeError] where one can't be read, after all others are read; its `found` has those
    def get_many(*keys, version: nil)
      keys = keys.flatten(1)
      return {} if keys.empty?

      joined, lengths = Keys.join(keys.map { |key| Keys.encode(key) })
      how = Calls.struct(version: version)
      items = ask(:djredis_cache_get_many, keys.size, joined, lengths, how, otherwise: []) { |slot| Values.items(slot) }
      found(keys, items)
    end

    # Stores several values with one time to live.
    #
    # @param values [Hash] by key
    # @param ttl [Numeric, nil] as in {#set}
    # @return [Array] the keys that could not be stored: none, as a rule. The log says why
    # @raise [EncodeError] before anything is written, if one of the values is no data
    def set_many(values, ttl: DEFAULT, version: nil)
      keys = values.keys
      return [] if keys.empty?

      joined, lengths = Keys.join(keys.map { |key| Keys.encode(key) })
      how = Calls.struct(version: version, ttl: ttl)
      items = Values.structs(values.values) do |structs|
        ask(:djredis_cache_set_many, keys.size, joined, lengths, structs, how) { |slot| Values.items(slot) }
      end
      items ? keys.zip(items).select { |key, item| not_stored?(key, item) }.map(&:first) : keys
    end

    # Removes several keys.
    # @return [Integer] how many were there
    def delete_many(*keys, version: nil)
      keys = keys.flatten(1)
      return 0 if keys.empty?

      joined, lengths = Keys.join(keys.map { |key| Keys.encode(key) })
      how = Calls.struct(version: version)
      ask(:djredis_cache_delete_many, keys.size, joined, lengths, how, otherwise: 0) { |slot| Values.read(slot) }
    end

    # Removes everything: the whole database, or the keys of this prefix, as the option CLEAR says.
    # @return [Boolean] true
    def clear
      succeeds(:djredis_cache_clear, nil)
    end

    private

    def found(keys, items)
      values = {}
      failure = nil
      keys.zip(items) do |key, item|
        next if item.nil? || item.missing?

        item.error? ? failure ||= item.error : values[key] = item.value
      end
      return values unless failure

      failure.found = values
      raise failure
    end

    def not_stored?(key, item)
      return false unless item.error?

      DJRedis.logger.warn("set_many could not store #{key.inspect}: #{item.error.message}")
      true
    end
  end
end
