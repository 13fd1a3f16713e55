"""Servers that fork, have threads, or an event loop: no reply goes to another caller, and no process shares a socket."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import environment, need
from load import FORKS, Load
from runner.server import Server

REQUESTS = 200


def check(site: Any, processes: int, page: str = "own") -> None:
    """Many requests at once, each with keys of its own, and a count that must come out exact."""
    answers = site.get_all([f"{page}/n{number}" for number in range(REQUESTS)])
    assert [answer["wrong"] for answer in answers] == [0] * REQUESTS, site.log.read_text()
    assert len({answer["pid"] for answer in answers}) == processes
    counts = [answer["count"] for answer in site.get_all(["count"] * REQUESTS)]
    assert sorted(counts) == list(range(1, REQUESTS + 1))


def loaded_in(server: Server) -> int:
    """The process that loaded the site."""
    import djredis

    with djredis.Cache(f"unix:{server.path}:0", key_prefix="kiosk") as cache:
        return cache.get("loaded in")


@pytest.mark.parametrize(
    "workers", [["--workers=3"], ["--workers=2", "--worker-class=gthread", "--threads=8"]], ids=["sync", "threads"]
)
def test_gunicorn_that_loads_the_site_before_it_forks(serve: Any, server: Server, workers: list[str]) -> None:
    site = serve(need("gunicorn") / "gunicorn", "--preload", "--bind=127.0.0.1:{port}", *workers, "kiosk.wsgi")
    check(site, processes=int(workers[0][-1]))
    assert loaded_in(server) == site.process.pid


def test_gunicorns_workers_come_and_go(serve: Any) -> None:
    """They are forked while another thread of the process that loaded the site is in the midst of a call."""
    options = ["--preload", "--bind=127.0.0.1:{port}", "--workers=3", "--no-control-socket"]
    site = serve(need("gunicorn") / "gunicorn", *options, "kiosk.wsgi", KIOSK_BUSY="1")
    known: set[int] = set()
    forks = min(FORKS, 100)  # it takes its time
    with Load(site) as load:
        for _ in range(forks):
            os.kill(load.newest(known), signal.SIGTERM)
        load.newest(known)
    load.check("Booting worker", 3 + forks)


def test_uwsgi_that_forks_its_workers(serve: Any, server: Server, folder: Path) -> None:
    command = need("uWSGI") / "uwsgi"
    options = ["--master", "--processes=3", "--threads=4", "--die-on-term", "--need-app", "--listen=64"]
    home = f"--virtualenv={environment().parent}"
    site = serve(command, *options, home, "--http-socket=127.0.0.1:{port}", "--module=kiosk.wsgi")
    check(site, processes=3)
    assert loaded_in(server) == site.process.pid


def test_uvicorn_with_coroutines(serve: Any) -> None:
    site = serve(need("uvicorn") / "uvicorn", "--port={port}", "--log-level=warning", "kiosk.asgi:application")
    check(site, processes=1, page="awaited")
    check_plain = site.get_all([f"own/p{number}" for number in range(50)])
    assert [answer["wrong"] for answer in check_plain] == [0] * 50


def test_runserver_reloads(serve: Any, folder: Path) -> None:
    site = serve(environment() / "python", "manage.py", "runserver", "{port}", KIOSK_DEBUG="1")
    assert site.get("edition")["edition"] == 1
    before = site.get("own/before")
    assert before["wrong"] == 0
    views = folder / "kiosk" / "views.py"
    time.sleep(1.1)  # the reloader compares times of whole seconds
    views.write_text(views.read_text().replace("EDITION = 1", "EDITION = 2"))
    end = time.monotonic() + 30
    while edition(site) != 2:
        assert time.monotonic() < end, site.log.read_text()
        time.sleep(0.1)
    after = site.get("own/after")
    assert (after["wrong"], after["pid"] != before["pid"]) == (0, True)


def edition(site: Any) -> int:
    try:
        return site.get("edition")["edition"]
    except OSError:  # between two processes
        return 0
