"""
Turns Matomo's list of search engines, social networks and assistants into a list of referrers.

::

    python tools/matomo_referrers.py CHECKOUT referrers.json

``CHECKOUT`` is a local copy of matomo-org/searchengine-and-social-list. The result is laid out as
``core/callgraft/data/referrers.json`` and is for ``callgraft.referrers.read_referrers``. Hosts that
Callgraft knows already are left out: it calls Telegram a messenger where Matomo has one word for
all social networks. Needs ruamel.yaml, which the development requirements bring along.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from ruamel.yaml import YAML

from callgraft.referrers import Referrers, known_referrers

Row = tuple[str, list[str], list[str]]


def converted(checkout: Path) -> dict[str, list[Row]]:
    """Return what the checkout knows beyond Callgraft's own list, by kind."""
    known = known_referrers()
    read = YAML(typ="safe", pure=True).load
    engines = read((checkout / "SearchEngines.yml").read_text(encoding="utf-8"))
    search = [
        _row(name, part["urls"], part.get("params", ()), known)
        for name, parts in engines.items()
        for part in parts
    ]
    groups = {"search": search}
    for kind, file in (("social", "Socials.yml"), ("assistant", "AIAssistants.yml")):
        sites = read((checkout / file).read_text(encoding="utf-8"))
        groups[kind] = [_row(name, urls, (), known) for name, urls in sites.items()]
    return {kind: [row for row in rows if row[1]] for kind, rows in groups.items()}


def _row(name: str, urls: Iterable[str], parameters: Iterable[str], known: Referrers) -> Row:
    # An address with a path is a corner of somebody else's host, and referrers come without paths.
    hosts = [url.removeprefix("www.").replace("{}", "*") for url in urls if "/" not in url]
    unknown = [host for host in hosts if not known.find(host.replace("*", "com"))]
    # /…/ is a regular expression for paths.
    plain = [parameter for parameter in parameters if not parameter.startswith("/")]
    return name.lower().replace(" ", "-"), list(dict.fromkeys(unknown)), plain


if __name__ == "__main__":
    checkout, result = map(Path, sys.argv[1:])
    text = json.dumps(converted(checkout), ensure_ascii=False, indent=1)
    result.write_text(text + "\n", encoding="utf-8")
