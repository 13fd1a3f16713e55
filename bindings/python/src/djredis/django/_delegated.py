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
            answer: R = self._guard.trouble(error, empty(), key=args[0] if args else kwargs.get("key"))
            return answer

    return _like(method, run)


def _iterated(method: Callable[Concatenate[Any, P], Iterator[R]]) -> Callable[Concatenate[Any, P], Iterator[R]]:
    """The client's method of this name, which is not asked before the first item is."""
    name = method.__name__

    def run(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[R]:
        try:
            yield from getattr(self.client, name)(*args, **kwargs)
        except djredis.Error as error:
            self._guard.trouble(error, key=args[0] if args else kwargs.get("key"))

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

    iter_keys = _iterated(DefaultClient.iter_keys)
    delete_pattern = _delegated(DefaultClient.delete_pattern, int)

    sadd = _delegated(DefaultClient.sadd, int)
    scard = _delegated(DefaultClient.scard, int)
    sdiff = _delegated(DefaultClient.sdiff, set)
    sdiffstore = _delegated(DefaultClient.sdiffstore, int)
    sinter = _delegated(DefaultClient.sinter, set)
    sinterstore = _delegated(DefaultClient.sinterstore, int)
    sunion = _delegated(DefaultClient.sunion, set)
    sunionstore = _delegated(DefaultClient.sunionstore, int)
    sismember = _delegated(DefaultClient.sismember, _false)
    smembers = _delegated(DefaultClient.smembers, set)
    smove = _delegated(DefaultClient.smove, _false)
    srem = _delegated(DefaultClient.srem, int)
    sscan = _delegated(DefaultClient.sscan, set)
    sscan_iter = _iterated(DefaultClient.sscan_iter)

    hset = _delegated(DefaultClient.hset, int)
    hdel = _delegated(DefaultClient.hdel, int)
    hlen = _delegated(DefaultClient.hlen, int)
    hkeys = _delegated(DefaultClient.hkeys, list)
    hexists = _delegated(DefaultClient.hexists, _false)

    zadd = _delegated(DefaultClient.zadd, int)
    zcard = _delegated(DefaultClient.zcard, int)
    zcount = _delegated(DefaultClient.zcount, int)
    zincrby = _delegated(DefaultClient.zincrby, _none)
    zrange = _delegated(DefaultClient.zrange, list)
    zrangebyscore = _delegated(DefaultClient.zrangebyscore, list)
    zrank = _delegated(DefaultClient.zrank, _none)
    zrem = _delegated(DefaultClient.zrem, int)
    zremrangebyscore = _delegated(DefaultClient.zremrangebyscore, int)
    zrevrange = _delegated(DefaultClient.zrevrange, list)
    zrevrangebyscore = _delegated(DefaultClient.zrevrangebyscore, list)
    zscore = _delegated(DefaultClient.zscore, _none)

    def keys(self, search: str, version: Any = None, client: Any = None) -> list[str]:
        """The keys that match a pattern, without prefix and version. The server is not blocked meanwhile."""
        try:
            return self.client.keys(search, version, client)
        except djredis.Error as error:
            found = list(error.found)  # those of the other servers, where keys are spread over several
            return self._guard.trouble(error, found, given=bool(found), key=search)

    # Here what an empty cache answers depends on the arguments.
    def smismember(self, key: Any, *members: Any, version: Any = None, client: Any = None) -> list[bool]:
        """Whether each of these is a member."""
        try:
            return self.client.smismember(key, *members, version=version, client=client)
        except djredis.Error as error:
            return self._guard.trouble(error, [False] * len(members), key=key)

    def spop(self, key: Any, count: int | None = None, version: Any = None, client: Any = None) -> Any:
        """Removes a random member and returns it, None where there is none; with a count a set of so many."""
        try:
            return self.client.spop(key, count, version, client)
        except djredis.Error as error:
            return self._guard.trouble(error, None if count is None else set(), key=key)

    def srandmember(self, key: Any, count: int | None = None, version: Any = None, client: Any = None) -> Any:
        """A random member, None where there is none; with a count a list of so many."""
        try:
            return self.client.srandmember(key, count, version, client)
        except djredis.Error as error:
            return self._guard.trouble(error, None if count is None else [], key=key)

    def zpopmax(self, key: Any, count: int | None = None, version: Any = None, client: Any = None) -> Any:
        """Removes the member of the highest score: (member, score), or None; with a count a list of so many."""
        try:
            return self.client.zpopmax(key, count, version, client)
        except djredis.Error as error:
            return self._guard.trouble(error, None if count is None else [], key=key)

    def zpopmin(self, key: Any, count: int | None = None, version: Any = None, client: Any = None) -> Any:
        """Removes the member of the lowest score: (member, score), or None; with a count a list of so many."""
        try:
            return self.client.zpopmin(key, count, version, client)
        except djredis.Error as error:
            return self._guard.trouble(error, None if count is None else [], key=key)
