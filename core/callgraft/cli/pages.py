"""``callgraft swap``: the numbers of a page that somebody holds in hand."""

from __future__ import annotations

import sys

import click

from callgraft.cli.fetching import warn_if_unreadable
from callgraft.cli.scanning import scan
from callgraft.errors import SetupError
from callgraft.html import Stream, Targets
from callgraft.html.marks import Marks
from callgraft.phone import Number, read
from callgraft.promo import Promo
from callgraft.site import Target
from callgraft.tracking.promo_codes import read_code

_CHUNK = 64 * 1024

region_option = click.option(
    "--region", help="Country by which national notations are read, like RU."
)
charset_option = click.option("--charset", help="The page's charset, as its header would name it.")
content_type_option = click.option(
    "--content-type", help="The page's whole Content-Type header, instead of --charset."
)


@click.command()
@click.option(
    "--map",
    "pairs",
    multiple=True,
    required=True,
    metavar="TARGET=TRACKING",
    help="Put the second number in every place of the first; may be repeated.",
)
@click.option("--promo-code", "code", help="Put this in place of each {{ promo_code }}.")
@region_option
@charset_option
@content_type_option
def swap(
    pairs: tuple[str, ...],
    code: str | None,
    region: str | None,
    charset: str | None,
    content_type: str | None,
) -> None:
    """
    Read a page from standard input and write it with its numbers swapped.

    Everything else leaves byte for byte as it came, in any charset.

    Example: callgraft swap --map "+7 495 123-45-67=+7 499 000-00-01" < page.html
    """
    read_pairs = [_pair(pair, region) for pair in pairs]
    targets = [Target(key=target.e164, number=target) for target, _ in read_pairs]
    stream = Stream(
        Targets.of(targets, None if code is None else Marks.of(Promo())),
        {target.e164: tracking for target, tracking in read_pairs},
        content_type=_content_type(charset, content_type),
        code=read_code(code) if code else "",
    )
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    first = source.read(_CHUNK)
    warn_if_unreadable(first, _content_type(charset, content_type))
    try:
        sink.write(stream.feed(first))
        while chunk := source.read(_CHUNK):
            sink.write(stream.feed(chunk))
        sink.write(stream.close())
        sink.flush()
    except OSError as exc:
        problem = f"cannot be written: {exc.strerror}."
        raise SetupError("standard output", None, problem, "Look where it goes.") from exc


COMMANDS = (scan, swap)


def _pair(text: str, region: str | None) -> tuple[Number, Number]:
    target, equals, tracking = text.partition("=")
    if not equals:
        cure = 'Write it as "+7 495 123-45-67=+7 499 000-00-01".'
        raise SetupError("--map", text, "has no = between two numbers.", cure)
    return read(target, region), read(tracking, region)


def _content_type(charset: str | None, content_type: str | None) -> str | None:
    return content_type or (f"text/html; charset={charset}" if charset else None)
