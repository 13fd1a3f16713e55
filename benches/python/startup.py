"""What a cache adds to the start of a Django site: its imports and its first get.

    startup.py SOCKET ROUNDS    the socket of a Redis server; prints milliseconds, medians of the rounds

Each start is a process of its own, with bytecode. All sides take turns.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

SOURCE = Path(__file__).resolve().parents[2] / "bindings" / "python" / "src"
ALONE = "Django alone"
BACKENDS = {
    "Django's RedisCache": "django.core.cache.backends.redis.RedisCache",
    "django-redis": "django_redis.cache.RedisCache",
    "djredis": "djredis.django.RedisCache",
}
SITE = """
import django
from django.conf import settings

settings.configure(
    CACHES={{"default": {{"BACKEND": {backend!r}, "LOCATION": {location!r}}}}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
)
django.setup()
"""
FIRST_GET = """
from django.core.cache import cache

cache.get("missing")
"""


def programs(socket: str) -> dict[str, str]:
    """A program for each side."""
    location = f"unix://{socket}?db=0"
    sides = {name: SITE.format(backend=path, location=location) + FIRST_GET for name, path in BACKENDS.items()}
    return {ALONE: SITE.format(backend=BACKENDS["djredis"], location=location), **sides}


def start(program: str, environment: dict[str, str]) -> tuple[float, float]:
    """Milliseconds of one process from its start to its end, and of CPU."""
    used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    wall, now = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall * 1000, (now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime) * 1000


def measure(socket: str, rounds: int) -> dict[str, tuple[float, float]]:
    """For each side the medians, wall and CPU."""
    sides = programs(socket)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    with tempfile.TemporaryDirectory() as bytecode:
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONPYCACHEPREFIX": bytecode}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for program in sides.values():
            start(program, environment)  # writes the bytecode
        for number in range(rounds):
            order = list(sides) if number % 2 else list(reversed(sides))
            for name in order:
                times[name].append(start(sides[name], environment))
    return {name: (median(wall for wall, _ in found), median(cpu for _, cpu in found)) for name, found in times.items()}


def main() -> None:
    found = measure(sys.argv[1], int(sys.argv[2]))
    alone = found[ALONE]
    print(f"{'':20} {'wall ms':>9} {'CPU ms':>9} {'added':>9} {'CPU':>9}")
    for name, (wall, cpu) in found.items():
        print(f"{name:20} {wall:9.1f} {cpu:9.1f} {wall - alone[0]:9.1f} {cpu - alone[1]:9.1f}")


if __name__ == "__main__":
    main()
