# frozen_string_literal: true

require_relative "helper"

# Forks in every state (support/forked.rb): a handful of each here, a thousand where DJREDIS_FAULTS is whole.
class TestForks < DJRedisTest
  WHOLE = ENV["DJREDIS_FAULTS"] == "whole"
  FORKS = WHOLE ? 1000 : 5
  STATES = %w[idle busy waiting subscribed scanning].freeze
  A_FEW = WHOLE ? STATES : %w[busy].freeze
  PROGRAM = File.expand_path("support/forked.rb", __dir__)

  def check(state, location)
    command = [RbConfig.ruby, "-I", File.expand_path("../lib", __dir__), PROGRAM, state, location, FORKS.to_s]
    output, status = Open3.capture2e(*command)
    assert_equal ["all is well\n", true], [output, status.success?], state
  end

  def test_children
    STATES.each { |state| check(state, "unix:#{Servers.redis}:7") }
  end

  def test_children_over_tls
    A_FEW.each { |state| check(state, Servers.encrypted) }
  end

  # There are no subscriptions in memory.
  def test_children_in_memory
    (A_FEW - %w[subscribed]).each { |state| check(state, "memory:#{state}") }
  end
end
