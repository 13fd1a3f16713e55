# frozen_string_literal: true

require_relative "helper"

# Values, to and from real Python pickles: python3 writes and reads them, through redis-cli alone.
class TestValues < DJRedisTest
  # Ruby's value => what Python's repr() says of it.
  BOTH_WAYS = {
    nil => "None", true => "True", false => "False", 1.5 => "1.5", "héllo" => "'héllo'", "\xff\x00".b => "b'\\xff\\x00'",
    [1, [2, "x"], 2**70] => "[1, [2, 'x'], 1180591620717411303424]",
    { "a" => { 1 => [nil] }, 2 => -(2**64) } => "{'a': {1: [None]}, 2: -18446744073709551616}",
    [-33, -129, -40_000, -2**40, 200, 300, 70_000, 2**40] => "[-33, -129, -40000, -1099511627776, 200, 300, 70000, 1099511627776]",
    Set["x"] => "{'x'}", DJRedis::Tuple[1, DJRedis::Tuple[]] => "(1, ())",
    { DJRedis::Tuple[1, 2] => 3 } => "{(1, 2): 3}",
    Time.utc(2013, 6, 6, 17, 5, 58.5) => "datetime.datetime(2013, 6, 6, 17, 5, 58, 500000, tzinfo=datetime.timezone.utc)",
    Time.new(2020, 1, 2, 3, 4, 5, "+02:30") =>
      "datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.timezone(datetime.timedelta(seconds=9000)))",
    DJRedis::DateTime.new(2020, 1, 2, 3, 4, 5, 6) => "datetime.datetime(2020, 1, 2, 3, 4, 5, 6)",
    DJRedis::DateTime.new(2020, 1, 2, 3, 4, 0, 0, 1, "Europe/Berlin") =>
      "datetime.datetime(2020, 1, 2, 3, 4, fold=1, tzinfo=zoneinfo.ZoneInfo(key='Europe/Berlin'))",
    DJRedis::DateTime.new(2020, 1, 2, 3, 4, 0, 0, 0, DJRedis::FixedZone.new(3600, 0, "CET")) =>
      "datetime.datetime(2020, 1, 2, 3, 4, tzinfo=datetime.timezone(datetime.timedelta(seconds=3600), 'CET'))",
    Date.new(2020, 2, 29) => "datetime.date(2020, 2, 29)", DJRedis::TimeOfDay.new(1, 2, 3, 4) => "datetime.time(1, 2, 3, 4)",
    DJRedis::Duration.from_seconds(-1.5) => "datetime.timedelta(days=-1, seconds=86398, microseconds=500000)",
    BigDecimal("1.5") => "Decimal('1.5')", BigDecimal("1000") => "Decimal('1000')", BigDecimal("0.00125") => "Decimal('0.00125')",
    BigDecimal("-1.5e-9") => "Decimal('-1.5E-9')", BigDecimal("1e40") => "Decimal('1E+40')", BigDecimal("-0") => "Decimal('-0')",
    BigDecimal("-Infinity") => "Decimal('-Infinity')", Rational(-1, 3) => "Fraction(-1, 3)", Complex(1.5, -2.0) => "(1.5-2j)",
    (1...10) => "range(1, 10)", (10...0).step(-3) => "range(10, 0, -3)",
    DJRedis::UUID.new("12345678-1234-5678-1234-567812345678") => "UUID('12345678-1234-5678-1234-567812345678')",
    DJRedis::ByteArray.new("a\xff") => "bytearray(b'a\\xff')", DJRedis::ELLIPSIS => "Ellipsis",
    DJRedis::OrderedDict.new.update("b" => 1) => "OrderedDict([('b', 1)])", DJRedis::Counter.new.update("b" => 2) => "Counter({'b': 2})",
    DJRedis::Deque.new([1, "x"]) => "deque([1, 'x'])", DJRedis::DefaultDict.new.update("a" => 1) => "defaultdict(None, {'a': 1})",
    ("a" * 70_000) => "'#{'a' * 70_000}'", (1..70_000).to_a => (1..70_000).to_a.to_s
  }.freeze

  # What Ruby stores as something else than it reads.
  ONE_WAY = {
    :symbol => "'symbol'", [:a, "b".encode("UTF-16LE")] => "['a', 'b']", (1..10) => "range(1, 11)", (0..10).step(5) => "range(0, 11, 5)",
    ::DateTime.new(2020, 1, 2, 3, 4, 5) => "datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)",
    DJRedis::Record.new("fractions.Fraction", ["1/3"]) => "Fraction(1, 3)",
    [DJRedis::Record.new("types.SimpleNamespace", [], { "a" => 1 })] => "[namespace(a=1)]",
    "\xED\xA0\x80".dup.force_encoding("UTF-8") => "'\\ud800'"
  }.freeze

  PYTHON = <<~PYTHON
    import collections, datetime, decimal, fractions, pickle, re, subprocess, sys, types, uuid, zoneinfo
    from collections import Counter, OrderedDict, defaultdict, deque
    from decimal import Decimal
    from fractions import Fraction
    from uuid import UUID
    def redis(*arguments, data=None):
        return subprocess.run(["redis-cli", "-s", sys.argv[1], *arguments], input=data, capture_output=True, check=True).stdout
  PYTHON

  def python(program, input = "")
    out, err, status = Open3.capture3("python3", "-c", PYTHON + program, Servers.redis, stdin_data: input)
    raise err unless status.success?

    out
  end

  # repr() of what Python unpickles under each of the keys.
  def python_reads(count)
    python(<<~PYTHON).split("\n")
      for n in range(#{count}):
          print(ascii(pickle.loads(redis("GET", f":1:{n}")[:-1])))
    PYTHON
  end

  def ascii(repr)
    repr.gsub(/[^\x00-\x7f]/) { |character| format("\\x%02x", character.ord) }
  end

  def test_python_reads_what_ruby_stores
    all = BOTH_WAYS.merge(ONE_WAY)
    all.each_key.with_index { |value, n| assert @cache.set(n, value) }
    all.each_value.zip(python_reads(all.size)) { |expected, found| assert_equal ascii(expected), found }
  end

  def test_ruby_reads_what_python_stores
    sources = BOTH_WAYS.values
    python(<<~'PYTHON', sources.join("\n"))
      for n, source in enumerate(sys.stdin.read().split("\n")):
          redis("-x", "SET", f":1:{n}", data=pickle.dumps(eval(source)))
    PYTHON
    BOTH_WAYS.each_key.with_index do |expected, n|
      found = @cache.get(n)
      expected.nil? ? assert_nil(found) : assert_equal(expected, found)
      assert_equal expected.class, found.class
    end
  end

  def test_a_frozen_set_is_a_frozenset
    @cache.set(0, Set["x"].freeze)
    assert_equal ["frozenset({'x'})"], python_reads(1)
    assert_predicate @cache.get(0), :frozen?
  end

  def test_integers_are_digits_that_the_server_can_count_with
    [0, -1, 2**63 - 1, -(2**63), 2**64, -(10**40)].each do |number|
      @cache.set("n", number)
      assert_equal number.to_s, redis("GET", ":1:n")
      assert_equal number, @cache.get("n")
    end
  end

  def test_a_record_is_written_back_byte_for_byte
    python(<<~'PYTHON')
      class Point: pass
      Point.__module__, Point.__qualname__ = "shop.models", "Point"
      module = types.ModuleType("shop.models"); module.Point = Point
      sys.modules["shop"], sys.modules["shop.models"] = types.ModuleType("shop"), module
      point = Point(); point.x = 1; point.tags = ["a"]
      redis("-x", "SET", ":1:k", data=pickle.dumps({"at": point}, 2))
    PYTHON
    value = @cache.get("k")
    point = value["at"]
    assert_equal ["shop.models.Point", { "x" => 1, "tags" => ["a"] }, 1], [point.class_name, point.state, point[:x]]
    @cache.set("copy", value)
    assert_equal redis("GET", ":1:k"), redis("GET", ":1:copy")
    point.state["x"] = 2
    @cache.set("edited", value)
    assert_equal 2, @cache.get("edited")["at"]["x"]
  end

  # Ruby's classes can't say all that Python's can: a BigDecimal has no trailing zeros, a NaN no digits.
  def test_a_record_with_what_ruby_can_not_say_is_written_back_byte_for_byte
    python(<<~'PYTHON')
      value = [types.SimpleNamespace(price=Decimal("9.50"), free=Decimal("0.00"), none=Decimal("sNaN12"))]
      redis("-x", "SET", ":1:k", data=pickle.dumps(value))
    PYTHON
    value = @cache.get("k")
    @cache.set("copy", value)
    assert_equal redis("GET", ":1:k"), redis("GET", ":1:copy")
    value[0].state["price"] = BigDecimal("9.5")
    value[0].state["free"] = true
    @cache.set("edited", value)
    assert_equal [BigDecimal("9.5"), true], @cache.get("edited")[0].state.values_at("price", "free")
  end

  # 1 == 1.0, and "a" == "a".b.
  def test_an_edit_to_an_equal_value_is_one
    @cache.set("k", [DJRedis::Record.new("types.SimpleNamespace", [], { "a" => 1, "b" => "x" })])
    value = @cache.get("k")
    value[0].state.update("a" => 1.0, "b" => "x".b)
    @cache.set("k", value)
    assert_equal "[namespace(a=1.0, b=b'x')]", python('print(repr(pickle.loads(redis("GET", ":1:k")[:-1])))').chomp
  end

  def test_a_frozen_value_with_records
    value = DJRedis::Tuple[DJRedis::Record.new("shop.models.Point", [], { "x" => 1 }, how: "newobj")].freeze
    @cache.set("k", value)
    assert_equal value, @cache.get("k")
  end

  def test_nothing_from_the_cache_is_run
    python('redis("-x", "SET", ":1:k", data=b"cos\nsystem\n(S\'touch /tmp/djredis-was-here\'\ntR.")')
    assert_equal "posix.system", @cache.get("k").class_name.sub("os.", "posix.")
    refute_path_exists "/tmp/djredis-was-here"
  end

  def test_what_can_not_be_typed_is_opaque_and_kept
    python('a = []; a.append(a); redis("-x", "SET", ":1:k", data=pickle.dumps(a))')
    value = @cache.get("k")
    assert_instance_of DJRedis::Opaque, value
    @cache.set("copy", value)
    assert_equal redis("GET", ":1:k"), redis("GET", ":1:copy")
    assert_raises(DJRedis::EncodeError) { @cache.set("k", [value]) }
  end

  def test_deep_values_need_no_deep_stack
    deep = (1...512).inject([]) { |inner, _| [inner] }
    Fiber.new { @cache.set("k", deep) }.resume
    assert_equal deep, Fiber.new { @cache.get("k") }.resume
    assert_raises(DJRedis::EncodeError) { @cache.set("k", [deep]) }
  end

  Point = Struct.new(:x)
  Bare = Class.new(BasicObject)

  # What is no data, with what the error must name.
  REFUSED = {
    "a Proc" => [proc {}, /Proc/], "a lambda" => [-> {}, /Proc/], "an IO" => [$stdout, /IO/], "a class" => [String, /Class/],
    "a module" => [Kernel, /Module/], "a Method" => [method(:puts), /Method/], "a Thread" => [Thread.current, /Thread/],
    "an object" => [Object.new, /Object/], "a BasicObject" => [Bare.new, /Bare/], "a Struct" => [Point.new(1), /Point/],
    "a Regexp" => [/x/, /Regexp/], "an exception" => [KeyError.new, /KeyError/], "an Enumerator" => [[1].each, /Enumerator/],
    "an inner one" => [{ "a" => [Class] }, /Class/], "one as a key" => [{ Object.new => 1 }, /Object/],
    "no UTF-8" => ["\xff", /UTF-8/], "no ASCII" => [(+"\xff").force_encoding("US-ASCII"), /ASCII/],
    "inner no UTF-8" => [["\xff"], /UTF-8/], "an endless range" => [(1..), /range/], "a range of text" => [("a".."z"), /range/],
    "a range of floats" => [(1.0..2.0), /range/], "a late year" => [Time.utc(10_000), /year/], "an early year" => [Date.new(-1), /year/]
  }.freeze

  def test_what_is_refused_writes_nothing
    circle = []
    circle << circle
    ring = { "ring" => ["x"] }
    ring["ring"] << ring
    itself = { "a list in itself" => [circle, /itself/], "a Hash in itself" => [ring, /itself/] }
    REFUSED.merge(itself).each do |name, (value, message)|
      error = assert_raises(DJRedis::EncodeError, name) { @cache.set("bad", value) }
      assert_match message, error.message
      assert_raises(DJRedis::EncodeError, name) { @cache.set_many({ "good" => 1, "bad" => value }) }
    end
    assert_empty @cache.keys
  end

  def test_what_the_library_refuses
    assert_match(/key/, assert_raises(DJRedis::EncodeError) { @cache.set("bad", { [1] => 2 }) }.message)
    DJRedis.logger = Logger.new(log = StringIO.new)
    assert_equal ["bad"], @cache.set_many({ "good" => 1, "bad" => { [1] => 2 } })
    assert_match(/could not store "bad"/, log.string)
    assert_equal ["good"], @cache.keys
  ensure
    DJRedis.logger = nil
  end

  def test_what_is_more_than_its_class_is_stored_as_data
    with_default = Hash.new { |hash, key| hash[key] = 1 }
    with_default["a"] = 2
    { Class.new(String).new("text") => "text", Class.new(Array).new([1]) => [1], with_default => { "a" => 2 },
      { a: :b, "c" => :d } => { "a" => "b", "c" => "d" }, "grün".encode("UTF-16LE") => "grün",
      "x".dup.force_encoding("US-ASCII") => "x" }.each do |given, expected|
      @cache.set("k", given)
      found = @cache.get("k")
      assert_equal [expected, expected.class], [found, found.class]
    end
  end

  def test_floats_that_are_no_numbers
    @cache.set("k", [Float::NAN, Float::INFINITY, -Float::INFINITY, -0.0])
    found = @cache.get("k")
    assert_predicate found[0], :nan?
    assert_equal [Float::INFINITY, -Float::INFINITY, -Float::INFINITY], [found[1], found[2], 1 / found[3]]
    @cache.set("k", BigDecimal("NaN"))
    assert_predicate @cache.get("k"), :nan?
  end

  def test_integers_of_any_size
    [10**5000, -(10**5000)].each do |number|
      @cache.set("k", number)
      assert_equal number, @cache.get("k")
      @cache.set("k", [number])
      assert_equal [number], @cache.get("k")
    end
  end

  def test_times_keep_their_zone_and_microseconds
    given = Time.new(2020, 1, 2, 3, 4, Rational(5_123_456_789, 1_000_000_000), "+05:30")
    @cache.set("k", given)
    found = @cache.get("k")
    assert_equal [given.floor(6), 19_800, 123_456], [found, found.utc_offset, found.usec]
  end

  def test_days_before_the_gregorian_calendar_are_the_same_days
    [Date.new(1500, 1, 1), Date.new(1, 1, 3)].each do |day|
      @cache.set("k", day)
      assert_equal day.jd, @cache.get("k").jd
    end
    @cache.set("k", ::DateTime.new(1500, 1, 1))
    assert_equal Date.new(1500, 1, 1).jd, @cache.get("k").to_date.jd
  end

  def test_what_is_held_twice_does_not_grow_without_bounds
    twice = ["x" * 1000]
    40.times { twice = [twice, twice] }
    with_size_limit(1 << 20) do
      assert_match(/bytes/, assert_raises(DJRedis::EncodeError) { @cache.set("k", twice) }.message)
    end
  end

  def with_size_limit(bytes)
    before = DJRedis::Writer.__send__(:remove_const, :SIZE_LIMIT)
    DJRedis::Writer.const_set(:SIZE_LIMIT, bytes)
    yield
  ensure
    DJRedis::Writer.__send__(:remove_const, :SIZE_LIMIT)
    DJRedis::Writer.const_set(:SIZE_LIMIT, before)
  end

  def test_frozen_values_are_stored
    value = { "a" => ["b".freeze].freeze }.freeze
    @cache.set("k".freeze, value)
    assert_equal value, @cache.get("k")
  end
end
