"""Entries of CACHES with TLS, as sites write them for django-redis and for Django's own backend, beside those."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
from conftest import TlsServer
from django_redis import get_redis_connection as get_theirs

import djredis
from djredis.django import get_redis_connection

from .conftest import DJANGO, DJANGO_REDIS, Make


def test_names_of_django_redis(encrypted: TlsServer, make: Make) -> None:
    options = {"CONNECTION_POOL_KWARGS": encrypted.names()}
    theirs = make(DJANGO_REDIS, "theirs", location=encrypted.url, OPTIONS=options)
    ours = make(location=encrypted.url, OPTIONS=options)
    theirs.set("key", {"from": "django-redis"})
    assert ours.get("key") == {"from": "django-redis"}
    ours.set("key", {"from": "djredis"})
    assert theirs.get("key") == {"from": "djredis"}
    assert get_redis_connection("default").ping() is get_theirs("theirs").ping() is True


def test_names_of_django(encrypted: TlsServer, make: Make) -> None:
    theirs = make(DJANGO, "theirs", location=encrypted.url, OPTIONS=encrypted.names())
    ours = make(location=encrypted.url, OPTIONS=encrypted.names())
    theirs.set("key", [1, "two"])
    assert ours.get("key") == [1, "two"]


def test_names_in_the_url(encrypted: TlsServer, make: Make) -> None:
    query = "&".join(f"{name}={value}" for name, value in encrypted.names().items())
    cache = make(location=f"{encrypted.url}?{query}")
    cache.set("key", 1)
    assert cache.get("key") == 1


def test_nothing_is_verified_where_nothing_is_required(encrypted: TlsServer, make: Make) -> None:
    names = {**encrypted.names(), "ssl_ca_certs": None, "ssl_cert_reqs": ssl.CERT_NONE}
    cache = make(location=encrypted.url, OPTIONS={"CONNECTION_POOL_KWARGS": names})
    cache.set("key", 1)
    assert cache.get("key") == 1


def test_an_unknown_authority_is_an_error_that_can_be_ignored(encrypted: TlsServer, make: Make) -> None:
    options = {"TLS_CA": encrypted.files / "stranger.pem"}
    with pytest.raises(djredis.ConnectionError, match="signed by no authority in TLS_CA"):
        make(location=encrypted.url, OPTIONS=options).get("key")
    assert make(alias="calm", location=encrypted.url, OPTIONS={**options, "IGNORE_EXCEPTIONS": True}).get("key") is None
