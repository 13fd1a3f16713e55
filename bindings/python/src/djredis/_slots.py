"""Slots: the djredis_value structs that take what a call gives back.

They wait in one list. A call takes one for itself alone and gives it back when it has copied the contents, so a signal
handler or a finalizer that uses a cache in between gets another one. A slot per thread would be overwritten there.
"""

from __future__ import annotations

from ctypes import string_at

from . import _abi, _interrupts
from ._error import Error
from ._exceptions import BY_STATUS
from ._library import library

#: A slot keeps a buffer up to this size for the next call; a larger one is freed at once.
KEPT_BYTES = 64 << 10

_free: list[_abi.djredis_value] = []
_clear = library.djredis_value_clear


def take() -> _abi.djredis_value:
    """A slot that nobody else uses."""
    try:
        return _free.pop()
    except IndexError:
        return _abi.djredis_value()


def give(slot: _abi.djredis_value) -> None:
    """Gives a slot back; what it held is gone."""
    if slot.len > KEPT_BYTES:
        _clear(slot)
    _free.append(slot)


def content(slot: _abi.djredis_value) -> bytes:
    """A copy of the bytes in the slot."""
    return string_at(slot.data or 0, slot.len)


def message(slot: _abi.djredis_value) -> str:
    """The sentence of an error."""
    return content(slot).decode("utf-8", "replace")


def failure(status: int, slot: _abi.djredis_value) -> BaseException:
    """The exception to raise for a status below 0: what a signal handler raised meanwhile, or the error."""
    raised = _interrupts.take()
    if raised is not None:
        return raised
    if status == _abi.DJREDIS_ERR_CALLBACK:
        return _parser_failure(slot)
    return _error(status, slot, message(slot))


def _parser_failure(slot: _abi.djredis_value) -> BaseException:
    # Loaded only by a cache that has a parser of its own.
    from . import _parsers

    text, cause = message(slot), _parsers.take()
    if cause is not None:
        if not isinstance(cause, Exception):  # Ctrl-C, say
            return cause
        text = f"{text}. It raised {type(cause).__name__}: {cause}"
    error = _error(_abi.DJREDIS_ERR_CALLBACK, slot, text)
    error.__cause__ = cause
    return error


def _error(status: int, slot: _abi.djredis_value, text: str) -> Error:
    error = BY_STATUS.get(status, Error)(text)
    error.status = status
    error.retryable = bool(slot.flags & _abi.DJREDIS_NOT_SENT)
    if status == _abi.DJREDIS_ERR_DECODE and slot.integer:
        error.stored = string_at((slot.data or 0) + slot.len, slot.integer)
    return error
