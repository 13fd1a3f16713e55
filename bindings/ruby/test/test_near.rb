# frozen_string_literal: true

require_relative "helper"

# The near cache while other processes write: see tests/near_races.rs, which does the same to the library alone.
class TestNear < DJRedisTest
  WRITERS = 2
  KEYS = 8
  WRITES = 4000
  READERS = 4
  PREFIX = "near-races"
  LIMIT = 60

  def setup
    super
    @near = DJRedis::Cache.new(location, key_prefix: PREFIX, near_cache: 1 << 20)
    @newest = Array.new(KEYS) { |key| key }
    @lock = Mutex.new
    @stop = false
  end

  def teardown
    @near.close
    super
  end

  def test_nobody_goes_back_in_time_while_other_processes_write
    readers = Array.new(READERS) { Thread.new { read(rand(KEYS)) until @stop } }
    Array.new(WRITERS) { |first| start_writer(first) }.each { |writer| assert_predicate(writer.value, :success?) }
    limit = now + LIMIT
    KEYS.times do |key|
      until @near.get(key) == (WRITES * KEYS) + key
        assert_operator now, :<, limit, "the last value of a key is never read"
      end
    end
    @stop = true
    readers.each(&:join)
    assert(@near.stats.values_at("near_hits", "near_misses", "near_invalidations").all?(&:positive?))
  ensure
    @stop = true
  end

  private

  # Another process, which writes every second key from the first on, one after the other. The number tells which key it is.
  def start_writer(first)
    lines = (1..WRITES).flat_map do |turn|
      first.step(KEYS - 1, WRITERS).map { |key| "SET #{PREFIX}:1:#{key} #{(turn * KEYS) + key}" }
    end
    input, writer = Open3.pipeline_w(["redis-cli", "-s", Servers.redis, { out: File::NULL }])
    Thread.new do
      input.puts(lines)
      input.close
    end
    writer.first
  end

  # Nobody may get an older number than somebody has got before it began.
  def read(key)
    floor = @newest[key]
    number = @near.get(key, key)
    raise "#{key}: #{number} after #{floor}" if number % KEYS != key || number < floor

    @lock.synchronize { @newest[key] = [@newest[key], number].max }
  end

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
