"""The same requests for every door, in one order, each with the reply that is right."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

from callgraft import MAX_EVENT_BODY, Engine, Visit, encoding, helper
from callgraft.html import Targets, make_plan
from callgraft.images.drawing import draw
from callgraft.packed import PackedPlan
from callgraft.telephony.generic import signed_event
from tests.doors.client import CHROME, GOOGLEBOT, Browser, Reply
from tests.doors.every_door import Door
from tests.doors.origin import (
    COOKIES,
    FIRM,
    FRESH,
    HIDDEN,
    HTML,
    PICTURE,
    WITHOUT,
    Answer,
    Headers,
    answer,
    basket,
    coded,
    feed,
    office,
    page,
)
from tests.doors.sites import SECRET, SITE

ADVERTISEMENT = (
    "utm_source=yandex&utm_medium=cpc&utm_campaign=plastic"
    "&utm_term=%D0%BE%D0%BA%D0%BD%D0%B0+%D1%86%D0%B5%D0%BD%D0%B0"
)
CONTACTS = "/%D0%BA%D0%BE%D0%BD%D1%82%D0%B0%D0%BA%D1%82%D1%8B/"
EVENTS = "/.callgraft/calls/generic"
BEACON, HELPER = "/.callgraft/beacon", "/.callgraft/helper.js"

DIRECT_1 = page("8 (499) 000-00-01", "+74990000001")
DIRECT_2 = page("8 (499) 000-00-02", "+74990000002")
DIRECT_OVERFLOW = page("8 (499) 000-00-99", "+74990000099")
SITE_1 = page("8 (499) 000-02-01", "+74990000201")
SITE_2 = page("8 (499) 000-02-02", "+74990000202")
OFFICE = page("8 (499) 000-00-70", "+74990000070")
KONTAKTY = page("8 (499) 000-00-71", "+74990000071")

NO_CODE = "at the desk"
UNCODED = coded("8 (495) 123-45-67", NO_CODE)
REVEAL = "/.callgraft/reveal/main?%2Fhidden%3Fx%3D1"
CLICKED = (("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex, nofollow"),
           ("Content-Length", "0"))  # fmt: skip
CLICK_COOKIE = ("Set-Cookie", "callgraft_shown=*; Path=/; HttpOnly; SameSite=Lax")
_NAME = 'title="Show the number"'
HIDDEN_1 = (
    f'<!DOCTYPE html><p><a href="{REVEAL}" rel="nofollow" {_NAME} aria-label="Show the number"'
    f' data-callgraft-mask="main:4">8 (499) 000-XX-XX</a>, <a href="{REVEAL}"><span {_NAME}'
    ' data-callgraft-mask="main:4">8 499 000-XX-XX</span></a>\n'
)
SHOWN_1 = '<!DOCTYPE html><p>8 (499) 000-00-71, <a href="tel:+74990000071">8 499 000-00-71</a>\n'
ANNAS = ("8 (499) 000-00-01", "+74990000001")
ANNAS_PICTURE = draw(ANNAS[0], SITE.images[0], (220, 32))
JSON = ("Content-Type", "application/json")
PRIVATE = ("Cache-Control", "private, no-cache")
OURS = ("Set-Cookie", "callgraft=*; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax")
ENDED = ("Set-Cookie", "callgraft=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
VARY = ("Vary", "Accept-Encoding")


@dataclass(frozen=True)
class Step:
    """One request of ``who``, and the reply that every door gives to it."""

    name: str
    who: str
    target: str
    expected: Reply
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: bytes | None = None
    signed_with: str = ""
    """The step tells of a call to Anna's number, signed with this secret."""


def walk(door: Door, engine: Engine) -> dict[str, Reply]:
    """Take every step at one door; the replies by the names of the steps."""
    with door(engine) as url:
        browsers = {
            "googlebot": Browser(url, GOOGLEBOT),
            "stranger": Browser(url, host="other.example"),
            "nina": Browser(url, cookies={"cookie_consent": "no", "callgraft": "1.W10.c2k"}),
            "forger": Browser(url, cookies={"callgraft": "1.W10.c2lnbmF0dXJl"}),
        }
        replies = {}
        rang_at = datetime.now(UTC)
        for step in STEPS:
            browser = browsers.setdefault(step.who, Browser(url, CHROME))
            replies[step.name] = comparable(step, _take(step, browser, rang_at))
        return replies


