# frozen_string_literal: true

# One error class for each error status. Made from include/djredis.h by `make header`: do not edit.

module DJRedis
  # A bad key, pattern, number or combination of arguments.
  class ArgumentError < Error
    # The number of the status in djredis.h.
    STATUS = -2
  end

  # A bad location, an unknown option, or a bad value of an option.
  class ConfigError < Error
    # The number of the status in djredis.h.
    STATUS = -3
  end

  # A bug in libdjredis. The cache is still usable; please report it.
  class PanicError < Error
    # The number of the status in djredis.h.
    STATUS = -4
  end

  # The server refused, reset or closed the connection.
  class ConnectionError < Error
    # The number of the status in djredis.h.
    STATUS = -5
  end

  # The call's time, SOCKET_TIMEOUT, is over.
  class TimeoutError < Error
    # The number of the status in djredis.h.
    STATUS = -6
  end

  # No connection of the pool became free in time. See MAX_CONNECTIONS.
  class PoolError < Error
    # The number of the status in djredis.h.
    STATUS = -7
  end

  # The server refused the login, or the user may not run the command.
  class AuthError < Error
    # The number of the status in djredis.h.
    STATUS = -8
  end

  # The server answered with an error.
  class ServerError < Error
    # The number of the status in djredis.h.
    STATUS = -9
  end

  # The server sent bytes that are no reply. The connection was closed.
  class ProtocolError < Error
    # The number of the status in djredis.h.
    STATUS = -10
  end

  # The value can't be stored: a Proc, say, or text that is no UTF-8.
  class EncodeError < Error
    # The number of the status in djredis.h.
    STATUS = -11
  end

  # The stored value can't be read. `stored` holds its bytes.
  class DecodeError < Error
    # The number of the status in djredis.h.
    STATUS = -12
  end

  # The key of incr, decr or incr_version is not there.
  class NotFoundError < Error
    # The number of the status in djredis.h.
    STATUS = -13
  end

  # This kind of client can't do that.
  class UnsupportedError < Error
    # The number of the status in djredis.h.
    STATUS = -14
  end

  # The cache was closed, or the connection was given back.
  class ClosedError < Error
    # The number of the status in djredis.h.
    STATUS = -15
  end

  # A connection or a scan that was begun before a fork goes on in its own process only.
  class ForkedError < Error
    # The number of the status in djredis.h.
    STATUS = -16
  end

  # A function that the program gave to the library failed.
  class CallbackError < Error
    # The number of the status in djredis.h.
    STATUS = -17
  end

  # The key holds another type, or no number.
  class WrongTypeError < Error
    # The number of the status in djredis.h.
    STATUS = -18
  end

  # The server can't serve now: it loads, or is read-only, or full.
  class UnavailableError < Error
    # The number of the status in djredis.h.
    STATUS = -19
  end

  # The program's own check ended the call.
  class InterruptedError < Error
    # The number of the status in djredis.h.
    STATUS = -20
  end

  # @private
  BY_STATUS = {
    -1 => ArgumentError,
    -2 => ArgumentError,
    -3 => ConfigError,
    -4 => PanicError,
    -5 => ConnectionError,
    -6 => TimeoutError,
    -7 => PoolError,
    -8 => AuthError,
    -9 => ServerError,
    -10 => ProtocolError,
    -11 => EncodeError,
    -12 => DecodeError,
    -13 => NotFoundError,
    -14 => UnsupportedError,
    -15 => ClosedError,
    -16 => ForkedError,
    -17 => CallbackError,
    -18 => WrongTypeError,
    -19 => UnavailableError,
    -20 => InterruptedError,
  }.freeze
end
