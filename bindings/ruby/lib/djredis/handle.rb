# frozen_string_literal: true

require_relative "calls"
require_relative "keys"
require_relative "options"
require_relative "values"

module DJRedis
  # What every method stands on: opening and closing, one call, and what happens when it fails.
  # @private
  module Handle
    # @param location [String, Array<String>] "127.0.0.1:6379:1", "unix:/run/redis.sock:1", a URL, or several
    # @param options [Hash] the options of docs/options.md in small letters
    # @raise [ConfigError] names the option and the fix
    def initialize(location, **options)
      @pointer = Options.open(location, options)
      @log_ignored = option("LOG_IGNORED_EXCEPTIONS") == "true"
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
    # @raise [ConfigError]
    def option(name)
      text = name.to_s
      ask(:djredis_cache_option, text, text.bytesize) { |slot| Values.read(slot) }
    end

    # Counters since this cache was opened, by name: "hits", "misses", "errors", ...
    # @return [Hash{String => Integer}]
    def stats
      ask(:djredis_cache_stats) { |slot| Values.read(slot) }
    end

    # The key as it stands in Redis: prefix:version:key.
    # @return [String] binary where it is no UTF-8
    def make_key(key, version: nil)
      raw = Keys.encode(key)
      ask(:djredis_cache_make_key, raw, raw.bytesize, Calls.struct(version: version)) do |slot|
        Keys.text(Slots.content(slot))
      end
    end

    # @return [String]
    def inspect
      server = ask(:djredis_cache_server_for, "", 0, nil) { |slot| Values.read(slot) }
      "#<#{self.class} #{server}>"
    rescue Error => error
      "#<#{self.class} #{error.message}>"
    end

    # @raise [TypeError]
    def marshal_dump
      raise TypeError, "a cache can't be marshalled: it holds connections and perhaps a password. Share it between " \
                       "threads and with forked children as it is; in other processes open it again"
    end

    private

    # One call of the library: what the block makes of the answer, or `otherwise` where there is none.
    def ask(function, *arguments, otherwise: nil)
      Slots.use do |slot|
        status = Interrupts.guard { Library.__send__(function, @pointer, *arguments, slot) }
        return yield(slot) if status == ABI::OK

        failed(status, slot) unless status == ABI::MISS
        otherwise
      end
    end

    # One call of the library that answers yes or no.
    def succeeds(function, *arguments)
      Slots.use do |slot|
        status = Interrupts.guard { Library.__send__(function, @pointer, *arguments, slot) }
        failed(status, slot) unless status == ABI::OK || status == ABI::MISS
        status == ABI::OK
      end
    end

    # Raises the error, unless IGNORE_EXCEPTIONS covers it.
    def failed(status, slot)
      raise Slots.failure(status, slot) unless status == ABI::IGNORED

      DJRedis.logger.warn("ignored, since IGNORE_EXCEPTIONS is on: #{Slots.message(slot)}") if @log_ignored
    end
  end
end
