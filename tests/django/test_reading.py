"""What a Django site has cached, read in Go, Ruby and C."""

from __future__ import annotations

import pytest

from conftest import Site

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
    "list of values",
    "safe text",
    "lazy translation",
    "visits",
]


def test_everything_cached_is_tested(site: Site) -> None:
    assert sorted(site.cached) == sorted(CACHED)


@pytest.mark.parametrize("name", CACHED)
def test_reads_what_the_site_cached(site: Site, language: str, name: str) -> None:
    command, key, expected = site.cached[name]
    assert site.reader(language).ask(command, key) == expected
