"""Reading the section ``[[images]]`` of a Site document: images that show a target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from callgraft.phone import international, print_like
from callgraft.problems import kind, suggest
from callgraft.site import Target
from callgraft.site_toml.bodies import path_pattern
from callgraft.site_toml.table import Table
from callgraft.subresources import Image

ALIGNMENTS = ("left", "center", "right")

_KNOWN = (
    *("url", "target", "notation", "width", "height", "color", "background"),
    *("font", "font_size", "bold", "align"),
)
_LARGEST = 4096
_COLOR = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|[a-z]{3,30}", re.IGNORECASE)
_LONGEST_FONT = 200


def read_images(
    root: Table, targets: Mapping[str, Target], declared: tuple[str, ...]
) -> tuple[Image, ...]:
    """
    Read the images.

    :param declared: the names of all targets, also of those that are faulty inside.
    """
    read = (_image(table, targets, declared) for table in root.tables("images", _KNOWN))
    return tuple(image for image in read if image is not None)


def _image(table: Table, targets: Mapping[str, Target], declared: tuple[str, ...]) -> Image | None:
    url = table.text("url", "/img/phone.png", required=True)
    key = table.path("url")
    pattern = path_pattern(url, key, "/img/phone.png", table.problems) if url else None
    target = _target(table, declared)
    # What is left out stays as the class says.
    looks = {
        "width": _size(table, "width"),
        "height": _size(table, "height"),
        "font_size": _size(table, "font_size"),
        "color": _color(table, "color"),
        "background": _color(table, "background"),
        "font": _font(table),
        "align": _align(table),
    }
    bold = table.flag("bold", default=False)
    if pattern is None or target not in targets:
        return None
    return Image(
        url=pattern,
        target=target,
        notation=_notation(table, targets[target]),
        bold=bold,
        **{name: value for name, value in looks.items() if value is not None},  # type: ignore[arg-type]  # each has its own type
    )


def _target(table: Table, declared: tuple[str, ...]) -> str:
    found = table.text("target", next(iter(declared), "main"), required=True)
    if found is not None and found not in declared:
        table.wrong("target", "there is no such target.", suggest(found, declared))
    return found or ""


def _notation(table: Table, target: Target) -> str:
    written = table.text("notation", "8 (495) 123-45-67")
    if written is None:
        return international(target.number)
    try:
        print_like(written, target.number, target.number)
    except ValueError:
        problem = f"it does not show the target {target.key}, {target.number}."
        cure = f'Write that number as the image shows it, like "{international(target.number)}".'
        table.wrong("notation", problem, cure)
    return written


def _size(table: Table, name: str) -> float | None:
    value = table.get(name)
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and 1 <= cast(float, value) <= _LARGEST:
        return cast(float, value)
    found = "" if is_number else f", not {kind(value)}"
    problem = f"it takes pixels, from 1 to {_LARGEST}{found}."
    table.wrong(name, problem, f"Write {name} = 20, without quotes.")
    return None


def _color(table: Table, name: str) -> str | None:
    written = table.text(name, "#1a2b3c")
    if written is not None and not _COLOR.fullmatch(written):
        table.wrong(name, "no colour.", f'Write {name} = "#1a2b3c", or a name of CSS like "navy".')
    return written


def _font(table: Table) -> str | None:
    written = table.text("font", "Arial, sans-serif")
    if written is not None and len(written) > _LONGEST_FONT:
        table.wrong("font", f"longer than {_LONGEST_FONT} characters.", "Name fewer fonts.")
    return written


def _align(table: Table) -> str | None:
    written = table.text("align", "left")
    if written is not None and written not in ALIGNMENTS:
        table.wrong("align", "there is no such alignment.", suggest(written, ALIGNMENTS))
    return written
