# frozen_string_literal: true

# Hits of the near cache beside ActiveSupport's MemoryStore, which keeps copies in the process.
#
#   near.rb SOCKET ROUNDS MILLISECONDS    of each round; prints JSON lines, see benches/README.md

require "active_support"
require "active_support/cache"
require "active_support/cache/memory_store"
require "djredis"
require_relative "measure"

NEAR_BYTES = 64 << 20
VALUES = { "text" => "x" * 100, "int" => 1_234_567 }.freeze

# The calls themselves, without one around each, which would take a part of the time of a hit.
class MeasureReads < Measure
  private

  def repeat(read, calls)
    cache, key = read
    while calls.positive?
      cache.get(key)
      calls -= 1
    end
  end
end

socket, rounds, milliseconds = ARGV
ours = DJRedis::Cache.new("unix:#{socket}:0", key_prefix: "near-ruby", near_cache: NEAR_BYTES)
store = ActiveSupport::Cache::MemoryStore.new
store.singleton_class.alias_method(:get, :read)
VALUES.each do |key, value|
  ours.set(key, value)
  store.write(key, value)
  abort "near.rb: get #{key}" unless [ours.get(key), ours.get(key), store.get(key)] == [value] * 3
end
measure = MeasureReads.new("near-ruby", Integer(rounds), Float(milliseconds))
measure.versions("Ruby #{RUBY_VERSION}, ActiveSupport #{ActiveSupport::VERSION::STRING}")
VALUES.each_key { |key| measure.compare("get #{key}", { "MemoryStore" => [store, key], "ours" => [ours, key] }) }
# The news of a write may come after the first read of it, which then is not kept.
abort "near.rb: the reads were no hits" if ours.stats["near_misses"] * 100 > ours.stats["near_hits"]
