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

  def test_a_fork_in_a_thread
    @cache.set("k", 1)
    Thread.new { in_child { @cache.incr("k") == 2 && Thread.new { @cache.incr("k") }.value == 3 } }.join
    assert_equal 3, @cache.get("k")
  end

  # Its finalizers run: they must not take the parent's connections along.
  def test_a_child_that_ends_as_programs_do
    @cache.set("k", 1)
    @cache.with_connection do |c|
      3.times do
        pid = fork do
          @cache.get("k")
          GC.start
        end
        Timeout.timeout(LONG) { Process.wait(pid) }
        assert_predicate $?, :success?
        assert_equal ["PONG", 1], [c.call("PING"), @cache.get("k")]
      end
    end
  end

  def test_grandchildren
    in_child do
      pid = fork { exit!(@cache.set("k", "grandchild") ? 0 : 1) }
      Process.wait(pid)
      $?.success? && @cache.get("k") == "grandchild"
    end
    assert_equal "grandchild", @cache.get("k")
  end

  def test_a_closed_cache_in_a_child_is_not_closed_in_the_parent
    in_child { @cache.close.nil? }
    assert @cache.set("k", 1)
  end

  def test_threads_that_end_leave_nothing_behind
    cache = open_cache(max_connections: 2, pool_timeout: LONG)
    50.times { |n| Thread.new { cache.set("k", n) }.join }
    assert_equal 49, cache.get("k")
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

  AFTER_CLOSE = {
    get: ["k"], set: ["k", 1], get_many: ["k"], set_many: [{ "k" => 1 }], delete_many: ["k"], keys: [], clear: [], touch: ["k"],
    incr: ["k"], move: %w[k l], lock: ["k"], command: ["PING"], fetch: ["k"], delete_pattern: ["*"]
  }.freeze

  def test_after_close
    shared = @cache.within(1)
    walk = @cache.each_key if @cache.set("k", 1)
    @cache.close
    @cache.close
    AFTER_CLOSE.each do |name, arguments|
      assert_raises(DJRedis::ClosedError, name) { @cache.__send__(name, *arguments) { flunk } }
      assert_raises(DJRedis::ClosedError, name) { shared.__send__(name, *arguments) { flunk } }
    end
    assert_raises(DJRedis::ClosedError) { walk.next }
    assert_raises(DJRedis::ClosedError) { @cache.batch { |b| b.get("k") } }
    assert_raises(DJRedis::ClosedError) { @cache.with_connection { flunk } }
  end

  def test_a_close_waits_for_calls_that_run
    cache = open_cache
    busy = Thread.new { cache.command("BLPOP", "jobs", 0) }
    Timeout.timeout(LONG) { sleep 0.01 until redis("CLIENT", "LIST").include?("cmd=blpop") }
    closing = Thread.new { cache.close }
    redis("LPUSH", "jobs", "work")
    assert_equal %w[jobs work], busy.value
    closing.join
    assert_raises(DJRedis::ClosedError) { cache.get("k") }
  end

  def test_it_is_not_marshalled
    assert_raises(TypeError) { Marshal.dump(@cache) }
  end
end
