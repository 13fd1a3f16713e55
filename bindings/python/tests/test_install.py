"""pip install ./bindings/python: the library goes into the package, and the package needs nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import djredis
from djredis._library import FILE_NAME, library

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the Python project, without the rest of the source tree."""
    copied = tmp_path / "bindings" / "python"
    ignored = shutil.ignore_patterns("build", "*.egg-info", "__pycache__", "tests")
    shutil.copytree(PROJECT, copied, ignore=ignored)
    return copied


def _pip(*arguments: Any, **environment: str) -> subprocess.CompletedProcess[str]:
    names = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment}
    command = [sys.executable, "-m", "pip", *map(str, arguments)]
    return subprocess.run(command, env=names, capture_output=True, text=True)


def test_an_installed_package_brings_its_library(project: Path, tmp_path: Path, location: str) -> None:
    target, wheels = tmp_path / "target", tmp_path / "wheels"
    built = _pip("wheel", "--no-build-isolation", "--no-deps", "-w", wheels, project, DJREDIS_LIBRARY=library._name)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = wheels.glob("*.whl")
    assert wheel.name.startswith(f"djredis-{djredis.__version__}-py3-none-linux_")
    names = zipfile.ZipFile(wheel).namelist()
    assert f"djredis/{FILE_NAME}" in names
    assert "djredis/py.typed" in names
    installed = _pip("install", "--no-deps", "--no-index", "--target", target, wheel)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    code = (
        "import sys, djredis; c = djredis.Cache(sys.argv[1]); c.set('k', 'v'); "
        "print(c.get('k'), djredis._library.library._name)"
    )
    names_only = {"PATH": os.environ["PATH"], "PYTHONPATH": str(target)}
    done = subprocess.run(
        [sys.executable, "-c", code, location], env=names_only, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.split() == ["v", str(target / "djredis" / FILE_NAME)], done.stderr


def _build(project: Path, **environment: str) -> str:
    command = [sys.executable, "setup.py", "--quiet", "build_py"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    return done.stderr


def test_without_rust_and_without_a_library(project: Path) -> None:
    (project.parents[1] / "Cargo.toml").write_text("")
    said = _build(project, PATH="/nowhere")
    assert "Install Rust 1.88 or newer" in said
    assert "Traceback" not in said


def test_without_the_source_tree(project: Path) -> None:
    said = _build(project, PATH="/nowhere")
    assert "Install from a checkout of the whole project" in said
    assert "Traceback" not in said


def test_with_a_library_that_is_not_there(project: Path) -> None:
    assert "/nowhere.so" in _build(project, PATH="/nowhere", DJREDIS_LIBRARY="/nowhere.so")


def test_the_library_is_built_where_there_is_none(project: Path, tmp_path: Path) -> None:
    (project.parents[1] / "Cargo.toml").write_text("")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("cargo", "make"):
        script = f'#!/bin/sh\nmkdir -p target/release; echo {name} "$@" > target/release/{FILE_NAME}\n'
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    command = [sys.executable, "setup.py", "--quiet", "build_py"]
    subprocess.run(command, cwd=project, env={"PATH": f"{programs}:/usr/bin:/bin"}, check=True)
    (copied,) = (project / "build").glob(f"lib*/djredis/{FILE_NAME}")
    assert copied.read_text() == "make build\n"
