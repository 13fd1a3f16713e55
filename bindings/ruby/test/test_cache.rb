# frozen_string_literal: true

require_relative "helper"

# The methods as a Ruby program calls them; what they mean is in tests/conformance.
class TestCache < DJRedisTest
  def test_get_and_set
    assert_nil @cache.get("k")
    assert_equal 7, @cache.get("k", 7)
    assert_same true, @cache.set("k", nil)
    assert_nil @cache.get("k", 7)
    assert @cache.key?("k")
  end

  def test_conditions
    refute @cache.set("k", 1, xx: true)
    assert @cache.set("k", 1, nx: true)
    refute @cache.add("k", 2)
    assert_raises(DJRedis::ArgumentError) { @cache.set("k", 1, nx: true, xx: true) }
  end

  def test_fetch
    assert_equal 1, @cache.fetch("k", ttl: 60) { 1 }
    assert_equal 1, @cache.fetch("k") { flunk }
    assert_equal 60, @cache.ttl("k")
    assert_nil @cache.fetch("nothing") { nil }
    assert_nil @cache.fetch("nothing") { flunk }
    assert_raises(DJRedis::ArgumentError) { @cache.fetch("k") }
  end

  def test_fetch_answers_what_the_first_caller_stored
    assert_equal "first", @cache.fetch("k") { @cache.set("k", "first") && "second" }
  end

  def test_many
    assert_equal [], @cache.set_many({ "a" => 1, b: [2] }, ttl: 60)
    assert_equal({ "a" => 1, b: [2] }, @cache.get_many("a", :b, "c"))
    assert_equal({ "a" => 1 }, @cache.get_many(["a"]))
    assert_equal [{}, [], 0], [@cache.get_many, @cache.set_many({}), @cache.delete_many]
    assert_equal 2, @cache.delete_many("a", :b, "c")
  end

  def test_get_many_reads_the_others_before_it_raises
    @cache.set("good", 1)
    redis("SET", ":1:bad", "no pickle")
    error = assert_raises(DJRedis::DecodeError) { @cache.get_many("bad", "good") }
    assert_equal({ "good" => 1 }, error.found)
  end

  def test_times
    { 60 => 60_000, 0.5 => 500, 16.1 => 16_100, 0.0001 => 1, Rational(1, 3) => 334, BigDecimal("1.5") => 1500,
      DJRedis::Duration.new(1) => 86_400_000 }.each do |ttl, expected|
      @cache.set("k", 1, ttl: ttl)
      assert_in_delta expected, @cache.pttl("k"), [expected, 400].min, ttl.to_s if expected > 1
    end
    @cache.set("k", 1, ttl: nil)
    assert_nil @cache.ttl("k")
    assert @cache.touch("k", ttl: 5)
    assert_equal 5, @cache.ttl("k")
    assert @cache.persist("k")
    assert_equal [nil, 0, false], [@cache.pttl("k"), @cache.ttl("missing"), @cache.persist("missing")]
  end

  def test_bad_times
    [Float::NAN, Float::INFINITY, "60", Complex(1, 1), 2**63, :x].each do |ttl|
      assert_raises(DJRedis::ArgumentError) { @cache.set("k", 1, ttl: ttl) }
    end
  end

  def test_numbers
    @cache.set("n", 5)
    assert_equal [6, 16, 13], [@cache.incr("n"), @cache.incr("n", 10), @cache.decr("n", 3)]
    assert_raises(DJRedis::NotFoundError) { @cache.incr("missing") }
    [2**63, 1.5, nil, "1"].each { |by| assert_raises(DJRedis::ArgumentError) { @cache.incr("n", by) } }
    assert_raises(DJRedis::ArgumentError) { @cache.decr("n", -(2**63)) }
  end

  def test_versions
    @cache.set("k", "old")
    assert_equal 2, @cache.incr_version("k")
    assert_equal [nil, "old"], [@cache.get("k"), @cache.get("k", version: 2)]
    assert_equal 1, @cache.decr_version("k", version: 2)
    assert_raises(DJRedis::ArgumentError) { @cache.get("k", version: "2") }
  end

  def test_keys
    @cache.set_many({ "a:1" => 1, "a:2" => 2, "b" => 3, "\xff".b => 4, "grün" => 5 })
    assert_equal %w[a:1 a:2], @cache.keys("a:*").sort
    assert_includes @cache.keys, "\xff".b
    assert_includes @cache.keys, "grün"
    assert_equal %w[a:1 a:2], @cache.each_key("a:*").sort
    assert_same @cache, @cache.each_key("a:*") { |key| assert @cache.delete(key) }
    assert_equal 3, @cache.delete_pattern("*", itersize: 1)
    assert_raises(DJRedis::ArgumentError) { @cache.each_key("*", itersize: 0).to_a }
  end

  def test_what_a_key_may_be
    @cache.set(:symbol, 1)
    assert_equal 1, @cache.get("symbol")
    @cache.set(42, 2)
    assert_equal 2, @cache.get("42")
    @cache.set("grün".encode("ISO-8859-1"), 3)
    assert_equal 3, @cache.get("grün")
    @cache.set("with\0nul", 4)
    assert_equal 4, @cache.get("with\0nul")
    [nil, 1.5, ["a"], Object].each { |key| assert_raises(DJRedis::ArgumentError) { @cache.get(key) } }
  end

  def test_options
    cache = open_cache(key_prefix: "shop", timeout: nil, socket_timeout: 0.5, version: 3, ignore_exceptions: true)
    assert_equal "shop:3:k", cache.make_key("k")
    assert_equal ["shop", "0.5"], [cache.option(:key_prefix), cache.option("SOCKET_TIMEOUT")]
    cache.set("k", 1)
    assert_nil cache.ttl("k")
    assert_equal 1, cache.stats["sets"]
  end

  def test_raw_values
    assert @cache.set_raw("k", "\x80\x05\x88.", ttl: 60)
    assert_equal [true, 60], [@cache.get("k"), @cache.ttl("k")]
    assert_equal ["\x80\x05\x88.".b, 7], [@cache.get_raw("k"), @cache.get_raw("away", 7)]
    refute @cache.set_raw("k", "x", nx: true)
    assert_equal [], @cache.set_many_raw({ "a" => "1", :b => "\xff" }, ttl: 5)
    assert_equal({ "a" => "1".b, :b => "\xff".b }, @cache.get_many_raw("a", :b, "c"))
    assert_equal [5, {}], [@cache.ttl("a"), @cache.get_many_raw]
  end

  def test_encode_and_decode
    assert_equal "42", @cache.encode(42)
    bytes = @cache.encode({ "a" => [1, nil] })
    assert_equal({ "a" => [1, nil] }, @cache.decode(bytes))
    @cache.set_raw("k", bytes)
    assert_equal({ "a" => [1, nil] }, @cache.decode(@cache.with_connection { |c| c.call("GET", @cache.make_key("k")) }))
    assert_raises(DJRedis::EncodeError) { @cache.encode(Object.new) }
    assert_equal "no pickle", assert_raises(DJRedis::DecodeError) { @cache.decode("no pickle") }.stored
  end

  def test_move
    @cache.set("k", 1, ttl: 60)
    assert_same true, @cache.move("k", :l)
    assert_equal [nil, 1, 60], [@cache.get("k"), @cache.get("l"), @cache.ttl("l")]
    assert_raises(DJRedis::NotFoundError) { @cache.move("k", "l") }
  end

  def test_where_a_key_is
    assert_match(/#{Regexp.escape(Servers.redis)}/, @cache.server_for("k"))
    assert_match(/#{Regexp.escape(Servers.redis)}/, @cache.inspect)
  end

  def test_all_options
    names = DJRedis.options.map { |option| option[:name] }
    assert_includes names, "KEY_PREFIX"
    assert_equal %i[available default doc name type], DJRedis.options.first.keys.sort
  end

  def test_deadlines
    with_silent_server do |location|
      cache = DJRedis::Cache.new(location, socket_timeout: LONG)
      quick = cache.within(0.1)
      assert_quick { assert_raises(DJRedis::TimeoutError) { quick.get("k") } }
      assert_quick { assert_raises(DJRedis::TimeoutError) { quick.each_key.to_a } }
      assert_quick { assert_raises(DJRedis::TimeoutError) { quick.with_connection { |c| c.call("PING", timeout: 0.1) } } }
    end
    assert_equal 1, @cache.within(nil).fetch("k") { 1 }
    [0, -1, Float::NAN, "1"].each { |time| assert_raises(DJRedis::ArgumentError) { @cache.within(time) } }
  end

  def test_a_list_as_a_key_is_refused
    assert_raises(DJRedis::ArgumentError) { @cache.set_many({ ["a"] => 1 }) }
    assert_raises(DJRedis::ArgumentError) { @cache.get_many([["a"]]) }
  end

  def test_arguments_are_left_as_they_are
    keys = ["a", :b, "c".freeze].freeze
    assert_equal({}, @cache.get_many(keys))
    values = { "a" => "x" }.freeze
    @cache.set_many(values)
    text = +"grün"
    @cache.set(text, text)
    assert_equal [Encoding::UTF_8, "grün", false], [text.encoding, text, text.frozen?]
  end

  def test_clear
    @cache.set("k", 1)
    assert_same true, @cache.clear
    assert_empty @cache.keys
  end
end
