"""Pages for the benchmarks: generated, the same each time, in the shapes that the web has."""

from __future__ import annotations

import random

NOTATIONS = ("+7 (495) 123-45-67", "8 495 123-45-67", "+7&nbsp;495&nbsp;123&#8209;45&#8209;67")
WORDS = (
    *("окна", "двери", "балконы", "остекление", "монтаж", "цена", "скидка", "рассрочка", "замер"),
    *("бесплатно", "гарантия", "профиль", "фурнитура", "стеклопакет", "подоконник", "доставка"),
)


def pages() -> dict[str, list[bytes]]:
    """Return shape → pages. Every number in them is marked by a comment ``<!--planted-->``."""
    rng = random.Random(495)
    shops = [_page(rng, cards=300, scripts=8) for _ in range(24)]
    return {
        "small": [_page(rng, cards=12, scripts=1).encode() for _ in range(200)],
        "shop": [page.encode() for page in shops],
        "shop in windows-1251": [page.encode("cp1251") for page in shops],
        "minified shop": [page.replace("\n", "").encode() for page in shops],
        "scripts and styles": [_page(rng, cards=120, scripts=90).encode() for _ in range(16)],
        "long text": [_page(rng, cards=30, scripts=3, paragraphs=260).encode() for _ in range(16)],
    }


def with_token(page: bytes, visit: int) -> bytes:
    """Return the page as a framework writes it on each visit: with a token and the time."""
    token = f'<meta name="csrf-token" content="{visit * 2**200:064x}">'.encode()
    stamp = f"<script>var made = '2026-11-21 12:00:{visit:02}'</script>".encode()
    return page.replace(b"</head>", token + b"</head>", 1).replace(b"</body>", stamp + b"</body>")


def _page(rng: random.Random, *, cards: int, scripts: int, paragraphs: int = 5) -> str:
    parts = [_HEAD, *(_script(rng) for _ in range(scripts)), _HEADER]
    parts += [f"<p class='text'>{_words(rng, 60)}</p>\n" for _ in range(paragraphs)]
    parts += [_card(rng, number) for number in range(cards)]
    return "".join([*parts, _FOOTER])


def _words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(count))


def _card(rng: random.Random, number: int) -> str:
    price = rng.randrange(1_000, 99_000)
    return (
        f'<div class="card card--wide" data-id="{number}"><a href="/catalog/item-{number}.html" '
        f'title="{_words(rng, 2)}"><img src="/upload/iblock/{price:x}/{number * 7919}.jpg" '
        f'width="240" height="180" alt=""></a>\n<p>{_words(rng, 8)}</p>'
        f'<span class="price">{price} руб.</span></div>\n'
    )


def _script(rng: random.Random) -> str:
    body = "".join(
        f"function f{rng.randrange(10**6)}(a,b){{if(a<b&&b>{rng.randrange(10**6)})"
        f"{{return '<div class=\"x\">'+a+'</div>';}}return a*{rng.random()};}}\n"
        for _ in range(20)
    )
    return f"<script>\n{body}</script>\n<style>.c{rng.randrange(999)}{{margin:0 4px}}</style>\n"


PLANTED = "<!--planted-->"
_HEAD = (
    '<!DOCTYPE html><html lang="ru"><head><title>Окна в Москве</title>'
    f'<meta name="description" content="Окна, 8 (495) 123-45-67">{PLANTED}\n'
    f'<script type="application/ld+json">{{"telephone": "+7 495 123-45-67"}}</script>{PLANTED}'
    "</head><body>\n"
)
_HEADER = (
    f'<header><a class="phone" href="tel:+74951234567">{NOTATIONS[0]}</a>{PLANTED * 2}'
    f"<b>{NOTATIONS[2]}</b>{PLANTED}</header>\n"
)
_FOOTER = (
    f'<footer><p>Звоните: <a href="tel:84951234567">{NOTATIONS[1]}</a></p>{PLANTED * 2}'
    "</footer></body></html>\n"
)
