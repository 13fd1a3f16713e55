"""The servers of the layouts `cluster`: three primaries, each with a replica, on which the cluster puts the keys.

Raw steps go to the primary that has the slot of their key, as the server itself counts it.
"""

from __future__ import annotations

import time
from typing import Callable, Sequence

from .cases import Case
from .resp import Client, ReplyError
from .server import NotStarted, Server
from .shards import SpreadClient
from .shards import fits as spread_fits

COUNT = 3
SLOTS = 16384
START_TIMEOUT = 60.0
CONFIG = (
    "cluster-enabled yes",
    "cluster-config-file nodes.conf",
    # A busy machine is no failure.
    "cluster-node-timeout 15000",
    "repl-diskless-sync-delay 0",
)


def fits(case: Case) -> bool:
    """Whether a case can be played on a cluster, which makes its own replicas, and whose scripts say their keys."""
    replicates = any(line.startswith("replicaof ") for line in case.server_config)
    reaches_out = any(step.get("redis", [])[:1] == ["EVAL"] and step["redis"][2] == "0" for step in case.steps)
    return spread_fits(case) and not replicates and not reaches_out


class ClusteredServer:
    """The nodes of a cluster, as a case has one server."""

    def __init__(self, program: str, config: Sequence[str] = ()) -> None:
        self._nodes = [Server(program, (*CONFIG, *config), ports=["cluster-port"]) for _ in range(2 * COUNT)]
        self._primaries = self._nodes[:COUNT]
        self._join()
        self.client = SpreadClient([node.client for node in self._primaries], self._home)
        location = ",".join(f"127.0.0.1:{node.port}:0" for node in self._primaries)
        self.words = {**self._primaries[0].words, "cluster": location}

    def _home(self, key: bytes) -> int:
        slot = int(self._primaries[0].client.command("CLUSTER", "KEYSLOT", key))
        return next(index for index in range(COUNT) if slot < _end(index))

    def _join(self) -> None:
        clients = [node.client for node in self._nodes]
        for number, client in enumerate(clients, 1):
            client.command("CLUSTER", "SET-CONFIG-EPOCH", number)
        for index, client in enumerate(clients[:COUNT]):
            client.command("CLUSTER", "ADDSLOTSRANGE", _end(index - 1), _end(index) - 1)
        for node in self._nodes[1:]:
            clients[0].command("CLUSTER", "MEET", "127.0.0.1", node.port, node.ports["cluster-port"])
        everyone = b"cluster_known_nodes:%d\r\n" % len(clients)
        _wait(lambda: all(everyone in client.command("CLUSTER", "INFO") for client in clients))
        for primary, replica in zip(clients[:COUNT], clients[COUNT:]):
            _wait(lambda: _follows(replica, primary))
        _wait(lambda: all(b"cluster_state:ok" in client.command("CLUSTER", "INFO") for client in clients))

    def settle(self) -> None:
        """Each primary has its own keys at once."""

    def watched(self) -> list[tuple[Client, Client]]:
        return [pair for node in self._primaries for pair in node.watched()]

    def stop(self) -> None:
        for node in self._nodes:
            node.stop()


def _end(index: int) -> int:
    """The first slot behind those of a primary."""
    return SLOTS * (index + 1) // COUNT


def _follows(replica: Client, primary: Client) -> bool:
    try:
        replica.command("CLUSTER", "REPLICATE", primary.command("CLUSTER", "MYID"))
        return True
    except ReplyError:
        # It has not heard of its primary yet.
        return False


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while not is_so():
        if time.monotonic() > deadline:
            raise NotStarted("the cluster did not form")
        time.sleep(0.02)
