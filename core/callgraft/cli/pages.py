"""``callgraft scan`` and ``callgraft swap``: numbers in a page that somebody holds in hand."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import requests

from callgraft.cli.options import load_site
from callgraft.cli.output import print_json, print_table
from callgraft.errors import SetupError
from callgraft.html import Place, Stream, Targets, make_plan, position
from callgraft.html.charset import PRESCAN, sniff
from callgraft.page import Head, Page
from callgraft.phone import Number, read
from callgraft.site import Target

_CHUNK = 64 * 1024
USER_AGENT = "callgraft-bot/1.0 (+https://callgraft.example)"
_TIMEOUT = 20.0

region_option = click.option(
    "--region", help="Country by which national notations are read, like RU."
)
charset_option = click.option("--charset", help="The page's charset, as its header would name it.")
content_type_option = click.option(
    "--content-type", help="The page's whole Content-Type header, instead of --charset."
)


@click.command()
@click.argument("page")
@click.option("--site", "site_path", envvar="CALLGRAFT_SITE", help="The Site document.")
@click.option("--number", "numbers", multiple=True, help="A number to look for; may be repeated.")
@region_option
@charset_option
@content_type_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def scan(
    page: str,
    site_path: str | None,
    numbers: tuple[str, ...],
    region: str | None,
    charset: str | None,
    content_type: str | None,
    as_json: bool,
) -> None:
    """
    List every place of a target number in PAGE (a file, a URL, or - for standard input).

    Example: callgraft scan https://okna.example/ --number "+7 495 123-45-67" --region RU
    """
    scanned = _page(page)
    body = scanned.body
    content_type = _content_type(charset, content_type) or scanned.head.header("content-type")
    _warn(body, content_type)
    plan = make_plan(body, _targets(site_path, numbers, region), content_type=content_type)
    if as_json:
        print_json([_as_json(body, place) for place in plan.places])
        return
    rows = (
        (*_line(body, place), place.target, place.kind, place.policy, place.written, place.reason)
        for place in plan.places
    )
    print_table(("line", "column", "target", "place", "policy", "written", "why"), rows)


@click.command()
@click.option(
    "--map",
    "pairs",
    multiple=True,
    required=True,
    metavar="TARGET=TRACKING",
    help="Put the second number in every place of the first; may be repeated.",
)
@region_option
@charset_option
@content_type_option
def swap(
    pairs: tuple[str, ...], region: str | None, charset: str | None, content_type: str | None
) -> None:
    """
    Read a page from standard input and write it with its numbers swapped.

    Everything else leaves byte for byte as it came, in any charset.

    Example: callgraft swap --map "+7 495 123-45-67=+7 499 000-00-01" < page.html
    """
    read_pairs = [_pair(pair, region) for pair in pairs]
    targets = [Target(key=target.e164, number=target) for target, _ in read_pairs]
    stream = Stream(
        Targets.of(targets),
        {target.e164: tracking for target, tracking in read_pairs},
        content_type=_content_type(charset, content_type),
    )
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    first = source.read(_CHUNK)
    _warn(first, _content_type(charset, content_type))
    try:
        sink.write(stream.feed(first))
        while chunk := source.read(_CHUNK):
            sink.write(stream.feed(chunk))
        sink.write(stream.close())
        sink.flush()
    except OSError as exc:
        raise SetupError(
            "standard output", None, f"cannot be written: {exc.strerror}.", ""
        ) from exc


COMMANDS = (scan, swap)


def _pair(text: str, region: str | None) -> tuple[Number, Number]:
    target, equals, tracking = text.partition("=")
    if not equals:
        cure = 'Write it as "+7 495 123-45-67=+7 499 000-00-01".'
        raise SetupError("--map", text, "has no = between two numbers.", cure)
    return read(target, region), read(tracking, region)


def _targets(site_path: str | None, numbers: tuple[str, ...], region: str | None) -> Targets:
    if numbers:
        read_numbers = [read(number, region) for number in numbers]
        return Targets.of([Target(key=each.e164, number=each) for each in read_numbers])
    if site_path is None:
        raise SetupError("--number", None, "missing.", "Name numbers with --number, or a --site.")
    return Targets.of(load_site(site_path).targets.values())


def _content_type(charset: str | None, content_type: str | None) -> str | None:
    return content_type or (f"text/html; charset={charset}" if charset else None)


def _page(page: str) -> Page:
    if page == "-":
        return Page(head=Head(), body=sys.stdin.buffer.read())
    if page.startswith(("http://", "https://")):
        return fetch(page)
    try:
        return Page(head=Head(), body=Path(page).read_bytes())
    except OSError as exc:
        cure = "Name a file that exists, a URL, or - for standard input."
        raise SetupError("PAGE", page, f"cannot be read: {exc.strerror}.", cure) from exc


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


def _warn(body: bytes, content_type: str | None) -> None:
    """Say on standard error why nothing can be found in a body."""
    if body.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        click.echo("This is packed data. Unpack it first: nothing can be found in it.", err=True)
    elif sniff(body[:PRESCAN], content_type) is None:
        click.echo("The page's charset is not one that contains ASCII: it is left alone.", err=True)


def _line(body: bytes, place: Place) -> tuple[int, int]:
    return position(body, place.start)


def _as_json(body: bytes, place: Place) -> dict[str, object]:
    line, column = _line(body, place)
    return {
        "line": line,
        "column": column,
        "start": place.start,
        "end": place.end,
        "target": place.target,
        "place": place.kind,
        "policy": place.policy,
        "written": place.written,
        "reason": place.reason,
    }
