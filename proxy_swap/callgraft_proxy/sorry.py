"""The pages that a visitor sees when the site behind the proxy does not answer."""

from __future__ import annotations

from callgraft import Head, Page

_TEXTS = {
    "en": {
        502: (
            "The site cannot be reached",
            "Something is wrong on our side. Please try again in a few minutes.",
        ),
        504: (
            "The site takes too long",
            "The page did not arrive in time. Please try again in a few minutes.",
        ),
    },
    "ru": {
        502: (
            "Сайт временно недоступен",
            "Неполадка на нашей стороне. Пожалуйста, попробуйте ещё раз через несколько минут.",
        ),
        504: (
            "Сайт отвечает слишком долго",
            "Страница не пришла вовремя. Пожалуйста, попробуйте ещё раз через несколько минут.",
        ),
    },
}

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
body {{ font: 1.1em/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 32em;
margin: 18vh auto 0; padding: 0 1.5em }}
@media (prefers-color-scheme: dark) {{ body {{ color: #ddd; background: #181818 }} }}
</style>
<h1>{title}</h1>
<p>{text}</p>
</html>
"""


def sorry(status: int, accept_language: str) -> Page:
    """Return the page for 502 or 504, in the first of the visitor's languages that we speak."""
    language = _language(accept_language)
    title, text = _TEXTS[language][status]
    body = _PAGE.format(language=language, title=title, text=text).encode()
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Language", language),
        ("Cache-Control", "no-store"),
    )
    return Page(head=Head(status=status, headers=headers), body=body)


def _language(accept_language: str) -> str:
    tags = (tag.partition(";")[0].strip().lower() for tag in accept_language.split(","))
    return next((tag[:2] for tag in tags if tag[:2] in _TEXTS), "en")
