# frozen_string_literal: true

require_relative "helper"
require_relative "support/gc_values"

# The garbage collector, whenever it runs. The whole conformance suite runs under it with
# `make conformance-stress-ruby`.
class TestGC < DJRedisTest
  include GCValues

  def teardown
    GC.stress = false
    super
  end

  # As an Integer: without the collections of old objects, which are many times slower.
  def test_stress
    GC.stress = 1
    3.times { |round| use(@cache, round) }
  end

  def test_stress_with_a_serializer_of_ones_own
    cache = open_cache(serializer: Marshal, compressor: "zlib")
    GC.stress = 1
    use(cache, 0)
  end

  def test_full_stress
    GC.stress = true
    assert @cache.set("k", VALUE, ttl: 60)
    assert_equal VALUE, @cache.get("k")
    assert_equal [], @cache.set_many({ "a" => "x", "b" => [1] })
    assert_equal({ "a" => "x", "b" => [1] }, @cache.get_many("a", "b", "c"))
  end

  def test_stress_on_a_connection
    GC.stress = true
    @cache.with_connection { |c| assert_equal %w[PONG PONG], c.pipelined { |p| p.call("PING") || p.call("PING") } }
    assert_equal 1, @cache.lock("l", ttl: 60) { 1 }
    assert_raises(DJRedis::WrongTypeError) { @cache.incr("l") if @cache.set("l", "text") }
  end

  def test_caches_and_scans_are_freed_in_any_order
    20.times do
      cache = open_cache
      cache.set("k", 1)
      cache.each_key.next
    end
    3.times { GC.start }
    assert_equal 1, @cache.get("k")
  end

  def test_slots_are_used_again
    100.times { |n| @cache.set("k#{n}", "v") && @cache.get("k#{n}") }
    before = DJRedis::Slots::FREE.size
    threads = Array.new(10) { |n| Thread.new { 20.times { @cache.get("k#{n}") } } }
    threads.each(&:join)
    # Not one for each thread that ever was.
    20.times { Thread.new { @cache.get("k1") }.join }
    assert_operator DJRedis::Slots::FREE.size, :<=, [before, 10].max
  end

  def test_a_large_reply_is_not_kept
    @cache.set("large", "x" * 1_000_000)
    assert_equal 1_000_000, @cache.get("large").size
    kept = Array.new(DJRedis::Slots::FREE.size) { DJRedis::Slots::FREE.pop(true) }
    assert_operator kept.sum { |slot| slot.get_uint64(DJRedis::Slots::LEN) }, :<, 100_000
    kept.each { |slot| DJRedis::Slots::FREE.push(slot) }
  end

  def test_memory_stays
    use = ->(rounds) { rounds.times { |n| @cache.set("k", VALUE) && @cache.get("k") && @cache.get_many("k", "x#{n}") } }
    use.(1000)
    before = resident
    use.(3000)
    GC.start
    assert_operator resident - before, :<, 20_000
  end

  # Kilobytes.
  def resident
    File.read("/proc/self/status")[/VmRSS:\s+(\d+)/, 1].to_i
  end
end
