"""The site behind every door, as a table: what it answers to a request, and the pages it prints."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import brotli

Headers = tuple[tuple[str, str], ...]

MAX_BODY = 32 * 1024
"""What the doors are told of the size of pages."""

HTML = ("Content-Type", "text/html; charset=utf-8")
FRESH = (
    ("ETag", '"v1"'),
    ("Last-Modified", "Mon, 02 Mar 2026 10:00:00 GMT"),
    ("Vary", "Accept-Encoding"),
)
FIRM = ("X-Firm", "Fenêtres")
FOR_EVERYONE = (
    ("Cache-Control", "public, max-age=600, s-maxage=3600"),
    ("Expires", "Mon, 02 Mar 2026 11:00:00 GMT"),
    ("Surrogate-Control", "max-age=86400"),
    ("CDN-Cache-Control", "max-age=86400"),
)
COOKIES = (
    ("Set-Cookie", "basket=495-123; Path=/; HttpOnly"),
    ("Set-Cookie", "city=msk; Path=/; Max-Age=600"),
)


@dataclass(frozen=True)
class Answer:
    """A response; ``pieces`` where it is streamed, without a length, piece by piece."""

    status: int
    headers: Headers
    body: bytes
    pieces: tuple[bytes, ...] | None = None

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The header fields, with a length where it is known beforehand."""
        if self.pieces is not None or self.status in (204, 304):
            return list(self.headers)
        return [*self.headers, ("Content-Length", str(len(self.body)))]


def page(text: str = "8 (495) 123-45-67", link: str = "+74951234567") -> str:
    """A page of the site with its number, or another, in the notations that the site uses."""
    area, rest = text[3:6], text[8:]
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Окна</title></head>\n'
        f'<body><p class=top>Звоните: {text}, <a href="tel:{link}">{area}&nbsp;{rest}</a>\n'
        "<!-- 8 (495) 123-45-67 --><script>var n = '8 (495) 123-45-67';</script>\n"
        '<input name=phone value="8 (495) 123-45-67"><p>ИНН 4951234567001</body></html>\n'
    )


def office(text: str = "8 (495) 123-45-67", link: str = "+74951234567") -> str:
    """An office of the site in JSON, as its scripts fetch it."""
    escaped = link.replace("+", r"\u002B")
    return rf'{{"office": "Окна", "phone": "{text}", "href": "tel:{escaped}", "id": 84951234567}}'


def feed(text: str = "8 (495) 123-45-67", link: str = "+74951234567") -> str:
    """The site's news as RSS."""
    return (
        '<?xml version="1.0" encoding="windows-1251"?><rss><title>Окна</title><!-- 84951234567 -->'
        f'<item note="{text}"><![CDATA[<a href="tel:{link}">{text}</a>]]></item></rss>\n'
    )


def basket(text: str = "8 (495) 123-45-67") -> str:
    """A fragment that Turbo puts into the page."""
    return (
        '<turbo-stream action="update" target="basket"><template>Звоните:'
        f" <b>{text}</b></template></turbo-stream>\n"
    )


PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\xdc\x00\x00\x00\x20\x08\x06\x00\x00\x00IDAT"
)

WITHOUT = "<!DOCTYPE html><meta charset=utf-8><title>Отзывы</title><p>Спасибо за окна!\n"


def coded(text: str, code: str, link: str = "+74951234567") -> str:
    """A page that shows a promo code, or the mark where one goes."""
    return f'<!DOCTYPE html><p>{text}, <a href="tel:{link}">code {code}</a>\n'


HIDDEN = '<!DOCTYPE html><p>8 (495) 123-45-67, <a href="tel:+74951234567">8 495 123-45-67</a>\n'
MARKED = coded("8 (495) 123-45-67", "{{ promo_code }}").encode()


