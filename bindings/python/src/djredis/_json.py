"""JSON as django-redis stores it: Python's own, with the dates, decimals and so on of Django's DjangoJSONEncoder.

Django need not be installed. What comes back is plain: a date is a text, a tuple a list, a key of a dict a text.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ._refusals import Refused, refused


def dumps(value: Any) -> bytes:
    """The JSON of a value. Raises TypeError or ValueError where it has none."""
    try:
        return _ENCODER.encode(value).encode()
    except TypeError as error:
        if str(error).startswith("keys must be"):
            raise Refused("a key that is no text, number, bool or None") from error
        raise


def loads(data: bytes | memoryview) -> Any:
    """The value of a JSON text. Raises ValueError."""
    text = str(data, "utf-8")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode())
        raise ValueError(f"at offset {offset}, {error.msg}") from error


def _plainer(value: Any) -> str:
    """The text of what json has no word for."""
    if isinstance(value, datetime):
        text = value.isoformat(timespec=_precision(value))
        return text[: -len("+00:00")] + "Z" if text.endswith("+00:00") else text
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        if value.utcoffset() is not None:
            raise Refused("a time of day with a zone")
        return value.isoformat(timespec=_precision(value))
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, Decimal) or _is_uuid(value) or _is_lazy(value):
        return str(value)
    raise refused(value)


def _is_uuid(value: Any) -> bool:
    # Nobody has one who has not loaded its module, which brings others along.
    module = sys.modules.get("uuid")
    return module is not None and isinstance(value, module.UUID)


_ENCODER = json.JSONEncoder(default=_plainer)


def _precision(moment: datetime | time) -> str:
    """Milliseconds, cut off there, unless it is a whole second."""
    return "milliseconds" if moment.microsecond else "seconds"


def _duration(delta: timedelta) -> str:
    """A timedelta as ISO 8601 has it: P1DT02H03M04.000005S."""
    span = abs(delta)
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if delta.days < 0 else ""
    fraction = f".{span.microseconds:06}" if span.microseconds else ""
    return f"{sign}P{span.days}DT{hours:02}H{minutes:02}M{seconds:02}{fraction}S"


def _is_lazy(value: Any) -> bool:
    """Whether it is one of Django's lazy strings; they come only from this module."""
    functional = sys.modules.get("django.utils.functional")
    return functional is not None and isinstance(value, functional.Promise)
