"""The names of the library's options."""

from __future__ import annotations

from .. import _abi, _plain, _slots
from .._library import library


def _listed() -> frozenset[str]:
    slot = _slots.take()
    try:
        status = library.djredis_options_list(slot)
        if status != _abi.DJREDIS_OK:
            raise _slots.failure(status, slot)
        return frozenset(option["name"] for option in _plain.loads(bytes(_slots.content(slot))))
    finally:
        _slots.give(slot)


NAMES = _listed()
