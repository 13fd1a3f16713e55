#!/usr/bin/env python3
"""Writes tests/golden/herd.json: what django-redis's HerdClient stores for known values, in each protocol.

    build/venv/bin/python tests/golden/make_herd.py
"""

import json
import sys

import django_redis
import make
from django_redis.client import HerdClient
from django_redis.serializers.pickle import PickleSerializer

NAMES = (
    "none", "true", "zero", "ints", "floats", "text", "empty text", "text of all kinds", "bytes", "bytearray", "list",
    "list of 1001", "tuples", "dict", "dict with keys of all kinds", "sets", "shared", "shared text",
    "datetimes", "decimals", "uuid", "ordered dict", "safe string", "object", "objects of one class", "exception",
)  # fmt: skip
PROTOCOLS = (2, 3, 4, 5)
#: The seconds since 1970 as each opcode that Python's pickler has for a number.
MOMENTS = (0, 255, 65535, 1_700_000_000, 2**31 - 1, 2**31, 2**32 + 5, 1_700_000_000.25)


def main():
    make.writers()  # configures Django
    from django.core.cache import caches

    client = HerdClient("redis://nowhere/0", {"OPTIONS": {}}, caches["default"])

    def stored(value, moment, protocol):
        client._serializer = PickleSerializer({"PICKLE_VERSION": protocol})
        marker, value, _ = client._pack(value, 0)
        return client.encode((marker, value, moment)).hex()

    def case(name, value, moment, protocol):
        text = make.rendered(name, value, protocol)
        return {"name": name, "protocol": protocol, "moment": moment, "value": text, "hex": stored(value, moment, protocol)}

    cases = [case(name, make.CASES[name], 1_700_000_000, protocol) for name in NAMES for protocol in PROTOCOLS]
    cases += [case("moment", "v", moment, protocol) for moment in MOMENTS for protocol in PROTOCOLS]
    versions = {"python": sys.version.split()[0], "django-redis": django_redis.__version__}
    path = make.HERE / "herd.json"
    path.write_text(json.dumps({"made by": versions, "cases": cases}, indent=1) + "\n")
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    main()
