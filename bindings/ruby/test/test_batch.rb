# frozen_string_literal: true

require_relative "helper"

# Many different calls in one round trip. What each of them means is in tests/conformance/cases/batch.json.
class TestBatch < DJRedisTest
  def test_every_method_answers_as_the_single_one_does
    @cache.set("there", 5, ttl: 60)
    results = @cache.batch do |b|
      b.get("there")
      b.get("away")
      b.get("away", :default)
      b.get_raw("there")
      b.set("new", { "id" => 1 })
      b.get("new")
      b.add("new", 2)
      b.key?("new")
      b.key?("away")
      b.ttl("there")
      b.ttl("away")
      b.touch("there", ttl: nil)
      b.ttl("there")
      b.incr("there", 3)
      b.decr("there")
      b.delete("new")
      b.delete("new")
      assert_equal 17, b.size
    end
    assert_equal [5, nil, :default, "5", true, { "id" => 1 }, false, true, false, 60, 0, true, nil, 8, 7, true, false], results
  end

  def test_milliseconds_conditions_versions
    @cache.set("k", 1, ttl: 60)
    left, new, there, other = @cache.batch do |b|
      b.pttl("k")
      b.set("k", 2, nx: true)
      b.set("k", 3, xx: true, ttl: 1.5, version: 9)
      b.set("k", 4, version: 9)
    end
    assert_in_delta 60_000, left, 20_000
    assert_equal [false, false, true], [new, there, other]
    assert_equal [1, 4], [@cache.get("k"), @cache.get("k", version: 9)]
  end

  def test_the_first_error_is_raised_when_all_is_done
    error = assert_raises(DJRedis::NotFoundError) do
      @cache.batch { |b| b.set("a", 1) || b.incr("missing") || b.set("b", 2) }
    end
    assert_match(/missing/, error.message)
    assert_equal %w[a b], @cache.keys.sort
  end

  def test_errors_in_their_place
    redis("SET", ":1:bad", "no pickle")
    redis("LPUSH", ":1:list", "x")
    results = @cache.batch(exception: false) { |b| b.get("bad") || b.get("list") || b.incr("missing") || b.get("fine") }
    assert_equal [DJRedis::DecodeError, DJRedis::WrongTypeError, DJRedis::NotFoundError, NilClass], results.map(&:class)
    assert_equal(-12, results[0].status)
  end

  def test_values_that_need_care
    opaque = DJRedis::Opaque.new("\x80\x05\x5d\x94\x2e")
    values = [nil, false, 2**70, :symbol, "\xff".b, [1, [2]], opaque, DJRedis::Tuple[1]]
    @cache.batch { |b| values.each_with_index { |value, n| b.set(n, value) } }
    assert_equal [nil, false, 2**70, "symbol", "\xff".b, [1, [2]], [], DJRedis::Tuple[1]], Array.new(values.size) { |n| @cache.get(n) }
    assert_equal opaque.bytes, @cache.get_raw(6)
  end

  def test_what_is_refused_is_refused_in_the_block_and_nothing_is_sent
    assert_raises(DJRedis::EncodeError) { @cache.batch { |b| b.set("a", 1) || b.set("b", Object.new) } }
    assert_raises(DJRedis::ArgumentError) { @cache.batch { |b| b.set("a", 1) || b.get(nil) } }
    assert_raises(DJRedis::ArgumentError) { @cache.batch { |b| b.set("a", 1, nx: true, xx: true) } }
    assert_raises(DJRedis::ArgumentError) { @cache.batch { |b| b.incr("a", 1.5) } }
    assert_raises(KeyError) { @cache.batch { |b| b.set("a", 1) || raise(KeyError) } }
    assert_empty @cache.keys
    rescued = @cache.batch do |b|
      b.set("a", 1)
      assert_raises(DJRedis::EncodeError) { b.set("b", [Object.new]) }
      b.get("a")
    end
    assert_equal [true, 1], rescued
  end

  def test_nothing_at_all
    assert_equal [], @cache.batch { nil }
  end

  def test_a_thousand
    results = @cache.batch { |b| 1000.times { |n| b.set("k#{n}", [n]) || b.get("k#{n}") } }
    assert_equal Array.new(1000) { |n| [true, [n]] }.flatten(1), results
  end

  def test_a_server_that_is_away
    assert_raises(DJRedis::ConnectionError) { DJRedis::Cache.new(nobody).batch { |b| b.get("k") } }
    quiet = DJRedis::Cache.new(nobody, ignore_exceptions: true)
    assert_equal [7, false, 0, nil], quiet.batch { |b| b.get("k", 7) || b.set("k", 1) || b.ttl("k") || b.incr("k") }
  end

  def test_in_one_round_trip_with_a_deadline_of_its_own
    with_silent_server do |location|
      cache = DJRedis::Cache.new(location, socket_timeout: LONG).within(0.1)
      assert_quick { assert_raises(DJRedis::TimeoutError) { cache.batch { |b| b.get("a") } } }
    end
  end
end
