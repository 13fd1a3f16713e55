"""Hashes. Fields are plain text, values are stored as the cache's values are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._base import BaseClient


class Hashes(BaseClient):
    """django-redis's methods for hashes."""

    def hset(
        self,
        key: Any,
        field: Any = None,
        value: Any = None,
        mapping: Mapping[Any, Any] | None = None,
        version: Any = None,
        client: Any = None,
    ) -> int:
        """Sets a field, or all those of a mapping. How many are new."""
        if field is None and not mapping:
            raise ValueError("hset takes a field and its value, or a mapping with at least one of them")
        pairs = [] if field is None else [field, self.encode(value)]
        for name, each in (mapping or {}).items():
            pairs += [name, self.encode(each)]
        return self._run(client, "HSET", key, *pairs, version=version)

    def hdel(self, key: Any, field: Any, version: Any = None, client: Any = None) -> int:
        """Removes a field. How many were there."""
        return self._run(client, "HDEL", key, field, version=version)

    def hlen(self, key: Any, version: Any = None, client: Any = None) -> int:
        """How many fields there are."""
        return self._run(client, "HLEN", key, version=version)

    def hkeys(self, key: Any, version: Any = None, client: Any = None) -> list[str]:
        """The names of the fields."""
        return [field.decode() for field in self._run(client, "HKEYS", key, version=version)]

    def hexists(self, key: Any, field: Any, version: Any = None, client: Any = None) -> bool:
        """Whether there is such a field."""
        return bool(self._run(client, "HEXISTS", key, field, version=version))
