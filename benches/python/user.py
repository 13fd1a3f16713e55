"""The dict of 20 entries that the benchmarks read."""

from __future__ import annotations

from typing import Any


def user(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "username": f"user_{number}",
        "email": f"user_{number}@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "is_active": True,
        "is_staff": False,
        "score": 97.5,
        "balance": 1234567,
        "city": "London",
        "street": "12 St James's Square " + "x" * 40,
        "zip": "SW1Y",
        "country": "United Kingdom",
        "phone": "+44 20 7946 0000",
        "language": "en-gb",
        "theme": "dark",
        "visits": 42,
        "last_ip": "10.0.0.1",
        "bio": "Wrote the first program for a machine " * 2,
        "groups": ["admin", "editors", "staff"],
    }
