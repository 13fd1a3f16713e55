# frozen_string_literal: true

require_relative "helper"
require "json"
require "yaml"
require "zlib"

# Serializers of the program's own, and the library's beside them.
class TestSerializers < DJRedisTest
  # Text with a mark. An exception as a value is raised.
  module Marked
    def self.dump(value)
      case value
      when :digits then "42"
      when :nothing then nil
      when Exception then raise value
      else "marked:#{value.inspect}"
      end
    end

    def self.load(stored)
      raise KeyError, "no mark in #{stored}" unless stored.start_with?("marked:")

      stored.delete_prefix("marked:")
    end
  end

  # Shows what load gets.
  class Bytes
    def dump(value)
      value.to_s
    end

    def load(stored)
      stored << "!"
    end
  end

  PLAIN = [nil, true, 1.5, "grün", "7", "", [1, ["a", nil]], { "a" => { "b" => [] } }].freeze
  RUBY = [:symbol, 1..2, Time.at(0, 5, :nsec), Set[Complex(1, 2)]].freeze
  OWN = { Marshal => PLAIN + RUBY, JSON => PLAIN, YAML => PLAIN + [:symbol] }.freeze
  INTEGERS = [5, 2**70, -1].freeze

  def locations
    [location, "memory:serializers"]
  end

  def each_own
    OWN.each do |serializer, values|
      locations.product(["identity", "zlib"]) do |where, compressor|
        cache = DJRedis::Cache.new(where, serializer: serializer, compressor: compressor)
        cache.clear
        yield cache, values + INTEGERS, serializer
        cache.close
      end
    end
  end

  def same(expected, found, serializer)
    assert_equal [expected].inspect, [found].inspect, serializer
    assert_equal expected.encoding, found.encoding if expected.is_a?(String)
  end

  def test_values_come_back_by_every_method
    each_own do |cache, values, serializer|
      values.each do |value|
        cache.delete_many("k", "added", "made")
        assert_equal [true, true, false], [cache.set("k", value), cache.add("added", value), cache.add("k", 0)]
        assert_equal [], cache.set_many({ :many => value, "other" => 1 }, ttl: 60)
        batched = cache.batch { |b| b.set("batch", value) || b.get("batch") || b.add("batch", 0) || b.get("away", 7) }
        assert_equal [true, false, 7], batched.values_at(0, 2, 3)
        found = [cache.get("k"), batched[1], cache.within(5).get("added"), cache.fetch("made") { value }, cache.fetch("made") { 0 }]
        found.concat(cache.get_many("k", :many, "batch", "away").values) << cache.decode(cache.encode(value))
        assert_equal 9, found.size
        found.each { |one| same(value, one, serializer) }
      end
    end
  end

  def test_what_stands_in_redis_is_what_the_serializer_made
    OWN.each_key do |serializer|
      cache = open_cache(serializer: serializer)
      cache.set("k", ["grün"])
      cache.set_many({ "many" => ["grün"] })
      cache.batch { |b| b.set("batch", ["grün"]) }
      expected = serializer.dump(["grün"]).b
      assert_equal [expected] * 4, [cache.encode(["grün"]), *cache.get_many_raw("k", "many", "batch").values]
      assert_equal "raw", cache.option(:serializer)
    end
  end

  def test_integers_are_digits_and_are_counted
    locations.each do |where|
      cache = DJRedis::Cache.new(where, serializer: Marked, compressor: "zlib", compress_min_length: 0)
      cache.set("n", 41)
      cache.set_many({ "many" => 2**70 })
      assert_equal [42, 43], cache.batch { |b| b.incr("n") || b.incr("n") }
      assert_equal [44, "44", (2**70).to_s], [cache.incr("n"), cache.get_raw("n"), cache.get_raw("many")]
    end
  end

  def test_load_gets_bytes_of_its_own
    cache = open_cache(serializer: Bytes.new)
    ["grün", ""].each do |text|
      cache.set("k", text)
      [cache.get("k"), cache.get_many("k")["k"], cache.batch { |b| b.get("k") }[0], cache.decode(text)].each do |found|
        assert_equal ["#{text}!".b, Encoding::BINARY], [found, found.encoding]
      end
    end
  end

  def test_a_default_is_not_loaded
    cache = open_cache(serializer: Marked)
    assert_equal ["x", nil, "x"], [cache.get("away", "x"), cache.get("away"), cache.batch { |b| b.get("away", "x") }[0]]
    quiet = DJRedis::Cache.new(nobody, serializer: Marked, ignore_exceptions: true)
    assert_equal ["x", {}, ["x"]], [quiet.get("k", "x"), quiet.get_many("k"), quiet.batch { |b| b.get("k", "x") }]
  end

  REFUSED = {
    "its own error" => [KeyError.new("why"), /KeyError can't be stored with the serializer TestSerializers::Marked: KeyError: why/, KeyError],
    "no String" => [:nothing, /Symbol.*dump must return a String, not NilClass/, TypeError],
    "a BasicObject" => [Class.new(BasicObject).new, /can't be stored/, NoMethodError]
  }.freeze

  def test_what_can_not_be_stored_writes_nothing
    cache = open_cache(serializer: Marked)
    REFUSED.each do |name, (value, message, cause)|
      [-> { cache.set("k", value) }, -> { cache.set_many({ "a" => 1, "k" => value }) }, -> { cache.fetch("k") { value } },
       -> { cache.batch { |b| b.set("a", 1) || b.set("k", value) } }, -> { cache.encode(value) }].each do |write|
        error = assert_raises(DJRedis::EncodeError, name, &write)
        assert_match message, error.message
        assert_instance_of cause, error.cause
      end
    end
    assert_match(/Marshal: TypeError.*Proc/, assert_raises(DJRedis::EncodeError) { open_cache(serializer: Marshal).set("k", proc {}) }.message)
    assert_empty cache.keys
  end

  def test_payloads_that_are_digits_are_refused
    error = assert_raises(DJRedis::EncodeError) { open_cache(serializer: Marked).set("k", :digits) }
    assert_match(/decimal number/, error.message)
    assert_empty @cache.keys
  end

  def test_what_can_not_be_read
    cache = open_cache(serializer: Marked)
    cache.set_many({ "good" => 1, "text" => "x" })
    cache.set_raw("bad", bad = "gr\xfcn\n".b)
    [-> { cache.get("bad") }, -> { cache.fetch("bad") { flunk } }, -> { cache.batch { |b| b.get("bad") } },
     -> { cache.get_many("bad", "good") }, -> { cache.decode(bad) }].each do |read|
      error = assert_raises(DJRedis::DecodeError, &read)
      assert_match(/value.* can't be read by the serializer TestSerializers::Marked: KeyError: no mark in gr.n \z/, error.message)
      assert_equal [bad, KeyError, -12], [error.stored, error.cause.class, error.status]
    end
    assert_match(/the key "bad"/, assert_raises(DJRedis::DecodeError) { cache.get("bad") }.message)
    error = assert_raises(DJRedis::DecodeError) { cache.get_many("bad", "good", "text", "away") }
    assert_equal({ "good" => 1, "text" => '"x"' }, error.found)
    results = cache.batch(exception: false) { |b| b.get("bad") || b.get("good") || b.set("after", 1) }
    assert_equal [DJRedis::DecodeError, bad, 1, true], [results[0].class, results[0].stored, *results[1..]]
  end

  def test_a_message_that_has_the_whole_value_is_cut
    cache = open_cache(serializer: Marked)
    cache.set_raw("bad", "x" * 100_000)
    error = assert_raises(DJRedis::DecodeError) { cache.get("bad") }
    assert_operator error.message.size, :<, 500
    assert_operator error.cause.message.size, :>, 100_000
  end

  def test_what_can_not_be_read_may_be_a_miss
    DJRedis.logger = Logger.new(log = StringIO.new)
    cache = open_cache(serializer: Marked, decode_error: "miss")
    cache.set_raw("bad", "x")
    cache.set("good", 1)
    assert_equal [7, 0], [cache.get("bad", 7), cache.batch { |b| b.get("bad", 0) }[0]]
    assert_equal({ "good" => 1 }, cache.get_many("good", "bad"))
    assert_equal 5, cache.within(5).fetch("bad") { 5 }
    assert_equal 5, cache.stats["decode_errors"]
    assert_equal 5, log.string.scan("DECODE_ERROR is miss").size
  ensure
    DJRedis.logger = nil
  end

  def test_what_the_library_can_not_decompress
    cache = open_cache(serializer: Marshal, compressor: "zlib", max_decoded_size: 1000)
    { "bomb" => Zlib.deflate("x" * 100_000), "damaged" => Zlib.deflate("x" * 100)[0..-4] }.each do |key, bytes|
      cache.set_raw(key, bytes)
      [-> { cache.get(key) }, -> { cache.get_many(key) }, -> { cache.batch { |b| b.get(key) } }].each do |read|
        assert_match(/MAX_DECODED_SIZE|zlib/, assert_raises(DJRedis::DecodeError, &read).message)
      end
      assert_equal bytes, assert_raises(DJRedis::DecodeError) { cache.get(key) }.stored
    end
  end

  # An exception is a value like any other, to Marshal.
  def test_a_stored_error_is_not_raised
    cache = open_cache(serializer: Marshal)
    results = cache.batch { |b| b.set("k", DJRedis::NotFoundError.new("kept")) || b.get("k") }
    assert_equal [true, "kept"], [results[0], results[1].message]
  end

  def test_only_standard_errors_become_errors_of_the_cache
    cache = open_cache(serializer: Marked)
    assert_raises(Interrupt) { cache.set("k", Interrupt.new) }
    assert_raises(NoMemoryError) { cache.batch { |b| b.set("k", NoMemoryError.new) } }
  end

  def test_a_serializer_may_use_the_cache
    inner = @cache
    own = Object.new
    own.define_singleton_method(:dump) { |value| inner.set("inner", value) && "x" }
    own.define_singleton_method(:load) { |_| inner.get("inner") }
    cache = open_cache(serializer: own)
    cache.set_many({ "k" => [1, 2], "l" => [1, 2] })
    assert_equal({ "k" => [1, 2], "l" => [1, 2] }, cache.get_many("k", "l"))
    assert_equal [[1, 2], [true, [3]]], [cache.get("l"), cache.batch { |b| b.set("k", [3]) || b.get("k") }]
  end

  def test_what_is_no_serializer
    { Kernel => "Kernel", Object.new => "Object", 42 => "Integer", false => "FalseClass", Time => "Time" }.each do |given, name|
      error = assert_raises(DJRedis::ConfigError) { DJRedis::Cache.new(location, serializer: given) }
      assert_match(/the serializer #{name} has no methods dump\(value\) and load\(string\)/, error.message)
    end
    assert_match(/SERIALIZER is "yaml"/, assert_raises(DJRedis::ConfigError) { open_cache(serializer: :yaml) }.message)
    assert_match(/ACCEPT/, assert_raises(DJRedis::ConfigError) { open_cache(serializer: Marshal, accept: "json") }.message)
  end

  def test_names_are_the_librarys_own
    { nil => "pickle", :pickle => "pickle", :json => "json", "msgpack" => "msgpack", :raw => "raw",
      "django_redis.serializers.json.JSONSerializer" => "json" }.each do |given, name|
      cache = open_cache(serializer: given)
      assert_equal name, cache.option(:serializer)
      cache.set("k", "grün")
      assert_equal "grün", cache.get("k").force_encoding("UTF-8")
    end
    assert_equal "json", open_cache(SERIALIZER: "json").option(:serializer)
  end
end
