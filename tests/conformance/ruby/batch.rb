# frozen_string_literal: true

# The step `batch`: calls, and what their results are in the plain notation.
module BatchSteps
  YES_OR_NO = %w[set delete has_key touch].freeze

  private

  def do_batch(step)
    results = @cache.batch(exception: false) { |batch| step["calls"].each { |call| add(batch, call) } }
    ok("items" => step["calls"].zip(results).map { |call, result| result_item(call["op"], result) })
  end

  def add(batch, call)
    case call["op"]
    when "set" then batch.set(key(call), Plain.to_ruby(call["value"]), ttl: ttl(call), version: version(call), **conditions(call))
    when "touch" then batch.touch(key(call), ttl: ttl(call), version: version(call))
    when "incr" then batch.incr(key(call), Integer(call["delta"], 10), version: version(call))
    when "get", "get_raw" then batch.__send__(call["op"], key(call), Driver::MISSING, version: version(call))
    else batch.__send__({ "has_key" => :key?, "ttl" => :pttl }.fetch(call["op"], call["op"]), key(call), version: version(call))
    end
  end

  def result_item(operation, result)
    return error_item(result) if result.is_a?(DJRedis::Error)
    return { (result ? "none" : "missing") => true } if YES_OR_NO.include?(operation)

    result.equal?(Driver::MISSING) || (operation == "ttl" && result == 0) ? { "missing" => true } : Plain.of(result)
  end
end
