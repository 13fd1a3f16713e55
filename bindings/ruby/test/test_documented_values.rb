# frozen_string_literal: true

require_relative "helper"
require "json"
require "msgpack"
require "yaml"

# The tables of docs/ruby.md: each cell is tried.
class TestDocumentedValues < DJRedisTest
  PAGE = File.read(File.expand_path("../../../docs/ruby.md", __dir__), encoding: "UTF-8")
  REFUSALS = { "refused" => DJRedis::EncodeError, "unreadable" => DJRedis::DecodeError }.freeze
  # Reads sources of values; writes what they make, and what stands under the keys 0, 1, ...
  PYTHON = <<~'PYTHON'
    import json, pickle, subprocess, sys
    from collections import Counter, OrderedDict, defaultdict, deque
    from datetime import date, datetime, time, timedelta, timezone
    from decimal import Decimal
    from fractions import Fraction
    from types import SimpleNamespace
    from uuid import UUID
    from zoneinfo import ZoneInfo
    def redis(*arguments, data=None):
        return subprocess.run(["redis-cli", "-s", sys.argv[1], *arguments], input=data, capture_output=True, check=True).stdout
    def stored(n):
        data = redis("GET", f":1:{n}")[:-1]
        return int(data) if data.lstrip(b"-").isdigit() else pickle.loads(data)
    sources = json.load(sys.stdin)
  PYTHON

  def python(program, sources)
    out, err, status = Open3.capture3("python3", "-c", PYTHON + program, Servers.redis, stdin_data: JSON.generate(sources))
    raise err unless status.success?

    JSON.parse(out)
  end

  def same_to_python(sources)
    python(<<~'PYTHON', sources)
      print(json.dumps([[ascii(eval(source)), ascii(stored(n))] for n, source in sources.items()]))
    PYTHON
  end

  # The rows of the table with this header, cell by cell.
  def table(*header)
    found = PAGE[/^\| #{Regexp.escape(header.join(' | '))} \|\n\|[-|]+\n((?:\|.*\n)+)/, 1]
    rows = found.lines.map { |line| line.chomp.delete_prefix("|").split("|").map(&:strip) }
    rows.each { |row| assert_equal header.size, row.size, row.inspect }
  end

  def code(cell)
    cell[/\A`(.*)`\z/, 1]
  end

  def made(cell)
    eval(code(cell)) # rubocop:disable Security/Eval
  end

  # A Date that was read is Gregorian throughout, which is seen before 1582 alone.
  def shown(value)
    value.instance_of?(Date) ? value.iso8601 : value.inspect
  end

  def assert_same(expected, found, message)
    assert_equal [expected.class, shown(expected)], [found.class, shown(found)], message
    assert_equal expected.encoding, found.encoding, message if expected.is_a?(String)
    assert_equal expected.frozen?, found.frozen?, message if expected.is_a?(Set)
  end

  # What `get` answers with a serializer, by what a cell says.
  def assert_cell(cache, stored, cell)
    label = "#{stored} | #{cell} | #{cache.option(:serializer)}"
    read = lambda do
      cache.set("k", made(stored))
      cache.get("k")
    end
    refusal = REFUSALS[cell]
    return assert_raises(refusal, label, &read) if refusal

    assert_same(made(cell == "same" ? stored : cell), read.call, label)
  end

  def test_what_comes_back_by_each_serializer
    caches = %i[pickle json msgpack raw].map { |name| open_cache(serializer: name) }
    rows = table("Ruby stores", "Python reads a pickle", "`:pickle`", "`:json`", "`:msgpack`", "`:raw`")
    assert_operator rows.size, :>, 30
    rows.each { |stored, _, *cells| cells.zip(caches) { |cell, cache| assert_cell(cache, stored, cell) } }
  end

  def test_what_comes_back_by_serializers_of_ones_own
    kinds = [Marshal, JSON, YAML, MessagePack]
    table("Ruby stores", *kinds.map { |kind| "`#{kind == YAML ? 'YAML' : kind}`" }).each do |stored, *cells|
      cells.zip(kinds) { |cell, kind| assert_cell(open_cache(serializer: kind), stored, cell) }
    end
  end

  def test_what_python_reads
    rows = table("Ruby stores", "Python reads a pickle", "`:pickle`", "`:json`", "`:msgpack`", "`:raw`")
    sources = {}
    rows.each.with_index do |(stored, python), n|
      next unless code(python)

      @cache.set(n, made(stored))
      sources[n] = code(python)
    end
    assert_operator sources.size, :>, 30
    same_to_python(sources).each { |expected, found| assert_equal expected, found }
  end

  def test_what_python_stores
    rows = table("Python stores", "Ruby reads", "Python reads again")
    python(<<~'PYTHON', rows.map { |row| code(row[0]) })
      for n, source in enumerate(sources):
          redis("-x", "SET", f":1:{n}", data=pickle.dumps(eval(source)))
      print("null")
    PYTHON
    again = {}
    rows.each.with_index do |(stored, ruby, back), n|
      found = @cache.get(n)
      assert_same(made(ruby), found, stored)
      @cache.set(n, found)
      again[n] = code(back == "same" ? stored : back) if back == "same" || code(back)
    end
    same_to_python(again).each { |expected, read| assert_equal expected, read }
  end
end
