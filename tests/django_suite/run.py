"""run.py FOLDER: the BaseCacheTests of Django's tests in FOLDER, on djredis.django.RedisCache and a server of its own.

What Django's own RedisCache skips may be skipped, and nothing else: its tests run too, to see what that is.
"""

from __future__ import annotations

import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "bindings" / "python" / "src"), str(ROOT / "tests" / "conformance"), sys.argv[1]]

import django  # noqa: E402
from django.conf import settings  # noqa: E402

from runner.server import Server  # noqa: E402

DATABASE = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}


def configure() -> None:
    settings.configure(
        DATABASES={"default": DATABASE, "other": DATABASE},
        INSTALLED_APPS=["cache"],
        SECRET_KEY="for tests alone",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=False,
    )
    django.setup()


def cases(base: dict[str, Any]) -> type[unittest.TestCase]:
    """Django's tests for every backend, on the backend of these settings."""
    from cache import tests
    from django.test import TestCase, override_settings

    caches = tests.caches_setting_for_tests(base=base, exclude=tests.redis_excluded_caches)
    kind = type("BackendTests", (tests.BaseCacheTests, TestCase), {"__module__": __name__})
    if base["BACKEND"].startswith("django."):
        import redis

        kind.incr_decr_type_error = redis.ResponseError
    return override_settings(CACHES=caches)(kind)


def run(base: dict[str, Any]) -> unittest.TestResult:
    from django.test.utils import get_runner

    runner = get_runner(settings)(verbosity=0)
    runner.setup_test_environment()
    databases = runner.setup_databases()
    try:
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(cases(base))
        return unittest.TextTestRunner(verbosity=1).run(suite)
    finally:
        runner.teardown_databases(databases)


def skipped(result: unittest.TestResult) -> set[str]:
    return {test.id().rpartition(".")[2] for test, _ in result.skipped}


def main(server: Server) -> int:
    """Both at once: the tests mostly sleep."""
    command = [sys.executable, __file__, sys.argv[1], f"unix://{server.path}?db=1"]
    peer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    ours = run({"BACKEND": "djredis.django.RedisCache", "LOCATION": f"unix:{server.path}:0"})
    theirs = set(peer.communicate()[0].split())
    more = skipped(ours) - theirs
    if more:
        print(f"django: skipped on djredis.django.RedisCache alone: {', '.join(sorted(more))}")
    if peer.returncode != 0:
        print("django: Django's own RedisCache fails its tests here; is redis-py of another version?")
    failed = len(ours.failures) + len(ours.errors) + len(more) + (peer.returncode != 0)
    passed = ours.testsRun - len(ours.skipped) - len(ours.failures) - len(ours.errors)
    print(f"django: {len(ours.skipped)} of {ours.testsRun} tests skipped, as on Django's own RedisCache")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


def reference(location: str) -> int:
    """Prints what Django's own backend skips."""
    result = run({"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": location})
    print(*skipped(result))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    configure()
    if len(sys.argv) > 2:
        sys.exit(reference(sys.argv[2]))
    started = Server("redis-server")
    try:
        status = main(started)
    finally:
        started.stop()
    sys.exit(status)
