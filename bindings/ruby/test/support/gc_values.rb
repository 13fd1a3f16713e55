# frozen_string_literal: true

require "set"

# A bit of everything, to be done while the garbage collector does its worst.
module GCValues
  VALUE = {
    "list" => [1, "two", 3.0, nil], "set" => Set["a"], "time" => Time.at(0).utc, "big" => 2**70, "tuple" => DJRedis::Tuple[1],
    "record" => DJRedis::Record.new("shop.Point", [], { "x" => 1 }, how: "newobj")
  }.freeze

  def use(cache, round)
    value = VALUE.merge("round" => round)
    assert cache.set("k", value, ttl: 60)
    assert_equal value, cache.get("k")
    assert cache.set("short", "v#{round}")
    assert_equal "v#{round}", cache.get("short")
    assert_equal [], cache.set_many({ "a" => "s#{round}", "b" => [round] })
    assert_equal({ "a" => "s#{round}", "b" => [round] }, cache.get_many("a", "b", "c"))
    assert_equal [true, round, nil], cache.batch { |b| b.set("n", round) || b.get("n") || b.get("c") }
    assert_equal %w[a b k n short], cache.keys.sort
    assert_equal %w[a b k n short], cache.each_key.to_a.sort
  end
end
