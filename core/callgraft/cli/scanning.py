"""``callgraft scan``: every place of a target number, for people and for scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import click
from rich.text import Text

from callgraft.cli.fetching import open_page, warn_if_unreadable
from callgraft.cli.options import load_site
from callgraft.cli.output import print_json, print_table, progress, readable
from callgraft.config import Settings
from callgraft.eligible import why_not
from callgraft.errors import SetupError
from callgraft.html import Place, Plan, Targets, make_body_plan, make_plan, position
from callgraft.html.csp import allows_by_hash
from callgraft.html.marks import Marks
from callgraft.media import form_of
from callgraft.page import Page
from callgraft.phone import read
from callgraft.site import Site, Target
from callgraft.visit import Visit

_BRACKET = re.compile(rb"\((?:\s|<[^<>]*+>)*+\Z")
_BRACKET_WITHIN = 200
_STYLES = {"swap": "green", "keep": "dim"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """One page, and where numbers stand on it; ``note`` is why a door would leave it alone."""

    name: str
    body: bytes
    content_type: str | None
    places: tuple[Place, ...]
    note: str = ""

    def position(self, place: Place) -> tuple[int, int]:
        return position(self.body, place.start, content_type=self.content_type)

    def written(self, place: Place) -> str:
        """The number as a reader sees it, with the bracket before it that goes with one within."""
        text = place.written
        is_cut = text.count(")") > text.count("(")
        before = self.body[max(place.start - _BRACKET_WITHIN, 0) : place.start]
        return f"({text}" if is_cut and _BRACKET.search(before) else text


@click.command()
@click.argument("pages", nargs=-1, required=True, metavar="PAGE...")
@click.option("--site", "site_path", envvar="CALLGRAFT_SITE", help="The Site document.")
@click.option("--number", "numbers", multiple=True, help="A number to look for; may be repeated.")
@click.option("--region", help="Country by which national notations are read, like RU.")
@click.option("--charset", help="The page's charset, as its header would name it.")
@click.option("--content-type", help="The page's whole Content-Type header, instead of --charset.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@click.option("--fail-if-missing", is_flag=True, help="Exit with 1 when a number stands nowhere.")
def scan(
    pages: tuple[str, ...],
    site_path: str | None,
    numbers: tuple[str, ...],
    region: str | None,
    charset: str | None,
    content_type: str | None,
    as_json: bool,
    fail_if_missing: bool,
) -> None:
    """
    List every place of a target number, and of promo codes, in PAGEs.

    A PAGE is a file, a URL, or - for standard input.

    Example: callgraft scan https://okna.example/ --number "+7 495 123-45-67" --region RU
    """
    site = load_site(site_path) if site_path is not None and not numbers else None
    targets = _targets(site, numbers, region)
    told = content_type or (f"text/html; charset={charset}" if charset else None)
    scanned = list(_scanned(pages, targets, site, told))
    if as_json:
        print_json([_facts(each, place) for each in scanned for place in each.places])
    else:
        _print(scanned)
    missing = _missing(targets, scanned)
    for target in missing:
        name = f"{target.key} ({readable(target.number.e164)})" if site else target.key
        click.echo(f"{name} was not found.", err=True)
    if missing and fail_if_missing:
        click.get_current_context().exit(1)


def plan_of(page: Page, sought: Targets, content_type: str | None) -> Plan:
    """Where targets stand in a page or in another body."""
    form = form_of(content_type)
    if form is None or form == "turbo-stream":
        hashed_scripts = allows_by_hash(page.head.values("content-security-policy"))
        return make_plan(
            page.body, sought, content_type=content_type, hashed_scripts=hashed_scripts
        )
    return make_body_plan(page.body, sought, form, content_type=content_type)


def _targets(site: Site | None, numbers: Iterable[str], region: str | None) -> list[Target]:
    if site is not None:
        return list(site.targets.values())
    read_numbers = [read(number, region) for number in numbers]
    if not read_numbers:
        raise SetupError("--number", None, "missing.", "Name numbers with --number, or a --site.")
    return [Target(key=each.e164, number=each) for each in read_numbers]


def _scanned(
    names: Sequence[str], targets: Sequence[Target], site: Site | None, told: str | None
) -> Iterator[Scanned]:
    sought = Targets.of(targets, Marks.of(site.promo if site else None))
    with progress("Scanning", len(names)) as step:
        for name in names:
            page = open_page(name)
            content_type = told or page.head.header("content-type")
            warn_if_unreadable(page.body, content_type)
            yield Scanned(
                name=name,
                body=page.body,
                content_type=content_type,
                places=_places(plan_of(page, sought, content_type)),
                note=_note(name, page, site),
            )
            step()


def _places(plan: Plan) -> tuple[Place, ...]:
    return tuple(sorted((*plan.places, *plan.marks), key=lambda place: place.start))


def _note(name: str, page: Page, site: Site | None) -> str:
    if site is None or "://" not in name:
        return ""
    visit = Visit(url=name, received_at=datetime.now(UTC))
    if not site.serves(visit.host):
        return f"the site {site.key} does not list the host {visit.host}"
    return why_not(page.head, visit, max_body=Settings().max_body, site=site)


def _missing(targets: Iterable[Target], scanned: Iterable[Scanned]) -> list[Target]:
    found = {place.target for each in scanned for place in each.places}
    return [target for target in targets if target.key not in found]


def _print(scanned: Sequence[Scanned]) -> None:
    for each in scanned:
        title = each.name if len(scanned) > 1 else ""
        if each.places:
            rows = (_row(each, place) for place in each.places)
            heads = ("line", "column", "target", "place", "policy", "written", "why")
            print_table(heads, rows, title=title)
        elif title:
            click.echo(f"{title}\n  no place\n")
        if each.note:
            click.echo(f"A visitor gets {each.name} as it is: {each.note}.")
    places = [place for each in scanned for place in each.places]
    swapped = sum(place.policy == "swap" for place in places)
    on = f" on {len(scanned)} pages" if len(scanned) > 1 else ""
    click.echo(f"{len(places)} {'place' if len(places) == 1 else 'places'}{on}, {swapped} swapped")


def _row(each: Scanned, place: Place) -> tuple[Text, ...]:
    style = "dim" if place.policy == "keep" else ""
    line, column = each.position(place)
    written = each.written(place)
    cells = (line, column, place.target, place.kind, place.policy, written, place.reason)
    texts = [Text(str(cell), style=style) for cell in cells]
    texts[4].stylize(_STYLES[place.policy])
    return tuple(texts)


def _facts(each: Scanned, place: Place) -> dict[str, object]:
    line, column = each.position(place)
    return {
        "page": each.name,
        "line": line,
        "column": column,
        "start": place.start,
        "end": place.end,
        "target": place.target,
        "place": place.kind,
        "policy": place.policy,
        "written": each.written(place),
        "reason": place.reason,
    }
