"""Caches of Django's, on the server of the tests, next to those of django-redis and of Django itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

import pytest
from conftest import Server
from django.conf import settings

if not settings.configured:
    settings.configure(CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, USE_TZ=True)

from django.core.cache import caches  # noqa: E402
from django.test import override_settings  # noqa: E402

OURS = "djredis.django.RedisCache"
DJANGO_REDIS = "django_redis.cache.RedisCache"
DJANGO = "django.core.cache.backends.redis.RedisCache"

#: Makes a cache of BACKEND, LOCATION and what else stands beside them in CACHES.
Make = Callable[..., Any]


@pytest.fixture
def make(server: Server) -> Iterator[Make]:
    """Makes the cache of an entry of CACHES, `default` unless another alias is given, each on the test's server."""
    entries: dict[str, dict[str, Any]] = {}
    overridden: list[Any] = []

    def add(backend: str = OURS, alias: str = "default", location: str | None = None, db: int = 0, **more: Any) -> Any:
        url = f"unix://{server.path}?db={db}"
        entries[alias] = {"BACKEND": backend, "LOCATION": url if location is None else location, **more}
        override = override_settings(CACHES={"default": entries[alias], **entries})
        override.enable()
        overridden.append(override)
        return caches[alias]

    yield add
    for override in reversed(overridden):
        override.disable()


@pytest.fixture
def backend(make: Make) -> Any:
    """The default cache, empty. (`cache` is a djredis.Cache in all tests of this package.)"""
    made = make()
    made.clear()
    return made
