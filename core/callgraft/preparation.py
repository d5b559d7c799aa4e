"""
Steps 1 to 4 of a page view: what is on the page, who reads it, whence, and what the rules say.

Nothing here waits for anything; what needs the tracking store is left in ``Prepared.view``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from callgraft import encoding
from callgraft.config import Settings
from callgraft.device import device_of
from callgraft.evidence import Evidence, judge
from callgraft.geo import NOWHERE, GeoDatabase, Location
from callgraft.html import Plan, PlanCache, Targets
from callgraft.html.csp import allows_by_hash
from callgraft.html.hiding import Mask
from callgraft.html.marks import Marks
from callgraft.identity import (
    COOKIE,
    SESSION_IDLE,
    Identity,
    Seal,
    end_cookie,
    needs_cookie,
    next_view,
    recognise,
    set_cookie,
)
from callgraft.images import Drawing
from callgraft.media import form_of
from callgraft.network import client_address
from callgraft.packed import PackedPlan, PackedPlans
from callgraft.page import Head, Page
from callgraft.person import Person
from callgraft.referrers import Referrers, known_referrers
from callgraft.reveal import page_of
from callgraft.rules import Circumstances, Decision, decide
from callgraft.site import Site
from callgraft.source import UNKNOWN, Touch, touch_of
from callgraft.subresources import Bodies, Image
from callgraft.tracking.promo_values import PromoWanted
from callgraft.tracking.values import PageView
from callgraft.visit import Visit
from callgraft.wants import code_of, to_hide, view_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """
    All that is known of a page view before a number is asked for.

    ``person`` is None where there is no evidence of one, or where the store did not tell yet by
    what visitors are known; then there are no decisions and no view. ``plan`` is a Drawing where
    the "page" is an image.
    """

    site: Site
    visit: Visit
    page: Page
    plan: Plan | PackedPlan | Drawing
    evidence: Evidence
    person: Person | None = None
    decisions: tuple[Decision, ...] = ()
    view: PageView | None = None
    hidden: tuple[Mask, ...] = ()
    """The targets that are hidden until somebody clicks; they take no number before."""
    code: PromoWanted | None = None
    """The promo code that goes into the page, where one does."""

    @property
    def is_of_nobody(self) -> bool:
        """Whether a person reads who declined to be followed: numbers tell of a source alone."""
        return self.person is not None and self.person.identity is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicked:
    """A click on a hidden number; ``view`` takes its number from a pool, where it has one."""

    identity: Identity
    decision: Decision
    view: PageView | None


class Preparation:
    """What the steps need besides the visit: the seal, the geo database, the cached plans."""

    def __init__(
        self,
        settings: Settings,
        seal: Seal,
        *,
        geo: GeoDatabase | None = None,
        referrers: Referrers | None = None,
    ) -> None:
        self._settings = settings
        self._seal = seal
        self._geo = geo
        self._referrers = referrers or known_referrers()
        self._plans = PackedPlans(PlanCache())
        self._targets: dict[str, tuple[str, Targets]] = {}

    def make_ready(self, site: Site, *, at: datetime) -> None:
        """Compile what is compiled on first use, on a page of our own for a visitor of nobody's."""
        body = " ".join(target.number.e164 for target in site.targets.values()).encode()
        page = Page(head=Head(headers=(("Content-Type", "text/html; charset=utf-8"),)), body=body)
        browser = (("User-Agent", "Mozilla/5.0 (callgraft making ready)"),)
        self.prepare(site, Visit(url="https://localhost/", received_at=at, headers=browser), page)

    def prepare(self, site: Site, visit: Visit, page: Page) -> Prepared:
        """
        Take the steps for one page.

        :raises BadEncoding: the body is not what its Content-Encoding says.
        """
        kind = site.subresource(visit.path, page.head.header("content-type"))
        plan = (
            self._drawing(site, page, kind)
            if isinstance(kind, Image)
            else self._plan(site, visit, page)
        )
        evidence = judge(visit)
        # A page of another status is looked at for marks of promo codes alone: it is no page view.
        is_read = evidence.is_person and page.head.status == 200 and self._seal.is_ready
        person = self._person(site, visit, kind) if is_read else None
        if person is None:
            return Prepared(site=site, visit=visit, page=page, plan=plan, evidence=evidence)
        decisions = tuple(
            decide(site, target, person.here, explain=False) for target in sorted(plan.targets)
        )
        out = to_hide(site, visit, person, plan, decisions, is_load=kind is None)
        decisions = tuple(each for each in decisions if each.target not in out)
        return Prepared(
            site=site,
            visit=visit,
            page=page,
            plan=plan,
            evidence=evidence,
            person=person,
            decisions=decisions,
            # What a page loads besides itself keeps the number that is hidden on the page.
            hidden=tuple(out.values()) if kind is None else (),
            view=view_of(site, person, plan, decisions, is_load=kind is None),
            code=code_of(site, person, plan),
        )

    def click(self, site: Site, visit: Visit, identity: Identity, target: str) -> Clicked | None:
        """What a click on a hidden number leads to; None where the number is not hidden."""
        # By the address, not by a Referer: sites tell browsers to send none.
        url = f"{visit.parts.scheme}://{visit.parts.netloc}{page_of(visit)}"
        page = replace(visit, url=url)
        here = self._here(page, identity.touch, is_returning=identity.is_returning)
        decision = decide(site, target, here, explain=False)
        if not decision.reveal:
            return None
        person = Person(identity=identity, here=here, cookie=None)
        nowhere = Plan(body=b"")
        view = view_of(site, person, nowhere, (decision,), is_load=False)
        return Clicked(identity=identity, decision=decision, view=view)

    def _plan(self, site: Site, visit: Visit, page: Page) -> Plan | PackedPlan:
        content_type = page.head.header("content-type")
        form = form_of(content_type)
        return self._plans.plan(
            page.body,
            self._sought(site),
            coding=page.head.header("content-encoding"),
            limit=self._settings.max_body,
            content_type=content_type,
            form=None if form == "turbo-stream" else form,
            hashed_scripts=allows_by_hash(page.head.values("content-security-policy")),
            # Without the query: what an advertisement adds to it changes little of the page.
            address=f"{site.key} {visit.path}",
        )

    def _drawing(self, site: Site, page: Page, image: Image) -> Drawing:
        coding = page.head.header("content-encoding")
        body = encoding.decode(page.body, coding, limit=self._settings.max_body)
        return Drawing(body=body, image=image, target=site.targets[image.target])

    def _sought(self, site: Site) -> Targets:
        """The site's targets, compiled once per version of its document."""
        version, targets = self._targets.get(site.key, ("", None))
        if targets is None or version != site.version:
            targets = Targets.of(site.targets.values(), Marks.of(site.promo))
            self._targets[site.key] = (site.version, targets)
        return targets

    def _person(self, site: Site, visit: Visit, kind: Bodies | Image | None) -> Person | None:
        if site.consent.is_declined(visit):
            return self._nobody(site, visit, kind)
        if kind is not None:
            return self._reader_of(site, visit)
        touch = touch_of(visit, site.hosts, self._referrers)
        known = recognise(self._seal, visit)
        identity = next_view(known, visit, touch)
        is_stale = needs_cookie(known, identity)
        cookie = set_cookie(identity, self._seal, visit.is_secure) if is_stale else None
        here = self._here(visit, identity.touch, is_returning=identity.is_returning)
        return Person(identity=identity, here=here, cookie=cookie)

    def _nobody(self, site: Site, visit: Visit, kind: Bodies | Image | None) -> Person:
        """Whoever declined: this page is all that is known, and a cookie from before goes."""
        page = visit if kind is None else _loading(site, visit)
        touch = touch_of(page, site.hosts, self._referrers) or UNKNOWN
        is_to_end = kind is None and visit.cookie(COOKIE)
        cookie = end_cookie(visit.is_secure) if is_to_end else None
        return Person(
            identity=None, here=self._here(page, touch, is_returning=False), cookie=cookie
        )

    def _reader_of(self, site: Site, visit: Visit) -> Person | None:
        """
        Whose page loads this. Only a session under way has one: what a page loads is no evidence.

        It makes no session longer either, or a tab that asks every minute would never let go of
        its number.
        """
        known = recognise(self._seal, visit)
        if known is None or visit.received_at - known.seen_at > SESSION_IDLE:
            return None
        here = self._here(_loading(site, visit), known.touch, is_returning=known.is_returning)
        return Person(identity=known, here=here, cookie=None)

    def _here(self, visit: Visit, touch: Touch, *, is_returning: bool) -> Circumstances:
        address = client_address(visit, self._settings.trusted_proxies)
        return Circumstances(
            at=visit.received_at,
            touch=touch,
            location=self._locate(address),
            path=visit.path,
            query=visit.query,
            device=device_of(visit.header("user-agent") or ""),
            language=_first_language(visit.header("accept-language") or ""),
            is_returning=is_returning,
            address=address,
        )

    def _locate(self, address: str) -> Location:
        return self._geo.locate(address) if self._geo else NOWHERE


def _loading(site: Site, visit: Visit) -> Visit:
    """The visit as if to the page that loads this, so that rules decide as they did there."""
    page = replace(visit, url=visit.header("referer") or "")
    return page if page.host and site.serves(page.host) else visit


def _first_language(accepted: str) -> str:
    return accepted.partition(",")[0].partition(";")[0].strip().lower()
