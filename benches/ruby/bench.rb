# frozen_string_literal: true

# djredis beside ActiveSupport's RedisCacheStore and redis-rb, both over hiredis, in one process, round by round.
#
#   bench.rb SOCKET ROUNDS MILLISECONDS    of each round; prints JSON lines, see benches/README.md
#
# redis-rb moves bytes. ActiveSupport keeps the same values in keys and a format of its own.

require "active_support"
require "active_support/cache"
require "active_support/cache/redis_cache_store"
require "djredis"
require "hiredis"
require "hiredis/version"
require "redis"
require_relative "measure"

TEXT = "x" * 100
TTL = 300
KEYS = Array.new(100) { |number| "many_#{number}" }.freeze
NEW = Array.new(100) { |number| ["new_#{number}", TEXT] }.to_h.freeze

# This library, typed.
class Ours
  def initialize(socket)
    @cache = DJRedis::Cache.new("unix:#{socket}:0")
  end

  def get_text = @cache.get("text")
  def get_dict = @cache.get("user")
  def set_text = @cache.set("new", TEXT, ttl: TTL)
  def get_many = @cache.get_many(KEYS)
  def set_many = @cache.set_many(NEW, ttl: TTL)
  def incr = @cache.incr("visits")
end

# The same bytes, as they are.
class RedisRb
  KEYS = ::KEYS.map { |key| ":1:#{key}" }.freeze

  def initialize(socket)
    @redis = Redis.new(path: socket, driver: :hiredis)
    @pickled = @redis.get(":1:text")
    @new = NEW.keys.map { |key| ":1:#{key}" }
  end

  def get_text = @redis.get(":1:text")
  def get_dict = @redis.get(":1:user")
  def set_text = @redis.set(":1:new", @pickled, px: TTL * 1000)
  def get_many = @redis.mget(KEYS)
  def set_many = @redis.pipelined { |pipe| @new.each { |key| pipe.set(key, @pickled, px: TTL * 1000) } }
  def incr = @redis.incrby(":1:visits", 1)
end

# Typed, in keys and a format of its own.
class ActiveSupportStore
  def initialize(socket, values)
    @store = ActiveSupport::Cache::RedisCacheStore.new(path: socket, driver: :hiredis, namespace: "as")
    @store.write("text", TEXT)
    @store.write("user", values.get_dict)
    @store.write_multi(values.get_many)
  end

  def get_text = @store.read("text")
  def get_dict = @store.read("user")
  def set_text = @store.write("new", TEXT, expires_in: TTL)
  def get_many = @store.read_multi(*KEYS)
  def set_many = @store.write_multi(NEW, expires_in: TTL)
  def incr = @store.increment("visits")
end

WORKLOADS = {
  "get text" => :get_text,
  "get dict" => :get_dict,
  "set text" => :set_text,
  "get_many 100" => :get_many,
  "set_many 100" => :set_many,
  "incr" => :incr
}.freeze

def check(ours, store, redis)
  abort "bench.rb: get text" unless [ours.get_text, store.get_text] == [TEXT, TEXT] && redis.get_text.include?(TEXT)
  abort "bench.rb: get dict" unless ours.get_dict["city"] == "London" && store.get_dict == ours.get_dict
  abort "bench.rb: get_many" unless ours.get_many.size == 100 && store.get_many == ours.get_many
end

socket, rounds, milliseconds = ARGV
ours = Ours.new(socket)
sides = { "ActiveSupport" => ActiveSupportStore.new(socket, ours), "redis-rb" => RedisRb.new(socket), "ours" => ours }
check(*sides.values_at("ours", "ActiveSupport", "redis-rb"))
measure = Measure.new("ruby", Integer(rounds), Float(milliseconds))
measure.versions("Ruby #{RUBY_VERSION}, ActiveSupport #{ActiveSupport::VERSION::STRING}, redis-rb #{Redis::VERSION}, " \
                 "hiredis-rb #{Hiredis::VERSION}, ffi #{FFI::VERSION}")
WORKLOADS.each { |workload, name| measure.compare(workload, sides.transform_values { |side| side.method(name) }) }
measure.compare("get text, 8 threads", sides.transform_values { |side| side.method(:get_text) }, threads: 8)
