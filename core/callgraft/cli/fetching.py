"""Pages that a command is given: files, addresses, standard input."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import requests

from callgraft.errors import SetupError
from callgraft.html.charset import PRESCAN, sniff
from callgraft.page import Head, Page

USER_AGENT = "callgraft-bot/1.0 (+https://callgraft.example)"
_TIMEOUT = 20.0
_TYPES = {".json": "application/json", ".xml": "text/xml", ".rss": "text/xml", ".txt": "text/plain"}


def open_page(name: str) -> Page:
    """
    Return the page called ``name``: a file, a URL, or ``-`` for standard input.

    :raises SetupError: it cannot be read.
    """
    if name == "-":
        return Page(head=Head(), body=sys.stdin.buffer.read())
    if name.startswith(("http://", "https://")):
        return fetch(name)
    path = Path(name)
    try:
        body = path.read_bytes()
    except OSError as exc:
        cure = "Name a file that exists, a URL, or - for standard input."
        raise SetupError("PAGE", name, f"cannot be read: {exc.strerror}.", cure) from exc
    kind = _TYPES.get(path.suffix.lower())
    return Page(head=Head(headers=(("Content-Type", kind),) if kind else ()), body=body)


def fetch(url: str) -> Page:
    """
    Return the page at ``url``, unpacked.

    We say that we are a tool, so that a Callgraft before the site shows the original numbers.

    :raises SetupError: it cannot be fetched.
    """
    try:
        answer = requests.get(url, timeout=_TIMEOUT, headers={"User-Agent": USER_AGENT})
    except requests.RequestException as exc:
        raise SetupError("URL", url, f"cannot be fetched: {exc}.", "Check the address.") from exc
    headers = tuple(answer.headers.items())
    head = Head(status=answer.status_code, headers=headers).without("content-encoding")
    return Page(head=head, body=answer.content)


def warn_if_unreadable(body: bytes, content_type: str | None) -> None:
    """Say on standard error why nothing can be found in a body."""
    if body.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        click.echo("This is packed data. Unpack it first: nothing can be found in it.", err=True)
    elif sniff(body[:PRESCAN], content_type) is None:
        click.echo("The page's charset is not one that contains ASCII: it is left alone.", err=True)
