"""Virtual environments in build/, each made once for its list of packages."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def requirements(changed: Mapping[str, str | None]) -> str:
    """tools/requirements.txt with other versions of some packages, or without those that are None."""
    text = (ROOT / "tools" / "requirements.txt").read_text(encoding="utf-8")
    for package, version in changed.items():
        line = "" if version is None else f"{package}=={version}\n"
        text = re.sub(rf"^{package}==.*\n", line, text, flags=re.MULTILINE)
    return text


def environment(folder: Path, interpreter: str, wanted: str) -> Path:
    """The interpreter of the environment in this folder, which has the packages of `wanted`, a list as pip reads it."""
    inside, made = folder / "bin" / "python", folder / "requirements.txt"
    if made.exists() and made.read_text(encoding="utf-8") == wanted:
        return inside
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([interpreter, "-m", "venv", folder], check=True)
    given = folder / "wanted.txt"
    given.write_text(wanted, encoding="utf-8")
    subprocess.run([inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", given], check=True)
    given.rename(made)  # last, so that one that was not finished is made anew
    return inside
