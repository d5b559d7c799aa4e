"""The site of the examples: its document, a page of it, and a visitor's browser."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from callgraft import Engine, open_engine, read_site

NUMBERS = tuple(f"+7 499 000-{n // 100:02}-{n % 100:02}" for n in range(1, 1500))

DOCUMENT = f"""
[site]
key = "okna"
hosts = ["okna.example", "www.okna.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = {list(NUMBERS)}

[[rules]]
name = "Everybody"
target = "main"
pool = "direct"

[providers.generic]
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""

PAGE = """<!DOCTYPE html>
<html lang="ru"><head><meta charset="utf-8"><title>Окна</title></head>
<body><p>Звоните: <a href="tel:+74951234567">+7 (495) 123-45-67</a></p></body></html>
""".encode()

BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept: text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Language: ru,en;q=0.5",
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate",
)
HTML = "Content-Type: text/html; charset=utf-8"


def okna_engine(**settings: Any) -> Engine:
    """
    An engine of the example site with a store in memory.

    It raises what goes wrong, and has more time than a busy machine can take.
    """
    usual = {"backend": "memory:", "strict": True, "budget": timedelta(seconds=10)}
    return open_engine(read_site(DOCUMENT), **{**usual, **settings})


def number_in(body: bytes, page: bytes = PAGE) -> str:
    """The tracking number in ``body``, which must be ``page`` with just the number changed."""
    found = re.search(rb"\+7 \(499\) (000-\d\d-\d\d)", body)
    assert found, body
    digits = b"499" + found[1].replace(b"-", b"")
    changed = page.replace(b"(495) 123-45-67", b"(499) " + found[1])
    assert body == changed.replace(b"4951234567", digits)
    return f"+7 499 {found[1].decode()}"
