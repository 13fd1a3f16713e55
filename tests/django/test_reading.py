"""What a Django site has cached, read in Go, Ruby and C."""

from __future__ import annotations

import pytest

from conftest import Site, as_shown_in

CACHED = [
    "session",
    "page",
    "fragment",
    "instance",
    "instance with a related one",
    "instance as it was made",
    "list of instances",
    "queryset",
    "queryset of values",
    "queryset of tuples",
    "list_of_values",
    "safe_text",
    "lazy_translation",
    "visits",
]


def test_everything_cached_is_tested(site: Site) -> None:
    assert sorted(site.cached) == sorted(CACHED)


@pytest.mark.parametrize("name", CACHED)
def test_reads_what_the_site_cached(site: Site, language: str, name: str) -> None:
    command, key, expected = site.cached[name]
    assert site.reader(language).ask(command, key) == as_shown_in(language, expected)


def test_an_object_that_contains_itself_is_its_stored_bytes(site: Site, language: str) -> None:
    key = site.ask("cycle")
    assert site.reader(language).ask("show", key) == {"$opaque": site.stored(key).hex()}
