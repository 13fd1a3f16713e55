"""Django's system checks of our caches."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from conftest import Server
from django.test import override_settings

from djredis.django import checks

from . import sites

BACKEND = "djredis.django.RedisCache"


def found(check: Any, **entry: Any) -> list[tuple[str, str]]:
    """The ids and the texts of what a check says of one entry."""
    entry = {"BACKEND": BACKEND, "LOCATION": "127.0.0.1:6379:1", "TIMEOUT": 300, **entry}
    with override_settings(CACHES={"pages": entry}):
        return [(message.id, f"{message.msg} {message.hint or ''}") for message in check()]


def one(check: Any, id: str, *parts: str, **entry: Any) -> None:
    (said,) = found(check, **entry)
    assert said[0] == id
    for part in ('CACHES["pages"]', *parts):
        assert part in said[1]


def test_nothing_to_say() -> None:
    assert found(checks.check_settings) == []
    assert found(checks.check_settings, KEY_PREFIX="a", OPTIONS={"CLEAR": "prefix"}) == []
    assert found(checks.check_settings, BACKEND="redis_cache.cache.RedisCache") == []


def test_other_backends_are_not_ours_to_judge() -> None:
    other = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "OPTIONS": {"SOKET_TIMEOUT": 1}}
    assert found(checks.check_settings, **other) == []
    assert found(checks.check_settings, BACKEND="no.such.Backend") == []
    assert found(checks.check_servers, **other) == []


def test_an_unknown_option() -> None:
    one(checks.check_settings, "djredis.E001", "SOKET_TIMEOUT", "SOCKET_TIMEOUT", OPTIONS={"SOKET_TIMEOUT": 1})
    pool = {"CONNECTION_POOL_KWARGS": {"max_conections": 1}}
    one(checks.check_settings, "djredis.E001", "max_connections", OPTIONS=pool)


def test_settings_that_cannot_be_used() -> None:
    one(checks.check_settings, "djredis.E002", "SOCKET_TIMEOUT", OPTIONS={"SOCKET_TIMEOUT": "soon"})
    one(checks.check_settings, "djredis.E002", "LOCATION is empty", LOCATION="")
    one(checks.check_settings, "djredis.E002", "can't be imported", OPTIONS={"CLIENT_CLASS": "no.such.Client"})
    one(
        checks.check_settings,
        "djredis.E002",
        "names no database",
        BACKEND="redis_cache.cache.RedisCache",
        LOCATION="h:1",
    )


def test_clear_with_an_empty_prefix() -> None:
    one(checks.check_settings, "djredis.E003", "KEY_PREFIX", OPTIONS={"CLEAR": "prefix"})


def test_a_slip_beside_options() -> None:
    one(checks.check_settings, "djredis.W001", '"KEY_PERFIX"', "KEY_PREFIX", KEY_PERFIX="a")
    assert found(checks.check_settings, JOHNNY_CACHE=True) == []


def test_no_timeout() -> None:
    with override_settings(CACHES={"pages": {"BACKEND": BACKEND, "LOCATION": "h:1:0"}}):
        (message,) = checks.check_settings()
    assert (message.id, message.is_serious()) == ("djredis.I001", False) and "300 seconds" in message.msg
    assert found(checks.check_settings, TIMEOUT=None) == []


def test_a_server_that_serves(location: str) -> None:
    assert found(checks.check_servers, LOCATION=location) == []
    assert found(checks.check_servers, LOCATION="memory:checks") == []


def test_a_server_that_is_away(nobody: str) -> None:
    one(checks.check_servers, "djredis.W002", nobody.rsplit(":", 1)[0], LOCATION=nobody)
    one(checks.check_servers, "djredis.W002", LOCATION=nobody, OPTIONS={"IGNORE_EXCEPTIONS": True})


def test_a_server_that_says_nothing(silent: str) -> None:
    one(checks.check_servers, "djredis.W002", LOCATION=silent, OPTIONS={"SOCKET_TIMEOUT": 0.2})


def test_a_wrong_password() -> None:
    locked = Server("--requirepass", "right")
    try:
        for given in ({}, {"PASSWORD": "wr0ng"}):
            one(checks.check_servers, "djredis.W003", locked.path, LOCATION=locked.location(), OPTIONS=given)
            assert "wr0ng" not in str(found(checks.check_servers, LOCATION=locked.location(), OPTIONS=given))
        assert found(checks.check_servers, LOCATION=locked.location(), OPTIONS={"PASSWORD": "right"}) == []
    finally:
        locked.stop()


def test_what_is_refused_is_not_asked() -> None:
    assert found(checks.check_servers, OPTIONS={"SOKET_TIMEOUT": 1}) == []


SETTINGS = """
CACHES = {{"default": {{"BACKEND": "djredis.django.RedisCache", "LOCATION": "{location}", "KEY_PERFIX": "a"}}}}
"""
MANAGE = (
    "import sys\nfrom django.core.management import execute_from_command_line\n"
    "execute_from_command_line(['manage.py', *sys.argv[1:]])"
)


def manage(folder: Path, location: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs manage.py with the application installed."""
    installed = "INSTALLED_APPS = [*INSTALLED_APPS, 'djredis.django']\n"
    return sites.run(folder, SETTINGS.format(location=location), MANAGE, *words, after=installed)


def test_manage_check_with_the_application(nobody: str, tmp_path: Path) -> None:
    plain, deploy = manage(tmp_path, nobody, "check"), manage(tmp_path, nobody, "check", "--deploy")
    assert (plain.returncode, deploy.returncode) == (0, 0), plain.stderr + deploy.stderr
    assert "(djredis.W001)" in plain.stderr and "(djredis.I001)" in plain.stdout + plain.stderr
    assert "(djredis.W002)" not in plain.stderr and "(djredis.W002)" in deploy.stderr


def test_manage_check_fails_on_settings_that_are_refused(tmp_path: Path) -> None:
    done = manage(tmp_path, "h:not-a-port:0", "check")
    assert (
        done.returncode == 1 and 'CACHES["default"]: location "h:' in done.stderr and "its port is not" in done.stderr
    )


def test_the_backend_registers_them_too(nobody: str, tmp_path: Path) -> None:
    code = (
        "from django.core.cache import cache; cache.client\nfrom django.core import checks\n"
        "print(sorted({message.id for message in checks.run_checks(include_deployment_checks=True)}))"
    )
    said = sites.output(sites.run(tmp_path, SETTINGS.format(location=nobody), code))
    assert "djredis.W001" in said and "djredis.W002" in said and "djredis.I001" in said
