"""The near cache while other processes write: see tests/near_races.rs, which does the same to the library alone."""

from __future__ import annotations

import random
import subprocess
import threading
import time

import djredis
from conftest import Server

WRITERS, KEYS, WRITES, READERS = 2, 8, 4000, 4
PREFIX = "near-races"


def start_writer(server: Server, first: int) -> subprocess.Popen[str]:
    """Another process, which writes every second key from the first on, one after the other. The number tells which key it is."""
    keys = range(first, KEYS, WRITERS)
    lines = (f"SET {PREFIX}:1:{key} {turn * KEYS + key}" for turn in range(1, WRITES + 1) for key in keys)
    command = ["redis-cli", "-s", server.path]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stdin
    threading.Thread(target=process.communicate, args=("\n".join(lines),)).start()
    return process


class Readers:
    """Threads that read until they are told to stop. Nobody may get an older value than somebody has got before it began."""

    def __init__(self, cache: djredis.Cache) -> None:
        self.cache = cache
        self.newest = [0] * KEYS
        self.wrong: list[str] = []
        self._lock = threading.Lock()
        self._stop = False
        self._threads = [threading.Thread(target=self._run) for _ in range(READERS)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        while not self._stop and not self.wrong:
            self._read(random.sample(range(KEYS), random.choice((1, 1, 1, 3))))

    def _read(self, keys: list[int]) -> None:
        floors = [self.newest[key] for key in keys]
        if len(keys) > 1:
            found = self.cache.get_many([str(key) for key in keys])
        else:
            found = {str(key): self.cache.get(str(key)) for key in keys}
        for key, floor in zip(keys, floors):
            # Before the first write of all, it counts as written in turn 0.
            number = found.get(str(key)) or key
            if number % KEYS != key or number < floor:
                self.wrong.append(f"{key}: {number} after {floor}")
            with self._lock:
                self.newest[key] = max(self.newest[key], number)

    def stop(self) -> None:
        self._stop = True
        for thread in self._threads:
            thread.join()


def test_nobody_goes_back_in_time_while_other_processes_write(server: Server) -> None:
    with djredis.Cache(server.location(), key_prefix=PREFIX, near_cache=1 << 20) as cache:
        readers = Readers(cache)
        writers = [start_writer(server, first) for first in range(WRITERS)]
        try:
            assert [writer.wait(300) for writer in writers] == [0] * WRITERS
            end = time.monotonic() + 60
            while [cache.get(str(key)) for key in range(KEYS)] != [WRITES * KEYS + key for key in range(KEYS)]:
                assert time.monotonic() < end, "the last values are never read"
        finally:
            readers.stop()
        assert readers.wrong == []
        stats = cache.stats()
        assert stats["near_hits"] and stats["near_misses"] and stats["near_invalidations"]
