# frozen_string_literal: true

require_relative "djredis/version"
require_relative "djredis/error"
require_relative "djredis/errors"
require_relative "djredis/types"
require_relative "djredis/record"
require_relative "djredis/times"
require_relative "djredis/cache"

# Django's Redis cache for every Ruby program: the same keys and values as a Django site with django-redis.
#
#   require "djredis"
#
#   cache = DJRedis::Cache.new("127.0.0.1:6379:1", key_prefix: "shop")
#   cache.set("user:42", { "name" => "Ada" }, ttl: 300)
#   cache.get("user:42")
#
# {Cache} has the methods; {Error} and the classes below it are what they raise.
module DJRedis
  class << self
    # All options: docs/options.md as data.
    # @return [Array<Hash{Symbol => Object}>] with :name, :type, :default, :doc and :available
    def options
      Options.list
    end

    # Whether the calls that programs make most often go past FFI, by methods that the library defines in this Ruby.
    # @return [Boolean] false with DJREDIS_NATIVE=0 in the environment, and in a Ruby that the library does not know
    def native?
      Native.on?
    end

    # Where ignored errors go (see the option LOG_IGNORED_EXCEPTIONS): +Rails.logger+, say.
    # @return [Logger, nil] nil: standard error
    attr_writer :logger

    # @return [Logger] as it was set, or one that writes to standard error
    def logger
      @logger ||= begin
        require "logger"
        Logger.new($stderr, progname: "djredis")
      end
    end
  end
end
