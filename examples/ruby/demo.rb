# frozen_string_literal: true

# The Ruby part of `make demo`: works in the cache that a Django site fills.
#
#   demo.rb LOCATION work    read what Django and Go wrote, count, add, write
#   demo.rb LOCATION lock    take the lock "import" for a minute; status 3 if somebody has it

require "djredis"
require "set"

TAKEN = 3

def say(call, result)
  puts "    Ruby    #{call}: #{result.inspect}"
end

def work(cache)
  say('get("user:42")', cache.get("user:42"))
  say('incr("visits")', cache.incr("visits"))
  say('add("leader", "Ruby")', cache.add("leader", "Ruby"))
  say('get("leader")', cache.get("leader"))
  value = { "at" => Time.utc(2024, 2, 29, 12, 30, 15.25r), "tags" => Set["red", "blue"], "big" => 2**70 }
  cache.set("from_ruby", value)
  say('set("from_ruby", value)', value)
end

# The lock is left to its time to live: the next program is to find it taken.
def lock(cache)
  cache.lock("import", ttl: 60)
  say('lock("import")', :taken)
rescue DJRedis::LockTakenError => e
  say('lock("import")', e)
  exit TAKEN
end

location, step = ARGV
abort "usage: demo.rb LOCATION work|lock" unless ARGV.size == 2 && %w[work lock].include?(step)
cache = DJRedis::Cache.new(location)
step == "work" ? work(cache) : lock(cache)
