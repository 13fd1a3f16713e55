"""How long the server itself may take for a command, because the command says so."""

from __future__ import annotations

from collections.abc import Sequence

#: Their last argument is the timeout, in seconds.
_LAST = frozenset((b"BLPOP", b"BRPOP", b"BRPOPLPUSH", b"BLMOVE", b"BZPOPMIN", b"BZPOPMAX"))
#: Where the timeout stands, and how many of its units a second has.
_AT = {b"BLMPOP": (1, 1), b"BZMPOP": (1, 1), b"WAIT": (2, 1000), b"WAITAOF": (3, 1000)}
_READS = frozenset((b"XREAD", b"XREADGROUP"))

#: Commands that may wait.
NAMES = _LAST | _READS | frozenset(_AT)
FOREVER = float("inf")


def seconds(words: Sequence[bytes]) -> float:
    """The longest that a command waits by itself: 0 if it does not wait, FOREVER without a limit."""
    name = words[0].upper()
    if name not in NAMES:
        return 0.0
    if name in _READS:
        return _of_streams(words)
    at, units = (-1, 1) if name in _LAST else _AT[name]
    return _time(words, at, units)


def _of_streams(words: Sequence[bytes]) -> float:
    """XREAD and XREADGROUP: BLOCK may stand anywhere before STREAMS."""
    for at, word in enumerate(words):
        option = word.upper()
        if option == b"STREAMS":
            break
        if option == b"BLOCK":
            return _time(words, at + 1, 1000)
    return 0.0


def _time(words: Sequence[bytes], at: int, units: int) -> float:
    try:
        waits = float(words[at]) / units
    except (IndexError, ValueError):  # the server will refuse it
        return 0.0
    return waits if waits > 0 else FOREVER
