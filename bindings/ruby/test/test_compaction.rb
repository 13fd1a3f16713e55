# frozen_string_literal: true

require_relative "helper"
require_relative "support/gc_values"

# The garbage collector, whatever it moves.
class TestCompaction < DJRedisTest
  include GCValues

  def setup
    super
    skip "this Ruby does not compact" unless compacts?
  end

  def teardown
    GC.auto_compact = false if GC.respond_to?(:auto_compact=) && compacts?
    super
  end

  # Whether this Ruby can move objects here.
  def compacts?
    GC.respond_to?(:compact) && GC.compact && true
  rescue NotImplementedError
    false
  end

  def test_compaction_in_another_thread
    done = false
    compacting = Thread.new { GC.compact until done }
    30.times { |round| use(@cache, round) }
  ensure
    done = true
    compacting&.join
  end

  def test_automatic_compaction
    skip "this Ruby does not compact by itself" unless GC.respond_to?(:auto_compact=)

    GC.auto_compact = true
    30.times do |round|
      GC.start
      use(@cache, round)
    end
  end
end
