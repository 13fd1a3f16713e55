"""The server of the layout `tls`, with certificates made for the run."""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Sequence

from .server import Server

MAKE_CERTIFICATES = Path(__file__).resolve().parents[2] / "support" / "certificates"


@functools.lru_cache(maxsize=None)
def certificates() -> Path:
    """The folder with the files of tests/support/certificates, gone when the run ends."""
    folder = tempfile.mkdtemp(prefix="djredis-certificates-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run([str(MAKE_CERTIFICATES), folder], check=True, stderr=subprocess.DEVNULL)
    return Path(folder)


class TlsServer(Server):
    """A server that has a TLS port too."""

    def __init__(self, program: str, config: Sequence[str] = ()) -> None:
        folder = certificates()
        own = [
            f"tls-cert-file {folder / 'server.pem'}",
            f"tls-key-file {folder / 'server.key'}",
            f"tls-ca-cert-file {folder / 'ca.pem'}",
            "tls-auth-clients no",
        ]
        super().__init__(program, [*own, *config], ports=["tls-port"])

    @property
    def tls_port(self) -> int:
        return self.ports["tls-port"]

    @property
    def words(self) -> dict[str, str]:
        location = f"rediss://127.0.0.1:{self.tls_port}/0?tls_ca={certificates() / 'ca.pem'}"
        return {**super().words, "tls_location": location}
