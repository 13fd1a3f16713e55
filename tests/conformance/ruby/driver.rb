# frozen_string_literal: true

# The conformance driver for Ruby: one step in, one result out. See ../README.md.

require "json"
require "logger"
require "djredis"
require_relative "batch"
require_relative "stress"
require_relative "values"

# A Ruby program sees replies of Redis as text where they are UTF-8. The cases tell statuses and strings apart.
module RepliesAsTheyCame
  def build(type, integer, data, replies: false)
    super(type, integer, data)
  end
end
DJRedis::Values.singleton_class.prepend(RepliesAsTheyCame)

# KEY_MADE for every call of a cache. No Ruby program needs it; the runner does, to look into a store in memory.
module WholeKeys
  def self.extended(cache)
    cache.instance_eval { @call = calling(nil) }
  end

  private

  def calling(version, flags = 0, **settings)
    super(version, flags | DJRedis::ABI::KEY_MADE, **settings)
  end
end

# What a step asks of the binding.
class Driver
  include BatchSteps

  MISSING = Object.new.freeze
  NESTING = 100_000
  STATUSES = DJRedis::ABI.constants.grep(/\AERR_/).to_h { |name| [DJRedis::ABI.const_get(name), name.to_s] }

  def initialize
    @caches = {}
    @connections = {}
  end

  def answer(step)
    name = "do_#{step['do']}"
    @cache = cache(step)
    @connection = @connections[step["conn"]]
    __send__(name, step)
  rescue DJRedis::LockError
    { "status" => "MISS" }
  rescue DJRedis::Error => error
    failed(error)
  end

  private

  # The deadline is a cache's in Ruby; that of a raw connection is an argument.
  def cache(step)
    cache = @caches[step["cache"]]
    cache = cache.within(deadline(step)) if cache && step["deadline_ms"]
    flags(step).include?("KEY_MADE") ? cache.dup.extend(WholeKeys) : cache
  end

  def flags(step)
    step["flags"] || []
  end

  def ok(value = MISSING)
    value.equal?(MISSING) ? { "status" => "OK" } : { "status" => "OK", "value" => value }
  end

  def yes_or_no(done)
    { "status" => done ? "OK" : "MISS" }
  end

  def failed(error)
    { "status" => STATUSES.fetch(error.status), "message" => error.message, "stored" => Plain.hex(error.stored) }
  end

  def error_item(error)
    { "error" => STATUSES.fetch(error.status), "message" => error.message }
  end

  def key(step)
    Plain.key(step["key"])
  end

  def version(step)
    step["version"] && Integer(step["version"], 10)
  end

  def itersize(step)
    step["itersize"] && Integer(step["itersize"], 10)
  end

  def ttl(step)
    return DJRedis::DEFAULT unless step.key?("timeout")

    # A raw step on a store in memory has the milliseconds alone.
    return Rational(step["ttl_ms"]) / 1000 if step["timeout"].nil? && step["ttl_ms"]

    special = { "nan" => Float::NAN, "inf" => Float::INFINITY, "-inf" => -Float::INFINITY }
    special.fetch(step["timeout"], step["timeout"])
  end

  def conditions(step)
    (flags(step) & %w[NX XX]).to_h { |flag| [flag.downcase.to_sym, true] }
  end

  def arguments(args)
    args.map { |hex| Plain.bytes(hex) }
  end

  def deadline(step)
    step["deadline_ms"] ? Integer(step["deadline_ms"], 10) / 1000.0 : DJRedis::DEFAULT
  end

  def do_open(step)
    options = step["options"].transform_keys { |name| name.downcase.to_sym }
    @caches[step["cache"]] = DJRedis::Cache.new(step["location"], **options)
    ok
  end

  def do_reset(_step)
    @connections.each_value(&:release)
    @connections.clear
    @caches.each_value(&:close)
    @caches.clear
    ok
  end

  def do_close(_step)
    @cache.close
    ok
  end

  def do_get_raw(step)
    value = @cache.get_raw(key(step), MISSING, version: version(step))
    value.equal?(MISSING) ? yes_or_no(false) : ok(Plain.of(value))
  end

  def do_set_raw(step)
    data = Plain.bytes(step["data"])
    yes_or_no(@cache.set_raw(key(step), data, ttl: ttl(step), version: version(step), **conditions(step)))
  end

  def do_get(step)
    value = @cache.get(key(step), MISSING, version: version(step))
    value.equal?(MISSING) ? yes_or_no(false) : ok(Plain.of(value))
  end

  def do_copy(step)
    value = @cache.get(key(step), version: version(step))
    yes_or_no(@cache.set(Plain.key(step["to"]), value, version: version(step)))
  end

  def do_set(step)
    value = Plain.to_ruby(step["value"])
    yes_or_no(@cache.set(key(step), value, ttl: ttl(step), version: version(step), **conditions(step)))
  end

  def do_add(step)
    yes_or_no(@cache.add(key(step), Plain.to_ruby(step["value"]), ttl: ttl(step), version: version(step)))
  end

  def do_delete(step)
    yes_or_no(@cache.delete(key(step), version: version(step)))
  end

  def do_has_key(step)
    yes_or_no(@cache.key?(key(step), version: version(step)))
  end

  def do_touch(step)
    yes_or_no(@cache.touch(key(step), ttl: ttl(step), version: version(step)))
  end

  def do_ttl(step)
    left = @cache.pttl(key(step), version: version(step))
    left&.zero? ? yes_or_no(false) : ok(Plain.of(left))
  end

  def do_incr(step)
    counted(@cache.incr(key(step), Integer(step.fetch("delta", "1"), 10), version: version(step)))
  end

  def do_incr_version(step)
    counted(@cache.incr_version(key(step), Integer(step.fetch("delta", "1"), 10), version: version(step)))
  end

  # incr answers nil only where IGNORE_EXCEPTIONS covers a failure.
  def counted(number)
    number.nil? ? { "status" => "IGNORED" } : ok(Plain.of(number))
  end

  def do_get_many(step, method = :get_many)
    keys = step["keys"].map { |hex| Plain.key(hex) }
    failure = nil
    found = begin
      @cache.__send__(method, keys, version: version(step))
    rescue DJRedis::DecodeError, DJRedis::WrongTypeError => error
      failure = error
      error.found
    end
    ok("items" => keys.map { |key| item(key, found, failure) })
  end

  def do_get_many_raw(step)
    do_get_many(step, :get_many_raw)
  end

  def item(key, found, failure)
    return Plain.of(found[key]) if found.key?(key)

    failure&.message&.include?(key) ? error_item(failure) : { "missing" => true }
  end

  def do_set_many(step)
    values = step["items"].to_h { |key, value| [Plain.key(key), Plain.to_ruby(value)] }
    stored(values, @cache.set_many(values, ttl: ttl(step), version: version(step)))
  end

  def do_set_many_raw(step)
    values = step["items"].to_h { |key, data| [Plain.key(key), Plain.bytes(data)] }
    stored(values, @cache.set_many_raw(values, ttl: ttl(step), version: version(step)))
  end

  def stored(values, failed)
    ok("items" => values.keys.map { |key| failed.include?(key) ? { "error" => "?" } : { "none" => true } })
  end

  def do_delete_many(step)
    ok(Plain.of(@cache.delete_many(step["keys"].map { |hex| Plain.key(hex) }, version: version(step))))
  end

  def do_clear(_step)
    yes_or_no(@cache.clear)
  end

  def do_keys(step)
    ok("items" => @cache.keys(Plain.key(step["pattern"]), itersize: itersize(step), version: version(step)).map { |key| Plain.of(key) })
  end

  def do_scan(step)
    found = @cache.each_key(Plain.key(step["pattern"]), itersize: itersize(step), version: version(step))
    ok("items" => found.map { |key| Plain.of(key) })
  end

  def do_delete_pattern(step)
    ok(Plain.of(@cache.delete_pattern(Plain.key(step["pattern"]), itersize: itersize(step), version: version(step))))
  end

  def do_lock(step)
    @cache.lock(key(step), ttl: ttl(step), version: version(step), token: Plain.bytes(step["token"]))
    ok
  end

  def do_extend(step)
    held(step).renew(ttl: ttl(step))
    ok
  end

  def do_unlock(step)
    held(step).release
    ok
  end

  # The lock as its owner has it, whoever that is: the token decides.
  def held(step)
    lock = DJRedis::Lock.new(key(step), Plain.bytes(step["token"])) do |function, time|
      @cache.__send__(:on_lock, function, lock, version(step), time)
    end
  end

  def do_command(step)
    index = step["key_index"] && Integer(step["key_index"], 10)
    index = nil if index == -1
    ok(Plain.of(@cache.command(*arguments(step["args"]), key_index: index, version: version(step))))
  end

  def do_acquire(step)
    connection = DJRedis::Connection.new
    connection.acquire(@cache.instance_variable_get(:@pointer), deadline(step))
    @connections[step["conn"]] = connection
    ok
  end

  def do_conn_command(step)
    ok(Plain.of(@connection.call(*arguments(step["args"]), timeout: deadline(step))))
  end

  def do_pipeline(step)
    how = flags(step).include?("MULTI") ? :multi : :pipelined
    replies = @connection.__send__(how, timeout: deadline(step), exception: false) do |pipeline|
      step["commands"].each { |command| pipeline.call(*arguments(command)) }
    end
    return yes_or_no(false) if replies.nil?

    ok("items" => replies.map { |reply| reply.is_a?(DJRedis::Error) ? error_item(reply) : Plain.of(reply) })
  end

  def do_send(step)
    @connection.send_command(*arguments(step["args"]), timeout: deadline(step))
    ok
  end

  def do_receive(step)
    message = @connection.receive(timeout: deadline(step))
    message.nil? ? yes_or_no(false) : ok(Plain.of(message))
  end

  def do_release(step)
    @connections.delete(step["conn"]).release
    ok
  end

  def do_move(step)
    yes_or_no(@cache.move(key(step), Plain.key(step["to"]), version: version(step)))
  end

  def do_encode(step)
    ok("bytes" => Plain.hex(@cache.encode(Plain.to_ruby(step["value"]))))
  end

  def do_decode(step)
    ok(Plain.of(@cache.decode(Plain.bytes(step["data"]))))
  end

  def do_server_for(step)
    ok(Plain.of(@cache.server_for(key(step), version: version(step))))
  end

  def do_options_list(_step)
    ok(Plain.of(DJRedis.options.map { |option| option.transform_keys(&:to_s) }))
  end

  def do_make_key(step)
    ok("bytes" => Plain.hex(@cache.make_key(key(step), version: version(step))))
  end

  def do_option(step)
    ok(Plain.of(@cache.option(step["name"])))
  end

  def do_stats(_step)
    ok(Plain.of(@cache.stats))
  end
end

DJRedis.logger = Logger.new(nil)
driver = Driver.new
driver.extend(Stress) if ENV["DJREDIS_GC_STRESS"]
$stdout.sync = true
$stdin.each_line do |line|
  $stdout.puts(JSON.generate(driver.answer(JSON.parse(line, max_nesting: false)), max_nesting: Driver::NESTING))
end
