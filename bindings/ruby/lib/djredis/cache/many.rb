# frozen_string_literal: true

require_relative "handle"

module DJRedis
  # The methods for many keys: one call, and one round trip.
  class Cache
    # The values of the keys that are there, by key.
    #
    # @param keys [Array<String, Symbol, Integer>] get_many("a", "b") or get_many(["a", "b"])
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Hash]
    # @raise [DecodeError, Error] where one can't be read, or its server of several fails, after all others are read; its
    #   `found` has those
    def get_many(*keys, version: nil)
      keys.flatten!(1)
      keys.empty? ? {} : values_of(keys, calling(version, @serializer ? ABI::AS_PAYLOAD : 0)) || {}
    end

    # Exactly the bytes that stand in Redis under the keys that are there, by key.
    # @param (see #get_many)
    # @return [Hash{Object => String}] binary
    # @raise [WrongTypeError, Error] where one holds no string, or its server of several fails, after all others are read; its
    #   `found` has those
    def get_many_raw(*keys, version: nil)
      keys.flatten!(1)
      many(keys) do |count, joined, lengths|
        how = calling(version)
        found(keys) { |slot| Library.djredis_cache_get_many_raw(@pointer, count, joined, lengths, how, slot) }
      end || {}
    end

    # Stores several values with one time to live.
    #
    # @param values [Hash{String, Symbol, Integer => Object}] by key
    # @param ttl [Numeric, nil] as in {#set}
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Array] the keys that could not be stored: none, as a rule. The log says why
    # @raise [EncodeError] before anything is written, if one of the values is no data
    def set_many(values, ttl: DEFAULT, version: nil)
      keys = values.keys
      keys.empty? ? [] : store_all(keys, storable(values.values), calling(version, ttl: ttl))
    end

    # Stores several byte strings exactly as they are; see {#set_raw}.
    #
    # @param values [Hash{String, Symbol, Integer => String}] bytes by key
    # @param ttl [Numeric, nil] as in {#set}
    # @param version [Integer, nil] nil: the option VERSION
    # @return (see #set_many)
    def set_many_raw(values, ttl: DEFAULT, version: nil)
      keys = values.keys
      many(keys) do |count, joined, lengths|
        how = calling(version, ttl: ttl)
        data, sizes = Keys.join(values.values)
        failed_keys(keys) do |slot|
          Library.djredis_cache_set_many_raw(@pointer, count, joined, lengths, data, sizes, how, slot)
        end
      end || []
    end

    # Removes several keys.
    # @param keys [Array<String, Symbol, Integer>] delete_many("a", "b") or delete_many(["a", "b"])
    # @param version [Integer, nil] nil: the option VERSION
    # @return [Integer] how many were there
    def delete_many(*keys, version: nil)
      keys.flatten!(1)
      keys.empty? ? 0 : remove_all(keys, calling(version)) || 0
    end

    # Removes everything: the whole database, or the keys of this prefix, as the option CLEAR says.
    # @return [Boolean] true; false only where IGNORE_EXCEPTIONS covers a failure
    # @raise [ConfigError] with CLEAR=prefix and no prefix
    def clear
      how = calling(nil)
      succeeds { |slot| Library.djredis_cache_clear(@pointer, how, slot) }
    end

    private

    # Yields keys as the library takes them; nil where there are none.
    def many(keys)
      return if keys.empty?

      joined, lengths = Keys.join(keys.map { |key| Keys.plain(key) })
      yield keys.size, joined, lengths
    end

    # What is there, by key.
    def found(keys, &call)
      values = {}
      failure = nil
      sort = lambda do |type, integer, data, place|
        case type
        when ABI::MISSING then nil
        when ABI::ERROR then failure ||= Values.error(integer, data)
        else keep(values, keys[place], Values.build(type, integer, data))
        end
      rescue DecodeError => error
        failure ||= error
      end
      items(sort, &call)
      return values unless failure

      failure.found = values
      raise failure
    end

    def keep(values, key, made)
      values[key] = @serializer ? @serializer.load(made, key) { return } : made
    end

    def storable(values)
      @serializer ? values.map { |value| @serializer.dump(value) } : values
    end

    # The keys of those items that are errors; all, where the server is away and that is ignored.
    def failed_keys(keys, &call)
      error = ->(type, integer, data, _place) { Values.error(integer, data) if type == ABI::ERROR }
      errors = items(error, &call)
      return keys unless errors

      keys.zip(errors).select { |key, failure| failure && not_stored(key, failure) }.map(&:first)
    end

    def not_stored(key, error)
      DJRedis.logger.warn("set_many could not store #{key.inspect}: #{error.message}")
      true
    end
  end
end
