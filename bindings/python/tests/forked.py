"""A program that forks again and again, in one state and by one way: `forked.py STATE WAY LOCATION FORKS`.

test_forks.py runs it. Each child must be able to work at once, on a socket of its own, and is refused what was its parent's.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any, Callable

import djredis

KEYS = {f"k{n}": n for n in range(300)}
HUNG = 60  # seconds; an alarm ends a child that takes longer
#: Tells a fork server which state its children are forked in.
STATE, LOCATION = "DJREDIS_FORKED_STATE", "DJREDIS_FORKED_LOCATION"


class Scene:
    """A process with a cache in use, and with what its state says."""

    def __init__(self, state: str, location: str) -> None:
        self.pid = os.getpid()
        self.memory = location.startswith("memory:")
        others = peers()
        self.cache = djredis.Cache(location, max_connections=1 if state == "waiting" else 64)
        self.cache.set_many(KEYS, timeout=None)
        self.server = set(peers().values()) - set(others.values())
        self.stop = threading.Event()
        self.wrong: list[str] = []
        self.threads: list[threading.Thread] = []
        self.connections: list[djredis.Connection] = []
        self.keys: Iterator[str] | None = None
        getattr(self, state)()

    def idle(self) -> None:
        """A connection in the pool."""

    def busy(self, threads: int = 4) -> None:
        """Other threads in the middle of calls."""
        for number in range(threads):
            self._start(self._call, f"parent{number}", iter(range(10**9)))

    def waiting(self) -> None:
        """Many more threads than connections."""
        self.busy(12)

    def connecting(self) -> None:
        """Other threads that open and close connections all the time."""
        for _ in range(4):
            self._start(self._connect)

    def subscribed(self) -> None:
        """Two connections that wait for messages, in nobody's hands and in those of another thread."""
        for _ in range(2):
            connection = self.cache.connection()
            connection.send("SUBSCRIBE", "news")
            assert connection.receive() == [b"subscribe", b"news", 1]
            self.connections.append(connection)
        self._start(self.connections[1].receive, 0.05)
        self.busy(1)

    def scanning(self) -> None:
        """An iterator that has begun, and another thread in the midst of its own."""
        self.keys = self.cache.iter_keys("k*", itersize=10)
        next(self.keys)
        self._start(self._walk)
        self.busy(1)

    def _start(self, work: Callable[..., Any], *arguments: Any) -> None:
        thread = threading.Thread(target=self._repeat, args=(work, *arguments), daemon=True)
        self.threads.append(thread)
        thread.start()

    def _repeat(self, work: Callable[..., Any], *arguments: Any) -> None:
        try:
            while not self.stop.is_set():
                work(*arguments)
        except BaseException as error:
            self.wrong.append(repr(error))

    def _call(self, key: str, numbers: Iterator[int]) -> None:
        number = next(numbers)
        assert self.cache.set(key, number)
        assert self.cache.get(key) == number
        assert self.cache.get_many(["k1", "k2"]) == {"k1": 1, "k2": 2}

    def _connect(self) -> None:
        with self.cache.connection() as connection:
            connection.command("CLIENT", "SETNAME", "changed:so-it-is-closed")

    def _walk(self) -> None:
        assert set(self.cache.iter_keys("k*", itersize=10)) == set(KEYS)

    def check(self) -> None:
        """In the process itself, at the end: what it had is there and works."""
        self.stop.set()
        for thread in self.threads:
            thread.join(HUNG)
            assert not thread.is_alive(), "a thread of the parent hangs"
        assert not self.wrong, self.wrong
        for connection in self.connections:
            self.cache.command("PUBLISH", "news", "last")
            assert connection.receive(HUNG) == [b"message", b"news", b"last"]
        assert self.keys is None or len(set(self.keys)) >= len(KEYS) - 1
        assert self.cache.get_many(KEYS) == KEYS

    def check_child(self) -> None:
        signal.alarm(HUNG)
        assert not self.wrong, self.wrong
        assert not self._connected(), "the parent's sockets are open"
        self._check_refused()
        number = os.getpid()
        for turn in range(3):
            assert self.cache.set(f"child{number}", [number, turn])
            assert self.cache.get(f"child{number}") == [number, turn]
        assert self.cache.get("k5") == (None if self.memory else 5)
        own = self._connected()
        assert len(own) == (0 if self.memory else 1), own
        assert own.isdisjoint(inodes(self.pid)), "parent and child share a socket"
        self._check_refused()
        if number % 2:
            for connection in self.connections:
                connection.release()
            self.connections.clear()
            self.cache.close()

    def _check_refused(self) -> None:
        for connection in self.connections:
            refused(lambda connection=connection: connection.command("PING"))
            refused(lambda connection=connection: connection.receive(0))
        if self.keys is not None:
            keys, self.keys = self.keys, None
            refused(lambda: list(keys))

    def _connected(self) -> set[str]:
        return {inode for inode, peer in peers().items() if peer in self.server}


def refused(call: Callable[[], Any]) -> None:
    try:
        call()
    except djredis.ForkedError:
        return
    raise AssertionError("what is the parent's can be used in the child")


def inodes(pid: int) -> set[str]:
    """The sockets of another process."""
    found = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):  # closed in the meantime
            found.add(os.readlink(f"/proc/{pid}/fd/{name}"))
    return {link for link in found if link.startswith("socket:")}


def peers() -> dict[str, Any]:
    """The sockets of this process, and what they are connected to."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # closed in the meantime, no socket, not connected
            inode = os.readlink(f"/proc/self/fd/{name}")
            with socket.socket(fileno=os.dup(int(name))) as copy:
                found[inode] = copy.getpeername()
    return found


def by_fork(scene: Scene) -> int | None:
    child = os.fork()
    if child == 0:
        try:
            scene.check_child()
            os._exit(0)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def by_multiprocessing(scene: Scene) -> int | None:
    child = multiprocessing.get_context("fork").Process(target=scene.check_child)
    child.start()
    child.join()
    return child.exitcode


def by_fork_server() -> int | None:
    child = multiprocessing.get_context("forkserver").Process(target=check_child_of_server)
    child.start()
    child.join()
    return child.exitcode


def check_child_of_server() -> None:
    assert inherited is not None, "the fork server has no scene"
    assert inherited.pid == os.getppid()
    inherited.check_child()


#: In a fork server, which imports this module before it forks. Its children import it once more, as __mp_main__.
inherited = Scene(os.environ[STATE], os.environ[LOCATION]) if __name__ == "forked" and STATE in os.environ else None


def main(state: str, way: str, location: str, forks: int) -> None:
    warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
    fork = by_fork if way == "fork" else by_multiprocessing
    if way == "forkserver":
        multiprocessing.set_forkserver_preload(["forked"])
        os.environ.update({STATE: state, LOCATION: location})
        ended = [by_fork_server() for _ in range(forks)]
    else:
        scene = Scene(state, location)
        ended = [fork(scene) for _ in range(forks)]
        scene.check()
    failed = [code for code in ended if code != 0]
    print(f"{len(failed)} of {forks} children failed: {failed}" if failed else "all is well")


if __name__ == "__main__":
    import forked  # the same module as in a fork server: its children find their functions there

    forked.main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
