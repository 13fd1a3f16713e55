# frozen_string_literal: true

require "json"

# Measures sides that take turns, and prints a line of JSON for each peer.
class Measure
  WARM_UP = 80
  # Microseconds per call.
  Cost = Struct.new(:wall, :cpu)

  def initialize(language, rounds, milliseconds)
    @language = language
    @rounds = rounds
    @microseconds = milliseconds * 1000
  end

  def versions(text)
    puts JSON.generate(language: @language, versions: text)
  end

  # @param sides [Hash{String => Method}] the peers', and "ours"
  def compare(workload, sides, threads: 1)
    found = rounds(sides, threads)
    ours = found.delete("ours")
    found.each { |peer, theirs| report(workload, peer, theirs, ours) }
  end

  private

  # Every other round is in the opposite order.
  def rounds(sides, threads)
    calls = calls_for(sides, threads)
    order = sides.keys
    found = sides.transform_values { [] }
    @rounds.times do
      order.each { |name| found[name] << measure(sides[name], calls, threads) }
      order.reverse!
    end
    found
  end

  # How many calls take one round, for the sides' mean; a multiple of the threads.
  def calls_for(sides, threads)
    sides.each_value { |call| run(call, WARM_UP, threads) }
    mean = sides.values.sum { |call| measure(call, WARM_UP, threads).wall } / sides.size
    [1, (@microseconds / mean / threads).round].max * threads
  end

  def measure(call, calls, threads)
    wall = now(Process::CLOCK_MONOTONIC)
    cpu = now(Process::CLOCK_PROCESS_CPUTIME_ID)
    run(call, calls, threads)
    Cost.new((now(Process::CLOCK_MONOTONIC) - wall) / calls, (now(Process::CLOCK_PROCESS_CPUTIME_ID) - cpu) / calls)
  end

  def run(call, calls, threads)
    return repeat(call, calls) if threads == 1

    Array.new(threads) { Thread.new { repeat(call, calls / threads) } }.each(&:join)
  end

  def repeat(call, calls)
    while calls.positive?
      call.call
      calls -= 1
    end
  end

  def now(clock)
    Process.clock_gettime(clock, :float_microsecond)
  end

  def report(workload, peer, theirs, ours)
    puts JSON.generate(
      language: @language, workload: workload, peer: peer,
      peer_us: median(theirs.map(&:wall)), ours_us: median(ours.map(&:wall)),
      ratio: median(theirs.zip(ours).map { |them, us| them.wall / us.wall }),
      peer_cpu: median(theirs.map(&:cpu)), ours_cpu: median(ours.map(&:cpu))
    )
    $stdout.flush
  end

  def median(numbers)
    sorted = numbers.sort
    (sorted[(sorted.size - 1) / 2] + sorted[sorted.size / 2]) / 2
  end
end
