"""SIGNING_KEYS in settings: the site reads what it signed, and nothing else."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import djredis

from .conftest import DJANGO, Make

KEY = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"


@pytest.fixture
def signed(make: Make) -> Any:
    cache = make(alias="signed", OPTIONS={"SIGNING_KEYS": [KEY, OTHER]})
    cache.clear()
    return cache


def test_what_a_site_does(signed: Any) -> None:
    signed.set("user", {"name": "Ada"})
    assert signed.get("user") == {"name": "Ada"}
    assert signed.set_many({"a": [1], "b": 2}) == []
    assert signed.get_many(["a", "b", "c"]) == {"a": [1], "b": 2}
    assert signed.get_or_set("new", "value") == "value"
    assert (signed.incr("b"), signed.incr_version("user"), signed.get("user", version=2)) == (3, 2, {"name": "Ada"})
    assert signed.touch("a", 10) and signed.delete("a")


def test_what_another_backend_stored_is_refused(make: Make, signed: Any) -> None:
    plain = make(DJANGO, alias="plain")
    plain.set("k", {"name": "Eve"})
    plain.set("n", 1)
    with pytest.raises(djredis.DecodeError, match=":1:k.*not signed.*SIGNING_ACCEPT_UNSIGNED"):
        signed.get("k")
    with pytest.raises(djredis.DecodeError, match="not signed"):
        signed.get_many(["n", "k"])
    assert signed.get("n") == 1
    migrating = make(alias="migrating", OPTIONS={"SIGNING_KEYS": KEY, "SIGNING_ACCEPT_UNSIGNED": True})
    assert migrating.get("k") == {"name": "Eve"}


def test_keys_that_change(make: Make, signed: Any) -> None:
    old = make(alias="old", OPTIONS={"SIGNING_KEYS": OTHER})
    old.set("k", "text")
    assert signed.get("k") == "text"
    signed.set("k", "text")
    with pytest.raises(djredis.DecodeError, match="signature"):
        old.get("k")


def test_members_of_sets_and_hashes_are_no_values_of_a_key(signed: Any) -> None:
    with pytest.raises(djredis.UnsupportedError, match="SIGNING_KEYS"):
        signed.sadd("s", "member")
    with pytest.raises(djredis.UnsupportedError, match="SIGNING_KEYS"):
        signed.client.encode(1)
    with pytest.raises(djredis.UnsupportedError, match="SIGNING_KEYS"):
        signed.client.decode(pickle.dumps("planted"))


def test_the_key_whose_value_can_not_be_stored_is_named(signed: Any) -> None:
    with pytest.raises(djredis.EncodeError, match="'bad'"):
        signed.set_many({"good": "text", "bad": lambda: None})
