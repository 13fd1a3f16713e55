"""What a Django developer reads where a setting can't be used: which entry, which option, the fix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings as site
from django.core.exceptions import ImproperlyConfigured


class UnknownOption(ImproperlyConfigured):
    """A name in OPTIONS that means nothing."""


class Entry:
    """An entry of CACHES. Django gives a backend what stands in it, but not its alias."""

    def __init__(self, server: Any, params: Mapping[str, Any]) -> None:
        self._server, self._params = server, params

    def __str__(self) -> str:
        alias = self.alias()
        return "CACHES" if alias is None else f'CACHES["{alias}"]'

    def alias(self) -> str | None:
        """The alias of the entry that has this location and these settings; None where there is none."""
        caches = getattr(site, "CACHES", None) or {}
        for alias, entry in caches.items():
            rest = {name: value for name, value in entry.items() if name not in ("BACKEND", "LOCATION")}
            if entry.get("LOCATION", "") == self._server and rest == dict(self._params):
                return str(alias)
        return None

    def has_several_servers(self) -> bool:
        """Whether LOCATION is a list."""
        server = self._server
        return len(server) > 1 if isinstance(server, (list, tuple, set, frozenset)) else bool(re.search("[;,]", str(server)))

    def refusal(self, sentence: object) -> ImproperlyConfigured:
        """The exception that says what is wrong with this entry."""
        return ImproperlyConfigured(f"{self}: {sentence}")

    def unknown(self, where: str, name: object, known: Iterable[str]) -> UnknownOption:
        """The exception for a name that means nothing, with the nearest one that does.

        where: the dict it stands in.
        """
        near = nearest(str(name), known)
        hint = f"; did you mean {near}?" if near else "; docs/options.md and docs/migration.md have all names"
        return UnknownOption(f'{self}: {where}["{name}"] is no option{hint}')


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known name that looks most like this one."""
    import difflib  # only here, since it takes time to load and most sites never need it

    names = {other.upper(): other for other in sorted(known, reverse=True)}
    found = difflib.get_close_matches(name.upper(), names, 1, likeness)
    return names[found[0]] if found else None
