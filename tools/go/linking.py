"""Every way to build a program with the Go module: from another folder, vendored, against an installed library, without cgo; and
what is said where the library is missing or of another ABI. The programs are examples/go/quickstart on `memory:`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
MODULE = ROOT / "bindings/go"
EXAMPLE = ROOT / "examples/go/quickstart"
STATIC = ROOT / "target/release/libdjredis.a"
INSTALLED = ROOT / "build/go/installed"

GO_MOD = """\
module elsewhere

go 1.21

require djredis v0.0.0

replace djredis => {module}
"""


def run(*command: "str | Path", folder: Path = ROOT, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=folder, env=os.environ | environment, capture_output=True, text=True)


def good(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 0, f"{done.args}\n{done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def program() -> Iterator[Path]:
    """A module in a folder of its own, that uses this one by `replace`."""
    with tempfile.TemporaryDirectory(prefix="djredis-go-") as folder:
        shutil.copy(EXAMPLE / "main.go", folder)
        (Path(folder) / "go.mod").write_text(GO_MOD.format(module=MODULE), encoding="utf-8")
        yield Path(folder)


def installed() -> Path:
    """Where `make install` has put the libraries: not where linkers look. Always the same folder, since Go's build cache keeps
    what pkg-config once said. What is built stays as it is: other tests may be using it."""
    good(run("make", "--silent", "--assume-old=build", "install", f"PREFIX={INSTALLED}"))
    return INSTALLED / "lib"


def greets(folder: Path, libraries: str = "") -> None:
    said = good(run(folder / "elsewhere", LD_LIBRARY_PATH=libraries))
    assert said == "hello, world\n", said


def needed(binary: Path) -> "set[str]":
    """The shared libraries that a program asks for."""
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", good(run("readelf", "-d", binary))))


def without_cgo_the_compiler_says_what_to_do() -> None:
    with program() as folder:
        built = run("go", "build", folder=folder, CGO_ENABLED="0")
        assert built.returncode and "set_CGO_ENABLED_1_and_install_a_C_compiler" in built.stderr, built


def static_from_another_folder() -> None:
    with program() as folder:
        good(run("go", "build", folder=folder))
        assert not [name for name in needed(folder / "elsewhere") if "djredis" in name]
        greets(folder)


def the_example_runs_from_its_own_folder() -> None:
    assert good(run("go", "run", ".", folder=EXAMPLE)) == "hello, world\n"
    refused = run("go", "run", ".", "nonsense", folder=EXAMPLE)
    assert refused.returncode and "nonsense" in refused.stderr, refused


def vendored_with_the_library_beside_it_or_named() -> None:
    with program() as folder:
        good(run("go", "mod", "vendor", folder=folder))
        copied = folder / "vendor/djredis"
        assert {"djredis.h", "shim.h"} <= {path.name for path in copied.iterdir()}
        missing = run("go", "build", folder=folder)
        assert missing.returncode and "libdjredis.a" in missing.stderr, missing
        good(run("go", "build", folder=folder, CGO_LDFLAGS=f"-L{STATIC.parent}"))
        greets(folder)
        shutil.copy(STATIC, copied)
        (folder / "elsewhere").unlink()
        good(run("go", "build", folder=folder))
        greets(folder)


def dynamic_with_pkg_config() -> None:
    libraries = installed()
    with program() as folder:
        good(run("go", "build", "-tags", "dynamic", folder=folder, PKG_CONFIG_PATH=str(libraries / "pkgconfig")))
        assert "libdjredis.so.1" in needed(folder / "elsewhere"), needed(folder / "elsewhere")
        greets(folder, str(libraries))
        missing = run(folder / "elsewhere")
        assert missing.returncode == 127 and "libdjredis.so.1" in missing.stderr, missing
        other_abi(folder / "other")
        refused = run(folder / "elsewhere", LD_LIBRARY_PATH=str(folder / "other"))
        for fragment in ("ABI 7", "built for 1", "9.9.9", "libdjredis.so.1"):
            assert fragment in refused.stderr, f"no {fragment!r} in {refused.stderr}"
        assert refused.returncode == 1, refused


def with_a_path_in_the_program() -> None:
    libraries = installed()
    with program() as folder:
        package, flags = str(libraries / "pkgconfig"), f"-Wl,-rpath,{libraries}"
        good(run("go", "build", "-tags", "dynamic", folder=folder, PKG_CONFIG_PATH=package, CGO_LDFLAGS=flags))
        greets(folder)


def other_abi(folder: Path) -> None:
    """A library of the right name with every symbol, but of ABI 7."""
    folder.mkdir()
    header = (ROOT / "include/djredis.h").read_text(encoding="utf-8")
    names = set(re.findall(r"\b(djredis_\w+)\(", header)) - {"djredis_abi", "djredis_version"}
    source = 'unsigned djredis_abi(void) { return 7; }\nconst char *djredis_version(void) { return "9.9.9"; }\n'
    source += "".join(f"void {name}(void) {{}}\n" for name in sorted(names))
    (folder / "other.c").write_text(source, encoding="utf-8")
    good(run("cc", "-shared", "-fPIC", "-w", "-Wl,-soname,libdjredis.so.1", "-o", folder / "libdjredis.so.1", folder / "other.c"))


CHECKS = [
    without_cgo_the_compiler_says_what_to_do,
    static_from_another_folder,
    the_example_runs_from_its_own_folder,
    vendored_with_the_library_beside_it_or_named,
    dynamic_with_pkg_config,
    with_a_path_in_the_program,
]
