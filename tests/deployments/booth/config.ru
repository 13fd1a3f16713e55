# frozen_string_literal: true

# A Rack application on one cache, for servers that load it before they fork. By then the process has a connection, and a
# thread that uses it all the time.

require "json"
require "djredis"

EDITION = 1
REPEATS = 20
CACHE = DJRedis::Cache.new(ENV.fetch("KIOSK_LOCATION"), key_prefix: "kiosk")
CACHE.set("loaded in", Process.pid)
Thread.new { loop { CACHE.set("busy", CACHE.get("loaded in")) } }

# Values that name their key: a reply that went to another caller would show.
def own(name)
  values = Array.new(REPEATS) { |number| "#{name}:#{number}" }.to_h { |key| [key, { "key" => key }] }
  CACHE.set_many(values)
  wrong = values.count { |key, value| CACHE.get(key) != value }
  found = CACHE.get_many(*values.keys)
  { wrong: wrong + values.count { |key, value| found[key] != value }, sockets: sockets }
end

def count
  CACHE.add("count", 0, ttl: nil)
  { count: CACHE.incr("count") }
end

def sockets
  Dir.glob("/proc/self/fd/*").filter_map { |name| File.readlink(name)[/socket:.*/] rescue nil } # rubocop:disable Style/RescueModifier
end

run(lambda do |environment|
  page, name = environment["PATH_INFO"].split("/").drop(1)
  answer = { "edition" => -> { { edition: EDITION } }, "own" => -> { own(name) }, "count" => -> { count } }.fetch(page).call
  [200, { "Content-Type" => "application/json" }, [JSON.generate(answer.merge(pid: Process.pid))]]
end)
