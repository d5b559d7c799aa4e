"""
``python -m examples.tour``: start everything, tell the story, stay up.

``--only`` ends after the story; ``--store cluster`` tells it over two tracking servers and three
proxies. The exit code is 0 only when every step really happened.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import sys
from pathlib import Path

from callgraft.telephony.signature import new_secret
from examples.tour.backends import SCRIPTS, Backend, in_a_file, on_many_machines
from examples.tour.processes import Failed, Running, start
from examples.tour.story import tell
from examples.tour.terminal import Terminal

HERE = Path(__file__).parent
EXAMPLES = HERE.parent
DATA = EXAMPLES.parent / ".run"
STORES = {"file": in_a_file, "cluster": on_many_machines}


def main() -> int:
    arguments = _arguments()
    terminal = Terminal()
    environment = {**os.environ, "CALLGRAFT_WEBHOOK_SECRET": new_secret()}
    folder = DATA / secrets.token_hex(4)
    folder.mkdir(parents=True)
    # Whoever ends us ends what we started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with STORES[arguments.store](folder, environment) as backends, Running() as running:
            site = start(running, *_legacy_site(), environment=environment)
            ports = [arguments.port, *[0] * len(backends)]
            proxies = [
                start(running, *_proxy(site, backend, port), environment=backend.environment)
                for backend, port in zip(backends, ports, strict=False)
            ]
            tell(terminal, site, proxies, backends, environment)
            if not arguments.only:
                terminal.invite(site, proxies[0], backends[-1].options)
                running.wait()
    except Failed as failure:
        terminal.failed(str(failure))
        return 1
    except KeyboardInterrupt:
        terminal.say("\nStopped.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.tour", description=__doc__)
    parser.add_argument("--only", action="store_true", help="end after the story")
    parser.add_argument("--port", type=int, default=8000, help="of the proxy; with --only any free")
    parser.add_argument("--store", choices=STORES, default="file", help="what the proxies share")
    arguments = parser.parse_args()
    if arguments.only:
        arguments.port = 0
    return arguments


def _legacy_site() -> tuple[str, list[str]]:
    server = EXAMPLES / "legacy_site" / "server.py"
    return "the legacy site", [sys.executable, str(server), "--port", "0"]


def _proxy(upstream: str, backend: Backend, port: int) -> tuple[str, list[str]]:
    command = [
        str(SCRIPTS / "callgraft-proxy"),
        *("--upstream", upstream),
        *("--site", str(EXAMPLES / "okna.toml")),
        *backend.options,
        *("--geo", str(EXAMPLES / "geo" / "test-city.mmdb")),
        *("--listen", f"127.0.0.1:{port}"),
        # A laptop that is busy with something else must not spoil the story.
        *("--budget", "2s"),
        # The story's visitors say by X-Forwarded-For where they are, as a load balancer would.
        *("--trusted-proxy", "127.0.0.1"),
    ]
    return "callgraft-proxy", command


sys.exit(main())
