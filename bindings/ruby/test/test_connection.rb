# frozen_string_literal: true

require_relative "helper"

class TestConnection < DJRedisTest
  def test_commands
    assert_equal "OK", @cache.command("SET", "k", "grün", key_index: 1)
    assert_equal "grün", redis("GET", ":1:k")
    assert_equal "grün", @cache.command(:get, "k", key_index: 1)
    assert_nil @cache.command("GET", "k")
    assert_equal [2, %w[b a]], [@cache.command("LPUSH", "l", "a", "b"), @cache.command("LRANGE", "l", 0, -1)]
    assert_equal "\xff".b, @cache.command("ECHO", "\xff".b)
  end

  def test_bad_commands
    assert_raises(DJRedis::ServerError) { @cache.command("NOSUCH") }
    assert_raises(DJRedis::ArgumentError) { @cache.command }
    assert_raises(DJRedis::ArgumentError) { @cache.command("GET", nil) }
    [2, -1.5, -2, "1"].each { |index| assert_raises(DJRedis::ArgumentError) { @cache.command("GET", "k", key_index: index) } }
    assert_raises(DJRedis::ArgumentError) { @cache.command("SUBSCRIBE", "news") }
  end

  def test_a_connection_of_ones_own
    @cache.set("k", 5)
    result = @cache.with_connection do |c|
      assert_equal "5", c.call("GET", @cache.make_key("k"))
      assert_equal ["OK", 6, "6"], c.pipelined { |p| p.call("SET", "n", 5) || p.call("INCR", "n") || p.call("GET", "n") }
      assert_equal [7], c.multi { |t| t.call("INCR", "n") }
      assert_equal [], c.pipelined { nil }
      :result
    end
    assert_equal :result, result
  end

  def test_errors_in_a_pipeline
    @cache.with_connection do |c|
      error = assert_raises(DJRedis::WrongTypeError) do
        c.pipelined { |p| p.call("SET", "k", "x") || p.call("LPUSH", "k", 1) || p.call("SET", "after", 1) }
      end
      assert_match(/WRONGTYPE/, error.message)
      assert_equal "1", c.call("GET", "after")
      replies = c.pipelined(exception: false) { |p| p.call("LPUSH", "k", 1) || p.call("GET", "k") }
      assert_instance_of DJRedis::WrongTypeError, replies[0]
      assert_equal "x", replies[1]
    end
  end

  def test_a_watched_key_that_changed
    @cache.with_connection do |c|
      c.call("WATCH", "k")
      redis("SET", "k", "theirs")
      assert_nil c.multi { |t| t.call("SET", "k", "mine") }
      assert_equal "theirs", c.call("GET", "k")
    end
  end

  def test_publish_and_subscribe
    @cache.with_connection do |c|
      c.subscribe("news")
      assert_equal ["subscribe", "news", 1], c.receive
      assert_nil c.receive(timeout: 0.05)
      redis("PUBLISH", "news", "grün")
      assert_equal %w[message news grün], c.receive(timeout: nil)
      c.psubscribe("n*")
      assert_equal ["psubscribe", "n*", 2], c.receive
    end
    assert_nil @cache.get("k")
  end

  def test_blocking_commands
    @cache.with_connection do |c|
      assert_raises(DJRedis::TimeoutError) { c.call("BLPOP", "jobs", 0, timeout: 0.1) }
    end
    @cache.with_connection do |c|
      assert_raises(Timeout::Error) { Timeout.timeout(0.1) { c.call("BLPOP", "jobs", 0, timeout: nil) } }
    end
  end

  def test_after_release
    kept = @cache.with_connection { |c| c }
    error = assert_raises(DJRedis::ClosedError) { kept.call("PING") }
    assert_match(/with_connection/, error.message)
    assert_raises(DJRedis::ClosedError) { kept.pipelined { |p| p.call("PING") } }
  end

  def test_it_goes_back_whatever_ends_the_block
    cache = open_cache(max_connections: 1, pool_timeout: 1)
    20.times do
      assert_raises(KeyError) { cache.with_connection { raise KeyError } }
      assert_raises(Timeout::Error) { Timeout.timeout(0.005) { cache.with_connection { |c| c.call("BLPOP", "l", 0, timeout: nil) } } }
      catch(:out) { cache.with_connection { throw :out } }
    end
    assert_nil cache.get("k")
  end

  # A thread that waits on a connection, once it does.
  def waits_for_jobs(connection)
    waiting = Thread.new { connection.call("BLPOP", "jobs", 0, timeout: LONG) }
    Timeout.timeout(LONG) { sleep 0.01 until redis("CLIENT", "LIST").include?("cmd=blpop") }
    waiting
  end

  def test_it_is_for_one_thread_at_a_time
    @cache.with_connection do |c|
      waiting = waits_for_jobs(c)
      assert_match(/another thread/, assert_raises(DJRedis::ArgumentError) { c.call("PING") }.message)
      redis("LPUSH", "jobs", "work")
      assert_equal %w[jobs work], waiting.value
      assert_equal "PONG", c.call("PING")
    end
  end

  def test_the_block_ends_while_another_thread_uses_it
    cache = open_cache(max_connections: 1, pool_timeout: LONG)
    waiting = cache.with_connection { |c| waits_for_jobs(c) }
    redis("LPUSH", "jobs", "work")
    assert_equal %w[jobs work], waiting.value
    assert_equal "PONG", cache.with_connection { |c| c.call("PING") }
  end

  def test_a_trap_handler_must_not_use_it
    seen = nil
    @cache.with_connection do |c|
      before = trap("USR1") { seen = c.call("PING") rescue seen = $! } # rubocop:disable Style/RescueModifier
      Thread.new { sleep(0.1) && Process.kill(:USR1, Process.pid) }
      assert_raises(DJRedis::TimeoutError) { c.call("BLPOP", "jobs", 0, timeout: 0.5) }
      trap("USR1", before)
    end
    assert_kind_of DJRedis::ArgumentError, seen
  end

  def test_in_a_child
    @cache.with_connection do |c|
      pid = fork do
        c.call("PING")
        exit!(1)
      rescue DJRedis::ForkedError
        exit!(@cache.set("k", "child") ? 0 : 2)
      end
      Process.wait(pid)
      assert_equal 0, $?.exitstatus
      assert_equal "PONG", c.call("PING")
    end
  end

  def test_a_server_that_is_away
    cache = DJRedis::Cache.new(nobody, ignore_exceptions: true)
    assert_nil cache.command("PING")
    assert_raises(DJRedis::ConnectionError) { cache.with_connection { flunk } }
  end
end
