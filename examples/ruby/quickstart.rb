# frozen_string_literal: true

# Stores values and reads them back, as a Django site with the same options would see them:
#
#   ruby -I bindings/ruby/lib examples/ruby/quickstart.rb 127.0.0.1:6379:0
#
# Without a location it uses a cache inside the process.

require "djredis"

cache = DJRedis::Cache.new(ARGV.fetch(0, "memory:quickstart"), key_prefix: "quickstart")

cache.set("greeting", { "text" => "hello, world", "languages" => %w[C Python Ruby] }, ttl: 60)
puts cache.get("greeting")["text"]

seen, visits = cache.batch do |b|
  b.add("visits", 0)
  b.incr("visits")
end
puts "#{visits} visits, #{seen ? 'the first' : 'one more'}"

report = cache.fetch("report", ttl: 60) { Array.new(3) { |n| n * n } }
puts "report: #{report.join(', ')}"

puts cache.keys("*").sort.join(" ")
cache.close
