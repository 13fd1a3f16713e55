"""Celery's pool of forked workers."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from conftest import need
from runner.server import Server

import djredis

TASKS = 60


def test_prefork_workers(run: Any, folder: Path, names: dict[str, str], server: Server) -> None:
    celery = need("celery") / "celery"
    command = [celery, "--app=kiosk.tasks", "worker", "--pool=prefork", "--concurrency=3", "--loglevel=warning"]
    with open(folder / "log", "wb") as log:
        worker = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **names}, stdout=log, stderr=log, start_new_session=True
        )
    try:
        run(f"from kiosk.tasks import remember\nfor n in range({TASKS}): remember.delay(f't{{n}}')")
        found = wait_for_results(server, folder)
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait(30)
    assert [result["wrong"] for result in found.values()] == [0] * TASKS
    pids = {result["pid"] for result in found.values()}
    assert len(pids) > 1 and worker.pid not in pids


def wait_for_results(server: Server, folder: Path) -> dict[str, Any]:
    wanted = [f"done:t{number}" for number in range(TASKS)]
    end = time.monotonic() + 90
    with djredis.Cache(f"unix:{server.path}:0", key_prefix="kiosk") as cache:
        while len(found := cache.get_many(wanted)) < TASKS:
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.1)
    return found
