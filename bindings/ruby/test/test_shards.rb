# frozen_string_literal: true

require_relative "helper"

# Keys spread over servers while one of them is away. The rest is in tests/conformance/cases/shards.json.
class TestShards < DJRedisTest
  KEYS = Array.new(60) { |number| "key#{number}" }.freeze

  def halves(**options)
    DJRedis::Cache.new([location, nobody], client_class: "shard", **options)
  end

  def test_a_dead_server_costs_its_own_keys_alone
    cache = halves
    failed = cache.set_many(KEYS.to_h { |key| [key, key] })
    assert_includes 1...KEYS.size, failed.size
    error = assert_raises(DJRedis::ConnectionError) { cache.get_many(KEYS) }
    assert_equal KEYS - failed, error.found.keys
    error = assert_raises(DJRedis::ConnectionError) { cache.get_many_raw(KEYS) }
    assert_equal KEYS - failed, error.found.keys
    assert_raises(DJRedis::UnsupportedError) { cache.with_connection { nil } }
    assert_raises(DJRedis::UnsupportedError) { cache.command("DBSIZE") }
  ensure
    cache&.close
  end

  def test_what_is_ignored_is_missing
    cache = halves(ignore_exceptions: true)
    failed = cache.set_many(KEYS.to_h { |key| [key, key] })
    assert_equal KEYS - failed, cache.get_many(KEYS).keys
    assert_equal KEYS - failed, cache.keys("key*").sort_by { |key| key[/\d+/].to_i }
    assert_equal KEYS.size - failed.size, cache.delete_many(KEYS)
  ensure
    cache&.close
  end
end
