# frozen_string_literal: true

module DJRedis
  class Cache
    # What the methods that programs call most often stand on: one call of the library through FFI.
    #
    # `how` is the struct of a call, see {Calls}.
    # @private
    module ByFFI
      private

      # This is in the way of every page: what `ask` does is written out, which spares a block.
      def value_of(key, how, default)
        raw = Keys.encode(key)
        slot = Slots.take
        status = Thread.handle_interrupt(Interrupts::LATER) { Library.djredis_cache_get(@pointer, raw, raw.bytesize, how, slot) }
        return Values.read(slot) if status == ABI::OK

        failed(Slots.failure(status, slot)) unless status == ABI::MISS
        default
      ensure
        Slots.give(slot)
      end

      def store(key, value, how)
        raw = Keys.encode(key)
        Values.struct(value) do |struct|
          succeeds { |slot| Library.djredis_cache_set(@pointer, raw, raw.bytesize, struct, how, slot) }
        end
      end

      def remove(key, how)
        raw = Keys.encode(key)
        succeeds { |slot| Library.djredis_cache_delete(@pointer, raw, raw.bytesize, how, slot) }
      end

      def there?(key, how)
        raw = Keys.encode(key)
        succeeds { |slot| Library.djredis_cache_has_key(@pointer, raw, raw.bytesize, how, slot) }
      end

      def count(key, delta, how)
        raw = Keys.encode(key)
        ask { |slot| Library.djredis_cache_incr(@pointer, raw, raw.bytesize, delta, how, slot) }
      end

      # @return [Hash, nil] nil where IGNORE_EXCEPTIONS covers a failure, as in `remove_all`
      def values_of(keys, how)
        many(keys) do |count, joined, lengths|
          found(keys) { |slot| Library.djredis_cache_get_many(@pointer, count, joined, lengths, how, slot) }
        end
      end

      # @return [Array] the keys that were not stored
      def store_all(keys, values, how)
        many(keys) do |count, joined, lengths|
          Values.structs(values) do |structs|
            failed_keys(keys) { |slot| Library.djredis_cache_set_many(@pointer, count, joined, lengths, structs, how, slot) }
          end
        end
      end

      # @return [Integer, nil] how many were there
      def remove_all(keys, how)
        many(keys) do |count, joined, lengths|
          ask { |slot| Library.djredis_cache_delete_many(@pointer, count, joined, lengths, how, slot) }
        end
      end
    end
  end
end
