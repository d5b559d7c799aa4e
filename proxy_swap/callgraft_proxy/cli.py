"""The command ``callgraft-proxy``."""

from __future__ import annotations

import logging
import socket
import sys
from datetime import timedelta
from typing import NoReturn
from urllib.parse import urlsplit

import click

from callgraft import DEFAULT_BACKEND, Engine, SetupError, StoreUnavailable, open_engine
from callgraft_proxy import __version__
from callgraft_proxy.options import Duration, Listen, Origin, Size
from callgraft_proxy.serving import ProxyServer, address_of, listen, reverse_proxy

_EXAMPLE = """
\b
Example:
  callgraft-proxy --upstream http://127.0.0.1:8080 --site okna.toml --listen 127.0.0.1:8000
"""


@click.command(epilog=_EXAMPLE, context_settings={"show_default": True, "max_content_width": 100})
@click.option("--upstream", type=Origin(), required=True, help="Where the site itself answers.")
@click.option(
    "--site",
    required=True,
    metavar="FILE",
    help="The Site document, or store:KEY for one in the backend; followed as it changes.",
)
@click.option("--backend", default=DEFAULT_BACKEND, metavar="URL", help="Where calls are kept.")
@click.option("--leases", metavar="URL", help="The Redis that leases are kept in, beside that.")
@click.option(
    "--token",
    envvar="CALLGRAFT_TOKEN",
    show_envvar=True,
    metavar="TOKEN",
    help="What a tracking server knows this proxy by; others see what stands here.",
)
@click.option("--geo", metavar="FILE", help="A city database in MaxMind's format.")
@click.option(
    "--referrers", metavar="FILE", help="A list of search engines and the like, over the known one."
)
@click.option(
    "--listen",
    "address",
    type=Listen(),
    default="127.0.0.1:8000",
    help="Where to take visitors; port 0 is any free one.",
)
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    multiple=True,
    metavar="CIDR",
    help="A proxy in front whose X-Forwarded-For is believed; may repeat.",
)
@click.option(
    "--budget", type=Duration(), default="50ms", help="How long a page waits for its numbers."
)
@click.option("--max-body", type=Size(), default="8MiB", help="A larger page passes unchanged.")
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info"
)
@click.version_option(__version__, prog_name="callgraft-proxy")
def main(
    upstream: str,
    site: str,
    backend: str,
    leases: str | None,
    token: str | None,
    geo: str | None,
    referrers: str | None,
    address: tuple[str, int],
    trusted_proxies: tuple[str, ...],
    budget: timedelta,
    max_body: int,
    log_level: str,
) -> None:
    """Show every visitor of a site a phone number of their own, without changing the site."""
    _log_at(log_level)
    try:
        engine = open_engine(
            site,
            backend=backend,
            leases=leases,
            token=token,
            geo=geo,
            referrers=referrers,
            trusted_proxies=trusted_proxies,
            budget=budget,
            max_body=max_body,
        )
    except SetupError as exc:
        _stop(str(exc), code=2)
    except StoreUnavailable as exc:
        _stop(str(exc), code=1)
    try:
        bound = _bound(*address)
        _refuse_itself(upstream, bound)
        _serve(upstream, engine, bound)
    finally:
        engine.close()


def _serve(upstream: str, engine: Engine, bound: socket.socket) -> None:
    line = f"Listening on {address_of(bound)}"
    ProxyServer(reverse_proxy(upstream, engine), ready=lambda: click.echo(line)).run([bound])


def _bound(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as exc:
        problem = f"--listen = '{host}:{port}': {exc.strerror or exc}."
        _stop(f"{problem} Choose another address or port.", code=2)


def _refuse_itself(upstream: str, bound: socket.socket) -> None:
    """Each request would come back as another one, until nothing is left to answer with."""
    own_host, own_port = bound.getsockname()[:2]
    parts = urlsplit(upstream)
    if parts.port == own_port and parts.hostname in {own_host, "localhost"}:
        cure = "Give the site and the proxy addresses of their own."
        _stop(f"--upstream = '{upstream}': the proxy itself listens there. {cure}", code=2)


def _log_at(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(levelname)s %(name)s: %(message)s")
    if level != "debug":
        # What they say at level info tells an operator nothing.
        for name in ("alembic", "uvicorn"):
            logging.getLogger(name).setLevel(logging.WARNING)


def _stop(message: str, *, code: int) -> NoReturn:
    click.echo(f"callgraft-proxy: {message}", err=True)
    sys.exit(code)
