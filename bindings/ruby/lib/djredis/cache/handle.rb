# frozen_string_literal: true

require_relative "../calls"
require_relative "../keys"
require_relative "../options"
require_relative "../own_serializer"
require_relative "../values"
require_relative "by_ffi"
require_relative "by_native"

module DJRedis
  # What every method stands on: opening and closing, one call, and what happens when it fails.
  class Cache
    include ByFFI
    include ByNative if Native.on?

    # @param location [String, Array<String>] "127.0.0.1:6379:1", "unix:/run/redis.sock:1", a URL, or several
    # @param serializer [String, Symbol, #dump, nil] how values that are no Integers are stored: the option SERIALIZER
    #   (:pickle, :json, :msgpack, :raw), or an object of the program's own with dump(value), which returns a String, and
    #   load(string), which gets it as a binary String: Marshal, YAML, MessagePack. Any thread may call it. Marshal.load
    #   runs code that stands in the cache, so it is for a Redis that only trusted programs can write to
    # @param options [Hash{Symbol => Object}] the other options of docs/options.md in small letters
    # @raise [ConfigError] names the option and the fix
    def initialize(location, serializer: nil, **options)
      own = OwnSerializer.own?(serializer)
      @pointer = Options.open(location, { **options, serializer: own ? "raw" : serializer })
      @address = @pointer.address
      @deadline = DEFAULT
      @call = nil
      @near = option("NEAR_CACHE") != "0"
      @log_ignored = option("LOG_IGNORED_EXCEPTIONS") == "true"
      @serializer = own ? OwnSerializer.new(serializer, option("DECODE_ERROR") == "miss") : nil
    end

    # The same cache, each of whose calls may take so long, connecting included, instead of the option SOCKET_TIMEOUT.
    #
    #   cache.within(0.05).get("banner")
    #
    # @param seconds [Numeric, nil] for each call; nil: as long as it takes
    # @return [Cache] it shares the connections, and is closed with this one
    # @raise [ArgumentError] for what is no time above 0
    def within(seconds)
      call = Calls.struct(deadline: seconds)
      dup.tap { |copy| copy.calls_within(seconds, call) }
    end

    # Closes the connections. Calls that are running finish, later ones raise {ClosedError}. Any thread, any time.
    # @return [nil]
    def close
      Interrupts.guard { Library.djredis_cache_close(@pointer) }
      nil
    end

    # The value of an option that is in force, as text; a password is shown as ***.
    # @param name [String, Symbol]
    # @return [String]
    # @raise [ConfigError] for an unknown name
    def option(name)
      text = name.to_s
      ask { |slot| Library.djredis_cache_option(@pointer, text, text.bytesize, slot) }
    end

    # Counters since this cache was opened, by name: "hits", "misses", "errors", ...; under "formats" how many values
    # were read of each format.
    # @return [Hash{String => Integer, Hash{String => Integer}}]
    def stats
      counters = ask { |slot| Library.djredis_cache_stats(@pointer, slot) }
      counters["decode_errors"] += @serializer.misses if @serializer
      counters
    end

    # The key as it stands in Redis: prefix:version:key.
    # @param key [String, Symbol, Integer]
    # @param version [Integer, nil] nil: the option VERSION
    # @return [String] binary where it is no UTF-8
    def make_key(key, version: nil)
      raw = Keys.encode(key)
      how = calling(version)
      Keys.text(ask { |slot| Library.djredis_cache_make_key(@pointer, raw, raw.bytesize, how, slot) })
    end

    # The server that has a key: its entry of the location, without a password.
    # @param key [String, Symbol, Integer]
    # @param version [Integer, nil] nil: the option VERSION
    # @return [String]
    def server_for(key, version: nil)
      raw = Keys.encode(key)
      how = calling(version)
      ask { |slot| Library.djredis_cache_server_for(@pointer, raw, raw.bytesize, how, slot) }
    end

    # The bytes that {#set} would store.
    # @param value [Object]
    # @return [String] binary
    # @raise [EncodeError] where the value can't be stored
    def encode(value)
      value = @serializer.dump(value) if @serializer
      Values.struct(value) { |struct| ask { |slot| Library.djredis_cache_encode(@pointer, struct, slot) } }
    end

    # The value that {#get} would make of stored bytes: for what comes by {#command} or a {Connection}.
    # @param bytes [String]
    # @return [Object]
    # @raise [DecodeError] where they can't be read
    def decode(bytes)
      raw = bytes.b
      found = ask { |slot| Library.djredis_cache_decode(@pointer, raw, raw.bytesize, slot) }
      @serializer && found.is_a?(String) ? @serializer.made(Serialized.new(found)) : found
    end

    # @return [String] the class and the server, without a password
    def inspect
      "#<#{self.class} #{server_for('')}>"
    rescue Error => error
      "#<#{self.class} #{error.message}>"
    end

    # A cache can't be marshalled.
    # @raise [TypeError] always
    # @return [void]
    def marshal_dump
      raise TypeError, "a cache can't be marshalled: it holds connections and perhaps a password. Share it between " \
                       "threads and with forked children as it is; in other processes open it again"
    end

    protected

    def calls_within(seconds, call)
      @deadline = seconds
      @call = call
    end

    private

    # The struct of a call; `@call`, most often nil, where everything but the deadline is as the options say.
    def calling(version, flags = 0, ttl: DEFAULT, itersize: nil)
      if version.nil? && flags.zero? && itersize.nil?
        return @call if ttl.equal?(DEFAULT)
        return Calls.living(ttl) if @deadline.equal?(DEFAULT)
      end

      Calls.struct(flags, version: version, ttl: ttl, itersize: itersize, deadline: @deadline)
    end

    # The value that one call of the library leaves in the slot, or `otherwise` where there is none. This and `succeeds`
    # are in the way of every call: what {Interrupts.guard} and {Slots.use} do stands here itself.
    # @yieldparam slot [FFI::MemoryPointer]
    # @yieldreturn [Integer] the status
    def ask(otherwise = nil)
      slot = Slots.take
      status = Thread.handle_interrupt(Interrupts::LATER) { yield slot }
      return Values.read(slot) if status == ABI::OK

      failed(Slots.failure(status, slot)) unless status == ABI::MISS
      otherwise
    ensure
      Slots.give(slot)
    end

    # Whether one call of the library did what it should: a call that answers yes or no.
    def succeeds
      slot = Slots.take
      status = Thread.handle_interrupt(Interrupts::LATER) { yield slot }
      failed(Slots.failure(status, slot)) unless status == ABI::OK || status == ABI::MISS
      status == ABI::OK
    ensure
      Slots.give(slot)
    end

    # What the block `made` makes of each item that one call of the library leaves in the slot; nil where there are none.
    def items(made, &call)
      slot = Slots.take
      status = Interrupts.guard(slot, &call)
      return Values.items(slot, &made) if status == ABI::OK

      failed(Slots.failure(status, slot)) unless status == ABI::MISS
    ensure
      Slots.give(slot)
    end

    # Raises the error, unless IGNORE_EXCEPTIONS covers it.
    # @return [nil]
    def failed(failure)
      raise failure unless failure.status == ABI::IGNORED

      DJRedis.logger.warn("ignored, since IGNORE_EXCEPTIONS is on: #{failure.message}") if @log_ignored
      nil
    end
  end
end
