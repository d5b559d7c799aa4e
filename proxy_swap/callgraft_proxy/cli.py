"""The command ``callgraft-proxy``."""

from __future__ import annotations

import logging
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import click
from callgraft import SetupError, open_engine
from callgraft.config import DEFAULT_BACKEND

from callgraft_proxy import __version__
from callgraft_proxy.serving import ProxyServer, address_of, listen, reverse_proxy
from callgraft_proxy.units import parse_duration, parse_size

_EXAMPLE = """
\b
Example:
  callgraft-proxy --upstream http://127.0.0.1:8080 --site okna.toml --listen 127.0.0.1:8000
"""


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        try:
            return value if isinstance(value, timedelta) else parse_duration(str(value))
        except ValueError as exc:
            self.fail(str(exc), param, ctx)


class _Size(click.ParamType[int]):
    name = "size"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        try:
            return value if isinstance(value, int) else parse_size(str(value))
        except ValueError as exc:
            self.fail(str(exc), param, ctx)


class _Listen(click.ParamType[tuple[str, int]]):
    name = "host:port"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        host, _, port = str(value).rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            self.fail(f"{value!r} is no address; write it like 127.0.0.1:8000.", param, ctx)
        return host.strip("[]"), int(port)


class _Upstream(click.ParamType[str]):
    name = "url"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        if not _is_origin(str(value)):
            cure = "write scheme, host and port only, like http://127.0.0.1:8080."
            self.fail(f"{value!r} is no address of a site; {cure}", param, ctx)
        return str(value).rstrip("/")


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  # reading it is what checks it
    except ValueError:
        return False
    has_more = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not has_more


@click.command(epilog=_EXAMPLE, context_settings={"show_default": True, "max_content_width": 100})
@click.option(
    "--upstream", type=_Upstream(), required=True, help="The site: http://127.0.0.1:8080."
)
@click.option(
    "--site",
    "site_file",
    required=True,
    metavar="FILE",
    help="The Site document (TOML); followed when it changes.",
)
@click.option(
    "--backend", default=DEFAULT_BACKEND, metavar="URL", help="Where calls and leases are kept."
)
@click.option("--geo", metavar="FILE", help="A city database in MaxMind's format.")
@click.option(
    "--listen",
    "address",
    type=_Listen(),
    default="127.0.0.1:8000",
    help="Where to accept visitors; port 0 takes a free one.",
)
@click.option(
    "--trusted-proxy",
    "trusted",
    multiple=True,
    metavar="CIDR",
    help="A proxy in front whose X-Forwarded-For is believed; may repeat.",
)
@click.option(
    "--budget",
    type=_Duration(),
    default="50ms",
    help="How long a page waits for its numbers before it goes out unchanged.",
)
@click.option(
    "--max-body", type=_Size(), default="8MiB", help="A page larger than this goes out unchanged."
)
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info"
)
@click.version_option(__version__, prog_name="callgraft-proxy")
def main(
    upstream: str,
    site_file: str,
    backend: str,
    geo: str | None,
    address: tuple[str, int],
    trusted: tuple[str, ...],
    budget: timedelta,
    max_body: int,
    log_level: str,
) -> None:
    """Show every visitor of a site a phone number of their own, without changing the site."""
    logging.basicConfig(level=log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    try:
        engine = open_engine(
            site_file,
            backend=backend,
            geo=geo,
            trusted_proxies=trusted,
            budget=budget,
            max_body=max_body,
        )
    except SetupError as exc:
        _stop(str(exc))
    try:
        bound = listen(*address)
    except OSError as exc:
        engine.close()
        shown = f"{address[0]}:{address[1]}"
        _stop(f"--listen = {shown!r}: {exc.strerror or exc}. Choose another address or port.")
    line = f"Listening on {address_of(bound)}"
    server = ProxyServer(reverse_proxy(upstream, engine), ready=lambda: click.echo(line))
    try:
        server.run([bound])
    finally:
        engine.close()


def _stop(message: str) -> None:
    click.echo(f"callgraft-proxy: {message}", err=True)
    sys.exit(2)
