# frozen_string_literal: true

# Runs the garbage collector at every allocation of a step, with DJREDIS_GC_STRESS=minor or =full; see `make
# conformance-stress-ruby`. It moves nothing: with automatic compaction on top, CRuby 3.1.2 with ffi 1.15.5 marks objects that
# are gone, at the first step, before that has called the library. TestCompaction does it.
module Stress
  # The collections that Ruby is asked for: 1 leaves out those of old objects, which are many times slower.
  KINDS = { "minor" => 1, "full" => true }.freeze
  KIND = KINDS.fetch(ENV.fetch("DJREDIS_GC_STRESS", "minor"))
  # A step with a large value would take for ever: from then on it goes on without. The runner waits a minute.
  SECONDS = 10

  def answer(step)
    limit = Thread.new { sleep(SECONDS) && GC.stress = false }
    GC.stress = KIND
    super
  ensure
    GC.stress = false
    limit.kill
  end
end
