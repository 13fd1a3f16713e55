"""Finding and loading the library, and the tables that are made from its header."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SOURCE, run_python

import djredis
from djredis import _abi
from djredis._library import FILE_NAME, library
from djredis._options import TIMES
from djredis._slots import failure

ROOT = Path(__file__).resolve().parents[3]
TOOL = ROOT / "tools" / "abi_tables.py"

sys.path.insert(0, str(TOOL.parent))

from abi_python import exceptions, tables  # noqa: E402
from c_header import HeaderError, parse  # noqa: E402


def test_versions() -> None:
    assert djredis.ABI == library.djredis_abi() == _abi.DJREDIS_ABI
    assert djredis.__version__ == library.djredis_version().decode()


def test_the_layouts_are_the_frozen_ones() -> None:
    assert ctypes.sizeof(_abi.djredis_value) == 48
    assert ctypes.sizeof(_abi.djredis_item) == 32
    assert ctypes.sizeof(_abi.djredis_call) == 40


def test_the_tables_are_the_headers() -> None:
    checked = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_times_are_the_options_that_take_none() -> None:
    for name in TIMES:
        djredis.Cache("127.0.0.1:1:1", **{name: None})
    with pytest.raises(djredis.ConfigError):
        djredis.Cache("127.0.0.1:1:1", version="none")


def test_a_status_from_the_future_is_an_error() -> None:
    error = failure(-999, _abi.djredis_value())
    assert type(error) is djredis.Error
    assert error.status == -999


def _refused(path: Path) -> str:
    """What import says with this library; it must say where it looked and what to do."""
    done = run_python("import djredis", DJREDIS_LIBRARY=str(path))
    assert done.returncode == 1, done
    said = done.stderr.splitlines()[-1]
    assert said.startswith("ImportError: libdjredis can't be loaded. Set DJREDIS_LIBRARY to the path of libdjredis.so")
    assert f"Tried: {path}: " in said
    return said


def test_a_library_that_is_not_there(tmp_path: Path) -> None:
    assert _refused(tmp_path / "nowhere.so").endswith("nowhere.so: No such file or directory")
    assert _refused(tmp_path).endswith("Is a directory")


@pytest.mark.parametrize("content", [b"", b"text", b"\x00" * 10_000])
def test_a_file_that_is_no_library(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "text.so").write_bytes(content)
    assert _refused(tmp_path / "text.so").endswith("it is no shared library")


@pytest.mark.parametrize("part", [5, 30, 64, 10_000, 0.5, 0.99])
def test_a_library_that_was_cut_off(tmp_path: Path, part: float) -> None:
    whole = Path(library._name).read_bytes()
    (tmp_path / "half.so").write_bytes(whole[: int(part if part > 1 else part * len(whole))])
    assert _refused(tmp_path / "half.so").endswith("it is cut off")


@pytest.mark.parametrize(("offset", "bits", "said"), [(4, 3, ", 32 bits, and"), (18, 0xFF, "it is for processor")])
def test_a_library_for_another_machine(tmp_path: Path, offset: int, bits: int, said: str) -> None:
    content = bytearray(Path(library._name).read_bytes())
    content[offset] ^= bits
    (tmp_path / "other.so").write_bytes(content)
    assert said in (refused := _refused(tmp_path / "other.so"))
    assert refused.endswith(f"and this Python is for {os.uname().machine}, 64 bits")


def test_without_any_library(tmp_path: Path) -> None:
    shutil.copytree(SOURCE / "djredis", tmp_path / "djredis", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    done = run_python("import djredis", PYTHONPATH=str(tmp_path), DJREDIS_LIBRARY="")
    assert f"Tried: {tmp_path / 'djredis' / FILE_NAME}: No such file or directory; {FILE_NAME}.1: " in done.stderr
    assert "Reinstall djredis, run `make build`" in done.stderr


def test_a_broken_library_in_the_package_does_not_hide_the_systems(tmp_path: Path) -> None:
    shutil.copytree(SOURCE / "djredis", tmp_path / "djredis", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    (tmp_path / "djredis" / FILE_NAME).write_text("text")
    shutil.copy(library._name, tmp_path / f"{FILE_NAME}.{djredis.ABI}")
    code = "import djredis; print(djredis._library.library._name)"
    names = {"PYTHONPATH": str(tmp_path), "DJREDIS_LIBRARY": "", "LD_LIBRARY_PATH": str(tmp_path)}
    done = run_python(code, **names)
    assert done.stdout.strip() == f"{FILE_NAME}.{djredis.ABI}", done.stderr


def _compiled(folder: Path, source: str) -> str:
    (folder / "fake.c").write_text(source)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", "fake.so", "fake.c"], cwd=folder, check=True)
    return str(folder / "fake.so")


def test_a_library_with_another_abi(tmp_path: Path) -> None:
    fake = _compiled(tmp_path, "unsigned djredis_abi(void) { return 99; }")
    done = run_python("import djredis", DJREDIS_LIBRARY=fake)
    assert f"ImportError: {fake} has ABI 99, and this djredis needs ABI {djredis.ABI}" in done.stderr


def test_a_library_without_some_function(tmp_path: Path) -> None:
    fake = _compiled(tmp_path, f"unsigned djredis_abi(void) {{ return {djredis.ABI}; }}")
    done = run_python("import djredis", DJREDIS_LIBRARY=fake)
    assert f"ImportError: {fake} is older than this djredis" in done.stderr


HEADER = """
#ifndef H
#define H
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif // __cplusplus
/** One. */
#define DJREDIS_ONE 1 /* behind */
#define DJREDIS_ERR_NULL (-1)
#define DJREDIS_NUL SIZE_MAX
typedef struct djredis_cache djredis_cache;
typedef struct djredis_value {
  /** Of them; all. */
  int32_t type;
  const uint8_t *data;
} djredis_value;
int32_t djredis_get(const struct djredis_cache *cache,
                    const char *key, size_t key_len, const uint32_t *lens, struct djredis_value *out);
