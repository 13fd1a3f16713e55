"""Python's signal handlers during a wait of the library.

The library asks a check function when a signal interrupts a wait: 0 goes on waiting, anything else ends the call.
Ours lets Python run its handlers, and keeps what they raise for the method that made the call.

A Python function can't be that check. Python runs due handlers as soon as it enters the function, before a `try`
inside it can catch anything, and ctypes only prints what escapes from a callback. A generator that is suspended inside
its `try` can: there the handlers run as it is resumed. So the check is the built-in `next` on an iterator that is made
of built-ins only; it takes a suspended generator from a list and resumes it. Each generator serves one interrupt,
since a handler may use the cache and be interrupted itself.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Generator
from ctypes import CFUNCTYPE, c_int32, cast, py_object

from ._abi import djredis_set_interrupt_check_check as CHECK
from ._library import library

GO_ON, STOP = 0, 1

_raised: dict[int, list[BaseException]] = {}  # by thread; a list, because handlers can be interrupted too
_suspended: list[Generator[int, None, None]] = []


def _watch() -> Generator[int, None, None]:
    answer = GO_ON
    try:
        yield GO_ON
    except GeneratorExit:  # dropped unused
        return
    except BaseException as error:
        _raised.setdefault(threading.get_ident(), []).append(error)
        answer = STOP
    _suspend_one()
    yield answer


def _suspend_one() -> None:
    watch = _watch()
    next(watch)
    _suspended.append(watch)


def take() -> BaseException | None:
    """What a handler raised during this thread's last wait, once."""
    raised = _raised.get(threading.get_ident())
    if not raised:
        return None
    error = raised.pop()
    if not raised:
        _raised.pop(threading.get_ident(), None)
    return error


# Several threads may be interrupted at once, and each takes one.
for _ in range(8):
    _suspend_one()
_answers = map(next, iter(_suspended.pop, None))
_check = CFUNCTYPE(c_int32, py_object)(next)


def _install() -> None:
    library.djredis_set_interrupt_check(cast(_check, CHECK), id(_answers))


def _remove() -> None:
    library.djredis_set_interrupt_check(CHECK(), None)


_install()
# A thread that outlives the interpreter must not call back into it.
atexit.register(_remove)
