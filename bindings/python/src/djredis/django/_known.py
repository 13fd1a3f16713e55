"""The names of the library's options."""

from __future__ import annotations

from functools import lru_cache

from .. import _abi, _slots
from .._library import library


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """All of them, in capitals."""
    from .. import _plain  # only here, since most sites need no more names than django-redis has

    slot = _slots.take()
    try:
        status = library.djredis_options_list(slot)
        if status != _abi.DJREDIS_OK:
            raise _slots.failure(status, slot)
        return frozenset(option["name"] for option in _plain.loads(bytes(_slots.content(slot))))
    finally:
        _slots.give(slot)
