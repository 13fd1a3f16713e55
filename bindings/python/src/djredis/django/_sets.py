"""Sets. Members are stored as values are: integers as digits, others serialized and compressed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ._base import BaseClient


class Sets(BaseClient):
    """django-redis's methods for sets. Several keys of one call have the same version."""

    def sadd(self, key: Any, *values: Any, version: Any = None, client: Any = None) -> int:
        """Adds members. How many are new."""
        return self._run(client, "SADD", key, *map(self.encode, values), version=version)

    def scard(self, key: Any, version: Any = None, client: Any = None) -> int:
        """How many members there are."""
        return self._run(client, "SCARD", key, version=version)

    def sdiff(self, *keys: Any, version: Any = None, client: Any = None) -> set[Any]:
        """What is in the first set and in none of the others."""
        return self._combined("SDIFF", keys, version, client)

    def sdiffstore(
        self, dest: Any, *keys: Any, version_dest: Any = None, version_keys: Any = None, client: Any = None
    ) -> int:
        """Stores the difference as another set. How many members that has."""
        return self._stored("SDIFFSTORE", (dest, version_dest), keys, version_keys, client)

    def sinter(self, *keys: Any, version: Any = None, client: Any = None) -> set[Any]:
        """What is in all of the sets."""
        return self._combined("SINTER", keys, version, client)

    def sinterstore(self, dest: Any, *keys: Any, version: Any = None, client: Any = None) -> int:
        """Stores the intersection as another set. How many members that has."""
        return self._stored("SINTERSTORE", (dest, version), keys, version, client)

    def sunion(self, *keys: Any, version: Any = None, client: Any = None) -> set[Any]:
        """What is in any of the sets."""
        return self._combined("SUNION", keys, version, client)

    def sunionstore(self, destination: Any, *keys: Any, version: Any = None, client: Any = None) -> int:
        """Stores the union as another set. How many members that has."""
        return self._stored("SUNIONSTORE", (destination, version), keys, version, client)

    def smismember(self, key: Any, *members: Any, version: Any = None, client: Any = None) -> list[bool]:
        """Whether each of these is a member."""
        return [bool(found) for found in self._run(client, "SMISMEMBER", key, *map(self.encode, members), version=version)]

    def sismember(self, key: Any, member: Any, version: Any = None, client: Any = None) -> bool:
        """Whether this is a member."""
        return bool(self._run(client, "SISMEMBER", key, self.encode(member), version=version))

    def smembers(self, key: Any, version: Any = None, client: Any = None) -> set[Any]:
        """All members."""
        return set(self._decoded(self._run(client, "SMEMBERS", key, version=version), key))

    def smove(self, source: Any, destination: Any, member: Any, version: Any = None, client: Any = None) -> bool:
        """Moves a member to another set of the same version. Whether it was there."""
        words = ("SMOVE", source, destination, self.encode(member))
        return bool(self._run(client, *words, keys=(1, 2), version=version))

    def spop(self, key: Any, count: int | None = None, version: Any = None, client: Any = None) -> Any:
        """Removes a random member and returns it, None where there is none; with a count a set of so many."""
        return self._some("SPOP", key, count, version, client, set)

    def srandmember(self, key: Any, count: int | None = None, version: Any = None, client: Any = None) -> Any:
        """A random member, None where there is none; with a count a list of so many."""
        return self._some("SRANDMEMBER", key, count, version, client, list)

    def srem(self, key: Any, *members: Any, version: Any = None, client: Any = None) -> int:
        """Removes members. How many were there."""
        return self._run(client, "SREM", key, *map(self.encode, members), version=version)

    def sscan(
        self, key: Any, match: Any = None, count: int | None = 10, version: Any = None, client: Any = None
    ) -> set[Any]:
        """The first page of members, as django-redis answers it; sscan_iter has them all."""
        return set(self._decoded(self._page(key, b"0", match, count, version, client)[1], key))

    def sscan_iter(
        self, key: Any, match: Any = None, count: int | None = 10, version: Any = None, client: Any = None
    ) -> Iterator[Any]:
        """All members, as they are found: in bounded memory, perhaps one twice.

        match: a member; in one that is stored as text, such as an integer's digits or JSON, wildcards work.
        """
        cursor = b"0"
        while True:
            cursor, found = self._page(key, cursor, match, count, version, client)
            yield from self._decoded(found, key)
            if cursor == b"0":
                return

    def _page(
        self, key: Any, cursor: bytes, match: Any, count: int | None, version: Any, client: Any
    ) -> tuple[bytes, list[bytes]]:
        words: list[Any] = ["SSCAN", key, cursor]
        if match:
            if self.cache.option("COMPRESSOR") != "identity":
                raise ValueError("sscan can't take match where the option COMPRESSOR is set: stored members are compressed")
            words += ["MATCH", self.encode(match)]
        if count is not None:
            words += ["COUNT", count]
        following, found = self._run(client, *words, version=version)
        return following, found

    def _combined(self, command: str, keys: tuple[Any, ...], version: Any, client: Any) -> set[Any]:
        found = self._run(client, command, *keys, keys=tuple(range(1, len(keys) + 1)), version=version)
        return set(self._decoded(found, keys[0]))

    def _stored(
        self, command: str, target: tuple[Any, Any], keys: tuple[Any, ...], version: Any, client: Any
    ) -> int:
        whole = self.make_key(*target)
        return self._run(client, command, whole, *keys, keys=tuple(range(1, len(keys) + 2)), version=version)

    def _some(self, command: str, key: Any, count: int | None, version: Any, client: Any, kind: Any) -> Any:
        if count is not None:
            return kind(self._decoded(self._run(client, command, key, count, version=version), key))
        found = self._run(client, command, key, version=version)
        return None if found is None else self._decoded([found], key)[0]
