"""migrate_check, with django-redis 7 and Django's own backend as the old side."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import Server

import djredis

from . import sites

pytest.importorskip("redis")

CHECK = "import sys\nfrom djredis.django.migrate_check import main\nsys.exit(main(sys.argv[1:]))"
OLD = {"django-redis": "django_redis.cache.RedisCache", "django": "django.core.cache.backends.redis.RedisCache"}


def caches(server: Server, old: dict[str, Any], new: dict[str, Any]) -> str:
    url = f"unix://{server.path}?db=3"
    entries = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "old": {"LOCATION": url, **old},
        "new": {"BACKEND": "djredis.django.RedisCache", "LOCATION": url, **new},
    }
    return f"CACHES = {entries!r}\n"


def check(folder: Path, settings: str, *words: str) -> subprocess.CompletedProcess[str]:
    return sites.run(folder, settings, CHECK, *(words or ("old", "new")))


def differences(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stdout + done.stderr
    return "\n".join(line for line in done.stdout.splitlines() if "DIFFER" in line)


@pytest.fixture
def own() -> Any:
    started = Server()
    yield started
    started.stop()


@pytest.mark.parametrize("old", sorted(OLD))
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"KEY_PREFIX": "shop", "VERSION": 3},
        {"KEY_PREFIX": "a:b*"},
        {"KEY_FUNCTION": "urls.own_key", "REVERSE_KEY_FUNCTION": "urls.key_of"},
    ],
)
def test_they_agree(old: str, more: dict[str, Any], own: Server, tmp_path: Path) -> None:
    settings = caches(own, {"BACKEND": OLD[old], **more}, more)
    fill = (
        "from django.core.cache import caches\n"
        "for number in range(50): caches['old'].set(f'live{number}', {'n': number, 'all': {number}}, None)\n"
        "caches['old'].set('count', 5)\n"
    )
    sites.output(sites.run(tmp_path, settings, fill))
    done = check(tmp_path, settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "live keys: 51 of 51 read the same" in done.stdout and done.stdout.splitlines()[-1].startswith("agree: ")
    left = (
        "from django.core.cache import caches\n"
        "print(sorted(caches['new'].keys('*migrate*')), len(caches['new'].keys('*')))"
    )
    assert sites.output(sites.run(tmp_path, settings, left)) == "[] 51\n"


@pytest.mark.parametrize(
    "options",
    [
        {"SERIALIZER": "django_redis.serializers.json.JSONSerializer"},
        {"SERIALIZER": "django_redis.serializers.msgpack.MSGPackSerializer"},
        {"COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor"},
        {"COMPRESSOR": "django_redis.compressors.lzma.LzmaCompressor", "PICKLE_VERSION": 2},
        {
            "CLIENT_CLASS": "django_redis.client.DefaultClient",
            "CONNECTION_POOL_KWARGS": {"max_connections": 100, "retry_on_timeout": True},
            "SOCKET_CONNECT_TIMEOUT": 5,
            "SOCKET_TIMEOUT": 5,
            "IGNORE_EXCEPTIONS": True,
        },
    ],
)
def test_django_redis_keeps_its_options(options: dict[str, Any], own: Server, tmp_path: Path) -> None:
    """Only BACKEND changes."""
    done = check(tmp_path, caches(own, {"BACKEND": OLD["django-redis"], "OPTIONS": options}, {"OPTIONS": options}))
    assert done.returncode == 0, done.stdout + done.stderr


def test_djangos_backend_keeps_its_options(own: Server, tmp_path: Path) -> None:
    options = {
        "max_connections": 20,
        "retry_on_timeout": True,
        "pool_class": "redis.BlockingConnectionPool",
        "timeout": 3,
    }
    done = check(tmp_path, caches(own, {"BACKEND": OLD["django"], "OPTIONS": options}, {"OPTIONS": options}))
    assert done.returncode == 0, done.stdout + done.stderr


def test_other_return_values_are_a_note(own: Server, tmp_path: Path) -> None:
    old = {"BACKEND": OLD["django-redis"]}
    assert "note    set returns True with the old and None with the new" in check(tmp_path, caches(own, old, {})).stdout
    same = check(tmp_path, caches(own, old, {"OPTIONS": {"COMPAT": "django-redis"}})).stdout
    assert "note    set returns" not in same and "note    delete_many" not in same


def test_another_serializer_differs(own: Server, tmp_path: Path) -> None:
    settings = caches(own, {"BACKEND": OLD["django-redis"]}, {"OPTIONS": {"SERIALIZER": "json"}})
    said = differences(check(tmp_path, settings))
    assert "text, stored by 'old': read as a str by itself and as an error (" in said
    assert "text, stored by 'new'" in said


def test_the_documented_paths_differ_in_a_timeout_of_zero(own: Server, tmp_path: Path) -> None:
    new = {"BACKEND": "redis_cache.cache.RedisCache", "LOCATION": f"unix:{own.path}:3"}
    said = differences(check(tmp_path, caches(own, {"BACKEND": OLD["django-redis"]}, new)))
    assert "timeout=0: removed at once by 'old' and kept for ever by 'new'" in said
    assert said.count("DIFFER") == 2 and "timeout=-1" in said


@pytest.mark.parametrize(
    "new",
    [{"KEY_PREFIX": "other"}, {"VERSION": 2}, {"LOCATION": "memory:elsewhere"}],
    ids=["prefix", "version", "place"],
)
def test_caches_that_do_not_see_each_other(new: dict[str, Any], own: Server, tmp_path: Path) -> None:
    said = differences(check(tmp_path, caches(own, {"BACKEND": OLD["django-redis"]}, new)))
    assert "does not see what 'old' stores" in said and "KEY_PREFIX" in said


def test_live_keys_that_only_one_can_read(own: Server, tmp_path: Path) -> None:
    settings = caches(own, {"BACKEND": OLD["django-redis"]}, {"OPTIONS": {"ACCEPT": "raw"}})
    plant = (
        "from django.core.cache import caches\ncache = caches['new'].client.cache\n"
        "cache.command('SET', 'secret', 'plain words', key_index=1)\n"
        "cache.command('RPUSH', 'queue', 'a', key_index=1)\ncaches['old'].set('good', [1])\n"
    )
    sites.output(sites.run(tmp_path, settings, plant))
    done = check(tmp_path, settings)
    said = differences(done)
    assert "'secret' is an error (UnpicklingError) for the old and a bytes for the new" in said
    assert "live keys: 2 of 3 read the same" in done.stdout and "plain words" not in done.stdout
    assert "1 of the live keys are no values of a cache, for both" in done.stdout
    only = check(tmp_path, settings, "old", "new", "--match", "g*")
    assert only.returncode == 0 and "live keys: 1 of 1" in only.stdout
    assert "live keys: 0 of 0" in check(tmp_path, settings, "old", "new", "--sample", "0").stdout


def test_a_set_is_no_difference_where_errors_are_ignored(own: Server, tmp_path: Path) -> None:
    """django-redis then answers for a set what it answers for a key that is missing."""
    ignoring = {"OPTIONS": {"IGNORE_EXCEPTIONS": True}}
    settings = caches(own, {"BACKEND": OLD["django-redis"], **ignoring}, ignoring)
    fill = "from django.core.cache import caches\ncaches['old'].sadd('tags', 1, 'b')\ncaches['old'].set('good', [1])\n"
    sites.output(sites.run(tmp_path, settings, fill))
    done = check(tmp_path, settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "live keys: 2 of 2 read the same" in done.stdout
    assert "1 of the live keys are no values of a cache, for both" in done.stdout


def test_what_can_not_be_tried(own: Server, nobody: str, tmp_path: Path) -> None:
    old = {"BACKEND": OLD["django-redis"]}
    away = caches(own, old, {"LOCATION": nobody})
    typo = caches(own, old, {"OPTIONS": {"SOKET_TIMEOUT": 1}})
    ignoring = caches(
        own, {**old, "LOCATION": f"redis://{nobody.rsplit(':', 1)[0]}/0", "OPTIONS": {"IGNORE_EXCEPTIONS": True}}, {}
    )
    for settings, words, part in (
        (away, (), nobody.rsplit(":", 1)[0]),
        (typo, (), "did you mean SOCKET_TIMEOUT"),
        (ignoring, (), "does not keep what it is given"),
        (caches(own, old, {}), ("old", "nothing"), "nothing"),
        (caches(own, old, {}), ("old", "default"), "the new backend is djredis.django.RedisCache"),
    ):
        done = check(tmp_path, settings, *words)
        assert done.returncode == 2 and part in done.stderr, done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_the_settings_on_the_page_are_taken() -> None:
    """Every block of docs/migration.md that has our backend in CACHES."""
    from djredis.django.settings import DJANGO, REDIS_CACHE, read

    page = Path(__file__).resolve().parents[4] / "docs/migration.md"
    taken = 0
    for block in page.read_text(encoding="utf-8").split("```python\n")[1:]:
        names: dict[str, Any] = {}
        exec(block.split("```")[0], names)
        for entry in names["CACHES"].values():
            if entry["BACKEND"] in ("djredis.django.RedisCache", "redis_cache.cache.RedisCache"):
                params = {name: value for name, value in entry.items() if name not in ("BACKEND", "LOCATION")}
                flavour = DJANGO if entry["BACKEND"].startswith("djredis") else REDIS_CACHE
                djredis.Cache(entry["LOCATION"], **read(entry["LOCATION"], params, flavour).options).close()
                taken += 1
    assert taken == 5


def test_a_datetime_of_python_2_can_be_a_miss(location: str) -> None:
    """What django-redis 3.3 in Python 2.7 stored for datetime(2013, 6, 6, 17)."""
    from djredis.django import RedisCache

    stored = b"\x80\x02cdatetime\ndatetime\nq\x01U\n\x07\xdd\x06\x06\x11\x00\x00\x00\x00\x00\x85Rq\x02."
    plain, forgiving = (RedisCache(location, {"OPTIONS": given}) for given in ({}, {"DECODE_ERROR": "miss"}))
    plain.client.cache.command("SET", "when", stored, key_index=1)
    with pytest.raises(djredis.DecodeError):
        plain.get("when")
    assert forgiving.get("when", "missing") == "missing"
