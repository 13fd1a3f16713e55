"""What programs in Go, Ruby and C write into a Django site's cache, and what the site makes of it."""

from __future__ import annotations

import json

import pytest

from conftest import Site, read

TITLES = {"go": "Edited in Go", "ruby": "Edited in Ruby", "c": "Edited in C"}
A_MINUTE_MS = 60_000


# What `mark` writes, in every language, in the notation of bookshop/notation.py.
MARKS = read(
    json.dumps(
        {
            "at": {"$datetime": "2024-02-29T12:30:15.250000", "zone": 0},
            "opens": {"$datetime": "2024-03-31T09:00:00.000000", "zone": "Europe/Berlin"},
            "day": {"$date": "2024-02-29"},
            "loan": {"$timedelta": [14, 0, 0]},
            "total": {"$decimal": "12.50"},
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
    assert lives - A_MINUTE_MS < site.lives(key) <= lives


@pytest.mark.parametrize("name", ["instance", "instance with a related one", "instance as it was made"])
def test_the_site_saves_an_edited_instance(site: Site, language: str, name: str) -> None:
    _, key, expected = site.cached[name]
    edited = {**expected, "title": TITLES[language]}
    site.reader(language).ask("edit", key, "edited")
    assert site.ask("book", "default", "edited") == edited
    saved = site.ask("save", "edited")
    assert saved == in_database(edited)


def in_database(book: dict[str, object]) -> dict[str, object]:
    """The same as the database gives it: enums are text, times are in UTC, and the author is not fetched."""
    genre, published = book["genre"], book["published"]
    genre = genre["args"][0] if isinstance(genre, dict) else genre
    if published["zone"] == "Europe/Berlin":
        hour = int(published["$datetime"][11:13])
        published = {"$datetime": published["$datetime"].replace(f"T{hour}", f"T{hour - 1}"), "zone": {"$int": "0"}}
    return {**book, "genre": genre, "published": published, "author": None}


@pytest.mark.parametrize("name", ["instance as it was made", "queryset", "queryset of values", "page", "lazy translation", "session"])
def test_what_is_not_changed_is_written_back_byte_for_byte(site: Site, language: str, name: str) -> None:
    key = site.cached[name][1]
    site.reader(language).ask("copy", key, "copy")
    assert site.stored("copy") == site.stored(key)
