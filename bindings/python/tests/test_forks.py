"""Forks in every state and by every way (forked.py): a handful of each, or a thousand where DJREDIS_FAULTS is whole."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import SOURCE, Server, TlsServer

HERE = Path(__file__).resolve().parent
WHOLE = os.environ.get("DJREDIS_FAULTS") == "whole"
#: multiprocessing's forks are os.fork's, with more around them.
FORKS = {"fork": 1000, "multiprocessing": 100, "forkserver": 100} if WHOLE else {}
A_HANDFUL = 5
LONG = 3600 if WHOLE else 300  # seconds

STATES = ("idle", "busy", "waiting", "connecting", "subscribed", "scanning")
WAYS = ("fork", "multiprocessing", "forkserver")
SERVERS = ("plain", "tls", "memory")
A_FEW = {
    *((state, "fork", "plain") for state in STATES),
    ("busy", "fork", "tls"),
    ("busy", "fork", "memory"),
    ("busy", "multiprocessing", "plain"),
    ("subscribed", "forkserver", "plain"),
}


def combinations() -> list[tuple[str, str, str]]:
    """Without those on connections in memory, where there are none."""
    every = itertools.product(STATES, WAYS, SERVERS)
    nonsense = {(state, way, "memory") for state in ("connecting", "subscribed") for way in WAYS}
    return [each for each in every if each not in nonsense and (WHOLE or each in A_FEW)]


@pytest.mark.parametrize(("state", "way", "where"), combinations())
def test_children(server: Server, request: Any, state: str, way: str, where: str) -> None:
    location = f"memory:{state}" if where == "memory" else server.location(7)
    if where == "tls":
        encrypted: TlsServer = request.getfixturevalue("encrypted")
        files = encrypted.files
        options = f"tls_ca={files}/ca.pem&tls_cert={files}/client.pem&tls_key={files}/client.key"
        location = f"{encrypted.url}?{options}"
    command = [sys.executable, str(HERE / "forked.py"), state, way, location, str(FORKS.get(way, A_HANDFUL))]
    names = {**os.environ, "PYTHONPATH": f"{SOURCE}:{HERE}"}
    done = subprocess.run(command, env=names, capture_output=True, text=True, timeout=LONG)
    assert (done.returncode, done.stdout) == (0, "all is well\n"), done.stderr
