"""A Django site as small as can be: fills a cache and looks at it, for `make demo`.

    site.py BACKEND SOCKET fill|check|after

BACKEND is django-redis or django (Django's own); SOCKET is the path of Redis's unix socket.
"""

import sys

import django
from django.conf import settings
from django.core.cache import cache

BACKENDS = {
    "django-redis": "django_redis.cache.RedisCache",
    "django": "django.core.cache.backends.redis.RedisCache",
}


def fill() -> None:
    user = {"name": "Ada", "age": 36, "admin": True, "score": 99.5, "roles": ["editor", "author"], "team": None}
    cache.set("user:42", user)
    cache.set("visits", 41)
    for name in ("ada", "grace", "edsger"):
        cache.set(f"session_{name}", {"user": name, "cart": [1, 2, 3]})
    print(f'    cache.set("user:42", {user})')
    print('    cache.set("visits", 41)')
    print('    cache.set("session_ada", ...), "session_grace", "session_edsger"')


def check() -> None:
    expect("visits", 42)
    expect("leader", "the C program")
    expect("from_c:text", "written by C, café included")
    expect("from_c:float", 21.5)
    expect("from_c:list", [2, 3, 5])


def after() -> None:
    expect("session_ada", None)
    expect("visits", 42)


def expect(key: str, expected: object) -> None:
    value = cache.get(key)
    print(f"    cache.get({key!r}): {value!r}")
    if value != expected or type(value) is not type(expected):
        sys.exit(f"site.py: expected {expected!r}")


def main() -> None:
    backend, socket, step = sys.argv[1:]
    location = {"BACKEND": BACKENDS[backend], "LOCATION": f"unix://{socket}?db=0"}
    settings.configure(CACHES={"default": location})
    django.setup()
    {"fill": fill, "check": check, "after": after}[step]()


main()
