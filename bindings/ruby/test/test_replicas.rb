# frozen_string_literal: true

require_relative "helper"

# A primary with replicas, and sentinels. The rest is in tests/conformance/cases/replicas.json and sentinels.json.
class TestReplicas < DJRedisTest
  def test_a_dead_replica_is_left_out
    cache = DJRedis::Cache.new([location, nobody], read_your_writes: true)
    cache.set("replicas", 1)
    assert_equal 1, cache.get("replicas")
    assert_equal({ "replicas" => 1 }, cache.get_many(%w[replicas none]))
  ensure
    cache&.close
  end

  def test_a_dead_primary_is_read_around
    DJRedis::Cache.new(location).set("replicas", 2)
    cache = DJRedis::Cache.new([nobody, location])
    assert_equal 2, cache.get("replicas")
    assert_raises(DJRedis::ConnectionError) { cache.set("replicas", 3) }
  ensure
    cache&.close
  end

  def test_sentinels_are_addresses
    sentinels = [{ host: "127.0.0.1", port: 1 }, "127.0.0.1:2"]
    cache = DJRedis::Cache.new("redis://mymaster/0", client_class: "sentinel", sentinels: sentinels)
    assert_equal "127.0.0.1:1,127.0.0.1:2", cache.option("SENTINELS")
    error = assert_raises(DJRedis::ConnectionError) { cache.get("k") }
    assert_includes error.message, "no sentinel of"
  ensure
    cache&.close
  end
end
