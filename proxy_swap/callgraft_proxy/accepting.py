"""Which content codings a site may use: those that the client takes and we can undo."""

from __future__ import annotations

from collections.abc import Iterable

from callgraft import accepted_codings


def narrowed(lines: Iterable[str]) -> str:
    """
    Return the ``Accept-Encoding`` for the site, made from the client's own lines.

    A coding that we cannot undo would make every page one that passes unchanged.
    """
    known = {*accepted_codings(), "identity", "x-gzip"}
    offers = (offer.strip() for line in lines for offer in line.split(","))
    kept = [offer for offer in offers if offer.partition(";")[0].strip().lower() in known]
    return ", ".join(kept) or "identity"
