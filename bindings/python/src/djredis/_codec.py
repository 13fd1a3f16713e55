"""How one cache writes and reads its values: the option SERIALIZER, and what ACCEPT names beside it."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, Callable, Protocol, Union

from . import _abi, _values
from ._exceptions import ConfigError, DecodeError, EncodeError
from ._options import imported
from ._refusals import Refused, sentence

# djredis_value.flags of a payload
PICKLE, JSON, MSGPACK, RAW = 1, 2, 3, 4
_NAMES = {"pickle": PICKLE, "json": JSON, "msgpack": MSGPACK, "raw": RAW}
#: The library knows these names by itself.
_KNOWN = "django_redis.serializers."

Dumps = Callable[[Any], bytes]
Loads = Callable[[Union[bytes, memoryview]], Any]


class Serializer(Protocol):
    """A serializer of one's own: an object, class or module with these two functions, for any thread at any time."""

    def dumps(self, value: Any, /) -> bytes:
        """What stands in Redis for a value."""

    def loads(self, data: bytes, /) -> Any:
        """The value of what dumps returned."""


class Codec:
    """Values to payloads and back, for one cache.

    A payload has the number of a format: the library says which one it is, and that is what it is read as. There is no
    way from a payload to pickle.loads in a cache whose options don't name pickle.
    """

    def __init__(self, option: Callable[[str], str], own: Serializer | None) -> None:
        """option: Cache.option. own: in place of SERIALIZER raw."""
        name = option("SERIALIZER")
        accepted = option("ACCEPT").split(",")
        #: The number of the format that is written.
        self.format = _NAMES[name]
        self._name = name
        if own is not None and self.format == RAW:
            self._name = own.__name__ if isinstance(own, ModuleType) else type(own).__name__
        else:
            own = None
        #: What writes a payload, with the errors of the serializer itself.
        self.plain_dumps: Dumps
        #: What reads a payload, by its format.
        self.loads_of: dict[int, Loads]
        self._protocol = int(option("PICKLE_VERSION"))
        self.plain_dumps, self.loads_of = _functions(name, self._protocol, accepted, own)

    def positional_dumps(self) -> tuple[Callable[..., bytes], int | None]:
        """plain_dumps and its second argument, if any: pickle takes a positional one in half the time."""
        return (pickle.dumps, self._protocol) if self.format == PICKLE else (self.plain_dumps, None)

    def is_integer(self, value: Any) -> bool:
        """Whether it is stored as digits. Only a pickle keeps the class of what is derived from int."""
        if type(value) is int or self.format == PICKLE:
            return type(value) is int
        return isinstance(value, int) and not isinstance(value, bool)

    def dumps(self, value: Any) -> bytes:
        """The payload of a value. Raises EncodeError."""
        try:
            return self.plain_dumps(value)
        except EncodeError:
            raise
        except Refused as refusal:
            raise EncodeError(sentence(refusal, self._name)) from refusal
        except Exception as error:
            how = "pickled" if self.format == PICKLE else f"stored with SERIALIZER {self._name}"
            why = _values.said(error)
            raise EncodeError(f"a value of type {type(value).__name__} can't be {how}: {why}") from error

    def dumps_many(self, values: Sequence[Any]) -> list[bytes]:
        """The payloads of many values. Raises EncodeError."""
        try:
            return list(map(self.plain_dumps, values))
        except Exception:
            return list(map(self.dumps, values))  # raises, with a sentence

    def loads(self, format: int, data: bytes | memoryview, key: Any) -> Any:
        """The value of a payload. Raises DecodeError, which has the payload."""
        try:
            return self.loads_of[format](data)
        except Exception as error:
            raise self.unreadable(format, error, data, key) from error

    def unreadable(self, format: int, error: Exception, data: bytes | memoryview, key: Any) -> DecodeError:
        """What loads raises where the serializer raises this error."""
        return _values.undecodable(key, self._complaint(format, error), data)

    def has_integers(self, values: Iterable[Any]) -> bool:
        """Whether one of the values, at least, is stored as digits."""
        if self.format == PICKLE:
            return int in set(map(type, values))
        return any(map(self.is_integer, values))

    def read(self, kind: int, flags: int, integer: int, data: bytes | memoryview, key: Any) -> Any:
        """A value or an item; see _values.read."""
        if kind == _abi.DJREDIS_PAYLOAD:
            return self.loads(flags, data, key)
        return _values.read(kind, flags, integer, data, key)

    def _complaint(self, format: int, error: Exception) -> str:
        if format not in self.loads_of:
            return f"is of a format that this cache does not read ({format}): see the option ACCEPT"
        said = _values.said(error)
        if format == RAW:
            return f"can't be read by {self._name}: {said}"
        return f"{_COMPLAINTS[format]}: {said}"


