"""One generated page: a site's own markup, some planted numbers, and what only looks like one."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

OPEN, CLOSE = "\x02", "\x03"
"""Around each planted number until the page is encoded."""
WORDS = (
    *("окна", "двери", "балконы", "остекление", "монтаж", "цена", "скидка", "рассрочка", "замер"),
    *("бесплатно", "гарантия", "профиль", "фурнитура", "стеклопакет", "подоконник", "доставка"),
    *("в", "на", "и", "от", "мы", "за", "из", "ПВХ", "Rehau", "под ключ", "сегодня", "Москва"),
)
NOTATIONS = (
    *("+7 ({a}) {b}-{c}-{d}", "8 ({a}) {b}-{c}-{d}", "+7 {a} {b}-{c}-{d}", "8 {a} {b}-{c}-{d}"),
    *("8-{a}-{b}-{c}-{d}", "({a}) {b}-{c}-{d}", "+7 {a} {b} {c} {d}", "8{a}{b}{c}{d}"),
    *("+7&nbsp;{a}&nbsp;{b}&#8209;{c}&#8209;{d}", "8&nbsp;({a})&nbsp;{b}-{c}-{d}"),
    *("+7 ({a}) {b}&ndash;{c}&ndash;{d}", "<span>8 ({a})</span> <b>{b}-{c}-{d}</b>"),
)
CALLS = (
    "tel:+7{a}{b}{c}{d}",
    "tel:8{a}{b}{c}{d}",
    "tel:+7-{a}-{b}-{c}-{d}",
    "tel:%2B7{a}{b}{c}{d}",
)
DECOYS = (
    *("{a}{b}{c}{d}{e}", "1{a}{b}{c}{d}", "+7 ({a}) {b}-{c}-{e}{d}", "{price} руб."),
    *("+7 (916) {b}-{c}-{d}", "ИНН 7{a}{b}{c}{e}", "8 ({a}) 222-{c}-{d}", "55.{a}{b}{c}{d}"),
)


@dataclass(slots=True)
class Author:
    """Who writes the pages of one site, in its own class names, and repeats himself a little."""

    rng: random.Random
    charset: str = "utf-8"
    prefix: str = ""
    quote: str = '"'
    break_: str = "\n"
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = self.rng
        self.prefix = rng.choice(("", "t-", "b-site__", "css-1x", "mobile:px-4 md:")) + _name(rng)
        self.quote = rng.choice('""""\'')
        self.break_ = rng.choice(("\n", "\n    ", "\r\n\t\t", " "))
        self.texts = [" ".join(rng.choices(WORDS, k=rng.randrange(3, 40))) for _ in range(60)]

    def words(self) -> str:
        """Return a few words or a long sentence."""
        return self.rng.choice(self.texts)

    def tag(self, name: str, more: str = "") -> str:
        """Return a start tag with a class."""
        kind = f"{self.prefix}-{self.rng.choice(('box', 'row', 'wide', 'item', 'title', 'note'))}"
        return f"<{name} class={self.quote}{kind}{self.quote}{more}>"


def card(author: Author) -> str:
    """A product: a link, a picture, a price."""
    rng, number = author.rng, author.rng.randrange(10**6)
    return (
        f'{author.tag("div", f""" data-id="{number}" """)}<a href="/catalog/item-{number}.html" '
        f'title="{author.words()[:30]}"><img src="/upload/iblock/{number * 7919:x}/{number}.jpg" '
        f'width="240" height="180" alt=""></a>{author.break_}<p>{author.words()}</p>'
        f"{author.tag('span')}{rng.randrange(1_000, 99_000)} руб.</span></div>{author.break_}"
    )


def paragraph(author: Author) -> str:
    """Sentences, some of them in bold."""
    return (
        f"{author.tag('p')}{author.words()}. <strong>{author.words()}</strong>, {author.words()} "
        f"с {author.rng.randrange(1990, 2026)} года.</p>{author.break_}"
    )


def script(author: Author) -> str:
    """A minified script; some hold markup, and ids of counters."""
    rng = author.rng
    body = "".join(
        f"function {_name(rng)}(a,b){{if(a<b&&b>{rng.randrange(10**6)})"
        f"{{return '<div class=\"x\">'+a+'</div>';}}return a*{rng.random()};}}{author.break_}"
        for _ in range(rng.randrange(4, 60))
    )
    return f"<script>{author.break_}ym({rng.randrange(10**8)});{body}</script>{author.break_}"


def style(author: Author) -> str:
    """A style sheet within the page."""
    rng = author.rng
    rules = "".join(
        f".{_name(rng)}{{margin:0 {rng.randrange(99)}px;color:#{rng.randrange(2**24):06x}}}"
        for _ in range(rng.randrange(10, 90))
    )
    return f"<style>{rules}</style>{author.break_}"