int32_t djredis_check(int32_t (*check)(void *ctx), void *ctx);
void djredis_none(void);
#ifdef __cplusplus
}
#endif
#endif
"""


def test_a_header_is_read() -> None:
    header = parse(HEADER)
    assert header.constants == {"DJREDIS_ONE": 1, "DJREDIS_ERR_NULL": -1, "DJREDIS_NUL": "SIZE_MAX"}
    assert header.opaque == ["djredis_cache"]
    assert [field.name for field in header.structs["djredis_value"]] == ["type", "data"]
    text = tables(header)
    arguments = "c_void_p, c_char_p, c_size_t, c_void_p, POINTER(djredis_value)"
    assert f'"djredis_get": (c_int32, ({arguments})),' in text
    assert '"djredis_check": (c_int32, (djredis_check_check, c_void_p)),' in text
    assert '"djredis_none": (None, ()),' in text
    compile(text, "_abi.py", "exec")
    assert "class ArgumentError(Error, ValueError)" not in exceptions(parse("#define DJREDIS_ERR_POOL (-7)"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("#define DJREDIS_FLAG (1 << 3)", "no number"),
        ("#define DJREDIS_MAX(a) a", "plain #define"),
        ("#if X", "#if"),
        ("enum djredis_kind { A };", "expected|unexpected"),
        ("typedef int32_t djredis_status;", "expected 'struct'"),
        ("typedef union djredis_u { int32_t a; } djredis_u;", "expected 'struct'"),
        ("typedef struct a { int32_t n[4]; } a;", "unexpected"),
        ("typedef struct a { int32_t n : 4; } a;", "unexpected"),
        ("typedef struct a { int32_t n; } b;", "another name"),
        ("int32_t f(long n);", "unknown type long"),
        ("int32_t f(struct missing *m);", "unknown type missing"),
        ("int32_t f(int32_t);", "expected a name"),
        ("int32_t f(int32_t a, ...);", "unexpected"),
        ("static inline int32_t f(void);", "expected"),
        ("int32_t f(void) { return 0; }", "unexpected|expected|ends inside"),
        ("int32_t f(void)", "ends inside"),
    ],
)
def test_what_the_parser_does_not_know_is_refused(line: str, message: str) -> None:
    with pytest.raises(HeaderError, match=message):
        parse(line)


def test_a_status_without_a_class_is_refused() -> None:
    with pytest.raises(HeaderError, match="DJREDIS_ERR_NOVEL"):
        exceptions(parse("#define DJREDIS_ERR_NOVEL (-99)"))
