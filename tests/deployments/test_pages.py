"""Sessions, whole pages, fragments, and the debug toolbar: what Django and its packages do with a cache."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import need
from runner.server import Server

BROWSE = """
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", run_syncdb=True, verbosity=0)
browser = Client()
"""


def kept(server: Server) -> list[str]:
    return sorted(key.decode() for key in server.client.command("KEYS", "*"))


@pytest.mark.parametrize("engine", ["cache", "cached_db"])
def test_sessions(run: Any, server: Server, engine: str) -> None:
    code = BROWSE + "print([browser.get('/visits').json()['visits'] for _ in range(3)])"
    assert run(code, KIOSK_SESSIONS=f"django.contrib.sessions.backends.{engine}") == "[1, 2, 3]\n"
    (key,) = kept(server)
    assert key.startswith(f"kiosk:1:django.contrib.sessions.{engine}")


def test_a_session_ends(run: Any, server: Server) -> None:
    code = BROWSE + "browser.get('/visits'); browser.session.flush(); print(browser.get('/visits').json()['visits'])"
    assert run(code) == "1\n"
    assert len(kept(server)) == 1


def test_pages_and_fragments(run: Any) -> None:
    code = BROWSE + "print(*(browser.get(page).content == browser.get(page).content for page in ('/page', '/fragment')))"
    assert run(code) == "True True\n"


def test_pages_are_forgotten(run: Any) -> None:
    code = BROWSE + (
        "from django.core.cache import cache\n"
        "first = browser.get('/page').content\ncache.clear()\nprint(browser.get('/page').content == first)"
    )
    assert run(code) == "False\n"


def test_the_debug_toolbar_counts_calls(run: Any) -> None:
    need("django-debug-toolbar")
    code = BROWSE + "print(browser.get('/body').content.decode())"
    page = run(code, KIOSK_TOOLBAR="1", KIOSK_DEBUG="1")
    assert re.search(r"2 calls in \d+\.\d+ms", page), page
