# frozen_string_literal: true

require_relative "helper"

class TestLocks < DJRedisTest
  def test_a_block_has_the_lock
    result = @cache.lock("l", ttl: 30) do |lock|
      assert_equal lock.token, redis("GET", ":1:l")
      assert_raises(DJRedis::LockTakenError) { @cache.lock("l", ttl: 30) { flunk } }
      :done
    end
    assert_equal :done, result
    refute @cache.key?("l")
  end

  def test_locks_in_locks
    @cache.lock("taken", ttl: 30)
    assert_raises(DJRedis::LockTakenError) { @cache.lock("outer", ttl: 30) { @cache.lock("taken", ttl: 30) { flunk } } }
    refute @cache.key?("outer")
  end

  def test_without_a_block
    lock = @cache.lock("l", ttl: 30)
    assert_same lock, lock.renew(ttl: 60)
    assert_equal 60, @cache.ttl("l")
    assert_nil lock.release
    assert_raises(DJRedis::LockLostError) { lock.release }
    assert_raises(DJRedis::LockLostError) { lock.renew }
  end

  def test_waiting_for_it
    @cache.lock("l", ttl: 0.2)
    assert_equal 1, @cache.lock("l", ttl: 5, wait: LONG) { 1 }
  end

  def test_a_lock_that_was_lost
    assert_raises(DJRedis::LockLostError) { @cache.lock("l", ttl: 5) { @cache.set("l", "somebody else's") } }
    assert_equal "somebody else's", @cache.get("l")
  end

  def test_what_the_block_raises_counts_more
    assert_raises(KeyError) do
      @cache.lock("l", ttl: 5) do
        @cache.delete("l")
        raise KeyError
      end
    end
  end

  def test_it_is_given_up_whatever_ends_the_block
    assert_raises(Timeout::Error) { Timeout.timeout(0.1) { @cache.lock("l", ttl: 60) { sleep } } }
    refute @cache.key?("l")
    thread = Thread.new { @cache.lock("l", ttl: 60) { sleep } }
    sleep 0.01 until @cache.key?("l")
    thread.kill.join
    refute @cache.key?("l")
    catch(:out) { @cache.lock("l", ttl: 60) { throw :out } }
    refute @cache.key?("l")
  end

  def test_timeouts_at_random_moments_leave_no_lock
    200.times do
      Timeout.timeout(0.0005) { @cache.lock("l", ttl: 60) { sleep } }
    rescue Timeout::Error
      refute @cache.key?("l")
    end
  end

  def test_threads_take_turns
    inside = 0
    threads = Array.new(4) do
      Thread.new do
        5.times do
          @cache.lock("l", ttl: 30, wait: LONG) do
            assert_equal 1, inside += 1
            sleep 0.001
            inside -= 1
          end
        end
      end
    end
    threads.each(&:join)
  end

  def test_bad_arguments
    assert_raises(DJRedis::ArgumentError) { @cache.lock("l", ttl: Float::NAN) { flunk } }
    assert_raises(DJRedis::ArgumentError) { @cache.lock("l", token: "") { flunk } }
  end
end
