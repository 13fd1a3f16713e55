"""Errors of the library as redis-py's own exceptions."""

from __future__ import annotations

from collections.abc import Callable

from redis import exceptions

import djredis

#: What has the server's own words in it.
ANSWERS = (djredis.ServerError, djredis.WrongTypeError, djredis.AuthError, djredis.UnavailableError)
_ANSWERED = " answered: "


def is_answer(error: BaseException) -> bool:
    """Whether the server answered a command with it, in contrast to trouble on the way there."""
    return isinstance(error, ANSWERS) and _ANSWERED in str(error)


def answer(error: djredis.Error, parse: Callable[[str], Exception]) -> Exception:
    """The exception that redis-py makes of an error reply."""
    text = str(error).split(_ANSWERED, 1)[-1]
    if not isinstance(error, djredis.ServerError):
        text = text.rsplit(". ", 1)[0]  # the library's advice follows, one sentence
    made = parse(text)
    made.__cause__ = error
    return made


def trouble(error: djredis.Error) -> Exception:
    """The exception that redis-py has for trouble on the way to the server."""
    return _class_for(error)(str(error))


def _class_for(error: djredis.Error) -> type[Exception]:
    if isinstance(error, djredis.TimeoutError):
        return exceptions.TimeoutError
    if isinstance(error, djredis.AuthError):
        return exceptions.AuthenticationError
    if isinstance(error, djredis.PoolError):
        # Of redis-py 6 and newer.
        return getattr(exceptions, "MaxConnectionsError", exceptions.ConnectionError)
    if isinstance(error, djredis.ProtocolError):
        return exceptions.InvalidResponse
    if isinstance(error, (djredis.ArgumentError, djredis.UnsupportedError)):
        return exceptions.DataError
    return exceptions.ConnectionError
