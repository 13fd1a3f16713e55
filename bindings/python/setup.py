"""Puts libdjredis into the package, so that an installed djredis needs nothing else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.dist import Distribution

FILE_NAME = "libdjredis.dylib" if sys.platform == "darwin" else "libdjredis.so"
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILT = ROOT / "target" / "release" / FILE_NAME

NO_RUST = f"""
djredis needs its library, {FILE_NAME}, which is written in Rust, and there is neither a built one
({BUILT}) nor cargo to build it with.
Install Rust 1.88 or newer:    curl -sSf https://sh.rustup.rs | sh
or name a built library:       DJREDIS_LIBRARY=/path/to/{FILE_NAME} pip install ...
"""
NO_SOURCE = f"""
djredis needs its library, {FILE_NAME}. It is built from the Rust source, which is not here ({ROOT}).
Install from a checkout of the whole project, or name a built library:
DJREDIS_LIBRARY=/path/to/{FILE_NAME} pip install ...
"""


def library():
    """The path of the library: the one that is named, the one that `make build` left, or a fresh one."""
    named = os.environ.get("DJREDIS_LIBRARY")
    if named:
        return Path(named)
    if BUILT.exists():
        return BUILT
    if not (ROOT / "Cargo.toml").exists():
        sys.exit(NO_SOURCE)
    if shutil.which("cargo") is None:
        sys.exit(NO_RUST)
    subprocess.run(["make", "build"], cwd=ROOT, check=True)
    return BUILT


class BuildWithLibrary(build_py):
    """Copies the library beside the modules. An editable install needs no copy: it finds target/release."""

    def run(self):
        super().run()
        if not self.editable_mode:
            package = Path(self.build_lib) / "djredis"
            package.mkdir(parents=True, exist_ok=True)
            shutil.copy(library(), package / FILE_NAME)


class PlatformWheel(bdist_wheel):
    """One wheel for every Python 3 of a platform: the library is loaded by ctypes and knows no Python."""

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


class WithLibrary(Distribution):
    """Says that the package is not for any platform."""

    def has_ext_modules(self):
        return True


setup(distclass=WithLibrary, cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel})
