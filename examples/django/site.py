"""A Django site as small as can be: fills a cache and looks at it, for `make demo`.

    site.py BACKEND SOCKET fill|check|after|held
    site.py BACKEND SOCKET hold COMMAND...    runs the commands while it holds the lock "import"

BACKEND is django-redis or django (Django's own); SOCKET is the path of Redis's unix socket.
"""

import shlex
import subprocess
import sys
from datetime import datetime, timezone

import django
from django.conf import settings
from django.core.cache import cache

BACKENDS = {
    "django-redis": "django_redis.cache.RedisCache",
    "django": "django.core.cache.backends.redis.RedisCache",
}
# What the programs end with when somebody else has the lock.
TAKEN = 3


def say(call: str, result: object) -> None:
    print(f"    Python  {call}: {result!r}", flush=True)


def store(key: str, value: object) -> None:
    cache.set(key, value)
    print(f"    Python  cache.set({key!r}, {value!r})")


def fill() -> None:
    joined = datetime(2015, 12, 10, 9, 30, tzinfo=timezone.utc)
    store("user:42", {"name": "Ada", "age": 36, "admin": True, "score": 99.5, "roles": ["editor", "author"], "joined": joined})
    store("visits", 40)
    for name in ("ada", "grace", "edsger"):
        store(f"session_{name}", {"user": name, "cart": [1, 2, 3]})


def check() -> None:
    """Everything that the other programs wrote is here what it was there."""
    expect("visits", 42)
    expect("leader", "Go")
    expect("from_go", {"name": "Grace", "langs": ["cobol", "go"], "height": 1.68, "admin": False})
    expect("from_ruby", {"at": datetime(2024, 2, 29, 12, 30, 15, 250000, timezone.utc), "tags": {"red", "blue"}, "big": 2**70})
    expect("from_c", ["café", 21.5, True, None])


def after() -> None:
    expect("session_ada", None)
    expect("visits", 42)


def hold(*commands: str) -> None:
    with cache.lock("import", timeout=60):
        say('with cache.lock("import", timeout=60)', "held")
        for command in commands:
            if subprocess.run(shlex.split(command)).returncode != TAKEN:
                sys.exit(f"site.py: {command} did not respect the lock")
    say("after the with", "given up")


def held() -> None:
    """Another program has the lock."""
    taken = cache.lock("import", timeout=60).acquire(blocking=False)
    say('cache.lock("import").acquire(blocking=False)', taken)
    if taken:
        sys.exit("site.py: the lock was free")


def expect(key: str, expected: object) -> None:
    value = cache.get(key)
    say(f"cache.get({key!r})", value)
    if value != expected or types(value) != types(expected):
        sys.exit(f"site.py: expected {expected!r}")


def types(value: object) -> object:
    """The types of a value and of what is in it; 1 == True, and 42 == 42.0."""
    if isinstance(value, dict):
        return {key: types(item) for key, item in value.items()}
    if isinstance(value, list):
        return [types(item) for item in value]
    return type(value)


def main() -> None:
    backend, socket, step, *arguments = sys.argv[1:]
    settings.configure(CACHES={"default": {"BACKEND": BACKENDS[backend], "LOCATION": f"unix://{socket}?db=0"}})
    django.setup()
    {"fill": fill, "check": check, "after": after, "hold": hold, "held": held}[step](*arguments)


main()
