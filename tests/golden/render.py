"""One line of text for a Python object, as the Rust tests render the value that they decode.

Sets are sorted, floats are their bits, and an object of a class that is not plain data is the record that its
pickle describes (docs/values.md, section 4).
"""

import collections
import copyreg
import datetime
import decimal
import fractions
import functools
import struct
import types
import uuid
import zoneinfo

# Classes that cross as their own extension type.
DATA = (
    datetime.datetime, datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, uuid.UUID, complex,
    fractions.Fraction, collections.OrderedDict, collections.defaultdict, collections.Counter, collections.deque, range,
)  # fmt: skip


def quoted(text):
    plain = (c if " " <= c <= "~" and c not in '"\\' else "\\u{%x}" % ord(c) for c in text)
    return '"' + "".join(plain) + '"'


def real(number):
    return "f" + struct.pack(">d", number).hex()


def many(items, protocol):
    return ", ".join(render(item, protocol) for item in items)


def pairs(mapping, protocol):
    return "{" + ", ".join(f"{render(k, protocol)}: {render(v, protocol)}" for k, v in mapping.items()) + "}"


def unordered(items, protocol):
    return "{" + ", ".join(sorted(render(item, protocol) for item in items)) + "}"


def zone(tzinfo, protocol):
    if tzinfo is None:
        return "naive"
    if type(tzinfo) is datetime.timezone:
        offset, *name = tzinfo.__getinitargs__()
        seconds = offset.days * 86400 + offset.seconds
        return f"offset({seconds}, {offset.microseconds}, {quoted(name[0] if name else '')})"
    if type(tzinfo) is zoneinfo.ZoneInfo:
        return f"zone({quoted(tzinfo.key)})"
    return render(tzinfo, protocol)


def fold(value, protocol):
    """Older protocols don't tell."""
    return value.fold if protocol >= 4 else 0


def data(value, protocol):
    kind, name = type(value), type(value).__name__
    if kind is datetime.datetime:
        v = value
        fields = [v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond, fold(v, protocol), zone(v.tzinfo, protocol)]
        return f"datetime({', '.join(map(str, fields))})"
    if kind is datetime.time:
        v = value
        fields = [v.hour, v.minute, v.second, v.microsecond, fold(v, protocol), zone(v.tzinfo, protocol)]
        return f"time({', '.join(map(str, fields))})"
    if kind is datetime.date:
        return f"date({value.year}, {value.month}, {value.day})"
    if kind is datetime.timedelta:
        return f"timedelta({value.days}, {value.seconds}, {value.microseconds})"
    if kind is complex:
        return f"complex({real(value.real)}, {real(value.imag)})"
    if kind is fractions.Fraction:
        return f"Fraction({value.numerator}/{value.denominator})"
    if kind in (collections.OrderedDict, collections.Counter):
        return name + pairs(value, protocol)
    if kind is collections.defaultdict:
        return f"defaultdict({render(value.default_factory, protocol)}){pairs(value, protocol)}"
    if kind is collections.deque:
        return f"deque({value.maxlen})[{many(value, protocol)}]"
    if kind is range:
        return f"range({value.start}, {value.stop}, {value.step})"
    return f"{name}({value})"


def record(fields):
    return "record{" + ", ".join(f"{quoted(key)}: {text}" for key, text in fields.items()) + "}"


def full_name(thing):
    return f"{thing.__module__}.{thing.__qualname__}"


def callable_fields(thing, protocol):
    name = quoted(full_name(thing)) if hasattr(thing, "__qualname__") else render(thing, protocol)
    return {"class": name, "args": "None", "state": "None"}


def instance(value, protocol):
    reduced = copyreg.dispatch_table.get(type(value))
    reduced = reduced(value) if reduced else value.__reduce_ex__(protocol)
    func, args, state, items, entries = (tuple(reduced) + (None,) * 3)[:5]
    how, base, kwargs = None, None, None
    if func is copyreg.__newobj__:
        how, func, args = "newobj", args[0], args[1:]
    elif func is copyreg.__newobj_ex__ and protocol >= 4:
        how, (func, args, kwargs) = "newobj_ex", args
    elif func is copyreg.__newobj_ex__:
        # NEWOBJ_EX is of protocol 4.
        (cls, positional, keywords), args = args, ()
        func = functools.partial(cls.__new__, cls, *positional, **keywords)
    elif func is copyreg._reconstructor:
        how, (func, base, only) = "reconstruct", args
        args = (only,)
    fields = callable_fields(func, protocol)
    fields["args"] = f"[{many(args, protocol)}]"
    fields["state"] = render(state, protocol)
    if how:
        fields["how"] = quoted(how)
    if "." in getattr(func, "__qualname__", ""):
        fields["module"] = quoted(func.__module__)
    if base:
        fields["base"] = quoted(full_name(base))
    if kwargs is not None:
        fields["kwargs"] = render(kwargs, protocol)
    items = list(items or ())
    if items:
        fields["items"] = f"[{many(items, protocol)}]"
    entries = dict(entries or ())
    if entries:
        fields["entries"] = pairs(entries, protocol)
    return record(fields)


def render(value, protocol=5):
    kind = type(value)
    if value is None or kind in (bool, int):
        return str(value)
    if value is ...:
        return "Ellipsis"
    if kind is float:
        return real(value)
    if kind is str:
        return quoted(value)
    if kind is bytes:
        return "b" + value.hex()
    if kind is bytearray:
        return "bytearray:" + value.hex()
    if kind is list:
        return f"[{many(value, protocol)}]"
    if kind is tuple:
        return f"({many(value, protocol)})"
    if kind is dict:
        return pairs(value, protocol)
    if kind in (set, frozenset):
        return kind.__name__ + unordered(value, protocol)
    if kind in DATA:
        return data(value, protocol)
    if kind.__name__ == "SafeString":
        return "safe" + quoted(str(value))
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
        fields = callable_fields(value, protocol)
        if "." in value.__qualname__:
            fields["module"] = quoted(value.__module__)
        return record(fields)
    return instance(value, protocol)
