# frozen_string_literal: true

require_relative "handle"
require_relative "../connection"

module DJRedis
  # Commands of Redis itself. Replies are strings (UTF-8 where they are, else binary), Integers, nil, Arrays, Hashes.
  class Cache
    # Any command, on the server of a key.
    #
    #   cache.command("LPUSH", "jobs", "a", key_index: 1)
    #
    # @param args [Array<String, Symbol, Numeric>]
    # @param key_index [Integer, nil] which argument is a key of this cache, to become prefix:version:key; nil: none
    # @param version [Integer, nil] of that key; nil: the option VERSION
    # @return [String, Integer, Float, Boolean, Array, Hash, nil] the reply
    # @raise [ServerError] where the server answers with an error
    def command(*args, key_index: nil, version: nil)
      joined, lengths = Keys.join(Arguments.encode(args))
      index = key_index.nil? ? -1 : key_index
      unless index.is_a?(Integer) && index.between?(-1, args.size - 1)
        raise ArgumentError, "key_index must be the place of an argument, not #{key_index.inspect}"
      end

      how = calling(version)
      reply { |slot| Library.djredis_cache_command(@pointer, args.size, joined, lengths, index, how, slot) }
    end

    # A connection of one's own, for commands that belong together. It goes back to the pool after the block, unless
    # its state was changed (SELECT, SUBSCRIBE, ...): then it is closed.
    #
    #   cache.with_connection { |c| c.call("GET", cache.make_key("k")) }
    #
    # @param timeout [Numeric, nil] seconds to wait for it; by default the option SOCKET_TIMEOUT
    # @yieldparam connection [Connection]
    # @return [Object] the block's value
    # @raise [UnsupportedError] where keys are spread over several servers
    def with_connection(timeout: @deadline)
      connection = Connection.new
      connection.acquire(@pointer, timeout)
      yield connection
    ensure
      connection&.release
    end

    private

    def reply(&call)
      slot = Slots.take
      status = Interrupts.guard(slot, &call)
      return Values.read(slot, replies: true) if status == ABI::OK

      failed(Slots.failure(status, slot)) unless status == ABI::MISS
    ensure
      Slots.give(slot)
    end
  end
end
