# frozen_string_literal: true

require_relative "helper"

# What goes wrong, and what is said about it.
class TestErrors < DJRedisTest
  SECRET = "s3cr3t-pass"

  def test_every_status_has_a_class
    statuses = DJRedis::ABI.constants.grep(/\AERR_/).map { |name| DJRedis::ABI.const_get(name) }
    assert_equal statuses.sort, DJRedis::BY_STATUS.keys.sort
    DJRedis::BY_STATUS.each_value { |error| assert_operator error, :<, DJRedis::Error }
  end

  def test_bad_options
    assert_match(/unknown option colour/i, config_error(colour: 1))
    assert_match(/SOCKET_TIMEOUT/i, config_error(socket_timeout: -1))
    assert_raises(DJRedis::ConfigError) { DJRedis::Cache.new(nil) }
    assert_raises(DJRedis::ConfigError) { DJRedis::Cache.new([]) }
    assert_raises(DJRedis::ConfigError) { DJRedis::Cache.new(["a,b:1"]) }
  end

  def config_error(**options)
    assert_raises(DJRedis::ConfigError) { open_cache(**options) }.message
  end

  def test_nobody_listens
    error = assert_raises(DJRedis::ConnectionError) { DJRedis::Cache.new(nobody).get("k") }
    assert_predicate error, :retryable?
    assert_equal(-5, error.status)
  end

  def test_a_silent_server
    with_silent_server do |location|
      error = assert_raises(DJRedis::TimeoutError) { DJRedis::Cache.new(location, socket_timeout: 0.2).get("k") }
      assert_match(/127\.0\.0\.1/, error.message)
    end
  end

  def test_stored_bytes_that_can_not_be_read
    redis("SET", ":1:k", "no pickle")
    error = assert_raises(DJRedis::DecodeError) { @cache.get("k") }
    assert_equal "no pickle", error.stored
    assert_nil open_cache(decode_error: "miss").get("k")
  end

  def test_a_wrong_type
    redis("LPUSH", ":1:list", "x")
    assert_raises(DJRedis::WrongTypeError) { @cache.get("list") }
    @cache.set("text", "x")
    assert_raises(DJRedis::WrongTypeError) { @cache.incr("text") }
  end

  def test_no_password_is_ever_shown
    cache = DJRedis::Cache.new("redis://user:#{SECRET}@#{nobody.delete_suffix(':0')}/0")
    texts = [cache.inspect, cache.option("PASSWORD"), assert_raises(DJRedis::ConnectionError) { cache.get("k") }.full_message]
    texts << assert_raises(DJRedis::ConfigError) { DJRedis::Cache.new("redis://u:#{SECRET}@h:1/x?db=y") }.full_message
    texts.each { |text| refute_includes text, SECRET }
  end

  def test_ignored_errors_are_an_empty_cache_and_logged
    log = StringIO.new
    DJRedis.logger = Logger.new(log)
    cache = DJRedis::Cache.new(nobody, ignore_exceptions: true, log_ignored_exceptions: true)
    assert_equal 7, cache.get("k", 7)
    assert_equal [false, false, false, false], [cache.set("k", 1), cache.key?("k"), cache.delete("k"), cache.clear]
    assert_equal [{}, ["k"], 0, 0], [cache.get_many("k"), cache.set_many({ "k" => 1 }), cache.delete_many("k"), cache.ttl("k")]
    assert_equal [[], [], 0], [cache.keys, cache.each_key.to_a, cache.delete_pattern("*")]
    assert_nil cache.incr("k")
    assert_equal 3, cache.fetch("k") { 3 }
    assert_operator log.string.scan("ignored").size, :>=, 12
  ensure
    DJRedis.logger = nil
  end
end
