"""The backend's methods that are the client's, but for what happens when the server is away."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Callable, TypeVar

import djredis

from ._client import DefaultClient
from ._ignore import Guard

if TYPE_CHECKING:
    from typing_extensions import Concatenate, ParamSpec

    P = ParamSpec("P")

R = TypeVar("R")


def _false() -> bool:
    return False


def _none() -> None:
    return None


def _like(method: Callable[..., Any], run: Callable[P, R]) -> Callable[P, R]:
    """The same function, with the name, the signature and the documentation of the client's method."""
    functools.update_wrapper(run, method)
    return run


def _delegated(
    method: Callable[Concatenate[Any, P], R], empty: Callable[[], Any], validated: bool = False
) -> Callable[Concatenate[Any, P], R]:
    """The client's method of this name. empty: makes what it answers for an empty cache."""
    name = method.__name__

    def run(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if validated:
            self._validate(args[0] if args else kwargs["key"], kwargs.get("version"))
        try:
            found: R = getattr(self.client, name)(*args, **kwargs)
            return found
        except djredis.Error as error:
            answer: R = self._guard.trouble(error, empty())
            return answer

    return _like(method, run)


def _iterated(method: Callable[Concatenate[Any, P], Iterator[R]]) -> Callable[Concatenate[Any, P], Iterator[R]]:
    """The client's method of this name, which is not asked before the first item is."""
    name = method.__name__

    def run(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[R]:
        try:
            yield from getattr(self.client, name)(*args, **kwargs)
        except djredis.Error as error:
            self._guard.trouble(error)

    return _like(method, run)


class Delegated:
    """What a backend has beyond Django's own methods, and those of Django's that need no more than the client's."""

    client: Any
    _guard: Guard

    delete = _delegated(DefaultClient.delete, _false, validated=True)
    has_key = _delegated(DefaultClient.has_key, _false, validated=True)
    touch = _delegated(DefaultClient.touch, _false, validated=True)
    incr = _delegated(DefaultClient.incr, _none, validated=True)
    decr = _delegated(DefaultClient.decr, _none, validated=True)
    incr_version = _delegated(DefaultClient.incr_version, _none, validated=True)
    decr_version = _delegated(DefaultClient.decr_version, _none, validated=True)

    ttl = _delegated(DefaultClient.ttl, int)
    pttl = _delegated(DefaultClient.pttl, int)
    persist = _delegated(DefaultClient.persist, _false)
    expire = _delegated(DefaultClient.expire, _false)
    pexpire = _delegated(DefaultClient.pexpire, _false)
    expire_at = _delegated(DefaultClient.expire_at, _false)
    pexpire_at = _delegated(DefaultClient.pexpire_at, _false)

    keys = _delegated(DefaultClient.keys, list)
    iter_keys = _iterated(DefaultClient.iter_keys)
    delete_pattern = _delegated(DefaultClient.delete_pattern, int)
