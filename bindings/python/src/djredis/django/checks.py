"""What `manage.py check` says of the caches in CACHES whose backend is this one.

Importing this module registers the checks: the backend does, and the application "djredis.django". docs/migration.md
has their ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings as site
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

import djredis

from . import _registry, clients, settings
from ._refusal import UnknownOption, nearest

#: What Django and this backend read beside OPTIONS.
_BESIDE = frozenset(
    {
        *("BACKEND", "LOCATION", "OPTIONS", "TIMEOUT", "KEY_PREFIX", "VERSION", "KEY_FUNCTION", "REVERSE_KEY_FUNCTION"),
        *("MAX_ENTRIES", "CULL_FREQUENCY"),
    }
)


@register(Tags.caches)
def check_settings(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """djredis.E001 to E003, W001 and I001. Nothing is sent."""
    return [message for alias, kind, entry in _entries() for message in _of_entry(alias, kind, entry)]


@register(Tags.caches, deploy=True)
def check_servers(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """djredis.W002 and W003, under `check --deploy`: each server is asked."""
    return [message for alias, kind, entry in _entries() for message in _of_server(alias, kind, entry)]


def _entries() -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """The entries of CACHES that are ours: alias, class of the backend, entry."""
    from .backend import RedisCache

    for alias, entry in site.CACHES.items():
        try:
            kind = import_string(entry["BACKEND"])
        except (KeyError, ImportError):
            continue  # Django says what is wrong
        if isinstance(kind, type) and issubclass(kind, RedisCache):
            yield alias, kind, entry


def _read(kind: Any, entry: Mapping[str, Any]) -> settings.Settings:
    params = {name: value for name, value in entry.items() if name not in ("BACKEND", "LOCATION")}
    return settings.read(entry.get("LOCATION", ""), params, kind.flavour)


def _of_entry(alias: str, kind: Any, entry: Mapping[str, Any]) -> Iterator[CheckMessage]:
    where = f'CACHES["{alias}"]'
    try:
        read = _read(kind, entry)
        clients.load(read)
        _registry.shared(read.location, read.options, read.name)
    except UnknownOption as error:
        yield Error(str(error), id="djredis.E001")
        return
    except ImproperlyConfigured as error:
        yield Error(str(error), id="djredis.E002")
        return
    if str(read.options.get("CLEAR")) == "prefix" and not read.options["KEY_PREFIX"]:
        yield Error(
            f'{where}: with CLEAR = "prefix", clear() removes the keys of KEY_PREFIX, but that is empty',
            hint='Give it a KEY_PREFIX, or CLEAR = "db", which removes everything in the database.',
            id="djredis.E003",
        )
    for name in entry:
        near = None if name in _BESIDE or name == "timeout" else nearest(str(name), _BESIDE, 0.75)
        if near is not None:
            yield Warning(f'{where}: "{name}" means nothing to Django', hint=f"Did you mean {near}?", id="djredis.W001")
    if "TIMEOUT" not in entry and "timeout" not in entry:
        yield Info(
            f"{where} has no TIMEOUT: what is stored without a timeout lives for 300 seconds",
            hint="Say how long it is to live, in seconds; None is for ever.",
            id="djredis.I001",
        )


def _of_server(alias: str, kind: Any, entry: Mapping[str, Any]) -> Iterator[CheckMessage]:
    where = f'CACHES["{alias}"]'
    try:
        read = _read(kind, entry)
        cache = _registry.shared(read.location, read.options, read.name)
        if not str(read.location).startswith("memory:"):
            cache.command("PING")
    except ImproperlyConfigured:
        return  # check_settings says it
    except djredis.AuthError as error:
        yield Warning(
            f"{where}: {error}", hint="See the options USERNAME and PASSWORD, or the URL's.", id="djredis.W003"
        )
    except djredis.Error as error:
        yield Warning(
            f"{where}: the server does not serve: {error}",
            hint="Is LOCATION right, and Redis running?",
            id="djredis.W002",
        )


__all__ = ["check_servers", "check_settings"]
