"""What happens when an operation fails: it is ignored, as IGNORE_EXCEPTIONS says, or raised with the cache's alias."""

from __future__ import annotations

import logging
import pickle
from typing import Any

import djredis

from .settings import REDIS_CACHE, Settings

#: The server can't be reached, or can't serve now. Nothing else is ever ignored: a wrong password, say.
AWAY = (djredis.ConnectionError, djredis.TimeoutError, djredis.PoolError, djredis.UnavailableError)


class CantBePickled(djredis.EncodeError, pickle.PicklingError, TypeError):
    """An EncodeError that is also what Django's own backend raises."""


class CantBeUnpickled(djredis.DecodeError, pickle.UnpicklingError):
    """A DecodeError that is also what Django's own backend raises."""


#: What follows a sentence of the library that names no server, by the exact class: it does not know Django's spelling.
_ADVICE: dict[type[djredis.Error], str] = {
    djredis.EncodeError: "nothing was sent to {server}; store something plainer, or smaller, in its place",
    djredis.DecodeError: 'it stands on {server}; delete it, or give OPTIONS["DECODE_ERROR"] = "miss" to have a miss here',
    djredis.NotFoundError: "looked for on {server}; set it first",
    djredis.WrongTypeError: "it stands on {server}",
}
_ANSWERED = " answered: "
_ABOUT_A_KEY = (djredis.WrongTypeError, djredis.ServerError, djredis.EncodeError, djredis.DecodeError)

#: By their exact class.
_AS_IN_DJANGO: dict[type[djredis.Error], type[djredis.Error]] = {
    djredis.EncodeError: CantBePickled,
    djredis.DecodeError: CantBeUnpickled,
}


class Guard:
    """The settings of one backend about failures."""

    #: What is raised in place of an error, by its exact class.
    kinds = _AS_IN_DJANGO

    def __init__(self, backend: Any, read: Settings) -> None:
        self._backend = backend
        self._ignore = read.ignore_exceptions
        # The documentation of django-redis 3: None, whatever the method, or the default that the call was given.
        self._none_for_all = read.flavour == REDIS_CACHE
        log, logger = read.log_ignored, read.logger
        self._logger = logging.getLogger(logger) if log else None

    def trouble(self, error: djredis.Error, answer: Any = None, given: bool = False, key: Any = None) -> Any:
        """What the call answers if the error is to be ignored; else raises it.

        answer: what an empty cache would answer. given: or what the caller wants to have. key: what it was about.
        """
        if self._ignore and isinstance(error, AWAY):
            if self._logger is not None:
                self._logger.warning("ignored, since IGNORE_EXCEPTIONS is on: %s", error)
            return answer if given or not self._none_for_all else None
        if not type(error).__module__.startswith("djredis."):
            raise error  # of a client class of the user's own
        raise self._told(error, key) from error.__cause__

    def _told(self, error: djredis.Error, key: Any) -> djredis.Error:
        """The error, with the cache's alias and the key in its sentence, and as the class that a Django site expects."""
        alias = _alias(self._backend)
        text = str(error)
        if key is not None and isinstance(error, _ABOUT_A_KEY) and repr(key) not in text and f":{key}'" not in text:
            text = f"key {key!r}: {text}"
        advice = _ADVICE.get(type(error))
        if advice is not None and _ANSWERED not in text:
            text = f"{text} ({advice.format(server=self._backend.client.cache.server_for(''))})"
        kind = self.kinds.get(type(error), type(error))
        told = kind(text if alias is None or text.startswith("cache ") else f"cache {alias!r}: {text}")
        told.__dict__.update(error.__dict__)
        return told.with_traceback(error.__traceback__)


def _alias(backend: Any) -> str | None:
    """The name of a backend in CACHES, as far as this thread made it; Django does not tell it to the backend."""
    from django.core.cache import caches

    connections = getattr(caches, "_connections", None)
    for alias in caches:
        if getattr(connections, alias, None) is backend:
            return str(alias)
    return None
