"""Host names in one form, so that ``Окна.рф`` and ``xn--80atjc.xn--p1ai`` are one host."""

from __future__ import annotations

import idna


def plain_host(host: str) -> str:
    """The host in lower case and punycode, without the dot at its end; nonsense stays as it is."""
    host = host.lower().removesuffix(".")
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host
