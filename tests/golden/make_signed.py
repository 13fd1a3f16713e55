#!/usr/bin/env python3
"""Writes tests/golden/signed.json: values signed by Python's own hmac, as docs/wire.md describes it.

    python3 tests/golden/make_signed.py
"""

import hmac
import json
import pathlib
import pickle
import struct

MAGIC = b"\xc1DJ\x01"
SECRETS = ("0123456789abcdef0123456789abcdef", "s" * 64, "lönger than a block of SHA-256 which is 64 bytes: " + "x" * 40)
KEYS = (b":1:key", b"", b"shop:2:\xff\x00", b"k" * 1000)
PAYLOADS = (pickle.dumps("text", 5), b"", b"x", bytes(range(256)) * 2)


def signed(secret: str, key: bytes, payload: bytes) -> bytes:
    message = MAGIC + struct.pack(">Q", len(key)) + key + payload
    return MAGIC + hmac.digest(secret.encode(), message, "sha256") + payload


def main() -> None:
    cases = [
        {"secret": secret, "key": key.hex(), "payload": payload.hex(), "signed": signed(secret, key, payload).hex()}
        for secret in SECRETS
        for key in KEYS
        for payload in PAYLOADS
    ]
    path = pathlib.Path(__file__).with_name("signed.json")
    path.write_text(json.dumps({"cases": cases}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
