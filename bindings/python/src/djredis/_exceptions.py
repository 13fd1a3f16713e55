"""One exception class for each error status. Made from include/djredis.h by `make header`: do not edit."""

from __future__ import annotations

import builtins
from typing import Final

from ._error import Error


class ArgumentError(Error, ValueError):
    """A bad key, pattern, number or combination of arguments."""

    status = -2


class ConfigError(Error, ValueError):
    """A bad location, an unknown option, or a bad value of an option."""

    status = -3


class PanicError(Error):
    """A bug in libdjredis. The cache is still usable; please report it."""

    status = -4


class ConnectionError(Error, builtins.ConnectionError):
    """The server refused, reset or closed the connection."""

    status = -5


class TimeoutError(Error, builtins.TimeoutError):
    """The call's time, SOCKET_TIMEOUT, is over."""

    status = -6


class PoolError(Error):
    """No connection of the pool became free in time. See MAX_CONNECTIONS."""

    status = -7


class AuthError(Error):
    """The server refused the login, or the user may not run the command."""

    status = -8


class ServerError(Error):
    """The server answered with an error."""

    status = -9


class ProtocolError(Error):
    """The server sent bytes that are no reply. The connection was closed."""

    status = -10


class EncodeError(Error):
    """The value can't be stored: it can't be pickled, say."""

    status = -11


class DecodeError(Error):
    """The stored value can't be read. `stored` holds its bytes."""

    status = -12


class NotFoundError(Error, ValueError):
    """The key of incr, decr, incr_version or decr_version is not there."""

    status = -13


class UnsupportedError(Error, NotImplementedError):
    """This kind of client can't do that."""

    status = -14


class ClosedError(Error):
    """The cache was closed, or the connection was given back."""

    status = -15


class ForkedError(Error):
    """A scan or connection from before a fork goes on in its own process only."""

    status = -16


class CallbackError(Error):
    """A function that the program gave to the library failed."""

    status = -17


class WrongTypeError(Error, TypeError):
    """The key holds another type, or no number."""

    status = -18


class UnavailableError(Error):
    """The server can't serve now: it loads, or is read-only, or full."""

    status = -19


class InterruptedError(Error, builtins.InterruptedError):
    """A signal ended the call."""

    status = -20


BY_STATUS: Final[dict[int, type[Error]]] = {
    -1: ArgumentError,
    -2: ArgumentError,
    -3: ConfigError,
    -4: PanicError,
    -5: ConnectionError,
    -6: TimeoutError,
    -7: PoolError,
    -8: AuthError,
    -9: ServerError,
    -10: ProtocolError,
    -11: EncodeError,
    -12: DecodeError,
    -13: NotFoundError,
    -14: UnsupportedError,
    -15: ClosedError,
    -16: ForkedError,
    -17: CallbackError,
    -18: WrongTypeError,
    -19: UnavailableError,
    -20: InterruptedError,
}
