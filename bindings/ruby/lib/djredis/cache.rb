# frozen_string_literal: true

module DJRedis
  # Django's Redis cache: the same keys and the same values as a Django site that uses django-redis.
  #
  # Opening touches no socket; the first call connects. Any number of threads may use one cache at once, and forked
  # children too, with connections of their own.
  #
  # A key is a String, Symbol or Integer: +:a+ and +"a"+ are the same key, as are +1+ and +"1"+.
  #
  # Every method may raise a subclass of {Error}: {ConnectionError}, {TimeoutError}, {PoolError}, {UnavailableError},
  # {AuthError}, {ServerError}, {ProtocolError}, {ArgumentError}, {ClosedError}, and what it names itself. Where the
  # option IGNORE_EXCEPTIONS is on and the server can't be reached, they answer as if the cache were empty instead: get
  # its default, get_many {}, keys [], incr and incr_version nil, ttl 0, set_many all its keys, others false or 0.
  #
  # Timeout.timeout, Thread#raise, Thread#kill and Ctrl-C end a wait; a signal that raises nothing does not.
  class Cache # rubocop:disable Lint/EmptyClass
  end
end

require_relative "cache/handle"
require_relative "cache/single"
require_relative "cache/expiry"
require_relative "cache/counter"
require_relative "cache/many"
require_relative "cache/patterns"
require_relative "cache/batch"
require_relative "cache/locks"
require_relative "cache/commands"
