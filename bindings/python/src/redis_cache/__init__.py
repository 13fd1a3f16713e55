"""The paths that django-redis had in its releases 3.0 to 3.7, on djredis: settings that name them work as they are.

CACHES = {"default": {"BACKEND": "redis_cache.cache.RedisCache", "LOCATION": "127.0.0.1:6379:1"}}
"""

from __future__ import annotations

from djredis.django import get_redis_connection

__all__ = ["get_redis_connection"]
