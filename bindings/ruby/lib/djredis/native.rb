# frozen_string_literal: true

require_relative "failure"
require_relative "keys"
require_relative "values"

module DJRedis
  # The methods that programs call most often, past FFI. {Library.djredis_ruby_install} defines them here, in C, where this Ruby
  # is one that it knows: they take keys and values as they are, give the GVL away around the wait, and make Ruby's objects of
  # what comes back. Anywhere else, and with DJREDIS_NATIVE=0, {Cache} goes by FFI, with the same results.
  #
  #   get(address, how, key, default)    set(address, how, key, value)    delete(address, how, key)
  #   key?(address, how, key)            incr(address, how, key, delta)
  #   get_at_hand(address, how, key, default)    get from the near cache alone: it waits for nothing, so the GVL stays
  #   get_many(address, how, keys, n)    set_many(address, how, keys, values, n)    delete_many(address, how, keys, n)
  #   unpack(data)                       a composite value
  #
  # They answer a {Failure} where a call fails. `address` is the cache's, `how` the struct of a call or nil.
  #
  # The methods below are theirs: what is rare, and done as for FFI.
  # @private
  module Native
    class << self
      # Whether the methods are there.
      # @return [Boolean]
      def on?
        @on
      end

      private

      def plain(key)
        Keys.plain(key)
      end

      def fields(value)
        Values.fields(value)
      end

      # A value of a scarce type.
      def built(type, integer, data)
        Values.build(type, integer, data)
      end

      def composite(data)
        Composite.read(data)
      end

      def extension(number, data)
        Reader.extension(number, data)
      end

      # An extension that holds one list.
      def container(number, list)
        Extensions::NESTED.fetch(number).last.call([list])
      end

      def failure(status, flags, text, stored)
        Failure.new(status, flags, text, stored)
      end

      # The exception of one key of several.
      def error(status, text)
        Values.error(status, text)
      end

      # What get_many raises where some values could be read.
      def partial(found, error)
        error.found = found
        error
      end

      def install
        RUBY_ENGINE == "ruby" && ENV["DJREDIS_NATIVE"] != "0" && Library.djredis_ruby_install == ABI::OK
      end
    end

    @on = install
  end
end
