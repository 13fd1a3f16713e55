"""A connection of one's own: any command, pipelines, MULTI and WATCH, publish and subscribe."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from ctypes import byref, c_void_p
from types import TracebackType
from typing import Any, Callable

from . import _abi, _replies, _slots
from ._calls import Timeout, call, milliseconds
from ._error import Error
from ._exceptions import ArgumentError, ClosedError, ForkedError
from ._handle import Handle
from ._library import library
from ._replies import Argument

_NOTHING = c_void_p()


class Connection:
    """A connection borrowed from a cache's pool until release(), or the end of `with`. Cache.connection() makes it.

    Keys are sent as they are given: Cache.make_key adds the prefix and the version. A reply is what redis-py's own
    connection reads: bytes, a status such as b"OK" too, int, None, list. IGNORE_EXCEPTIONS does not cover connections.

    It goes back to the pool only as it came: after SELECT, AUTH, CLIENT, SUBSCRIBE and their like, within MULTI or
    WATCH, with replies that were not received, or after an error it is closed. It serves one thread at a time, in the
    process that acquired it: elsewhere ForkedError. After release(): ClosedError.
    """

    _free = staticmethod(library.djredis_conn_release)
    # Where a signal handler raises before __init__ has begun, __del__ finds these.
    _handle = _NOTHING
    _idle: list[c_void_p] = []

    def __init__(self, cache: Handle) -> None:
        self._cache = cache  # so that it is not closed for having no other owner
        self._handle = c_void_p()
        # The right to use the handle: one thread takes it out at a time. Empty after release. It is taken with `for`:
        # after a call, of pop say, a signal handler may raise before the result is noted anywhere.
        self._idle: list[c_void_p] = []
        self._right = iter(self._idle.pop, None)
        self._released = False
        self._process = os.getpid()
        slot = _slots.take()
        try:
            status = library.djredis_conn_acquire(cache._handle, None, byref(self._handle), slot)
            if status != _abi.DJREDIS_OK:
                raise _slots.failure(status, slot)
        finally:
            _slots.give(slot)
        self._idle.append(self._handle)

    def __del__(self, at_exit: Callable[[], bool] = sys.is_finalizing) -> None:
        if at_exit():  # a finalizer of the same garbage may use it later: see Handle.__del__
            return
        handle, self._handle, self._released = self._handle, _NOTHING, True
        self._idle.clear()
        self._free(handle)

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Gives the connection back. More than once is fine, and so is a forked child, where there is nothing to give."""
        if self._released:
            return
        try:
            for handle in self._right:
                self._released, self._handle = True, _NOTHING
                self._free(handle)
                return
        except IndexError:
            refusal = self._refusal()
        if not isinstance(refusal, ForkedError):
            raise refusal

    def command(self, *args: Argument) -> Any:
        """One command and its reply; an error reply is raised.

        An EXEC that a change of a watched key prevented answers None. SUBSCRIBE and others whose replies don't come one
        for one are refused: send them.
        """
        joined, lengths = _replies.join([_replies.encode(argument) for argument in args])
        return self._ask(library.djredis_conn_command, len(args), joined, lengths, None, read=_replies.read)

    def pipeline(
        self, commands: Iterable[Sequence[Argument]], multi: bool = False, raise_on_error: bool = False
    ) -> list[Any] | None:
        """Many commands in one round trip, as `[("SET", "k", 1), ("GET", "k")]`. Their replies, in order.

        A command that fails leaves its error, as an exception, in its place, and the others run;
        raise_on_error: raises the first one instead, when all have run. multi: in MULTI ... EXEC. Then the answer is
        None if a change of a watched key prevented it, and a command that can't be queued raises with nothing executed.
        """
        encoded = [_command(command) for command in commands]
        joined, lengths = _replies.join([argument for command in encoded for argument in command])
        counts = _replies.numbers([len(command) for command in encoded])
        how = call(_abi.DJREDIS_MULTI if multi else 0, None)
        replies: list[Any] | None = self._ask(
            library.djredis_conn_pipeline, len(encoded), counts, joined, lengths, how, read=_replies.read_many
        )
        for reply in replies or ():
            if raise_on_error and isinstance(reply, Error):
                raise reply
        return replies

    def send(self, *args: Argument) -> None:
        """Sends a command and does not wait for its reply, which receive() brings: SUBSCRIBE, MONITOR, BLPOP, ..."""
        joined, lengths = _replies.join([_replies.encode(argument) for argument in args])
        self._ask(library.djredis_conn_send, len(args), joined, lengths, None, read=_nothing)

    def receive(self, timeout: Timeout = None, default: Any = None) -> Any:
        """The next reply or message, or `default` where none comes in time; the connection can go on then.

        timeout: seconds or a timedelta; None waits as long as it takes, 0 does not wait, DEFAULT is SOCKET_TIMEOUT. A
        message is a list such as [b"message", channel, data].
        """
        ms = milliseconds(timeout)
        # To the library 0 is SOCKET_TIMEOUT.
        how = call(0, None, deadline_ms=0 if ms is None else max(ms, 1))
        return self._ask(library.djredis_conn_receive, how, read=_replies.read, otherwise=default)

    def _refusal(self) -> Error:
        if self._released:
            return ClosedError("the connection was given back; acquire another one with connection()")
        if self._process != os.getpid():
            # Taken by a thread of the parent, which does not exist here.
            return ForkedError("this connection was acquired before fork(); acquire a new one in the child")
        return ArgumentError(
            "the connection is in use by another thread, or by a call that this signal handler interrupted; acquire "
            "another one with connection()"
        )

    def _ask(
        self,
        function: Callable[..., int],
        *arguments: Any,
        read: Callable[[_abi.djredis_value], Any],
        otherwise: Any = None,
    ) -> Any:
        """One call of the library: what `read` makes of the answer, or `otherwise` where there is none."""
        handle = None
        slot = _slots.take()
        try:
            try:
                for handle in self._right:
                    break
            except IndexError:
                raise self._refusal() from None
            status = function(handle, *arguments, slot)
            if status == _abi.DJREDIS_OK:
                return read(slot)
            if status != _abi.DJREDIS_MISS:
                raise _slots.failure(status, slot)
            return otherwise
        finally:
            if handle is not None:
                self._idle.append(handle)
            _slots.give(slot)


def _command(command: Sequence[Argument]) -> list[bytes]:
    if isinstance(command, (str, bytes)):
        raise TypeError(f"a command is a sequence of its arguments, as ('GET', 'k'), not the text {command!r}")
    return [_replies.encode(argument) for argument in command]


def _nothing(_: _abi.djredis_value) -> None:
    return None
