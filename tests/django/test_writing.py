"""What programs in Go, Ruby and C write into a Django site's cache, and what the site makes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import TITLES, Site, as_shown_in, read

A_MINUTE_MS = 60_000


# What `mark` writes, in every language, in the notation of bookshop/notation.py.
MARKS = read(
    json.dumps(
        {
            "at": {"$datetime": "2024-02-29T12:30:15.250000", "zone": 0},
            "opens": {"$datetime": "2024-03-31T09:00:00.000000", "zone": "Europe/Berlin"},
            "day": {"$date": "2024-02-29"},
            "loan": {"$timedelta": [14, 0, 0]},
            "total": {"$decimal": "12.25"},
            "order": {"$uuid": "12345678-1234-5678-1234-567812345678"},
            "tags": {"$set": ["blue", "red"]},
            "place": {"$tuple": ["shelf", 7]},
            "cover": {"$bytes": "00ff"},
            "count": 3,
            "big": 2**70,
            "ratio": 0.25,
            "paid": True,
            "coupon": None,
            "nested": {"list": [1, {"empty": []}]},
        }
    )
)


def test_the_site_goes_on_with_a_session_that_others_wrote(site: Site, language: str) -> None:
    key = site.cached["session"][1]
    before, basket = site.ask("look", "default", key), site.ask("basket")
    lives = site.lives(key)
    site.reader(language).ask("mark", key)
    assert site.ask("look", "default", key) == {**before, f"from_{language}": MARKS}
    assert site.ask("basket") == basket, "the visitor is still logged in, with the same books"
    assert abs(site.lives(key) - lives) < A_MINUTE_MS


@pytest.mark.parametrize("name", ["instance", "instance with a related one", "instance as it was made"])
def test_the_site_saves_an_edited_instance(site: Site, language: str, name: str) -> None:
    _, key, expected = site.cached[name]
    edited = {**expected, "title": TITLES[language]}
    site.reader(language).ask("edit", key, "edited")
    assert site.ask("book", "default", "edited") == as_shown_in(language, edited)
    assert site.ask("save", "edited") == in_database(edited)


def in_database(book: dict[str, Any]) -> dict[str, Any]:
    """The same as the database gives it: an enum is text, a time is in UTC, and the author is not fetched."""
    genre, published = book["genre"], book["published"]
    if "args" in genre:
        genre = genre["args"][0]
    if published["zone"] == "Europe/Berlin":
        published = {"$datetime": published["$datetime"].replace("T12:", "T11:"), "zone": {"$int": "0"}}
    return {**book, "genre": genre, "published": published, "author": None}


UNCHANGED = ["instance", "instance as it was made", "queryset", "queryset of values", "page", "lazy_translation"]


@pytest.mark.parametrize("name", UNCHANGED)
def test_what_is_not_changed_is_written_back_byte_for_byte(site: Site, language: str, name: str) -> None:
    key = site.cached[name][1]
    site.reader(language).ask("copy", key, "copy")
    assert site.stored("copy") == site.stored(key)


def test_an_object_that_contains_itself_is_written_back(site: Site, language: str) -> None:
    key = site.ask("cycle")
    site.reader(language).ask("copy", key, "copy")
    assert site.stored("copy") == site.stored(key)
    assert site.ask("related", "copy") == site.ask("related", key) != []
