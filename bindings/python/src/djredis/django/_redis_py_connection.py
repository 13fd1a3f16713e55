"""A connection of a cache, as redis-py's client, pipelines, pub/sub, locks and scripts use one."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from redis import exceptions
from redis.connection import AbstractConnection

import djredis

from . import _waits
from ._redis_py_errors import answer, is_answer, trouble

#: Replies don't come one for one after these.
_STREAMING = frozenset(
    b"SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MONITOR PSYNC SYNC".split()
)
#: Commands that can't be exchanged for one reply at once.
_APART = _STREAMING | _waits.NAMES
#: A thread that waits for messages lets others (un)subscribe this often.
_SLICE = 0.05  # seconds
_UNSET = object()
_NOTHING = object()

#: A command for this connection, in the place of its bytes on the wire: the library packs it.
Words = tuple[bytes, ...]


@lru_cache(maxsize=512)
def _names(name: str) -> Words:
    return tuple(name.encode().split())


class Connection(AbstractConnection):
    """Holds a connection of the cache from connect to disconnect, which gives it back.

    A command is exchanged for its reply, and a pipeline for all of its replies, when it is sent: one call of the library
    each. read_response hands them out.
    """

    host = ""
    port = 0

    def __init__(self, cache: djredis.Cache, path: str = "", host: str = "", port: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.path, self.host, self.port = path, host, port
        self._cache = cache
        self._held: djredis.Connection | None = None
        self._replies: deque[Any] = deque()
        self._decodes = self.encoder.decode_responses
        self._to_text: Any = self.encoder.decode
        self._encode: Any = self.encoder.encode
        self._streams = False
        self._wait: float = 0
        self._turn = threading.Lock()
        self._queue = 0

    def __del__(self) -> None:
        """Nothing: the connection of the cache knows how to go."""

    def repr_pieces(self) -> list[tuple[str, Any]]:
        return [("cache", self._cache)]

    def _connect(self) -> Any:
        raise NotImplementedError("the cache connects")

    def _host_error(self) -> str:
        return self._cache.server_for("")

    @property
    def is_connected(self) -> bool:
        return self._held is not None

    @property
    def _sock(self) -> Any:
        """For programs that look whether redis-py's own connection is connected; the socket is the library's."""
        return getattr(self, "_held", None)

    @_sock.setter
    def _sock(self, _: Any) -> None:
        """For redis-py, which begins with None."""

    def connect(self) -> None:
        if self._held is not None:
            if self.pid == os.getpid():
                return
            self.disconnect()  # the parent's
            self._turn = threading.Lock()  # a thread that the fork left behind may hold the old one
        self.pid = os.getpid()
        try:
            self._held = self._cache.connection()
        except djredis.Error as error:
            raise trouble(error) from error
        for reference in list(self._connect_callbacks):
            callback = reference()
            if callback:
                callback(self)

    def connect_check_health(self, *_: Any, **__: Any) -> None:
        self.connect()

    def on_connect(self, *_: Any, **__: Any) -> None:
        """Nothing: the cache has logged in and chosen its database."""

    def check_health(self) -> None:
        """Nothing: the cache tries a connection before it lends one."""

    def disconnect(self, *_: Any, **__: Any) -> None:
        """Gives the connection back. The cache closes it unless it is as it came."""
        held, self._held = self._held, None
        if self._replies:
            self._replies.clear()
        self._streams, self._should_reconnect = False, False
        if held is None:
            return
        try:
            held.release()
        except djredis.ArgumentError:
            pass  # another thread waits on it, and drops it when it wakes

    def pack_command(self, *args: Any) -> list[Words]:
        return [self._words(args)]

    def pack_commands(self, commands: Iterable[Sequence[Any]]) -> list[Words]:
        return [self._words(command) for command in commands]

    def send_command(self, *args: Any, **_: Any) -> None:
        words = self._words(args)
        held = self._ready()
        if self._streams or words[0].upper() in _APART:
            self._send([words])
            return
        try:
            self._replies.append(held.command(*words))
        except BaseException as error:
            self._replies.append(self._failed(error))

    def send_packed_command(self, command: Iterable[Words], check_health: bool = True) -> None:
        """Sends what pack_command and pack_commands made."""
        commands = list(command)
        if not all(isinstance(words, tuple) for words in commands):
            raise exceptions.DataError("the library packs commands itself: send what this connection's pack_command gave")
        held = self._ready()
        if self._streams or not self._one_for_one(commands):
            self._send(commands)
            return
        try:
            self._replies.extend(held.pipeline(commands) or ())
        except BaseException as error:
            self._replies.append(self._failed(error))

    def can_read(self, timeout: float | None = 0, **_: Any) -> bool:
        """Whether there is a reply or message within so many seconds; None waits as long as it takes."""
        self.connect()
        if not self._replies:
            reply = self._receive(timeout)
            if reply is _NOTHING:
                return False
            self._replies.append(reply)
        return True

    def read_response(
        self,
        disable_decoding: bool = False,
        *,
        timeout: Any = _UNSET,
        disconnect_on_error: bool = True,
        push_request: bool = False,
    ) -> Any:
        """The next reply or message; an error reply is raised.

        timeout: seconds, None for no limit; otherwise SOCKET_TIMEOUT and what the command itself waits.
        """
        if self._replies:
            reply = self._replies.popleft()
        else:
            reply = self._await(timeout, disconnect_on_error)
        kind = type(reply)
        if kind is int or reply is None or (kind is bytes and not self._decodes):
            return reply
        if isinstance(reply, djredis.Error):
            raise answer(reply, self._parser.parse_error)
        return self._decoded(reply, self._decodes and not disable_decoding)

    def _words(self, args: Sequence[Any]) -> Words:
        """A command as the library takes it. A name of two words is two to Redis."""
        encode = self._encode
        name = args[0]
        names = _names(name) if type(name) is str else tuple(encode(name).split())
        return (*names, *[arg if type(arg) is bytes else bytes(encode(arg)) for arg in args[1:]])

    def _ready(self) -> djredis.Connection:
        self.connect()
        if self._held is None:  # another thread disconnected it meanwhile
            raise exceptions.ConnectionError("the connection was closed")
        return self._held

    def _one_for_one(self, commands: Sequence[Words]) -> bool:
        names = {words[0].upper() for words in commands}
        # In MULTI nothing waits.
        apart = _STREAMING if commands and commands[0][0].upper() == b"MULTI" else _APART
        return names.isdisjoint(apart)

    def _send(self, commands: Sequence[Words]) -> None:
        for words in commands:
            self._wait = _waits.seconds(words)
            self._queue += 1
            with self._turn:
                self._queue -= 1
                held = self._ready()
                self._streams = self._streams or words[0].upper() in _STREAMING
                try:
                    held.send(*words)
                except BaseException as error:
                    self._replies.append(self._failed(error))
            if len(commands) > 1 and not self._streams:
                self._replies.append(self._receive(self._limit()))

    def _limit(self) -> float | None:
        """Seconds until the reply must be there."""
        if self._streams or self._wait == _waits.FOREVER or self.socket_timeout is None:
            return None
        return float(self._wait + self.socket_timeout)

    def _await(self, timeout: Any, disconnect_on_error: bool) -> Any:
        if self._held is None:
            raise exceptions.ConnectionError("not connected: nothing can be read")
        limit = self._limit() if not (timeout is None or isinstance(timeout, (int, float))) else timeout
        reply = self._receive(limit)
        if reply is _NOTHING:
            if disconnect_on_error:
                self.disconnect()
            raise exceptions.TimeoutError(f"{self._host_error()} did not answer within {limit} seconds")
        return reply

    def _receive(self, timeout: float | None) -> Any:
        """A reply, the error that it is, or _NOTHING."""
        if not self._streams:
            return self._received(timeout)
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _SLICE if end is None else min(max(end - time.monotonic(), 0), _SLICE)
            with self._turn:
                reply = self._received(left)
            if reply is not _NOTHING or (end is not None and time.monotonic() >= end):
                return reply
            if self._queue:
                time.sleep(0.001)  # a lock alone would be ours again at once

    def _received(self, timeout: float | None) -> Any:
        held = self._held
        if held is None:
            raise exceptions.ConnectionError("the connection was closed while this thread waited for it")
        try:
            return held.receive(timeout, default=_NOTHING)
        except BaseException as error:
            return self._failed(error)

    def _failed(self, error: BaseException) -> djredis.Error:
        """The error, if it is the server's answer. Everything else ends the connection and is raised."""
        if isinstance(error, djredis.Error):
            if is_answer(error):
                return error
            self.disconnect()
            raise trouble(error) from error
        self.disconnect()
        raise error

    def _decoded(self, reply: Any, to_text: bool) -> Any:
        """A reply as redis-py has it: errors in a list are exceptions of its own, texts are str where it decodes."""
        if isinstance(reply, bytes):
            return self._to_text(reply) if to_text else reply
        if isinstance(reply, list):
            return [item if type(item) is int else self._decoded(item, to_text) for item in reply]
        if isinstance(reply, dict):
            return {self._decoded(key, to_text): self._decoded(item, to_text) for key, item in reply.items()}
        return answer(reply, self._parser.parse_error) if isinstance(reply, djredis.Error) else reply
