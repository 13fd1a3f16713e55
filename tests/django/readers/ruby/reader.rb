# frozen_string_literal: true

# A Ruby program that shares a Django site's cache: reader.rb LOCATION NAME=VALUE...
# It takes a command a line, tabs between its words, and answers with a line of JSON:
#
#   show KEY        any value
#   book KEY        a model instance; books KEY: a list of them; queryset KEY: a pickled QuerySet of them
#   rows KEY        a pickled QuerySet of values() or values_list()
#   page KEY        a page of the cache middleware
#   mark KEY        adds to a session what Python has types for, under "from_ruby"
#   edit KEY TO     a model instance with another title, to another key
#   copy KEY TO     a value, unchanged

require "djredis"
require "json"
require "set"

FIELDS = %w[id author_id title price published isbn details in_print genre loan cover].freeze

def shown(value)
  case value
  when DJRedis::SafeString then { "$safe" => value.to_s }
  when String then value.encoding == Encoding::BINARY ? { "$bytes" => value.unpack1("H*") } : value
  when DJRedis::Tuple then { "$tuple" => value.map { |item| shown(item) } }
  when Array then value.map { |item| shown(item) }
  when Set then { "$set" => value.map { |item| shown(item) } }
  when Hash then value.transform_values { |item| shown(item) }
  when DJRedis::Record then { "$class" => value.class_name, "args" => shown(value.args) }
  when nil, true, false, Numeric then number(value)
  else moment(value)
  end
end

def number(value)
  value.is_a?(BigDecimal) ? { "$decimal" => value.to_s("F") } : value
end

def moment(value)
  case value
  when Time then wall(value.strftime("%FT%T.%6N"), value.utc_offset)
  when DJRedis::DateTime
    wall(format("%04d-%02d-%02dT%02d:%02d:%02d.%06d", *value.to_a[0, 7]), value.zone)
  when Date then { "$date" => value.iso8601 }
  when DJRedis::Duration then { "$timedelta" => value.to_a }
  when DJRedis::UUID then { "$uuid" => value.to_s }
  when DJRedis::Opaque then { "$opaque" => value.bytes.unpack1("H*") }
  else abort "reader.rb: what is a #{value.class}?"
  end
end

def wall(text, zone)
  { "$datetime" => text, "zone" => zone }
end

# The fields of a model instance are the record's; instances that were fetched with it stand in its _state.
def book(record)
  author = record["_state"]["fields_cache"]["author"]
  FIELDS.to_h { |name| [name, shown(record[name])] }.merge("author" => author && author["name"])
end

def page(response)
  headers = response["headers"]["_store"].values.to_h { |name, value| [name, value] }
  { "content" => response["_container"].join.force_encoding("UTF-8"), "headers" => headers }
end

MARK = {
  "at" => Time.utc(2024, 2, 29, 12, 30, 15.25r),
  "opens" => DJRedis::DateTime.new(2024, 3, 31, 9, 0, 0, 0, 0, "Europe/Berlin"),
  "day" => Date.new(2024, 2, 29),
  "loan" => DJRedis::Duration.new(14),
  "total" => BigDecimal("12.25"),
  "order" => DJRedis::UUID.new("12345678-1234-5678-1234-567812345678"),
  "tags" => Set["red", "blue"],
  "place" => DJRedis::Tuple["shelf", 7],
  "cover" => "\x00\xFF".b,
  "count" => 3,
  "big" => 2**70,
  "ratio" => 0.25,
  "paid" => true,
  "coupon" => nil,
  "nested" => { "list" => [1, { "empty" => [] }] }
}.freeze

# A session lives for weeks, a value of the cache for minutes: the time that is left goes on.
def mark(cache, key)
  session = cache.get(key)
  session["from_ruby"] = MARK
  cache.set(key, session, ttl: cache.ttl(key))
end

def edit(cache, key, to)
  record = cache.get(key)
  record.state["title"] = "Edited in Ruby"
  cache.set(to, record)
end

def answer(cache, command, key, to = nil)
  case command
  when "show" then shown(cache.get(key))
  when "book" then book(cache.get(key))
  when "books" then cache.get(key).map { |record| book(record) }
  when "queryset" then cache.get(key)["_result_cache"].map { |record| book(record) }
  when "rows" then shown(cache.get(key)["_result_cache"])
  when "page" then page(cache.get(key))
  when "mark" then mark(cache, key)
  when "edit" then edit(cache, key, to)
  when "copy" then cache.set(to, cache.get(key))
  else abort "reader.rb: there is no command #{command}"
  end
end

location, *options = ARGV
cache = DJRedis::Cache.new(location, **options.to_h { |option| option.split("=", 2) }.transform_keys(&:to_sym))
$stdin.each_line(chomp: true) do |line|
  puts JSON.generate(answer(cache, *line.split("\t")))
  $stdout.flush
end
