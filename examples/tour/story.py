"""The story: every sentence that it prints was checked the moment before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import requests

from callgraft import Site, read_site
from callgraft.cli.output import masked, moment, readable
from callgraft.client import TrackingClient, open_client
from callgraft.html import Targets, make_plan
from callgraft.phone import Number, read
from callgraft.site import Target
from callgraft.telephony.generic import signed_event
from callgraft.tracking.values import Call, CallState
from callgraft.visit import Headers
from examples.tour.backends import Backend
from examples.tour.people import Person, anna, boris, googlebot, numbers_in, vera
from examples.tour.processes import Failed
from examples.tour.terminal import Terminal

PAGES = ("/", "/contacts.html")
CALLER = "+7 916 000-12-34"
SECOND = timedelta(seconds=1)
Row = tuple[str, str, str, str]
OKNA = Path(__file__).parent.parent / "okna.toml"


def tell(
    terminal: Terminal,
    legacy: str,
    proxies: Sequence[str],
    backends: Sequence[Backend],
    environment: Mapping[str, str],
) -> None:
    """
    Walk through the main job, step by step; each request goes to the next proxy.

    :raises Failed: something did not happen as it is told.
    """
    site = read_site(OKNA.read_text(encoding="utf-8"), name=OKNA.name, environ=environment)
    terminal.chapter("A legacy site stands behind the proxy")
    terminal.done(f"the site listens at {legacy}")
    for proxy, backend in zip(proxies, backends, strict=True):
        terminal.done(f"callgraft-proxy listens at {proxy}, and keeps its calls in {backend.name}")
    in_turn = cycle(proxies)
    numbers = _visitors(terminal, site, legacy, in_turn)
    _bot(terminal, legacy, in_turn)
    url, *more = backends[-1].options[1::2]
    with closing(open_client(url, leases=more[0] if more else None)) as client:
        _call(terminal, site, in_turn, client, numbers["Anna"])
    terminal.chapter("Every step happened.")


def _visitors(
    terminal: Terminal, site: Site, legacy: str, proxies: Iterator[str]
) -> dict[str, Number]:
    terminal.chapter("Three visitors, three sources, three cities")
    rows: list[Row] = []
    numbers: dict[str, Number] = {}
    for person, pool in ((anna(), "direct"), (boris(), "piter"), (vera(), "smolensk")):
        number = _visit(site, legacy, proxies, person, pool, rows)
        numbers[person.name] = number
        terminal.say(f"  {person.name} {person.story}.")
    terminal.say()
    terminal.table(("visitor", "page", "the site prints", "the visitor sees"), _grouped(rows))
    _require(len(set(numbers.values())) == 3, "two visitors were shown one number")
    terminal.say()
    terminal.done("each has a number of their own, the same on every page, in every notation")
    terminal.done("with the number put back, each page is the site's own, byte for byte")
    return numbers


def _visit(
    site: Site,
    legacy: str,
    proxies: Iterator[str],
    person: Person,
    pool: str,
    rows: list[Row],
) -> Number:
    """Open the pages as ``person`` and return the one number that all of them show."""
    shown: set[Number] = set()
    for path in PAGES:
        page = person.open(next(proxies), path, arriving=path == PAGES[0])
        original = requests.get(f"{legacy}{path}", timeout=10)
        before, after = numbers_in(original), numbers_in(page)
        _require(len(before) == len(after) > 0, f"{path} lost a number link")
        for (_, was), (link, now) in zip(before, after, strict=True):
            shown.update((read(link.replace("%20", " "), "RU"), read(now, "RU")))
            rows.append((person.name, path, was, now))
        _require_private(page)
        _require_rest_untouched(site, original.content, page, shown)
    _require(len(shown) == 1, f"{person.name} was shown {len(shown)} numbers")
    number = shown.pop()
    _require(number in site.pools[pool].numbers, f"{number} is not from the pool {pool}")
    return number


def _grouped(rows: list[Row]) -> list[Row]:
    """The rows with a visitor, and a page, named only where a new one begins."""
    grouped: list[Row] = []
    for number, (person, path, was, now) in enumerate(rows):
        before = rows[number - 1] if number else ("", "", "", "")
        same = before[0] == person
        grouped.append(
            ("" if same else person, "" if same and before[1] == path else path, was, now)
        )
    return grouped


def _require_private(page: requests.Response) -> None:
    cache_control = page.headers.get("Cache-Control", "")
    _require("private" in cache_control, f"a shared cache may keep the page: {cache_control!r}")
    _require("ETag" not in page.headers, "the page kept the site's validator")


def _require_rest_untouched(
    site: Site, original: bytes, page: requests.Response, shown: set[Number]
) -> None:
    target = site.targets["main"]
    tracking = [Target(key=each.e164, number=each) for each in shown]
    plan = make_plan(
        page.content, Targets.of(tracking), content_type=page.headers.get("Content-Type")
    )
    back = plan.swap({each.e164: target.number for each in shown})
    _require(back == original, "a byte outside the numbers changed")


def _bot(terminal: Terminal, legacy: str, proxies: Iterator[str]) -> None:
    terminal.chapter("A bot comes by")
    for path in PAGES:
        page = googlebot().open(next(proxies), path, arriving=True)
        original = requests.get(f"{legacy}{path}", timeout=10)
        _require(page.content == original.content, f"the bot was shown another {path}")
    terminal.done("Googlebot gets the original bytes, and takes no number")


def _call(
    terminal: Terminal,
    site: Site,
    proxies: Iterator[str],
    client: TrackingClient,
    number: Number,
) -> None:
    terminal.chapter(f"Anna rings {readable(number.e164)}")
    _ring(site, proxies, number)
    calls = client.calls(site.key)
    _require(len(calls) == 1, f"one call was recorded {len(calls)} times")
    call = calls[0]
    _require_attributed(call)
    terminal.done("five events came, out of order and repeated: one call")
    terminal.say()
    _show(terminal, call)
    _show_history(terminal, site, client, call)


def _ring(site: Site, proxies: Iterator[str], number: Number) -> None:
    """What the telephone company sends: repeated, and the end before the answer."""
    rang_at = datetime.now(UTC)
    secret = site.providers["generic"].secrets[0]
    data = {"call": "call-1", "number": number.e164, "caller": CALLER}
    ringing = _event(secret, "msg-1", "call.ringing", {**data, "at": rang_at})
    answered = _event(secret, "msg-2", "call.answered", {**data, "at": rang_at + 8 * SECOND})
    end = {"at": rang_at + 133 * SECOND, "talk": 125, "missed": False}
    ended = _event(secret, "msg-3", "call.ended", {**data, **end})
    for headers, body in (ringing, ended, answered, ended, ringing):
        url = f"{next(proxies)}/.callgraft/calls/generic"
        answer = requests.post(url, data=body, headers=dict(headers), timeout=10)
        _require(answer.status_code == 200, f"the event was refused: {answer.text}")


def _event(secret: str, event_id: str, kind: str, data: dict[str, object]) -> tuple[Headers, bytes]:
    told = {name: str(value) if name == "at" else value for name, value in data.items()}
    return signed_event(secret, event_id=event_id, type=kind, data=told, at=datetime.now(UTC))


def _require_attributed(call: Call) -> None:
    found = call.attribution
    _require(call.state is CallState.ENDED, f"the call is {call.state}")
    _require(call.talk == timedelta(seconds=125), f"they talked {call.talk}")
    expected = ("yandex", "cpc", "plastic-windows", "окна пвх цена")
    told = (found.source, found.medium, found.campaign, found.keyword)
    _require(told == expected, f"the call was attributed to {told}")
    _require(found.probability >= 0.5 and found.session != "", "no session was matched")


def _show(terminal: Terminal, call: Call) -> None:
    found = call.attribution
    rows = (
        ("caller", masked(call.caller)),
        ("source / medium", f"{found.source} / {found.medium}"),
        ("campaign", found.campaign),
        ("keyword", found.keyword),
        ("talked", f"{call.talk.total_seconds():.0f} s" if call.talk else "–"),
        ("matched by", f"{found.method}, {min(found.probability, 0.99):.0%} sure"),
        ("because", found.because),
    )
    terminal.table(("call", readable(call.number)), rows)


def _show_history(terminal: Terminal, site: Site, client: TrackingClient, call: Call) -> None:
    history = client.number_history(site.key, call.number)
    _require(len(history) == 1, f"{len(history)} sessions were shown the number")
    _require(history[0].session == call.attribution.session, "another session held the number")
    terminal.say()
    rows = [
        (each.session, moment(each.shown_at), moment(each.seen_at), str(each.state))
        for each in history
    ]
    columns = ("who was shown it (session)", "shown (UTC)", "last sign of life", "lease")
    terminal.table(columns, rows)


def _require(happened: bool, otherwise: str) -> None:
    if not happened:
        raise Failed(otherwise)