def drawing(author: Author) -> str:
    """An icon as SVG, full of digits."""
    rng = author.rng
    path = " ".join(f"L{rng.random() * 24:.3f} {rng.random() * 24:.2f}" for _ in range(12))
    return f'<svg viewBox="0 0 24 24"><path d="M0 0{path}z"/></svg>{author.break_}'


def whole(author: Author, numbers: Sequence[str], blocks: list[str], planted: int) -> str:
    """Return a page of ``blocks`` with so many numbers at places that differ from site to site."""
    rng = author.rng
    spots = {"head": "", "header": "", "body": "", "footer": ""}
    for part, write, count in rng.sample(SPOTS, len(SPOTS)):
        if count <= planted:
            planted -= count
            spots[part] += write(author, rng.choice(numbers)) + author.break_
    decoys = [_written(rng, rng.choice(DECOYS), rng.choice(numbers)) for _ in range(3)]
    middle = len(blocks) // 2
    blocks = [*blocks[:middle], spots["body"], f"<p>{'; '.join(decoys)}.</p>", *blocks[middle:]]
    return (
        f'<!DOCTYPE html><html lang="ru"><head><meta charset="{author.charset}">{author.break_}'
        f"{_head(author)}{spots['head']}</head><body>{author.tag('header')}{spots['header']}"
        f"</header>{author.break_}{''.join(blocks)}{author.tag('footer')}{spots['footer']}"
        f"<p>© {author.words()[:30]}, 2009–2026</p></footer>{script(author)}</body></html>"
    )


def _head(author: Author) -> str:
    """What is in every head, numbers aside."""
    rng = author.rng
    lines = ['<meta name="viewport" content="width=device-width, initial-scale=1">']
    lines += [f"<title>{author.words()[:60]}</title>"]
    lines += [
        f'<link rel="{rng.choice(("stylesheet", "preload", "icon"))}" '
        f'href="/assets/{_name(rng)}.{rng.randrange(2**32):08x}.css">'
        for _ in range(rng.randrange(6, 20))
    ]
    lines += [f'<meta property="og:{name}" content="{author.words()}">' for name in ("title", "x")]
    return author.break_.join([*lines, ""])


def _shown(author: Author, number: str) -> str:
    return _planted(author.rng, author.rng.choice(NOTATIONS), number)


def _plain(author: Author, number: str) -> str:
    return _planted(author.rng, author.rng.choice(NOTATIONS[:8]), number)


def _call(author: Author, number: str) -> str:
    return _planted(author.rng, author.rng.choice(CALLS), number).replace(
        f"{OPEN}tel:", f"tel:{OPEN}"
    )


def _planted(rng: random.Random, notation: str, number: str) -> str:
    return f"{OPEN}{_written(rng, notation, number)}{CLOSE}"


def _written(rng: random.Random, notation: str, number: str) -> str:
    digits = "".join(char for char in number if char.isdigit())[-10:]
    parts = {"a": digits[:3], "b": digits[3:6], "c": digits[6:8], "d": digits[8:]}
    price = f"{int(digits):,}".replace(",", " ")
    return notation.format(**parts, price=price, e=rng.randrange(10, 99))


def _name(rng: random.Random) -> str:
    return "".join(rng.choices("abcdefghiklmnoprstuvxyz", k=rng.randrange(2, 9)))


Write = Callable[[Author, str], str]
SPOTS: tuple[tuple[str, Write, int], ...] = (
    ("header", lambda a, n: f'<a href="{_call(a, n)}" class="ph">{_shown(a, n)}</a>', 2),
    ("header", lambda a, n: f"{a.tag('div')}{_shown(a, n)}</div>", 1),
    ("header", lambda a, n: f'<a class="call" href="{_call(a, n)}">Позвонить</a>', 1),
    ("head", lambda a, n: f'<meta name="description" content="{a.words()}: {_plain(a, n)}">', 1),
    (
        "head",
        lambda a, n: (
            f'<script type="application/ld+json">{{"telephone": "{_plain(a, n)}"}}</script>'
        ),
        1,
    ),
    ("head", lambda a, n: f'<script>window.__STATE__={{"tel":"{_plain(a, n)}"}}</script>', 1),
    ("body", lambda a, n: f"<p>{a.words()} {_shown(a, n)}, {a.words()}</p>", 1),
    ("body", lambda a, n: f'<button data-phone="{_plain(a, n)}">Заказать звонок</button>', 1),
    ("body", lambda a, n: f"<table><tr><td>Отдел продаж<td>{_shown(a, n)}</table>", 1),
    ("footer", lambda a, n: f"<p>Тел.: {_shown(a, n)}, ежедневно с 9:00 до 21:00</p>", 1),
    ("footer", lambda a, n: f'<li><a href="{_call(a, n)}">{_shown(a, n)}</a></li>', 2),
    (
        "footer",
        lambda a, n: f'<a href="https://wa.me/{_planted(a.rng, "7{a}{b}{c}{d}", n)}">WhatsApp</a>',
        1,
    ),
)
"""Where numbers stand: in which part of the page, how, and how many."""