def _take(step: Step, browser: Browser, rang_at: datetime) -> Reply:
    if step.signed_with:
        headers, body = _event(step.signed_with, rang_at)
        return browser.ask(step.target, dict(headers), method="POST", body=body)
    return browser.ask(step.target, step.headers, method=step.method, body=step.body)


def comparable(step: Step, reply: Reply) -> Reply:
    """The reply less what tells no two doors apart: how a stream was framed, the ids of calls."""
    body = re.sub(rb'"call": "[^"]+"', b'"call": "*"', reply.body)
    body = re.sub(rb"code [1-9]\d{5}<", b"code ******<", body)
    sent = answer(step.method, step.target, _lower(step.headers), step.body or b"")
    is_passed_stream = sent.pieces is not None and step.expected.body == sent.body
    bodiless = reply.status in (204, 304)
    framed = reply.without("content-length") if is_passed_stream or bodiless else reply
    return replace(framed, body=body)


def _lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _as_sent(name: str, who: str, target: str, **request: object) -> Step:
    """A step at which the site's own answer comes through untouched."""
    step = Step(name, who, target, Reply(0, (), b""), **request)
    sent: Answer = answer(step.method, target, _lower(step.headers), step.body or b"")
    body = b"" if step.method == "HEAD" else sent.body
    return replace(step, expected=Reply.of(sent.status, sent.fields, body))


def _page(
    name: str, who: str, target: str, body: str | bytes, *fields: tuple[str, str], **request: object
) -> Step:
    """A step at which a page comes with these header fields, and its length."""
    content = body.encode() if isinstance(body, str) else body
    length = ("Content-Length", str(len(content)))
    return Step(name, who, target, Reply.of(200, [*fields, length], content), **request)


def _length(text: str) -> tuple[str, str]:
    return "Content-Length", str(len(text.encode()))


def _json(
    name: str,
    target: str,
    status: int,
    content: dict[str, object],
    *fields: tuple[str, str],
    length: int = 0,
    **request: object,
) -> Step:
    """A step that the engine answers itself; ``length`` where ids make it unlike the content's."""
    body = json.dumps(content, ensure_ascii=False).encode()
    kind = "application/json" if status == 200 else "application/problem+json"
    head = (
        ("Content-Type", kind),
        ("Cache-Control", "no-store"),
        ("Content-Length", str(length or len(body))),
    )
    shown = b"" if request.get("method") == "HEAD" else body
    return Step(name, "provider", target, Reply.of(status, [*head, *fields], shown), **request)


def _event(secret: str, at: datetime) -> tuple[Headers, bytes]:
    return signed_event(
        secret,
        event_id="event-1",
        type="call.ringing",
        data={"call": "42", "number": "+74990000001", "caller": "+79160000001"},
        at=at,
    )


def _problem(name: str, target: str, status: int, detail: str, *fields, **request) -> Step:
    return _json(name, target, status, {"status": status, "detail": detail}, *fields, **request)


def _beacon(name: str, who: str, **request: object) -> Step:
    kept = Reply.of(204, [("Cache-Control", "no-store")], b"")
    return Step(name, who, BEACON, kept, method="POST", body=b"visible", **request)


def _helper() -> Step:
    url = f"http://okna.example{HELPER}"
    script = helper.answer(Visit(url=url, received_at=datetime.now(UTC)))
    reply = Reply.of(200, list(script.head.headers), script.body)
    return Step("the helper", "anna", HELPER, reply)


_RANG: dict[str, object] = {"call": "*", "state": "ringing"}
_RANG_LENGTH = len(json.dumps({**_RANG, "call": uuid4().hex}))
_NOT_SIGNED = (
    "webhook-signature: no signature fits. Let the sender use the same secret (whsec_…)"
    " as this site's provider, and sign the body byte for byte as it is sent."
)
_TOO_LARGE = f"At most {MAX_EVENT_BODY} bytes are taken."
_HEALTH: dict[str, object] = {"status": "ok", "site": "okna", "version": SITE.version}


def _packed(coding: str) -> bytes:
    return encoding.encode(DIRECT_1.encode(), coding)


