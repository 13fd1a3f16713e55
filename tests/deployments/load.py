"""Clients of a site whose workers come and go."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

#: How many workers are replaced.
FORKS = 1000 if os.environ.get("DJREDIS_FAULTS") == "whole" else 6
HUNG = 60  # seconds
CLIENTS = 4


class Load:
    """Clients that ask all the time, and what processes answered them."""

    def __init__(self, site: Any) -> None:
        self.site = site
        self.sockets: dict[int, set[str]] = {}
        self.wrong: list[Any] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int) -> None:
        while not self._stop.is_set():
            try:
                answer = self.site.get(f"own/{number}")
            except urllib.error.HTTPError as error:
                self.wrong.append(error)
                return
            except OSError:
                continue  # the worker was told to end before it read the request
            if answer["wrong"]:
                self.wrong.append(answer)
            self.sockets.setdefault(answer["pid"], set()).update(answer["sockets"])

    def newest(self, known: set[int]) -> int:
        """A process that was not known and has answered; from now on it is."""
        found = self.until(lambda: set(self.sockets) - known)
        known |= found
        return max(found)

    def until(self, condition: Callable[[], Any]) -> Any:
        end = time.monotonic() + HUNG
        while not (found := condition()):
            assert not self.wrong, (self.wrong, self.site.log.read_text())
            assert time.monotonic() < end, self.site.log.read_text()
            time.sleep(0.002)
        return found

    def check(self, begun: str, workers: int) -> None:
        """Every answer was right, no worker began unasked, and no socket is in two processes but what they listen on."""
        self.until(lambda: self.site.log.read_text().count(begun) >= workers)
        log = self.site.log.read_text()
        assert not self.wrong, (self.wrong, log)
        assert log.count(begun) == workers, log
        master = self.site.process.pid
        self.sockets[master] = {link for link in links(master) if link.startswith("socket:")}
        common = set.intersection(*self.sockets.values())
        own = [socket for sockets in self.sockets.values() for socket in sockets - common]
        assert len(own) == len(set(own)) > len(self.sockets)


def links(pid: int) -> Iterator[str]:
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed in the meantime
            yield os.readlink(descriptor)
