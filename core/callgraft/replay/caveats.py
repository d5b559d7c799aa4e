"""What a dry run cannot know, said wherever its figures stand."""

from __future__ import annotations

from callgraft.replay.running import Replayed

OPTIMISTIC = (
    "Calls are drawn by the same weights that then share them out, so matches look 1 to 3 points"
    " better than they will be."
)


def caveats(replayed: Replayed) -> tuple[str, ...]:
    """What whoever reads the figures should know, in sentences."""
    whence = (
        "When the phone rang is known, who rang is not: each call is shared out among the sessions"
        " of that moment."
        if replayed.heard is not None
        else "Who rang is not known: as many calls are drawn as sessions like these make; yours"
        " may be fewer or more, so figures are per 100 calls."
    )
    return (
        whence,
        OPTIMISTIC,
        "A log has no cookies: one address with one browser counts as one visitor, an office as"
        " one, a phone that changes its address as two.",
        "It has no language, no consent and no returning visitors, so rules on those see none."
        " Every page is taken to show the number.",
        "It has no taps on the number, no activity on the page and no caller's region: with the"
        " browser helper and them, matches get better than here.",
    )
