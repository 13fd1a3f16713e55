# frozen_string_literal: true

# Random calls from four threads through a proxy that breaks connections: see main.rs.
#
#   faults.rb LOCATION CALLS SEED

require "djredis"

THREADS = 4
OWN = 10
SHARED = 50
HANG = 10
EXPECTED = [DJRedis::ConnectionError, DJRedis::PoolError, DJRedis::ProtocolError, DJRedis::TimeoutError].freeze
OPERATIONS = %i[get get set set set delete incr get_many has_key get_shared].freeze

# What stands under a key: it names the key, and the write that made it.
def text_of(key, serial)
  serial && "#{key} #{serial} #{'x' * (serial % 50 == 49 ? 5000 : serial % 100)}"
end

# One thread's calls. It knows what stands under its own keys, so it knows each right answer.
class Worker
  attr_reader :tally

  def initialize(cache, number, seed)
    @cache = cache
    @number = number
    @random = Random.new(seed * 1000 + number)
    @next = @highest = 0
    @tally = Hash.new(0)
    # The serial numbers of the own keys' values.
    @own = Array.new(OWN) { [new_key, nil] }.to_h
  end

  def run(calls)
    calls.times do
      begun = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      @tally[:calls] += 1
      send(OPERATIONS.sample(random: @random), @own.keys.sample(random: @random))
      @tally[:hangs] += 1 if Process.clock_gettime(Process::CLOCK_MONOTONIC) - begun > HANG
    end
  end

  private

  def serial = @next += 1
  def new_key = "own#{@number}-#{serial}"

  def judge(what, answer, right)
    return if right

    @tally[:wrong] += 1
    warn "#{what}: #{answer.inspect}"[0, 500]
  end

  # An error that says that the connection failed is as good as an answer; any other is a wrong one.
  def failed(error)
    @tally[:failed] += 1
    judge("error", error, EXPECTED.include?(error.class) && !error.message.empty?)
  end

  def read(what, right)
    answer = yield
    judge(what, answer, answer == right)
  rescue DJRedis::Error => e
    failed(e)
  end

  # A write that may have been done all the same costs the key.
  def write(what, key, right, serial)
    answer = yield
    judge(what, answer, answer == right)
    @own[key] = serial
  rescue DJRedis::Error => e
    failed(e)
    return if e.retryable?

    @own.delete(key)
    @own[new_key] = nil
  end

  def get(key) = read("get", text_of(key, @own[key])) { @cache.get(key) }
  def has_key(key) = read("key?", !@own[key].nil?) { @cache.key?(key) }
  def delete(key) = write("delete", key, !@own[key].nil?, nil) { @cache.delete(key) }

  def get_shared(_key)
    key = "shared#{@random.rand(SHARED)}"
    read("get", text_of(key, 1)) { @cache.get(key) }
  end

  def get_many(_key)
    read("get_many", @own.compact.to_h { |key, serial| [key, text_of(key, serial)] }) { @cache.get_many(@own.keys) }
  end

  def set(key)
    number = serial
    write("set", key, true, number) { @cache.set(key, text_of(key, number)) }
  end

  def incr(_key)
    counted = @cache.incr("count#{@number}")
    @tally[:acknowledged] += 1
    judge("incr", counted, counted > @highest && counted <= @tally[:acknowledged] + @tally[:in_doubt])
    @highest = counted
  rescue DJRedis::Error => e
    failed(e)
    @tally[:in_doubt] += 1 unless e.retryable?
  end
end

location, calls, seed = ARGV
cache = DJRedis::Cache.new(location)
workers = Array.new(THREADS) { |number| Worker.new(cache, number, Integer(seed)) }
workers.map { |worker| Thread.new { worker.run(Integer(calls) / THREADS) } }.each(&:join)
names = %i[calls failed wrong hangs acknowledged in_doubt]
puts names.map { |name| "#{name}=#{workers.sum { |worker| worker.tally[name] }}" }.join(" ")
