# frozen_string_literal: true

require_relative "handle"
require_relative "../batch"

module DJRedis
  # Many different calls at once.
  class Cache
    # Many different calls in one round trip. It is no transaction: calls of others may come in between.
    #
    #   cache.batch { |b| b.get("user:42"); b.set("seen", true, ttl: 60); b.incr("visits") } # => [{"name"=>"Ada"}, true, 7]
    #
    # @param exception [Boolean] whether the first error is raised, once all calls are done; else it stands among the
    #   results
    # @yieldparam batch [Batch] has the methods of the cache for one key
    # @return [Array] what each call answers, in order
    # @raise [NotFoundError, WrongTypeError, DecodeError] with `exception`: as the single methods do
    # @raise [EncodeError] where a value can't be stored: in the block, with nothing sent
    def batch(exception: true)
      yield(batch = Batch.new(@serializer))
      return [] if batch.size.zero?

      packed = batch.encode
      how = calling(nil)
      results = items(batch.results) { |slot| Library.djredis_cache_batch(@pointer, packed, packed.bytesize, how, slot) }
      return batch.missing unless results

      raise batch.failure if exception && batch.failure

      results
    end
  end
end
