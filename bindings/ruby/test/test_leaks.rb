# frozen_string_literal: true

require_relative "helper"

# A process does not grow with its calls, its threads and its caches: `make leaks` makes a million calls.
class TestLeaks < DJRedisTest
  VALUE = { "name" => "Ada", "tags" => %w[a b], "born" => 1815, "score" => 1.5, "text" => "x" * 200 }.freeze
  CALLS = Integer(ENV.fetch("DJREDIS_LEAKS", "20000"))
  CALLS_OF_A_ROUND = 23
  GROWTH_KIB = 16 << 10

  def test_on_a_server
    stays_flat(location)
  end

  def test_in_memory
    stays_flat("memory:leaks")
  end

  private

  def stays_flat(place)
    cache = DJRedis::Cache.new(place)
    cache.clear
    rounds = CALLS / CALLS_OF_A_ROUND
    work(cache, place, rounds / 5)
    before = size
    work(cache, place, rounds)
    wait_for_threads(before[2])
    after = size
    puts "Ruby, #{place[/\w+/]}, #{rounds * CALLS_OF_A_ROUND} calls: KiB, files, threads #{before} -> #{after}" if ENV["DJREDIS_LEAKS"]
    assert_operator after[0], :<, before[0] + GROWTH_KIB
    assert_operator after[1], :<=, before[1]
    assert_operator after[2], :<=, before[2]
  ensure
    cache.close
  end

  def work(cache, place, rounds)
    rounds.times do |number|
      round(cache)
      next unless (number % 20).zero?

      DJRedis::Cache.new(place, key_prefix: "of its own").tap { |own| assert_nil own.get("nothing") }.close
      Thread.new { round(cache) }.join
    end
  end

  def round(cache)
    single(cache)
    assert_equal [], cache.set_many({ "a" => VALUE, "b" => "text" })
    assert_equal({ "a" => VALUE, "b" => "text" }, cache.get_many("a", "b", "c"))
    assert_equal %w[a b k n], cache.keys("?").sort
    assert_equal 4, cache.each_key.count
    assert_equal [true, VALUE, true], (cache.batch { |b| b.set("x", VALUE) || b.get("x") || b.delete("x") })
    assert cache.set_raw("bad", "\x80\x05](".b)
    assert_raises(DJRedis::DecodeError) { cache.get("bad") }
    assert_equal 1, cache.lock("lock", ttl: 60) { 1 }
    assert cache.make_key("k") && cache.stats && cache.option("TIMEOUT")
    assert_equal 2, cache.delete_many("a", "bad")
    assert_equal 3, cache.delete_pattern("*")
  end

  def single(cache)
    assert cache.set("k", VALUE)
    assert_equal VALUE, cache.get("k")
    assert_nil cache.get("nothing")
    assert_raises(DJRedis::WrongTypeError) { cache.incr("k") }
    assert cache.set("n", 1)
    assert_equal 2, cache.incr("n")
    assert cache.key?("n") && cache.touch("n", ttl: 60) && cache.ttl("n")
  end

  # The system's thread ends a moment after join of Ruby's.
  def wait_for_threads(most)
    1000.times { threads > most ? sleep(0.01) : return }
  end

  def threads
    Dir.children("/proc/self/task").size
  end

  # Resident KiB, descriptors, threads.
  def size
    GC.start
    [File.read("/proc/self/status")[/VmRSS:\s+(\d+)/, 1].to_i, Dir.children("/proc/self/fd").size, threads]
  end
end