_COMPLAINTS = {PICKLE: "can't be unpickled", JSON: "is no valid JSON", MSGPACK: "is no valid MessagePack"}


def _functions(name: str, protocol: int, accepted: list[str], own: Serializer | None) -> tuple[Dumps, dict[int, Loads]]:
    """What writes values, and what reads payloads, by format."""
    format = _NAMES[name]
    dumps: Dumps
    loads: dict[int, Loads] = {JSON: _loads_later(JSON), MSGPACK: _loads_later(MSGPACK)}
    if format in loads:
        dumps, loads[format] = _of_format(format)
    elif format == PICKLE:
        dumps = functools.partial(pickle.dumps, protocol=protocol)
    else:
        dumps = _raw if own is None else _checked(own)
    if "raw" in accepted:
        # What only looks like another format is bytes.
        loads = {format: _or_bytes(read) for format, read in loads.items()}
    loads[RAW] = bytes if own is None else lambda data: own.loads(bytes(data))
    if "pickle" in (name, *accepted):
        loads[PICKLE] = pickle.loads
    return dumps, loads


@functools.lru_cache(maxsize=None)
def _of_format(format: int) -> tuple[Dumps, Loads]:
    """What writes JSON or MessagePack, and what reads it. Importing them takes a while, and most caches have pickles alone."""
    if format == JSON:
        from . import _json

        return _json.dumps, _json.loads
    from . import _plain

    return _plain.codec()


def _loads_later(format: int) -> Loads:
    return lambda data: _of_format(format)[1](data)


def _raw(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise EncodeError(
        f"SERIALIZER raw stores bytes, text and integers alone, not {type(value).__name__}; serialize the value, or "
        "use pickle, json or msgpack"
    )


def _checked(own: Serializer) -> Dumps:
    def dumps(value: Any) -> bytes:
        data = own.dumps(value)
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"dumps must return bytes, not {type(data).__name__}")
        return bytes(data)

    return dumps


def _or_bytes(loads: Loads) -> Loads:
    def read(data: bytes | memoryview) -> Any:
        try:
            return loads(data)
        except Exception:
            return bytes(data)

    return read


def own_serializer(options: Mapping[str, Any]) -> Serializer | None:
    """The serializer that the option SERIALIZER brings along or names by a dotted path; None for the library's own.

    A class is called with `options`, all options by their names in capitals, if it takes that, as django-redis's do;
    else with nothing.
    """
    given = options.get("SERIALIZER")
    if given is None or isinstance(given, str) and ("." not in given or given.startswith(_KNOWN)):
        return None
    try:
        serializer = imported(given) if isinstance(given, str) else given
        if isinstance(serializer, type):
            serializer = serializer(options=dict(options)) if _takes_options(serializer) else serializer()
    except Exception as error:
        raise ConfigError(f"the SERIALIZER {given!r} can't be made: {_values.said(error)}") from error
    if not all(callable(getattr(serializer, name, None)) for name in ("dumps", "loads")):
        raise ConfigError(
            f"the SERIALIZER {given!r} is pickle, json, msgpack, raw, or an object, a class or the dotted path of one "
            "that has dumps(value) and loads(bytes)"
        )
    made: Serializer = serializer
    return made


def _takes_options(kind: type) -> bool:
    import inspect  # it brings much along, and few programs come here

    try:
        inspect.signature(kind).bind(options={})
    except (TypeError, ValueError):
        return False
    return True
