"""The backend."""

from __future__ import annotations

from djredis.django.backend import RedisCache as _RedisCache
from djredis.django.settings import REDIS_CACHE

from ._interrupted import InterruptedGuard


class RedisCache(_RedisCache):
    """djredis.django.RedisCache as the documentation of django-redis 3 has it.

    A timeout of 0 is for ever. Methods return what django-redis's do, where Django's return something else. When the
    server is away they raise redis_cache.exceptions.ConnectionInterrupted or, with DJANGO_REDIS_IGNORE_EXCEPTIONS,
    return None or the given default.
    """

    flavour = REDIS_CACHE
    _guard_class = InterruptedGuard


__all__ = ["RedisCache"]
