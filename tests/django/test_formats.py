"""A site's caches with other serializers and compressors, which only django-redis has."""

from __future__ import annotations

import pytest

from conftest import TITLES, Site, as_shown_in

# Alias of the site's cache: our option for it, and how its lists start in Redis.
FORMATS = {
    "json": ({"serializer": "json"}, b"["),
    "zlib": ({"compressor": "zlib"}, b"\x78"),
    "lz4": ({"compressor": "lz4"}, b"\x04\x22\x4d\x18"),
    "zstd": ({"compressor": "zstd"}, b"\x28\xb5\x2f\xfd"),
}
COMPRESSED = ["zlib", "lz4", "zstd"]

pytestmark = pytest.mark.parametrize("site", ["django-redis"], indirect=True)


def ask(site: Site, language: str, alias: str, *words: str) -> object:
    """The answer of the program in a language, on the cache with this alias."""
    return site.reader(language, key_prefix=alias, **FORMATS[alias][0]).ask(*words)


@pytest.mark.parametrize("alias", FORMATS)
def test_reads_what_the_site_cached(site: Site, language: str, alias: str) -> None:
    for command, key, expected in site.formats[alias].values():
        assert ask(site, language, alias, command, key) == as_shown_in(language, expected)
    assert site.stored("rows", alias).startswith(FORMATS[alias][1])


@pytest.mark.parametrize("alias", FORMATS)
def test_the_site_reads_what_others_wrote(site: Site, language: str, alias: str) -> None:
    for key in ("visits", "rows"):
        expected = site.formats[alias][key][2]
        ask(site, language, alias, "copy", key, "copy")
        assert site.ask("look", alias, "copy") == as_shown_in(language, expected)
    assert site.stored("copy", alias).startswith(FORMATS[alias][1])


@pytest.mark.parametrize("alias", COMPRESSED)
def test_the_site_loads_an_edited_instance(site: Site, language: str, alias: str) -> None:
    _, key, expected = site.formats[alias]["instance"]
    ask(site, language, alias, "edit", key, "edited")
    assert site.stored("edited", alias).startswith(FORMATS[alias][1])
    edited = {**expected, "title": TITLES[language]}
    assert site.ask("book", alias, "edited") == as_shown_in(language, edited)
