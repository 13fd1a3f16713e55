# frozen_string_literal: true

require_relative "helper"

# Threads and forks.
class TestProcesses < DJRedisTest
  # Runs the block in a child. What it returns must be true there.
  def in_child
    pid = fork do
      status = begin
        yield ? 0 : 1
      rescue Exception => error # rubocop:disable Lint/RescueException
        warn error.full_message
        2
      end
      exit!(status)
    end
    Timeout.timeout(LONG) { Process.wait(pid) }
    assert_equal 0, $?.exitstatus
  end

  def test_threads_share_one_cache
    cache = open_cache(max_connections: 4)
    threads = Array.new(8) do |number|
      Thread.new do
        100.times do |round|
          cache.set("#{number}", { "round" => round, "who" => number })
          assert_equal({ "round" => round, "who" => number }, cache.get("#{number}"))
        end
      end
    end
    threads.each(&:join)
  end

  def test_other_threads_run_during_a_wait
    with_silent_server do |location|
      cache = DJRedis::Cache.new(location, socket_timeout: 1)
      waiting = Thread.new { assert_raises(DJRedis::TimeoutError) { cache.get("k") } }
      counted = 0
      counted += 1 while waiting.alive?
      assert_operator counted, :>, 1000
    end
  end

  def test_children_and_parent_go_on
    @cache.set("k", "before")
    5.times do |n|
      in_child { @cache.get("k") == "before" && @cache.set("child#{n}", n) && @cache.get("child#{n}") == n }
      assert_equal n, @cache.get("child#{n}")
    end
  end

  def test_a_fork_while_other_threads_use_the_cache
    busy = true
    threads = Array.new(3) { |n| Thread.new { @cache.set("busy", n) while busy } }
    10.times { |n| in_child { @cache.set("c", n) && @cache.get("c") == n } }
    busy = false
    threads.each(&:join)
  end

  def test_a_scan_belongs_to_its_process
    50.times { |n| @cache.set("k#{n}", n) }
    walk = @cache.each_key("*", itersize: 1)
    walk.next
    in_child do
      walk.size.nil? && 60.times { walk.next } && false
    rescue DJRedis::ForkedError
      true
    end
  end

  def test_a_key_that_changes_during_the_call
    key = +"stable"
    @cache.set("stable", 1)
    changing = Thread.new { 200.times { key.replace(key.start_with?("s") ? "x" * 1000 : "stable") } }
    200.times { assert_includes [1, nil], @cache.get(key) }
    changing.join
  end

  def test_after_close
    @cache.close
    @cache.close
    assert_raises(DJRedis::ClosedError) { @cache.get("k") }
    assert_raises(TypeError) { Marshal.dump(@cache) }
  end
end
