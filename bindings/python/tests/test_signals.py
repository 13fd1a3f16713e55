"""Signals during a wait: handlers run at once, harmless ones cost nothing, what the others raise ends the call."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import djredis
from djredis import _interrupts

LONG = 30.0  # seconds that the silent server would keep a call waiting


class Alarmed(Exception):
    pass


def _raise(*_: Any) -> None:
    raise Alarmed


@pytest.fixture
def on_alarm() -> Iterator[Callable[..., None]]:
    """Sets the handler of SIGALRM, and when the signal comes."""
    before = signal.getsignal(signal.SIGALRM)

    def arm(handler: Callable[..., Any], first: float, every: float = 0) -> None:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, first, every)

    yield arm
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_a_harmless_signal_goes_on_with_the_wait(silent: str, on_alarm: Callable[..., None]) -> None:
    ran: list[float] = []
    with djredis.Cache(silent, socket_timeout=1) as cache:
        on_alarm(lambda *_: ran.append(time.monotonic()), 0.1, 0.1)
        began = time.monotonic()
        with pytest.raises(djredis.TimeoutError):
            cache.get("k")
    assert len([moment for moment in ran if moment - began < 0.9]) >= 3  # during the wait, not after it
    assert 0.9 < time.monotonic() - began < LONG


def test_the_end_of_a_child_does_not_fail_a_call(silent: str) -> None:
    reaped: list[int] = []
    before = signal.signal(signal.SIGCHLD, lambda *_: reaped.append(1))
    try:
        with djredis.Cache(silent, socket_timeout=1) as cache:
            child = subprocess.Popen(["sleep", "0.2"])
            with pytest.raises(djredis.TimeoutError):
                cache.get("k")
            child.wait()
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert reaped


@pytest.mark.parametrize(
    "method", ["get", "set", "get_many", "set_many", "keys", "iter_keys", "incr", "clear", "batch"]
)
def test_what_a_handler_raises_ends_the_call(silent: str, on_alarm: Callable[..., None], method: str) -> None:
    calls: Any = {
        "get": lambda c: c.get("k"), "set": lambda c: c.set("k", 1), "get_many": lambda c: c.get_many(["k"]),
        "set_many": lambda c: c.set_many({"k": 1}), "keys": lambda c: c.keys(), "incr": lambda c: c.incr("k"),
        "iter_keys": lambda c: list(c.iter_keys()), "clear": lambda c: c.clear(),
        "batch": lambda c: c.batch().get("k").execute(),
    }  # fmt: skip
    with djredis.Cache(silent, socket_timeout=LONG) as cache:
        on_alarm(_raise, 0.2)
        began = time.monotonic()
        with pytest.raises(Alarmed) as raised:
            calls[method](cache)
        assert time.monotonic() - began < LONG / 2
    assert raised.value.__traceback__ is not None
    assert _interrupts.take() is None


@pytest.fixture
def full() -> Iterator[str]:
    """The location of a server that takes no connection: its queue is full."""
    with contextlib.ExitStack() as opened:
        listener = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            client = opened.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}:0"


WAITS: dict[str, Callable[[str, str], Callable[[], Any]]] = {
    "a connection": lambda _, full: lambda: opened(full).get("k"),
    "a handshake": lambda silent, _: lambda: opened(f"rediss://{silent.rpartition(':')[0]}/0").get("k"),
    "a login": lambda silent, _: lambda: opened(silent, password="p").get("k"),
    "room to write": lambda silent, _: lambda: opened(silent).set("k", b"x" * (32 << 20)),
    "a reply": lambda silent, _: lambda: opened(silent).get("k"),
}


def opened(location: str, **options: Any) -> djredis.Cache:
    return djredis.Cache(location, socket_timeout=LONG, socket_connect_timeout=LONG, **options)


@pytest.mark.parametrize("restarts", [False, True], ids=["EINTR", "SA_RESTART"])
@pytest.mark.parametrize("wait", WAITS)
def test_wherever_it_waits(
    silent: str, full: str, on_alarm: Callable[..., None], wait: str, restarts: bool
) -> None:
    """Once a signal that means nothing, then one that raises."""
    ran: list[int] = []

    def handler(*_: Any) -> None:
        ran.append(1)
        if len(ran) > 1:
            raise Alarmed

    work = WAITS[wait](silent, full)
    on_alarm(handler, 0.2, 0.2)
    signal.siginterrupt(signal.SIGALRM, not restarts)
    began = time.monotonic()
    with pytest.raises(Alarmed):
        work()
    assert time.monotonic() - began < LONG / 2


def test_keyboard_interrupt(silent: str) -> None:
    with djredis.Cache(silent, socket_timeout=LONG) as cache:
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            cache.get("k")
        assert time.monotonic() - began < LONG / 2
        timer.join()


def test_a_wait_for_the_pool_is_interrupted_too(silent: str, on_alarm: Callable[..., None]) -> None:
    with djredis.Cache(silent, socket_timeout=LONG, max_connections=1) as cache:

        def hold() -> None:
            with contextlib.suppress(djredis.Error):
                cache.get("holds the only connection")

        threading.Thread(target=hold, daemon=True).start()
        time.sleep(0.3)
        on_alarm(_raise, 0.2)
        began = time.monotonic()
        with pytest.raises(Alarmed):
            cache.get("waits for it")
        assert time.monotonic() - began < LONG / 2


def test_an_interrupted_connection_is_not_used_again(cache: djredis.Cache, on_alarm: Callable[..., None]) -> None:
    """A late reply must not reach the next call: interrupts at random moments of real calls."""
    cache.set_many({str(n): n for n in range(50)})
    interrupted = 0
    for _ in range(200):
        try:
            on_alarm(_raise, 0.0005)
            while True:
                for n in range(50):
                    assert cache.get(str(n)) == n
        except Alarmed:
            interrupted += 1
    assert interrupted == 200
    assert cache.get("7") == 7


def test_what_interrupts_a_connection_is_what_is_raised(location: str, on_alarm: Callable[..., None]) -> None:
    """At whatever moment it comes: the connection is given back all the same, and nothing else is raised instead."""

    def work(cache: djredis.Cache) -> None:
        on_alarm(_raise, random.uniform(0.0002, 0.002))
        with cache.connection() as connection:
            while True:
                assert connection.command("ECHO", "a") == b"a"
                assert connection.pipeline([("ECHO", "b")] * 2) == [b"b"] * 2

    with djredis.Cache(location, max_connections=1) as cache:
        for _ in range(1000):
            with pytest.raises(Alarmed):
                work(cache)


def test_a_handler_may_use_the_same_cache(cache: djredis.Cache, on_alarm: Callable[..., None]) -> None:
    cache.set_many({"main": "m" * 100, "handler": "h" * 100_000})
    seen: list[Any] = []

    def handler(*_: Any) -> None:
        seen.append(cache.get("handler"))
        signal.setitimer(signal.ITIMER_REAL, 0.001)  # not a repeating timer, which a slow machine would never get past

    on_alarm(handler, 0.001)
    end = time.monotonic() + 20
    while len(seen) < 100 and time.monotonic() < end:
        assert cache.get("main") == "m" * 100
        assert cache.get_many(["main"]) == {"main": "m" * 100}
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert len(seen) >= 100
    assert set(seen) == {"h" * 100_000}


def test_a_handler_that_is_interrupted_itself(silent: str, on_alarm: Callable[..., None]) -> None:
    outcomes: list[str] = []
    with djredis.Cache(silent, socket_timeout=LONG) as cache:

        def outer(*_: Any) -> None:
            on_alarm(_raise, 0.2)
            try:
                cache.get("inner")
            except Alarmed:
                outcomes.append("inner")
            raise KeyError("outer")

        on_alarm(outer, 0.2)
        began = time.monotonic()
        with pytest.raises(KeyError, match="outer"):
            cache.get("outer")
        assert time.monotonic() - began < LONG / 2
    assert outcomes == ["inner"]


def test_a_signal_that_another_thread_gets(silent: str) -> None:
    """Handlers run in the main thread only: a wait in another thread goes on."""
    ran: list[str] = []
    before = signal.signal(signal.SIGUSR1, lambda *_: ran.append(threading.current_thread().name))
    failures: list[BaseException] = []

    def wait() -> None:
        with djredis.Cache(silent, socket_timeout=1) as cache:
            try:
                cache.get("k")
            except BaseException as error:
                failures.append(error)

    try:
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.3)
        assert thread.ident is not None
        signal.pthread_kill(thread.ident, signal.SIGUSR1)
        thread.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert [type(error) for error in failures] == [djredis.TimeoutError]
    assert ran == ["MainThread"]
