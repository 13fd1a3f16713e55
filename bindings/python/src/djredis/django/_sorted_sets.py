"""Sorted sets. Members are always serialized, integers too, as django-redis does it; scores are floats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ._base import BaseClient

Scores = Callable[[Any], Any]


class SortedSets(BaseClient):
    """django-redis's methods for sorted sets."""

    def zadd(
        self,
        key: Any,
        mapping: Mapping[Any, float],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: bool = False,
        gt: bool = False,
        lt: bool = False,
        version: Any = None,
        client: Any = None,
    ) -> Any:
        """Adds members with their scores: {member: score}. How many are new.

        nx: only new ones. xx: only those that are there. gt, lt: only where the score becomes greater, or less. ch: how
        many are new or changed. incr: adds the score to that of the one member, and returns the sum, or None.
        """
        if not mapping:
            raise ValueError("zadd takes at least one member with its score")
        if incr and len(mapping) != 1:
            raise ValueError("zadd with incr takes one member with what to add to its score")
        flags = [name for name, given in _flags(nx, xx, gt, lt, ch, incr) if given]
        pairs: list[Any] = []
        for member, score in mapping.items():
            pairs += [score, self._member(member)]
        found = self._run(client, "ZADD", key, *flags, *pairs, version=version)
        return float(found) if incr and found is not None else found

    def zcard(self, key: Any, version: Any = None, client: Any = None) -> int:
        """How many members there are."""
        return self._run(client, "ZCARD", key, version=version)

    def zcount(self, key: Any, min: Any, max: Any, version: Any = None, client: Any = None) -> int:
        """How many members have a score from min to max: numbers, "(5" for more than 5, "-inf", "+inf"."""
        return self._run(client, "ZCOUNT", key, min, max, version=version)

    def zincrby(self, key: Any, amount: float, value: Any, version: Any = None, client: Any = None) -> float:
        """Adds to the score of a member, and returns the sum."""
        return float(self._run(client, "ZINCRBY", key, amount, self._member(value), version=version))

    def zpopmax(self, key: Any, count: int | None = None, version: Any = None, client: Any = None) -> Any:
        """Removes the member of the highest score: (member, score), or None; with a count a list of so many."""
        return self._popped("ZPOPMAX", key, count, version, client)

    def zpopmin(self, key: Any, count: int | None = None, version: Any = None, client: Any = None) -> Any:
        """Removes the member of the lowest score: (member, score), or None; with a count a list of so many."""
        return self._popped("ZPOPMIN", key, count, version, client)

    def zrange(
        self,
        key: Any,
        start: int,
        end: int,
        desc: bool = False,
        withscores: bool = False,
        score_cast_func: Scores = float,
        version: Any = None,
        client: Any = None,
    ) -> list[Any]:
        """The members from one rank to another, both included; withscores: (member, score) of each."""
        words = ("ZREVRANGE" if desc else "ZRANGE", key, start, end)
        return self._ranged(words, withscores, score_cast_func, version, client)

    def zrangebyscore(
        self,
        key: Any,
        min: Any,
        max: Any,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
        score_cast_func: Scores = float,
        version: Any = None,
        client: Any = None,
    ) -> list[Any]:
        """The members of a range of scores, see zcount; start and num: so many of them from the start-th on."""
        words = ("ZRANGEBYSCORE", key, min, max, *_limit(start, num))
        return self._ranged(words, withscores, score_cast_func, version, client)

    def zrank(self, key: Any, value: Any, withscore: bool = False, version: Any = None, client: Any = None) -> Any:
        """The rank of a member, 0 for the lowest score; None where it is not there. withscore: [rank, score]."""
        extra = ("WITHSCORE",) if withscore else ()
        found = self._run(client, "ZRANK", key, self._member(value), *extra, version=version)
        return [found[0], float(found[1])] if withscore and found is not None else found

    def zrem(self, key: Any, *values: Any, version: Any = None, client: Any = None) -> int:
        """Removes members. How many were there."""
        return self._run(client, "ZREM", key, *map(self._member, values), version=version)

    def zremrangebyscore(self, key: Any, min: Any, max: Any, version: Any = None, client: Any = None) -> int:
        """Removes the members of a range of scores, see zcount. How many."""
        return self._run(client, "ZREMRANGEBYSCORE", key, min, max, version=version)

    def zrevrange(
        self,
        key: Any,
        start: int,
        end: int,
        withscores: bool = False,
        score_cast_func: Scores = float,
        version: Any = None,
        client: Any = None,
    ) -> list[Any]:
        """As zrange, from the highest score down."""
        return self._ranged(("ZREVRANGE", key, start, end), withscores, score_cast_func, version, client)

    def zrevrangebyscore(
        self,
        key: Any,
        max: Any,
        min: Any,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
        score_cast_func: Scores = float,
        version: Any = None,
        client: Any = None,
    ) -> list[Any]:
        """As zrangebyscore, from the highest score down."""
        words = ("ZREVRANGEBYSCORE", key, max, min, *_limit(start, num))
        return self._ranged(words, withscores, score_cast_func, version, client)

    def zscore(self, key: Any, value: Any, version: Any = None, client: Any = None) -> float | None:
        """The score of a member; None where it is not there."""
        found = self._run(client, "ZSCORE", key, self._member(value), version=version)
        return None if found is None else float(found)

    def _member(self, value: Any) -> bytes:
        return self.encode(value, allow_int=False)

    def _popped(self, command: str, key: Any, count: int | None, version: Any, client: Any) -> Any:
        extra = () if count is None else (count,)
        found = self._scored(self._run(client, command, key, *extra, version=version), float, key)
        if count is None:
            return found[0] if found else None
        return found

    def _ranged(self, words: tuple[Any, ...], withscores: bool, cast: Scores, version: Any, client: Any) -> list[Any]:
        if not withscores:
            return self._decoded(self._run(client, *words, version=version), words[1])
        return self._scored(self._run(client, *words, "WITHSCORES", version=version), cast, words[1])

    def _scored(self, found: list[Any], cast: Scores, key: Any) -> list[tuple[Any, Any]]:
        """(member, score) of each. RESP2 has them one after the other, RESP3 in pairs."""
        if found and isinstance(found[0], list):
            found = [each for pair in found for each in pair]
        members = self._decoded(found[::2], key)
        return [(member, cast(float(score))) for member, score in zip(members, found[1::2])]


def _flags(nx: bool, xx: bool, gt: bool, lt: bool, ch: bool, incr: bool) -> list[tuple[str, bool]]:
    return [("NX", nx), ("XX", xx), ("GT", gt), ("LT", lt), ("CH", ch), ("INCR", incr)]


def _limit(start: int | None, num: int | None) -> tuple[Any, ...]:
    if (start is None) != (num is None):
        raise ValueError("start and num go together: give both or none")
    return () if start is None else ("LIMIT", start, num)
