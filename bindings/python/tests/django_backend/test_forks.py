"""A fork in the midst of other threads that open caches: the child waits for none of them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from conftest import Server

from djredis.django import _registry, _serializers


class Plain:
    def dumps(self, value: object) -> bytes:
        return repr(value).encode()

    def loads(self, data: bytes) -> object:
        return data


def opened(server: Server, prefix: str) -> object:
    """A cache of the registry, with a serializer of one's own."""
    return _registry.shared(server.location(), {"KEY_PREFIX": prefix, "SERIALIZER": made()})


def made() -> object:
    return _serializers._once(("Plain", ""), Plain)


def test_a_child_opens_caches_too(server: Server) -> None:
    forked_while(
        lambda: _registry.forget(opened(server, "parent")),  # type: ignore[arg-type]
        lambda: opened(server, "child").get("k") is None,  # type: ignore[attr-defined]
    )


def test_a_child_gets_raw_clients_too(backend: Any) -> None:
    client = backend.client
    client.get_client()

    def raw() -> Any:
        client._raw_clients.clear()
        return client.get_client()

    forked_while(raw, lambda: raw() is not None)


def test_a_child_uses_a_connection_on_which_a_thread_of_the_parent_waits(backend: Any) -> None:
    client = backend.client.get_client()
    connection = client.connection_pool.get_connection()
    connection.send_command("BLPOP", "empty", 0)
    waiting = threading.Thread(target=connection.read_response, daemon=True)
    waiting.start()

    def child() -> bool:
        connection.send_command("PING")
        return connection.read_response() == b"PONG"  # type: ignore[no-any-return]

    forked_while(lambda: time.sleep(0.01), child)
    client.rpush("empty", "something")
    waiting.join(60)
    assert not waiting.is_alive()


def forked_while(busy: Callable[[], Any], child: Callable[[], bool]) -> None:
    """Forks while other threads are busy; each child must end well."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            busy()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(100):
            pid = os.fork()
            if pid == 0:
                signal.alarm(10)  # ends a child that waits for ever
                os._exit(0 if child() else 1)
            assert os.waitpid(pid, 0)[1] == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
