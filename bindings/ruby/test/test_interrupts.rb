# frozen_string_literal: true

require_relative "helper"

# What ends a wait: Timeout, Thread#raise, Thread#kill, Ctrl-C, a trap handler that raises. Nothing else does.
class TestInterrupts < DJRedisTest
  Stop = Class.new(StandardError)

  # Every method that can wait.
  CALLS = {
    get: ["k"], get_raw: ["k"], set: ["k", 1], set_raw: ["k", "v"], delete: ["k"], key?: ["k"], move: %w[k l], touch: ["k"], pttl: ["k"],
    incr: ["k"], incr_version: ["k"], get_many: ["k"], get_many_raw: ["k"], set_many: [{ "k" => 1 }], set_many_raw: [{ "k" => "v" }],
    delete_many: ["k"], keys: [], delete_pattern: ["*"], clear: [], lock: ["k"], command: ["PING"]
  }.transform_values { |arguments| ->(cache, name) { cache.__send__(name, *arguments) } }.merge(
    each_key: ->(cache, _) { cache.each_key.to_a }, batch: ->(cache, _) { cache.batch { |b| b.get("k") } },
    with_connection: ->(cache, _) { cache.with_connection { |c| c.call("PING") } },
    pipelined: ->(cache, _) { cache.with_connection { |c| c.pipelined { |p| p.call("PING") } } },
    receive: ->(cache, _) { cache.with_connection { |c| c.send_command("PING") || c.receive } }
  ).freeze

  def with_silent_cache(**options)
    with_silent_server do |location|
      yield DJRedis::Cache.new(location, socket_timeout: LONG, **options)
    end
  end

  CALLS.each do |name, call|
    define_method("test_timeout_ends_#{name}") do
      with_silent_cache do |cache|
        assert_quick { assert_raises(Timeout::Error) { Timeout.timeout(0.1) { call.(cache, name) } } }
      end
    end
  end

  def test_that_is_every_function_that_can_wait
    waits = DJRedis::ABI::PROTOTYPES.select { |_, (_, _, wait)| wait }.keys.map { |name| name.to_s.sub("djredis_cache_", "").to_sym }
    # Payloads are Python's; encode, decode and decode_many never wait; the others are in calls of other names.
    others = %i[set_payload set_many_payload encode decode decode_many close has_key ttl extend unlock djredis_scan_next djredis_conn_acquire
                djredis_conn_command djredis_conn_pipeline djredis_conn_send djredis_conn_receive]
    assert_empty waits - CALLS.keys - others
  end

  def test_thread_raise
    with_silent_cache do |cache|
      thread = Thread.new { cache.get("k") }
      thread.report_on_exception = false
      sleep 0.2
      thread.raise(Stop, "enough")
      assert_quick { assert_equal "enough", assert_raises(Stop) { thread.join }.message }
    end
  end

  def test_thread_kill_runs_ensure_and_gives_the_connection_back
    with_silent_cache(max_connections: 1) do |cache|
      20.times do
        cleaned = false
        begun = Queue.new
        thread = Thread.new do
          begun << true
          cache.get("k")
        ensure
          cleaned = true
        end
        begun.pop && sleep(0.02)
        assert_quick { thread.kill.join }
        assert cleaned
      end
      # The only connection of the pool is free: this waits for the server, not for the pool.
      assert_quick { assert_raises(Timeout::Error) { Timeout.timeout(0.2) { cache.get("k") } } }
    end
  end

  def test_many_timeouts_lose_no_connection
    with_silent_cache(max_connections: 2, pool_timeout: 1) do |cache|
      threads = Array.new(2) do
        Thread.new do
          50.times { assert_raises(Timeout::Error) { Timeout.timeout(0.01) { cache.get("k") } } }
        end
      end
      assert_quick { threads.each(&:join) }
    end
  end

  def test_a_deferred_kill_ends_the_wait_after_the_call
    with_silent_cache do |cache|
      seen = nil
      thread = Thread.new do
        Thread.handle_interrupt(Object => :never) do
          cache.get("k")
        rescue DJRedis::InterruptedError => error
          seen = error
        end
      end
      sleep 0.2
      assert_quick { thread.kill.join }
      assert_equal DJRedis::ABI::ERR_INTERRUPTED, seen.status
    end
  end

  def test_a_harmless_signal_goes_on_with_the_wait
    ran = 0
    before = trap("USR1") { ran += 1 }
    with_silent_server do |location|
      cache = DJRedis::Cache.new(location, socket_timeout: 1)
      signals = Thread.new { 5.times { sleep(0.1) && Process.kill(:USR1, Process.pid) } }
      assert_raises(DJRedis::TimeoutError) { cache.get("k") }
      signals.join
    end
    assert_operator ran, :>=, 3
  ensure
    trap("USR1", before)
  end

  def test_the_end_of_a_child_does_not_fail_a_call
    reaped = 0
    before = trap("CHLD") { reaped += 1 }
    with_silent_server do |location|
      cache = DJRedis::Cache.new(location, socket_timeout: 1)
      child = spawn("sleep 0.2")
      assert_raises(DJRedis::TimeoutError) { cache.get("k") }
      Process.wait(child)
    end
    assert_operator reaped, :>=, 1
  ensure
    trap("CHLD", before || "DEFAULT")
  end

  def test_what_a_trap_handler_raises_ends_the_call
    before = trap("USR1") { raise Stop, "from the handler" }
    with_silent_cache do |cache|
      Thread.new { sleep(0.2) && Process.kill(:USR1, Process.pid) }
      assert_quick { assert_equal "from the handler", assert_raises(Stop) { cache.get("k") }.message }
    end
  ensure
    trap("USR1", before)
  end

  def test_ctrl_c
    program = <<~RUBY
      require "djredis"
      $stdout.sync = true
      begin
        puts "waiting"
        DJRedis::Cache.new(ARGV[0], socket_timeout: #{LONG}).get("k")
      rescue Interrupt
        puts "interrupted"
      end
    RUBY
    with_silent_server do |location|
      IO.popen([RbConfig.ruby, "-I", File.expand_path("../lib", __dir__), "-e", program, location]) do |output|
        assert_equal "waiting\n", output.gets
        sleep 0.5
        Process.kill(:INT, output.pid)
        assert_quick { assert_equal "interrupted\n", output.gets }
      end
    end
  end

  def test_a_trap_handler_may_use_the_cache
    seen = nil
    before = trap("USR1") { seen = @cache.get("k") }
    @cache.set("k", "from Redis")
    with_silent_server do |location|
      slow = DJRedis::Cache.new(location, socket_timeout: 0.5)
      Thread.new { sleep(0.1) && Process.kill(:USR1, Process.pid) }
      assert_raises(DJRedis::TimeoutError) { slow.get("k") }
    end
    assert_equal "from Redis", seen
  ensure
    trap("USR1", before)
  end

  # Thread#raise at random moments of taking, using and giving back the only connection.
  def test_a_connection_is_given_back_at_whatever_moment
    cache = open_cache(max_connections: 1, pool_timeout: LONG)
    main = Thread.current
    500.times do
      raising = Thread.new { sleep(rand(0.0001..0.002)) && main.raise(Stop) }
      assert_raises(Stop) do
        cache.with_connection { |c| loop { assert_equal ["a", ["b"]], [c.call("ECHO", "a"), c.pipelined { |p| p.call("ECHO", "b") }] } }
      end
      raising.join
    end
    assert_nil cache.get("none")
  end

  # The one moment that chance seldom finds: what marks it as in use was just taken.
  def test_a_connection_is_given_back_where_its_mark_was_just_taken
    cache = open_cache(max_connections: 1, pool_timeout: LONG)
    assert_raises(Stop) do
      cache.with_connection do |c|
        mark = c.instance_variable_get(:@in_use)
        mark.define_singleton_method(:try_lock) { super().tap { singleton_class.remove_method(:try_lock) && raise(Stop) } }
        c.call("PING")
      end
    end
    assert_nil cache.get("none")
  end

  # A late reply must not reach the next call: interrupts at random moments of real calls.
  def test_an_interrupted_connection_is_not_used_again
    @cache.set_many((0...50).to_h { |n| [n.to_s, n] })
    interrupted = 0
    100.times do
      Timeout.timeout(0.003) do
        loop { 50.times { |n| assert_equal n, @cache.get(n.to_s) } }
      end
    rescue Timeout::Error
      interrupted += 1
    end
    assert_equal 100, interrupted
  end
end
