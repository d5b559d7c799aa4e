"""``callgraft serve``: the tracking server."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from contextlib import closing

import click

from callgraft.cli.options import backend_option, leases_named
from callgraft.errors import SetupError
from callgraft.stores import open_store
from callgraft.stores.urls import without_secrets


@click.command()
@backend_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=8700,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 takes a free one.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes that share the port.",
)
@click.option(
    "--rate",
    default=500.0,
    show_default=True,
    type=click.FloatRange(0.01, 1_000_000),
    help="Requests a second that a token may make for long; each worker admits its part.",
)
@click.option(
    "--burst",
    default=1000,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="Requests that a token may make at once.",
)
@click.option(
    "--tls-cert",
    type=click.Path(exists=True, dir_okay=False),
    help="A file with the certificate and those above it, in PEM: then it serves HTTPS.",
)
@click.option(
    "--tls-key",
    type=click.Path(exists=True, dir_okay=False),
    help="The file of its key, where that stands in another one.",
)
@click.option("--verbose", is_flag=True, help="Log each request: its route, its token's id.")
def serve(
    backend: str,
    host: str,
    port: int,
    workers: int,
    rate: float,
    burst: int,
    tls_cert: str | None,
    tls_key: str | None,
    verbose: bool,
) -> None:
    """
    Run the tracking server, for doors on other machines.

    It ends on SIGTERM, when the requests under way are answered. /openapi.json tells what it takes,
    /health and /ready are for load balancers, /metrics is for Prometheus.

    Example: callgraft serve --backend postgresql://callgraft@db/callgraft --workers 4
    """
    try:
        from callgraft.server import running
    except ImportError as exc:
        problem, cure = f"needs {exc.name}.", 'Install "callgraft[server]".'
        raise SetupError("callgraft serve", None, problem, cure) from exc
    _check(backend)
    _check_certificate(tls_cert, tls_key)
    plan = running.Plan(
        backend=backend,
        leases=leases_named(),
        workers=workers,
        rate=rate,
        burst=burst,
        tls_cert=tls_cert,
        tls_key=tls_key,
        is_verbose=verbose,
    )
    with closing(_listen(host, port)) as listening:
        url = f"{'https' if tls_cert else 'http'}://{_in_url(host)}:{listening.getsockname()[1]}"
        click.echo(f"The tracking server is at {url}, over {without_secrets(backend)}.", err=True)
        if not (_is_local(host) or tls_cert):
            click.echo(
                "Tokens travel as they are: name --tls-cert, or put a proxy with TLS before it.",
                err=True,
            )
        running.serve(plan, listening)


COMMANDS = (serve,)


def _check(backend: str) -> None:
    """Say what is wrong with the store before anything is served from it."""
    if backend == "memory:":
        cure = 'Write "sqlite:///callgraft.db".'
        raise SetupError("--backend", backend, "nobody could add a token to it.", cure)
    open_store(backend, leases=leases_named()).close()


def _check_certificate(cert: str | None, key: str | None) -> None:
    """Say what is wrong with it before a worker does so again and again."""
    if cert is None:
        if key is not None:
            raise SetupError(
                "--tls-key", key, "is a key without a certificate.", "Name --tls-cert."
            )
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key)
    except (ssl.SSLError, OSError) as exc:
        problem = (
            f"cannot be used: {exc.reason if isinstance(exc, ssl.SSLError) else exc.strerror}."
        )
        cure = "Give the certificate in PEM, and its own key as --tls-key."
        raise SetupError("--tls-cert", cert, problem, cure) from exc


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as exc:
        problem = f"cannot be listened on: {exc.strerror or exc}."
        cure = "Name an address of this machine, and a port that nobody uses."
        raise SetupError("--host, --port", f"{host}:{port}", problem, cure) from exc


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
