"""nginx on this machine's own address: pages as they are, and through ``sub_filter``."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.peer_ways import NUMBERS, TARGETS, make_plan

PROGRAM = shutil.which("nginx") if Path("/proc/self/stat").exists() else None
SECONDS = 3.0
LITERALS = (
    *("+7 (495) 123-45-67", "+7 495 123-45-67", "8 (495) 123-45-67", "8 495 123-45-67"),
    *("+74951234567", "84951234567", "(495) 123-45-67", "495 123-45-67"),
    *("+7&nbsp;495&nbsp;123&#8209;45&#8209;67", "8&nbsp;(495)&nbsp;123-45-67"),
)
"""``sub_filter`` knows no notations: it is told those that a careful person would think of."""


def measured(sample: list[bytes]) -> tuple[float, float, list[bytes]]:
    """Return the worker's seconds for all pages, as they are and filtered, and what came."""
    with tempfile.TemporaryDirectory() as folder:
        for index, page in enumerate(sample):
            (Path(folder) / f"{index}.html").write_bytes(page)
        with _running(Path(folder)) as (port, worker):
            client = http.client.HTTPConnection("127.0.0.1", port)
            answers = [_get(client, f"/sub/{index}.html") for index in range(len(sample))]
            copy, swap = (_cost(client, worker, f"/{way}/", len(sample)) for way in ("copy", "sub"))
            client.close()
    return copy, swap, answers


def _cost(client: http.client.HTTPConnection, worker: int, folder: str, count: int) -> float:
    before, rounds, until = _processor(worker), 0, time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        rounds += 1
        for index in range(count):
            _get(client, f"{folder}{index}.html")
    return (_processor(worker) - before) / rounds


def _get(client: http.client.HTTPConnection, path: str) -> bytes:
    client.request("GET", path)
    return client.getresponse().read()


def _processor(process: int) -> float:
    """Return the seconds of processor time that a process has had."""
    told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _running(folder: Path) -> Iterator[tuple[int, int]]:
    """Give the port that nginx listens on, and its worker's process."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = folder / "nginx.conf"
    settings.write_text(_settings(folder, port))
    command = [PROGRAM or "nginx", "-p", str(folder), "-c", str(settings)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield port, _ready(port, process.pid)
        finally:
            process.terminate()


def _ready(port: int, main: int) -> int:
    until = time.perf_counter() + 5
    while time.perf_counter() < until:
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
            continue
        if children:
            return int(children[0])
    raise RuntimeError("nginx did not start: try `nginx -t`, and whether it has sub_filter.")


def _settings(folder: Path, port: int) -> str:
    filters = "".join(f"sub_filter '{written}' '{_swapped(written)}';\n" for written in LITERALS)
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
        daemon off; worker_processes 1; pid {folder}/pid; error_log stderr crit; {user}
        events {{}}
        http {{
            access_log off; sendfile off; default_type text/html; keepalive_requests 1000000;
            {temporary}
            server {{
                listen 127.0.0.1:{port};
                location /copy/ {{ alias {folder}/; }}
                location /sub/ {{ alias {folder}/; sub_filter_once off; {filters} }}
            }}
        }}"""


def _swapped(written: str) -> str:
    return make_plan(written.encode(), TARGETS, content_type=None).swap(NUMBERS).decode()
