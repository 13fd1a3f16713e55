# frozen_string_literal: true

# Runs the garbage collector at every allocation of a step, with DJREDIS_GC_STRESS=minor or =full; see `make
# conformance-stress-ruby`.
module Stress
  # The collections that Ruby is asked for: 1 leaves out those of old objects, which are many times slower.
  KINDS = { "minor" => 1, "full" => true }.freeze
  KIND = KINDS.fetch(ENV.fetch("DJREDIS_GC_STRESS", "minor"))
  # A step with a large value would take for ever: from then on it goes on without. The runner waits a minute.
  SECONDS = 10

  # Objects move too, but with minor alone: CRuby 3.1.2 under full stress then marks objects of its own that are gone.
  def self.extended(_driver)
    GC.auto_compact = true if KIND != true && GC.respond_to?(:auto_compact=)
  rescue NotImplementedError
    nil # no compaction on this machine
  end

  def answer(step)
    limit = Thread.new { sleep(SECONDS) && GC.stress = false }
    GC.stress = KIND
    super
  ensure
    GC.stress = false
    limit.kill
  end
end
