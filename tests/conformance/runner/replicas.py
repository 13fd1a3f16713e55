"""The servers of the layouts `replica` and `sentinel`: a primary, its replicas, and sentinels that know them.

Raw steps go to the primary. Before the driver does anything, the replicas have caught up: what a case expects holds on them too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from typing import Sequence

from . import shards
from .cases import Case
from .resp import Client, ReplyError
from .server import START_TIMEOUT, NotStarted, Server, free_port

REPLICAS = 2
SENTINELS = 3
SERVICE = "conformance"
CATCH_UP = 20.0


def fits(case: Case) -> bool:
    """Whether a case can be played on replicas: they count as clients, need the same settings, and have no near cache."""
    is_odd = any(
        step.get("redis") == ["INFO", "clients"] or "NEAR_CACHE" in step.get("options", {}) for step in case.steps
    )
    return not (case.no_replicas or case.server_config or is_odd)


def fits_sentinels(case: Case) -> bool:
    """The sentinels know one group of servers, and no other location is one of theirs."""
    chooses = any("CLIENT_CLASS" in options for options in (case.options, *(step.get("options", {}) for step in case.steps)))
    return fits(case) and shards.fits_one_location(case) and not chooses


class ReplicatedServer:
    """A primary with replicas, as a case has one server."""

    def __init__(self, program: str, config: Sequence[str] = (), replicas: int = REPLICAS) -> None:
        self._primary = Server(program, ["repl-diskless-sync-delay 0", *config])
        follow = f"replicaof 127.0.0.1 {self._primary.port}"
        self._replicas = [Server(program, [follow, *config]) for _ in range(replicas)]
        self.client = self._primary.client
        self._wait_until_linked()
        servers = [self._primary, *self._replicas]
        self.words = {**self._primary.words, "replicas": ",".join(f"unix:{server.path}:0" for server in servers)}

    def _wait_until_linked(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while any(b"master_link_status:up" not in server.client.command("INFO", "replication") for server in self._replicas):
            if time.monotonic() > deadline:
                raise NotStarted("the replicas did not find their primary")
            time.sleep(0.01)

    @property
    def port(self) -> int:
        return self._primary.port

    def settle(self) -> None:
        """Waits until the replicas have what the primary has. WAIT does not do: Valkey's is about this client's own writes."""
        written = _offset(self._primary, "master_repl_offset")
        deadline = time.monotonic() + CATCH_UP
        while any(_offset(replica, "slave_repl_offset") < written for replica in self._replicas):
            if time.monotonic() > deadline:
                raise NotStarted("the replicas do not catch up")
            time.sleep(0.001)

    def watched(self) -> list[tuple[Client, Client]]:
        return []

    def stop(self) -> None:
        for server in [*self._replicas, self._primary]:
            server.stop()


def _offset(server: Server, name: str) -> int:
    lines = bytes(server.client.command("INFO", "replication")).decode().splitlines()
    return next(int(line.partition(":")[2]) for line in lines if line.startswith(f"{name}:"))


class Sentinel:
    """One redis-sentinel."""

    def __init__(self, program: str, primary: int) -> None:
        self._folder = tempfile.mkdtemp(prefix="djredis-sentinel-")
        self.port = free_port()
        path = os.path.join(self._folder, "sentinel.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(
                f"port {self.port}\nbind 127.0.0.1\ndir {self._folder}\n"
                f"sentinel monitor {SERVICE} 127.0.0.1 {primary} {SENTINELS // 2 + 1}\n"
            )
        self._process = subprocess.Popen(
            [program, path, "--sentinel"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def knows(self, replicas: int) -> bool:
        """Whether it has found the replicas of the primary."""
        try:
            client = Client(self.port)
        except OSError:
            return False
        try:
            return len(client.command("SENTINEL", "REPLICAS", SERVICE)) == replicas
        except (ReplyError, OSError):
            return False
        finally:
            client.close()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


class SentinelServer(ReplicatedServer):
    """A primary with one replica, and the sentinels that know them."""

    def __init__(self, program: str, config: Sequence[str] = ()) -> None:
        super().__init__(program, config, replicas=1)
        self._sentinels = [Sentinel(program, self.port) for _ in range(SENTINELS)]
        deadline = time.monotonic() + START_TIMEOUT
        while not all(sentinel.knows(1) for sentinel in self._sentinels):
            if time.monotonic() > deadline:
                raise NotStarted("the sentinels did not find the replica")
            time.sleep(0.05)
        self.words["service"] = f"redis://{SERVICE}/0"
        self.words["sentinels"] = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self._sentinels)

    def stop(self) -> None:
        for sentinel in self._sentinels:
            sentinel.stop()
        super().stop()