def answer(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """What the site says to one request; ``headers`` have names in lower case."""
    path = target.partition("?")[0]
    if path.startswith("/split/"):
        return _split(path)
    if path == "/cached" and headers.get("if-none-match") == '"v1"':
        # No Last-Modified: where there is an ETag, RFC 9110 wants none, and werkzeug removes it.
        return Answer(304, (("ETag", '"v1"'), *FOR_EVERYONE), b"")
    if path == "/film" and "range" in headers:
        part = (HTML, ("Content-Range", "bytes 0-99/400"))
        return Answer(206, part, page().encode()[:100])
    if path == "/form" and method == "POST":
        return Answer(200, (HTML,), page().encode() + body)
    return _TABLE.get(path, _missing)()


def _missing() -> Answer:
    return Answer(404, (HTML,), page().encode())


def _page(*headers: tuple[str, str], body: bytes | None = None, status: int = 200) -> Answer:
    return Answer(status, headers or (HTML,), page().encode() if body is None else body)


def _streamed(body: bytes, *headers: tuple[str, str], step: int = 7) -> Answer:
    pieces = tuple(body[at : at + step] for at in range(0, len(body), step))
    return Answer(200, headers or (HTML,), body, pieces)


def _split(path: str) -> Answer:
    """``/split/3,70``: the page in pieces, cut before bytes 3 and 70."""
    body = page().encode()
    cuts = [0, *sorted(int(cut) for cut in path.removeprefix("/split/").split(",")), len(body)]
    pieces = tuple(body[a:b] for a, b in pairwise(cuts) if a < b)
    return Answer(200, (HTML,), body, pieces)


def large() -> bytes:
    return page().encode() + b"<p>more</p>" * (MAX_BODY // 10)


def _packed(coding: str, body: bytes) -> Answer:
    return _page(HTML, ("Content-Encoding", coding), *FRESH, body=body)


_PLAIN = ("Content-Type", "text/plain; charset=utf-8")
_JSON = ("Content-Type", "application/json")
_XML = ("Content-Type", "application/rss+xml")
_TURBO = ("Content-Type", "text/vnd.turbo-stream.html; charset=utf-8")
_PNG = ("Content-Type", "image/png")
_1251 = ("Content-Type", "text/html; charset=windows-1251")

_TABLE: dict[str, Callable[[], Answer]] = {
    "/": _page,
    "/contacts": lambda: _page(HTML, FIRM, *COOKIES),
    "/reviews": lambda: _page(HTML, *FRESH, *FOR_EVERYONE, body=WITHOUT.encode()),
    "/%D0%BA%D0%BE%D0%BD%D1%82%D0%B0%D0%BA%D1%82%D1%8B/": _page,
    "/cached": lambda: _page(HTML, *FRESH, *FOR_EVERYONE),
    "/account": lambda: _page(HTML, ("Cache-Control", "no-store, private")),
    "/1251": lambda: _page(_1251, body=page().encode("cp1251", "xmlcharrefreplace")),
    "/xhtml": lambda: _page(("Content-Type", "application/xhtml+xml")),
    "/gzip": lambda: _packed("gzip", gzip.compress(page().encode(), mtime=1)),
    "/deflate": lambda: _packed("deflate", zlib.compress(page().encode())),
    "/br": lambda: _packed("br", brotli.compress(page().encode())),
    "/streamed": lambda: _streamed(page().encode()),
    "/streamed-gzip": lambda: _streamed(
        gzip.compress(page().encode(), mtime=1), HTML, ("Content-Encoding", "gzip"), step=11
    ),
    "/log": lambda: _streamed(page().encode(), _PLAIN),
    "/large": lambda: _page(HTML, *FRESH, body=large()),
    "/large-streamed": lambda: _streamed(large(), HTML, step=1000),
    "/promo": lambda: _page(HTML, *FRESH, *FOR_EVERYONE, body=MARKED),
    "/promo-gzip": lambda: _packed("gzip", gzip.compress(MARKED, mtime=1)),
    "/promo-streamed": lambda: _streamed(MARKED),
    "/promo-missing": lambda: _page(HTML, *FRESH, body=MARKED, status=404),
    "/hidden": lambda: _page(HTML, *FRESH, *FOR_EVERYONE, body=HIDDEN.encode()),
    "/moved": lambda: _page(HTML, ("Location", "/contacts"), status=301),
    "/broken": lambda: _page(status=500),
    "/empty": lambda: Answer(204, (FIRM,), b""),
    "/as-written": lambda: _page(HTML, ("Cache-Control", "no-transform, max-age=60")),
    "/download": lambda: _page(HTML, ("Content-Disposition", 'attachment; filename="a.html"')),
    "/torn": lambda: _packed("gzip", gzip.compress(page().encode(), mtime=1)[:-9]),
    "/unknown-coding": lambda: _packed("dcb", page().encode()),
    "/utf-16": lambda: _page(
        ("Content-Type", "text/html; charset=utf-16"), body=page().encode("utf-16")
    ),
    "/offices.json": lambda: _page(
        ("Content-Type", "application/json"), body=b'{"phone": "8 (495) 123-45-67"}'
    ),
    "/api/offices": lambda: _page(_JSON, *FRESH, *FOR_EVERYONE, body=office().encode()),
    "/api/packed": lambda: _page(
        _JSON, ("Content-Encoding", "gzip"), body=gzip.compress(office().encode(), mtime=1)
    ),
    "/api/nothing": lambda: _page(_JSON, *FRESH, *FOR_EVERYONE, body=b'{"phone": null}'),
    "/api/lines": lambda: _streamed(
        office().encode() + b"\n", ("Content-Type", "application/x-ndjson")
    ),
    "/api/events": lambda: _streamed(
        b"data: 8 (495) 123-45-67\n\n", ("Content-Type", "text/event-stream")
    ),
    "/api/phone.txt": lambda: _streamed(b"8 (495) 123-45-67\n", _PLAIN),
    "/feed.xml": lambda: _page(_XML, *FRESH, body=feed().encode("cp1251")),
    "/basket": lambda: _page(_TURBO, body=basket().encode()),
    "/img/phone.3f2a.png": lambda: _page(_PNG, *FRESH, *FOR_EVERYONE, body=PICTURE),
    "/img/other.png": lambda: _page(_PNG, *FRESH, *FOR_EVERYONE, body=PICTURE),
    "/film": _page,
}
