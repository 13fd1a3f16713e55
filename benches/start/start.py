"""Starts, gets one text and ends.   start.py python|django ours|peer|nothing SOCKET"""

import sys

DJANGO = {"ours": "djredis.django.RedisCache", "peer": "django_redis.cache.RedisCache"}


def ours(socket):
    from djredis import Cache

    with Cache(f"unix:{socket}:0") as cache:
        return cache.get("text")


def peer(socket):
    from redis import Redis

    return Redis(unix_socket_path=socket).get(":1:text")


def nothing(socket):
    return socket


def django(side, socket):
    import django
    from django.conf import settings

    caches = {"default": {"BACKEND": DJANGO[side], "LOCATION": f"unix://{socket}?db=0"}} if side in DJANGO else {}
    settings.configure(CACHES=caches or {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}})
    django.setup()
    # Without a cache it is imported as well: a site has it in any case.
    from django.core.cache import cache

    return cache.get("text") or side == "nothing"


language, side, socket = sys.argv[1:]
sys.exit(0 if (django(side, socket) if language == "django" else globals()[side](socket)) else 1)
