"""A pytest plugin: redis-py's own tests get this library's client from their factory, and are held to our list.

The list has a line for each test that is left out, `path::name  # reason`. A test of it that passes is a failure, and so
is a run with fewer passed tests than the floor.
"""

from __future__ import annotations

import fnmatch
import gc
import sys
from pathlib import Path
from typing import Any

import pytest

import djredis
from djredis.django._redis_py import redis_client


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--left-out", type=Path, action="append", help="a list of tests that are expected to fail")
    parser.addoption("--own", action="store_true", help="with redis-py's own connections, to compare")
    parser.addoption("--floor", type=int, default=0, help="how many must pass at least")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LeftOut(config.getoption("--left-out") or [], config.getoption("--floor")))


def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.getoption("--own"):
        return
    conftest = sys.modules["tests.conftest"]
    conftest._get_client = _Factory(conftest._get_client)


class _Factory:
    """In the place of the tests' own, with the same arguments."""

    def __init__(self, own: Any) -> None:
        self._own = own

    def __call__(
        self,
        cls: Any,
        request: Any,
        single_connection_client: bool = True,
        flushdb: bool = True,
        from_url: str | None = None,
        **settings: Any,
    ) -> Any:
        url = from_url or request.config.getoption("--redis-url")
        cache = _cache(url, request.config, settings)
        client = redis_client(cache, **settings)
        if cls is not type(client):
            client = cls(connection_pool=client.connection_pool)
        if single_connection_client:
            client = client.client()
        if request:
            request.addfinalizer(lambda: _finish(client, cache, flushdb))
        return client


def _cache(url: str, config: pytest.Config, settings: dict[str, Any]) -> djredis.Cache:
    """The cache for a URL such as redis://localhost:6379/0, taking what concerns it from the settings."""
    address = url.partition("://")[2]
    server, _, db = address.partition("/")
    protocol = settings.pop("protocol", None) or config.getoption("--protocol") or 2
    options = {"PROTOCOL": f"resp{protocol}"}
    timeout = settings.pop("socket_timeout", None)
    if timeout is not None:
        options["SOCKET_TIMEOUT"] = timeout
    for name in ("retry", "retry_on_timeout"):
        settings.pop(name, None)  # the cache decides
    for name in ("username", "password"):
        if name in settings:
            options[name] = settings.pop(name)
    db = str(settings.pop("db", db.partition("?")[0] or 0))
    return djredis.Cache(f"redis://{server}/{db}", **options)


def _finish(client: Any, cache: djredis.Cache, flushdb: bool) -> None:
    if flushdb:
        try:
            client.flushdb()
        except Exception:  # a test may have cut or disturbed the connection
            client.connection_pool.disconnect()
            client.flushdb()
    client.close()
    cache.close()


class LeftOut:
    """Expects the tests of the list to fail, and counts."""

    def __init__(self, paths: list[Path], floor: int) -> None:
        self._floor = floor
        self._reasons = dict(entry for path in paths for entry in _entries(path))
        self._failed = False
        self._unused = set(self._reasons)
        self._passed = 0
        self._wrong: list[str] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for pattern, reason in self._reasons.items():
                if fnmatch.fnmatchcase(_name(item.nodeid), pattern):
                    self._unused.discard(pattern)
                    tried = not reason.startswith(("WAITS: ", "TIMED: "))
                    item.add_marker(pytest.mark.xfail(reason=reason, strict=True, run=tried))
        files = {_name(item.nodeid).partition("::")[0] for item in items}
        self._unused = {pattern for pattern in self._unused if pattern.partition("::")[0] in files}

    def pytest_runtest_setup(self) -> None:
        """The frames of a test that failed, as expected, hold its subscriber: the next test's counts must be without it."""
        if self._failed:
            self._failed = False
            sys.last_value = sys.last_traceback = None
            gc.collect()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._passed += report.when == "call" and report.passed
        self._failed = self._failed or report.outcome != "passed"

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.config.option.collectonly or session.config.option.keyword:
            return
        if self._unused:
            self._wrong.append(f"no test is named {', '.join(sorted(self._unused))}")
        if self._passed < self._floor:
            self._wrong.append(f"{self._passed} tests passed, and at least {self._floor} should")
        if self._wrong:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.write_line(f"{self._passed} of redis-py's own tests passed on this library's connections")
        for sentence in self._wrong:
            terminalreporter.write_line(f"FAILED: {sentence}", red=True)


def _name(nodeid: str) -> str:
    return nodeid.removeprefix("tests/")


def _entries(path: Path) -> list[tuple[str, str]]:
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines():
        pattern, mark, reason = line.partition("  # ")
        if pattern.strip() and not pattern.startswith("#"):
            if not (mark and reason.strip()):
                raise pytest.UsageError(f"{path.name} gives no reason for {pattern}")
            entries.append((pattern.strip(), reason.strip()))
    return entries
