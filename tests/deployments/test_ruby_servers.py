"""A Rack application under servers that load it and then fork, again and again: Puma and Unicorn."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from conftest import need_program
from load import FORKS, Load
from runner.server import Server
from test_servers import check, loaded_in

WORKERS = 3


@pytest.fixture
def puma(serve: Any) -> Any:
    options = [f"--workers={WORKERS}", "--threads=4:4", "--preload", "--bind=tcp://127.0.0.1:{port}"]
    return serve(need_program("puma"), *options, "booth/config.ru")


@pytest.fixture
def unicorn(serve: Any) -> Any:
    options = ["--config-file=booth/unicorn.rb", "--listen=127.0.0.1:{port}"]
    return serve(need_program("unicorn"), *options, "booth/config.ru")


def test_puma(puma: Any, server: Server) -> None:
    check(puma, processes=WORKERS)
    assert loaded_in(server) == puma.process.pid


def test_unicorn(unicorn: Any, server: Server) -> None:
    check(unicorn, processes=WORKERS)
    assert loaded_in(server) == unicorn.process.pid


def test_unicorns_workers_come_and_go(unicorn: Any) -> None:
    known: set[int] = set()
    with Load(unicorn) as load:
        for _ in range(FORKS):
            os.kill(load.newest(known), signal.SIGQUIT)
        load.newest(known)
    load.check(" spawning...", WORKERS + FORKS)


def test_pumas_workers_come_and_go(puma: Any) -> None:
    known: set[int] = set()
    master = puma.process.pid
    with Load(puma) as load:
        load.until(lambda: len(load.sockets) == WORKERS)
        known.update(load.sockets)
        for _ in range(FORKS):
            os.kill(master, signal.SIGTTIN)
            newest = load.newest(known)
            os.kill(master, signal.SIGTTOU)
            load.until(lambda newest=newest: not Path(f"/proc/{newest}").exists())
    load.check(" booted in ", WORKERS + FORKS)
