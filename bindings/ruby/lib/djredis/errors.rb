# frozen_string_literal: true

# One error class for each error status. Made from include/djredis.h by `make header`: do not edit.

module DJRedis
  # A bad key, pattern, number or combination of arguments.
  class ArgumentError < Error
    STATUS = -2
  end

  # A bad location, an unknown option, or a bad value of an option.
  class ConfigError < Error
    STATUS = -3
  end

  # A bug in libdjredis. The cache is still usable; please report it.
  class PanicError < Error
    STATUS = -4
  end

  # The server refused, reset or closed the connection.
  class ConnectionError < Error
    STATUS = -5
  end

  # The call's time, SOCKET_TIMEOUT, is over.
  class TimeoutError < Error
    STATUS = -6
  end

  # No connection of the pool became free in time. See MAX_CONNECTIONS.
  class PoolError < Error
    STATUS = -7
  end

  # The server refused the login, or the user may not run the command.
  class AuthError < Error
    STATUS = -8
  end

  # The server answered with an error.
  class ServerError < Error
    STATUS = -9
  end

  # The server sent bytes that are no reply. The connection was closed.
  class ProtocolError < Error
    STATUS = -10
  end

  # The value can't be stored: a Proc, say, or text that is no UTF-8.
  class EncodeError < Error
    STATUS = -11
  end

  # The stored value can't be read. `stored` holds its bytes.
  class DecodeError < Error
    STATUS = -12
  end

  # The key of incr, decr or incr_version is not there.
  class NotFoundError < Error
    STATUS = -13
  end

  # This kind of client can't do that.
  class UnsupportedError < Error
    STATUS = -14
  end

  # The cache was closed, or the connection was given back.
  class ClosedError < Error
    STATUS = -15
  end

  # A connection or a scan that was begun before a fork goes on in its own process only.
  class ForkedError < Error
    STATUS = -16
  end

  # A function that the program gave to the library failed.
  class CallbackError < Error
    STATUS = -17
  end

  # The key holds another type, or no number.
  class WrongTypeError < Error
    STATUS = -18
  end

  # The server can't serve now: it loads, or is read-only, or full.
  class UnavailableError < Error
    STATUS = -19
  end

  # The program's own check ended the call.
  class InterruptedError < Error
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
