# frozen_string_literal: true

require_relative "../native"

module DJRedis
  class Cache
    # The same as {ByFFI} by the methods that the library defines in Ruby itself; see {Native}.
    # @private
    module ByNative
      private

      def value_of(key, how, default)
        if @near
          found = Native.get_at_hand(@address, how, key, DEFAULT)
          return found unless DEFAULT.equal?(found)
        end
        asked(key, how, default)
      end

      # What the server has.
      def asked(key, how, default)
        found = Thread.handle_interrupt(Interrupts::LATER) { Native.get(@address, how, key, default) }
        return found unless Failure === found # rubocop:disable Style/CaseEquality

        failed(found)
        default
      end

      def store(key, value, how)
        done = Thread.handle_interrupt(Interrupts::LATER) { Native.set(@address, how, key, value) }
        Failure === done ? failed(done) || false : done # rubocop:disable Style/CaseEquality
      end

      def remove(key, how)
        done = Thread.handle_interrupt(Interrupts::LATER) { Native.delete(@address, how, key) }
        Failure === done ? failed(done) || false : done # rubocop:disable Style/CaseEquality
      end

      def there?(key, how)
        done = Thread.handle_interrupt(Interrupts::LATER) { Native.key?(@address, how, key) }
        Failure === done ? failed(done) || false : done # rubocop:disable Style/CaseEquality
      end

      def count(key, delta, how)
        sum = Thread.handle_interrupt(Interrupts::LATER) { Native.incr(@address, how, key, delta) }
        Failure === sum ? failed(sum) : sum # rubocop:disable Style/CaseEquality
      end

      def values_of(keys, how)
        return super if @serializer

        found = Thread.handle_interrupt(Interrupts::LATER) { Native.get_many(@address, how, keys, keys.size) }
        case found
        when Hash then found
        when Failure then failed(found)
        else raise found
        end
      end

      def store_all(keys, values, how)
        errors = Thread.handle_interrupt(Interrupts::LATER) { Native.set_many(@address, how, keys, values, keys.size) }
        case errors
        when nil then []
        when Failure then failed(errors) || keys
        else errors.each_slice(2).map { |place, error| keys[place].tap { |key| not_stored(key, error) } }
        end
      end

      def remove_all(keys, how)
        deleted = Thread.handle_interrupt(Interrupts::LATER) { Native.delete_many(@address, how, keys, keys.size) }
        Failure === deleted ? failed(deleted) : deleted # rubocop:disable Style/CaseEquality
      end
    end
  end
end
