"""A click on a hidden number answered: noted as a sign of the session, and the number told."""

from __future__ import annotations

from collections.abc import Callable

from callgraft import endpoints, reveal
from callgraft.evidence import Reader, judge
from callgraft.identity import Seal, recognise
from callgraft.listening import Listening
from callgraft.page import Page
from callgraft.preparation import Clicked, Preparation
from callgraft.site import Site
from callgraft.tracking.values import Assignment
from callgraft.visit import Visit
from callgraft.wants import mask_of

Ask = Callable[[Site, Visit, Clicked], tuple[Assignment, ...]]


class Revealing:
    """
    Answers clicks.

    :param ask: takes the session's number inside the budget; nothing where the store is late.
    """

    def __init__(
        self, seal: Seal, preparation: Preparation, listening: Listening, ask: Ask
    ) -> None:
        self._seal = seal
        self._preparation = preparation
        self._listening = listening
        self._ask = ask

    def answer(self, site: Site, visit: Visit) -> Page:
        """
        Answer ``GET /.callgraft/reveal/…``.

        Of bots, of people who declined and of who keeps no cookies nothing is kept: no click, no
        number. They see the firm's own number at once: a page would hide it from them for ever.
        """
        target = visit.path.removeprefix(reveal.PATH)
        if target not in site.targets:
            return endpoints.not_found(visit)
        if judge(visit).reader is Reader.PREFETCH:
            # A browser that fetches ahead would go by this answer when somebody clicks.
            return endpoints.problem(503, "A click is answered, and nothing before it.")
        identity = recognise(self._seal, visit) if self._seal.is_ready else None
        if identity is None or site.consent.is_declined(visit):
            return reveal.plain(visit, site.targets[target].number)
        clicked = self._preparation.click(site, visit, identity, target)
        if clicked is None or not reveal.is_click(visit):
            return reveal.back(visit)
        self._listening.touched(site, visit, clicked.identity)
        cookie = reveal.set_cookie(visit, clicked.identity, target)
        if not reveal.wants_json(visit):
            return reveal.back(visit, cookie)  # the page takes the number
        return endpoints.shown({"number": self._number(site, visit, clicked)}, cookie)

    def _number(self, site: Site, visit: Visit, clicked: Clicked) -> str:
        """The number to fill in; empty where it is none that the page was made for."""
        mask = mask_of(site, clicked.decision)
        number = mask.numbers[0].e164
        if clicked.view is not None:
            number = next((each.number or "" for each in self._ask(site, visit, clicked)), "")
        return number if number in {each.e164 for each in mask.numbers} else ""
