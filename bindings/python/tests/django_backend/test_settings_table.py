"""The table "In Django" of docs/options.md: each option is taken where it says, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

import djredis
from djredis.django._known import names
from djredis.django.settings import read

SERVER = "127.0.0.1:6379"
PAGE = Path(__file__).resolve().parents[4] / "docs" / "options.md"
DEFAULT = re.compile(r"^\| `(\w+)` \|.*\| (?:\(empty\)|`(.+)`) \| [^|]+ \|$", re.MULTILINE)
PLACE = re.compile(r'^\| `(\w+)` \| (?:`OPTIONS\["(\w+)"\]`|`(\w+)`, beside OPTIONS) \|', re.MULTILINE)

DEFAULTS = dict(DEFAULT.findall(PAGE.read_text(encoding="utf-8")))
#: Each option, its name in OPTIONS or nothing, its name beside OPTIONS or nothing.
PLACES = PLACE.findall(PAGE.read_text(encoding="utf-8"))


def test_every_option_that_does_something_is_there() -> None:
    available = set(DEFAULTS) - set(PAGE.read_text(encoding="utf-8").partition("## Not available yet")[2].split("`"))
    assert {name for name, _, _ in PLACES} >= available and len(PLACES) > 25
    assert set(DEFAULTS) == names()


@pytest.mark.parametrize(("name", "within", "beside"), PLACES)
def test_it_is_taken_where_the_table_says(name: str, within: str, beside: str) -> None:
    value = DEFAULTS[name] if (DEFAULTS[name], beside) != ("none", "TIMEOUT") else None
    assert name == (within or beside)
    found = read(SERVER, {"OPTIONS": {name: value}} if within else {name: value})
    with djredis.Cache(found.location, **found.options) as opened:
        assert opened.option(name) is not None


@pytest.mark.parametrize("name", [name for name, _, beside in PLACES if beside])
def test_what_stands_beside_options_is_refused_in_them(name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="stands beside OPTIONS"):
        read(SERVER, {"OPTIONS": {name: DEFAULTS[name]}})
