"""What the benchmarks of every language read, stored as a Django site with django-redis stores it.

    fill.py SOCKET
"""

from __future__ import annotations

import sys

import django
from django.conf import settings
from django.core.cache import cache

from user import user

TEXT = "x" * 100


def main() -> None:
    location = f"unix://{sys.argv[1]}?db=0"
    settings.configure(CACHES={"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": location, "TIMEOUT": None}})
    django.setup()
    cache.set("text", TEXT)
    cache.set("user", user(7))
    cache.set("visits", 0)
    cache.set("large", b"x" * (1 << 20))
    cache.set_many({f"many_{number}": TEXT for number in range(100)})


main()
