"""Certificates of this machine's for servers that are started by tests."""

from __future__ import annotations

import subprocess
from pathlib import Path


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that is signed by itself, and its key; anybody may read them."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    terms = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
    name = "-addext subjectAltName=IP:127.0.0.1"
    command = ["openssl", *terms.split(), *name.split(), "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    for path in (cert, key):
        path.chmod(0o644)
    return cert, key
