# frozen_string_literal: true

require_relative "helper"
require_relative "support/gc_values"

# The methods that the library defines in Ruby, beside the same calls through FFI. Everything else is tested on them too,
# since they are what Ruby's tests run on; DJREDIS_NATIVE=0 runs those on FFI.
class TestNative < DJRedisTest
  include GCValues

  LIB = File.expand_path("../lib", __dir__)
  ON = ENV["DJREDIS_NATIVE"] != "0"

  # A cache that goes through FFI alone.
  module ThroughFFI
    DJRedis::Cache::ByFFI.private_instance_methods.each do |name|
      by_ffi = DJRedis::Cache::ByFFI.instance_method(name)
      define_method(name) { |*arguments| by_ffi.bind_call(self, *arguments) }
    end
  end

  VALUES = [
    nil, true, false, 0, -1, 2**31, -(2**31), (2**62) - 1, 2**62, -(2**62), (2**63) - 1, -(2**63), 2**63, 2**64, -(2**64), 10**40,
    1.5, -0.0, 1e300, 1e-300, Float::INFINITY, "", "a", "x" * 23, "x" * 24, "x" * 5000, "grün", "grün".encode("UTF-16LE"),
    "ascii".encode("US-ASCII"), "\xff\x00".b, ("\xff" * 5000).b, "\xED\xA0\x80", "ä".dup.force_encoding("US-ASCII"), :symbol, :"grün", :"dynamic #{1}", [], {}, [nil] * 20,
    [[1], [[2.5, "x"]]], { "a" => { b: [true] }, 1 => nil, nil => 2.5, 2.5 => "x" }, Array.new(70_000) { 1 },
    (0..300).to_h { |n| ["key #{n}", -n * 1000] }, [2**63, 2**64], ["\xff".b, "grün", "x" * 300, "y" * 70_000], ["\xED\xA0\x80"],
    Set[1, "a"], Set[1].freeze, DJRedis::Tuple[1, [2]], { DJRedis::Tuple[1] => Set[DJRedis::Tuple[2]] }, [Time.at(0).utc],
    Time.utc(1, 1, 1), Time.utc(9999, 12, 31, 23, 59, 59.999999r), Time.utc(1969, 12, 31, 23, 59, 59.5), Time.new(2020, 2, 29, 1, 2, 3, "+02:30"),
    Time.new(2020, 3, 1, 0, 0, 0, "-12:00"), Time.new(2020, 1, 1, 0, 0, 0, 1), DateTime.new(2020, 1, 2), Date.new(2020, 1, 2),
    DJRedis::DateTime.new(2020, 1, 2), [DJRedis::DateTime.new(2020, 1, 2, 3, 4, 5, 6, 1, DJRedis::FixedZone.new(60, 0, nil))],
    BigDecimal("9.5"), [Rational(1, 3), Complex(1, 2), 1..3], DJRedis::UUID.new("1" * 16), DJRedis::ByteArray.new("a"),
    [DJRedis::SafeString.new("<b>")], DJRedis::OrderedDict.new.update("a" => 1), DJRedis::Deque.new([1]), DJRedis::ELLIPSIS,
    DJRedis::Record.new("shop.Point", [], { "x" => [1] }), [DJRedis::Record.new("shop.Point", [1], nil)], DJRedis::Opaque.new("\x80\x02]q\x00h\x00a."),
    Array.new(31).reduce([]) { |inner, _| [inner] }, Array.new(32).reduce([]) { |inner, _| [inner] }, Array.new(400).reduce([]) { |inner, _| [inner] },
    Array.new(33).reduce({}) { |inner, _| { "a" => inner } }, Class.new(Array).new([1]), Class.new(Hash).new, Class.new(String).new("x"),
    Hash.new(0).update("a" => 1), "x".dup.tap { |text| def text.one = 1 }
  ].freeze

  REFUSED = [
    Object.new, BasicObject.new, [Object.new], { "a" => -> {} }, "\xff", ["\xff"], ["\xE4".dup.force_encoding("US-ASCII")],
    { [1] => 2 }, Time.utc(10_000), $stdout, Array.new(600).reduce([]) { |inner, _| [inner] }, [].tap { |all| all << all },
    {}.tap { |all| all["a"] = all }, [DJRedis::Opaque.new("x")], (1..), "\xff".dup.force_encoding("UTF-16LE")
  ].freeze

  def setup
    super
    @ffi = open_cache.extend(ThroughFFI)
  end

  # A value, and all that one may see of it.
  def seen(value)
    case value
    when String then [value.class, value.encoding, value.frozen?, value]
    when Hash then [value.class, value.frozen?, value.default, value.map { |key, one| [seen(key), seen(one)] }]
    when Array, Set then [value.class, value.frozen?, value.map { |one| seen(one) }]
    when Time then [value.class, value, value.utc?, value.utc_offset, value.zone, value.nsec]
    else [value.class, value]
    end
  end

  # What raises: all of it, but for the addresses of objects.
  def raised
    yield
    "nothing"
  rescue StandardError => error
    own = error.is_a?(DJRedis::Error) ? [error.status, error.stored, error.found, error.retryable?] : []
    [error.class, error.message.gsub(/0x\h+/, ""), error.cause.class, own]
  end

  def test_it_is_on_where_it_should_be
    assert_equal ON, DJRedis.native?
    { nil => "true", "1" => "true", "0" => "false" }.each do |setting, on|
      program = "require 'djredis'; print DJRedis.native?"
      out, = Open3.capture2({ "DJREDIS_NATIVE" => setting }, RbConfig.ruby, "-I", LIB, "-e", program)
      assert_equal on, out
    end
  end

  def test_values_are_the_same
    VALUES.each_with_index do |value, number|
      assert @cache.set("native #{number}", value)
      assert @ffi.set("ffi #{number}", value)
      assert_equal @cache.get_raw("ffi #{number}"), @cache.get_raw("native #{number}"), value.inspect[0, 200]
      assert_equal seen(@ffi.get("ffi #{number}")), seen(@cache.get("ffi #{number}"))
    end
  end

  def test_many_values_are_the_same
    values = VALUES.each_with_index.to_h { |value, number| ["k#{number}", value] }
    assert_equal [], @cache.set_many(values)
    stored = @cache.get_many_raw(values.keys)
    assert_equal [], @ffi.set_many(values)
    assert_equal stored, @cache.get_many_raw(values.keys)
    assert_equal seen(@ffi.get_many(values.keys, "away")), seen(@cache.get_many(values.keys, "away"))
  end

  def test_values_that_are_refused
    DJRedis.logger = Logger.new(nil) # set_many warns of what the library refuses
    REFUSED.each do |value|
      expected = raised { @ffi.set("k", value) }
      refute_equal "nothing", expected, "#{Kernel.instance_method(:class).bind_call(value)} was stored"
      assert_equal expected, raised { @cache.set("k", value) }
      assert_equal raised { @ffi.set_many({ "a" => 1, "k" => value }) }, raised { @cache.set_many({ "a" => 1, "k" => value }) }
    end
    assert_equal ["a"], @cache.keys | ["a"]
  ensure
    DJRedis.logger = nil
  end

  KEYS = ["a", :a, 1, "", "grün", "grün".encode("UTF-16LE"), "\xff".b, "\xff", "k" * 127, "k" * 129, "k" * 70_000, :"grün", 2**70,
          Class.new(String).new("sub"), "us".encode("US-ASCII"), "a b\n:\0"].freeze

  def test_keys_are_the_same
    KEYS.each_with_index do |key, number|
      assert @ffi.set(key, number)
      assert_equal [number, true, number + 2], [@cache.get(key), @cache.key?(key), @cache.incr(key, 2)], key.inspect
    end
    assert_equal seen(@ffi.get_many(KEYS)), seen(@cache.get_many(KEYS))
    assert_equal [redis("dbsize").to_i, 0], [@cache.delete_many(*KEYS), redis("dbsize").to_i]
  end

  def test_keys_that_are_refused
    [nil, 1.5, [], Object.new, "\xff".dup.force_encoding("UTF-16LE")].each do |key|
      expected = raised { @ffi.get(key) }
      assert_equal DJRedis::ArgumentError, expected.first
      calls = %i[get delete key? incr].map { |name| ->(cache) { cache.__send__(name, key) } }
      calls += [->(cache) { cache.get_many("a", key) }, ->(cache) { cache.delete_many("a", key) }, ->(cache) { cache.set(key, 1) },
                ->(cache) { cache.set_many({ "a" => 1, key => 2 }) }]
      calls.each { |call| assert_equal raised { call.(@ffi) }, raised { call.(@cache) } }
    end
  end

  def test_errors_are_the_same
    redis("set", ":1:bad", "\x80\x05broken")
    redis("lpush", ":1:list", "x")
    @cache.set("good", "x")
    calls = [
      ->(cache) { cache.get("bad") }, ->(cache) { cache.get("list") }, ->(cache) { cache.incr("away") }, ->(cache) { cache.incr("good") },
      ->(cache) { cache.get_many("good", "bad", "list") }, ->(cache) { cache.set("k", 1, nx: true, xx: true) },
      ->(cache) { cache.set("k", 1, ttl: Float::NAN) }, ->(cache) { cache.incr("k", 2**64) }, ->(cache) { cache.get("k", version: "x") }
    ]
    calls.each do |call|
      expected = raised { call.(@ffi) }
      refute_equal "nothing", expected
      assert_equal expected, raised { call.(@cache) }
    end
  end

  def test_the_cause_is_what_was_being_rescued
    error = assert_raises(DJRedis::NotFoundError) do
      raise "first"
    rescue RuntimeError
      @cache.incr("away")
    end
    assert_equal "first", error.cause.message
  end

  def test_ignored_failures
    caches = [open_away, open_away.extend(ThroughFFI)]
    DJRedis.logger = Logger.new(log = StringIO.new)
    answers = caches.map do |cache|
      [cache.get("k"), cache.get("k", 1), cache.set("k", 1), cache.delete("k"), cache.key?("k"), cache.incr("k"), cache.get_many("k"),
       cache.set_many({ "k" => 1 }), cache.delete_many("k"), cache.fetch("k") { 2 }]
    end
    assert_equal [nil, 1, false, false, false, nil, {}, ["k"], 0, 2], answers.first
    assert_equal(*answers)
    assert_equal 24, log.string.scan("ignored, since IGNORE_EXCEPTIONS is on").size
  ensure
    DJRedis.logger = nil
  end

  def open_away
    DJRedis::Cache.new(nobody, ignore_exceptions: true, log_ignored_exceptions: true)
  end

  def test_conditions_versions_and_times
    assert @cache.set("k", "a", version: 2, ttl: 10)
    assert_equal ["a", nil, false, true], [@cache.get("k", version: 2), @cache.get("k"), @cache.key?("k"), @cache.key?("k", version: 2)]
    assert_equal [true, false], [@cache.set("n", 1, nx: true, ttl: 2.5), @cache.set("n", 2, nx: true)]
    assert_includes 2000..2500, @cache.pttl("n")
    assert_includes 9..10, @cache.ttl("k", version: 2)
    assert_equal [false, true], [@cache.set("z", 1, xx: true), @cache.set("n", 3, xx: true, ttl: nil)]
    assert_nil @cache.ttl("n")
  end

  def test_other_threads_run_during_a_call
    with_silent_server do |where|
      slow = DJRedis::Cache.new(where, socket_timeout: 0.5)
      ran = 0
      other = Thread.new { loop { sleep(0.01) && ran += 1 } }
      assert_raises(DJRedis::TimeoutError) { slow.get_many("a", "b") }
      other.kill
      assert_operator ran, :>, 5
    end
  end

  # What a call was given may change, and go, while it waits.
  def test_arguments_change_during_a_call
    with_silent_server do |where|
      slow = DJRedis::Cache.new(where, socket_timeout: 0.5)
      text = "x" * 50_000_000 # more than the sockets take in
      keys = Array.new(100) { |n| "k#{n}" * 10 }
      calls = [-> { slow.set("k", text) }, -> { slow.get_many(keys) }, -> { slow.set_many(keys.to_h { |key| [key, text[0, 100_000]] }) }]
      threads = calls.map { |call| Thread.new { assert_raises(DJRedis::TimeoutError, &call) } }
      sleep 0.1
      text.replace("y" * 50_000_000)
      keys.each(&:clear).clear
      GC.start
      threads.each(&:value)
      assert_equal "y", text[-1]
    end
  end

  # A kill and an exception reach a thread at any point of its calls; none may keep a connection, or mix up replies.
  def test_threads_are_ended_at_any_time
    cache = open_cache(max_connections: 2, pool_timeout: 5)
    values = (0...50).to_h { |n| ["k#{n}", "v#{n}" * n] }
    assert_equal [], cache.set_many(values)
    100.times do |round|
      begun = Queue.new
      thread = Thread.new do
        begun << true
        loop { assert_equal values, cache.get_many(values.keys) if cache.set("k#{round % 50}", values["k#{round % 50}"]) }
      rescue EncodingError
        round
      end
      begun.pop && sleep(rand / 200)
      round.even? ? thread.kill : thread.raise(EncodingError)
      assert_equal [round.even? ? nil : round], [thread.value]
      assert_equal values, cache.get_many(values.keys)
    end
  end

  def test_many_threads
    threads = Array.new(8) do |number|
      Thread.new { 100.times { |round| use_own(number, round) } }
    end
    threads.each(&:join)
  end

  def use_own(number, round)
    value = { "thread" => number, "round" => [round] }
    @cache.set("v#{number}", value, ttl: 60)
    assert_equal value, @cache.get("v#{number}")
    assert_equal round + 1, @cache.set("n#{number}", round) && @cache.incr("n#{number}")
    assert_equal({ "n#{number}" => round + 1, "v#{number}" => value }, @cache.get_many("n#{number}", "v#{number}", "away"))
  end

  def test_a_finalizer_may_use_the_cache
    seen = Queue.new
    cache = @cache
    cache.set("k", "v")
    200.times { ObjectSpace.define_finalizer(Object.new, ->(_) { seen << cache.get("k") }) }
    GC.start
    200.times { assert_equal "v", @cache.get("k") }
    GC.start
    sleep 0.01
    refute_predicate seen, :empty?
    assert_equal ["v"], Array.new(seen.size) { seen.pop }.uniq
  end

  # What raises leaves nothing behind.
  def test_memory_stays
    long = "k" * 10_000
    use = lambda do |rounds|
      rounds.times do
        raised { @cache.get_many(long, nil) }
        raised { @cache.set(long, Object.new) }
        raised { @cache.set_many({ long => long, "k" => Object.new }) }
        raised { @cache.incr(long) }
        @cache.set("k", VALUE) && @cache.get("k") && @cache.set("t", long) && @cache.get("t") && @cache.get_many(long, "k", "t")
      end
    end
    use.(300)
    before = resident
    use.(1500)
    GC.start
    assert_operator resident - before, :<, 20_000
  end

  def test_what_is_near_is_counted_once
    cache = DJRedis::Cache.new(location, key_prefix: "near-native", near_cache: 1 << 20)
    cache.set("k", [1])
    cache.set("nil", nil)
    assert_equal([[1]] * 3, Array.new(3) { cache.get("k", 5) })
    assert_equal([nil] * 3, Array.new(3) { cache.get(:nil, 5) })
    assert_equal(5, cache.get("gone", 5))
    assert_equal([4, 3, 6, 1], cache.stats.values_at("near_hits", "near_misses", "hits", "misses"))
    cache.set("k", "new")
    assert_equal("new", cache.get("k"))
    assert_raises(DJRedis::ArgumentError, ::ArgumentError, TypeError) { cache.get(Object.new) }
    cache.close
    assert_raises(DJRedis::ClosedError) { cache.get("k") }
  end

  def test_what_is_near_and_can_not_be_read_is_an_error_each_time
    cache = DJRedis::Cache.new(location, key_prefix: "near-broken", near_cache: 1 << 20)
    cache.set_raw("broken", "\x80\x05broken".b)
    3.times { assert_raises(DJRedis::DecodeError) { cache.get("broken") } }
  end

  # Kilobytes.
  def resident
    File.read("/proc/self/status")[/VmRSS:\s+(\d+)/, 1].to_i
  end
end