def _spliced(coding: str) -> bytes:
    """The same where the page came before: its constant parts are packed already."""
    targets = Targets.of(SITE.targets.values())
    plan = make_plan(page().encode(), targets, content_type="text/html; charset=utf-8")
    packed = PackedPlan(plan, coding, packed=0)
    anna = {"main": SITE.tracking_number("+74990000001")}
    packed.swap(anna)
    body = packed.swap(anna)
    assert encoding.decode(body, coding, limit=10_000) == DIRECT_1.encode()
    return body


def _coded(coding: str) -> Headers:
    return HTML, ("Content-Encoding", coding), VARY, PRIVATE


STEPS: tuple[Step, ...] = (
    # Visitors, each with the numbers of where they came from, on each of their pages.
    _page("Anna lands on a page without the number", "anna", f"/reviews?{ADVERTISEMENT}",
          WITHOUT, HTML, *FRESH, PRIVATE, OURS),
    _page("Anna's second page", "anna", "/", DIRECT_1, HTML, PRIVATE, OURS),
    _page("a page that sets cookies of its own", "anna", "/contacts", DIRECT_1,
          HTML, FIRM, *COOKIES, PRIVATE),
    _page("Boris types the address", "boris", "/", SITE_1, HTML, PRIVATE, OURS),
    _page("Boris goes on", "boris", "/reviews", WITHOUT, HTML, *FRESH, PRIVATE, OURS),
    _as_sent("a page without the number stays everybody's", "boris", "/reviews"),
    _page("Vera comes by the advertisement too", "vera", f"/?{ADVERTISEMENT}", DIRECT_2,
          HTML, PRIVATE, OURS),
    _page("Gleb finds the pool dry", "gleb", f"/?{ADVERTISEMENT}", DIRECT_OVERFLOW,
          HTML, PRIVATE, OURS),
    _page("Nina declined: a number for the source, and the cookie of before ends", "nina",
          f"/?{ADVERTISEMENT}", DIRECT_OVERFLOW, HTML, PRIVATE, ENDED),
    _as_sent("Nina goes on, and nothing is known of her", "nina", "/reviews"),
    _page("a forged cookie is nobody's", "forger", "/", SITE_2, HTML, PRIVATE, OURS),
    _page("somebody behind a listed proxy", "dima", "/", OFFICE, HTML, PRIVATE, OURS,
          headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.7"}),
    _page("an address in Russian letters", "anna", CONTACTS,
          KONTAKTY, HTML, PRIVATE),
    # Nobody reads: the original, which no shared cache may keep all the same.
    _page("a bot", "googlebot", "/", page(), HTML, PRIVATE),
    _page("a bot at a page for everyone", "googlebot", "/cached", page(), HTML, VARY, PRIVATE),
    _page("a page fetched ahead", "zoya", "/", page(), HTML, PRIVATE,
          headers={"Sec-Purpose": "prefetch;prerender"}),
    _as_sent("HEAD", "anna", "/cached", method="HEAD"),
    # Caching.
    _page("a page for everyone becomes Anna's", "anna", "/cached", DIRECT_1, HTML, VARY, PRIVATE),
    _as_sent("a conditional request", "anna", "/cached", headers={"If-None-Match": '"v1"'}),
    _page("a page opened anew that the browser has an old copy of", "anna", "/cached",
          DIRECT_1, HTML, VARY, PRIVATE,
          headers={"If-None-Match": '"v1"', "Accept": "text/html,*/*;q=0.8"}),
    _page("a page that nobody may store", "anna", "/account", DIRECT_1, HTML,
          ("Cache-Control", "private, no-cache, no-store")),
    # Charsets and codings.
    _page("a page in windows-1251", "anna", "/1251",
          DIRECT_1.encode("cp1251", "xmlcharrefreplace"),
          ("Content-Type", "text/html; charset=windows-1251"), PRIVATE),
    _page("XHTML", "anna", "/xhtml", DIRECT_1, ("Content-Type", "application/xhtml+xml"), PRIVATE),
    _page("gzip", "anna", "/gzip", _packed("gzip"), *_coded("gzip")),
    _page("deflate", "anna", "/deflate", _packed("deflate"), *_coded("deflate")),
    _page("br", "anna", "/br", _packed("br"), *_coded("br")),
    # Streams.
    _page("a streamed page", "anna", "/streamed", DIRECT_1, HTML, PRIVATE),
    _page("a streamed page in gzip", "anna", "/streamed-gzip", _spliced("gzip"),
          HTML, ("Content-Encoding", "gzip"), PRIVATE),
    _as_sent("a stream that is no page", "anna", "/log"),
    _as_sent("a page larger than max_body", "anna", "/large"),
    _as_sent("a stream larger than max_body", "anna", "/large-streamed"),
    # Promo codes; who gets none sees another text, and nobody the mark.
    _page("a page with a promo code", "anna", "/promo", coded(ANNAS[0], "******", ANNAS[1]),
          HTML, VARY, PRIVATE),
    _page("a streamed page with a promo code", "anna", "/promo-streamed",
          coded(ANNAS[0], "******", ANNAS[1]), HTML, PRIVATE),
    _page("a promo code for whom no rule covers", "boris", "/promo",
          coded("8 (499) 000-02-01", NO_CODE, "+74990000201"), HTML, VARY, PRIVATE),
    _page("a promo code for Nina, who declined", "nina", f"/promo?{ADVERTISEMENT}",
          coded("8 (499) 000-00-99", NO_CODE, "+74990000099"), HTML, VARY, PRIVATE),
    _page("a promo code for a bot", "googlebot", f"/promo?{ADVERTISEMENT}", UNCODED,
          HTML, VARY, PRIVATE),
    _page("a promo code in gzip", "googlebot", "/promo-gzip",
          encoding.encode(UNCODED.encode(), "gzip"), *_coded("gzip")),
    replace(
        _page("an error page with the mark of a promo code", "anna", "/promo-missing", UNCODED,
              HTML, VARY, PRIVATE),
        expected=Reply.of(404, [HTML, VARY, PRIVATE, _length(UNCODED)], UNCODED.encode()),
    ),
    _page("a form that comes back with the mark", "anna", "/promo", UNCODED, HTML, VARY, PRIVATE,
          method="POST", headers={"Content-Type": "application/x-www-form-urlencoded"}),
    # A number that is hidden until somebody clicks.
    _page("a hidden number", "anna", "/hidden?x=1", HIDDEN_1, HTML, VARY, PRIVATE),
    _page("a hidden number for a bot", "googlebot", "/hidden?x=1", HIDDEN, HTML, VARY, PRIVATE),
    _page("a hidden number for Nina, who declined", "nina", "/hidden?x=1", SHOWN_1,
          HTML, VARY, PRIVATE),
    Step("a click that another site makes", "anna", REVEAL,
         Reply.of(303, [("Location", "/hidden?x=1"), *CLICKED], b""),
         headers={"Sec-Fetch-Site": "cross-site"}),
    Step("Anna's click", "anna", REVEAL,
         Reply.of(303, [("Location", "/hidden?x=1"), *CLICKED, CLICK_COOKIE], b""),
         headers={"Sec-Fetch-Site": "same-origin"}),
    _page("the number that Anna clicked", "anna", "/hidden?x=1", SHOWN_1, HTML, VARY, PRIVATE),
    # What a page loads besides itself, where the Site document lists it.
    _page("JSON that is listed", "anna", "/api/offices", office(*ANNAS), JSON, VARY, PRIVATE),
    _page("JSON that a stranger fetches", "nobody", "/api/offices", office(), JSON, VARY, PRIVATE),
    _page("JSON that a bot fetches", "googlebot", "/api/offices", office(), JSON, VARY, PRIVATE),
    _page("JSON in gzip", "anna", "/api/packed",
          encoding.encode(office(*ANNAS).encode(), "gzip"), JSON, ("Content-Encoding", "gzip"),
          PRIVATE),
    _page("a streamed text that is listed", "anna", "/api/phone.txt", f"{ANNAS[0]}\n",
          ("Content-Type", "text/plain; charset=utf-8"), PRIVATE),
    _page("RSS in windows-1251", "anna", "/feed.xml", feed(*ANNAS).encode("cp1251"),
          ("Content-Type", "application/rss+xml"), VARY, PRIVATE),
    _page("a Turbo Stream", "anna", "/basket", basket(ANNAS[0]),
          ("Content-Type", "text/vnd.turbo-stream.html; charset=utf-8"), PRIVATE),
    _page("JSON for a page with a rule of its own", "anna", "/api/offices",
          office("8 (499) 000-00-71", "+74990000071"), JSON, VARY, PRIVATE,
          headers={"Referer": f"http://okna.example{CONTACTS}"}),
    _as_sent("listed JSON without the number stays everybody's", "anna", "/api/nothing"),
    _as_sent("lines of JSON stream", "anna", "/api/lines"),
    _as_sent("events stream", "anna", "/api/events"),
    _as_sent("HEAD of listed JSON", "anna", "/api/offices", method="HEAD"),
    _page("a number image", "anna", "/img/phone.3f2a.png?v=2", ANNAS_PICTURE,
          ("Content-Type", "image/svg+xml"), VARY, PRIVATE),
    _page("a number image that a stranger fetches", "nobody", "/img/phone.3f2a.png", PICTURE,
          ("Content-Type", "image/png"), VARY, PRIVATE),
    _as_sent("another image", "anna", "/img/other.png"),
    # Everything else passes as it came.
    _as_sent("404", "anna", "/missing"),
    _as_sent("301", "anna", "/moved"),
    _as_sent("500", "anna", "/broken"),
    _as_sent("204", "anna", "/empty"),
    _as_sent("206", "anna", "/film", headers={"Range": "bytes=0-99"}),
    _as_sent("POST", "anna", "/form", method="POST", body="имя=Анна".encode(),
             headers={"Content-Type": "application/x-www-form-urlencoded"}),
    _as_sent("no-transform", "anna", "/as-written"),
    _as_sent("a download", "anna", "/download"),
    _as_sent("gzip that ends too early", "anna", "/torn"),
    _as_sent("a coding that nobody knows", "anna", "/unknown-coding"),
    _as_sent("a charset that is not ASCII's", "anna", "/utf-16"),
    _as_sent("JSON", "anna", "/offices.json"),
    _as_sent("a host that is not ours", "stranger", "/"),
    replace(
        _problem("our paths at a host that is not ours", "/.callgraft/health", 404,
                 "No Site document lists the host 'other.example'. Use one of its hosts."),
        who="stranger",
    ),
    # The engine's own paths.
    _json("health", "/.callgraft/health", 200, _HEALTH),
    _json("HEAD of health", "/.callgraft/health", 200, _HEALTH, method="HEAD"),
    _json("a call", EVENTS, 200, _RANG, length=_RANG_LENGTH, signed_with=SECRET),
    _json("the call told again", EVENTS, 200, _RANG, length=_RANG_LENGTH, signed_with=SECRET),
    _problem("a call that another signed", EVENTS, 401, _NOT_SIGNED,
             signed_with="whsec_b3RoZXIgc2VjcmV0IG9mIHRoZSB0ZXN0cw=="),
    _problem("a call that is fetched", EVENTS, 405, "Call events are sent with POST.",
             ("Allow", "POST")),
    _problem("a body that no event needs", EVENTS, 413, _TOO_LARGE,
             method="POST", body=b" " * (MAX_EVENT_BODY + 1)),
    _problem("nothing is there", "/.callgraft/nothing", 404,
             "There is nothing at /.callgraft/nothing."),
    _problem("nothing at the root either", "/.callgraft/", 404,
             "There is nothing at /.callgraft/."),
    _as_sent("a path that only looks like ours", "anna", "/.callgraft"),
    # The helper in the browser and what it sends; no form's token is asked for.
    _helper(),
    _beacon("Anna is there", "anna", headers={"Sec-Fetch-Site": "same-origin"}),
    _beacon("Anna is there, an older browser says", "anna",
            headers={"Origin": "http://okna.example"}),
    _beacon("a stranger is there", "nobody", headers={"Sec-Fetch-Site": "same-origin"}),
    replace(
        _problem("another site says that Anna is there", BEACON, 403,
                 "Beacons are taken from pages of this site only.", method="POST",
                 body=b"visible", headers={"Origin": "https://evil.example"}),
        who="anna",
    ),
)  # fmt: skip
