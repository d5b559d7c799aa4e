"""The Site document: targets, pools, numbers and rules of one site as one immutable value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from callgraft.call_terms import CallTerms
from callgraft.hosts import plain_host
from callgraft.media import PAGES, form_of, is_image, media_type
from callgraft.patterns import glob
from callgraft.phone import Number, read
from callgraft.privacy import Consent, Privacy
from callgraft.promo import Promo
from callgraft.roles import Role, RoleKind, roles_of
from callgraft.rules import Rule
from callgraft.subresources import Bodies, Image
from callgraft.tracking.numbers import Quiet

__all__ = [
    "Bodies",
    "Fixed",
    "Image",
    "Pool",
    "Provider",
    "Quiet",
    "Role",
    "RoleKind",
    "Site",
    "Step",
    "Target",
]

SHOW_NUMBER = "Show the number"
CONTACT_PAGES = ("*contact*", "*kontakt*", "*контакт*")
ABOUT_PAGES = ("*about*",)
TWO_WEEKS = Quiet(span=timedelta(days=14))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a route: ring these numbers together, at most this long."""

    ring: tuple[Number, ...]
    timeout: timedelta = timedelta(seconds=25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A number printed on the site, to be replaced."""

    key: str
    number: Number
    route: tuple[Step, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    """Rows of the policy table that differ from the default: ``{"json_ld": "swap"}``."""
    local: bool = False
    """Whether it stands on pages without its area code too: ``123-45-67``."""
    only: tuple[str, ...] = ()
    """CSS selectors: where there are some, it is swapped inside of their elements alone."""
    except_: tuple[str, ...] = ()
    """CSS selectors of elements in which it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """
    Tracking numbers for one purpose; ``source`` and ``medium`` name it where that is one.

    ``quarantine`` are numbers bought used, which join the others once they are quiet as
    ``quiet`` says; ``draining`` ones are shown no more. ``when_full`` is ``share`` or
    ``overflow``; empty means to share where there is no overflow number. ``per_network`` is how
    many provisional leases one network may have at a time: None for a quarter of the pool, 0 for
    any number.
    """

    key: str
    numbers: tuple[Number, ...]
    overflow: Number | None = None
    hold: timedelta = timedelta(minutes=30)
    cool_off: timedelta = timedelta(0)
    source: str = ""
    medium: str = ""
    when_full: str = ""
    per_network: int | None = None
    quarantine: tuple[Number, ...] = ()
    quiet: Quiet = TWO_WEEKS
    draining: tuple[Number, ...] = ()

    @property
    def is_sharing(self) -> bool:
        return self.when_full == "share" or (not self.when_full and self.overflow is None)

    @property
    def every_number(self) -> tuple[Number, ...]:
        """Its numbers, whatever is done with them; not the overflow number."""
        return (*self.numbers, *self.quarantine, *self.draining)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """One number for one source, offline media too."""

    key: str
    number: Number
    source: str
    medium: str = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An account with a telephone company, and the secret that its call events are signed with."""

    key: str
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """
    One site. ``version`` is the digest of the document that it was read from, so equal documents
    have equal versions.

    ``hosts`` are in lower case and punycode; ``contact_pages`` are globs of paths, and
    ``about_pages`` count as contact pages only where they show a target.
    """

    key: str
    hosts: tuple[str, ...] = ()
    region: str | None = None
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    targets: Mapping[str, Target] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    fixed: Mapping[str, Fixed] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    providers: Mapping[str, Provider] = field(default_factory=dict)
    bodies: tuple[Bodies, ...] = ()
    images: tuple[Image, ...] = ()
    reveal_label: str = SHOW_NUMBER
    """What the link says that shows a hidden number."""
    promo: Promo | None = None
    """None: the site shows no promo codes, and its pages are searched for no marks."""
    contact_pages: tuple[str, ...] = CONTACT_PAGES
    about_pages: tuple[str, ...] = ABOUT_PAGES
    privacy: Privacy = field(default_factory=Privacy)
    consent: Consent = field(default_factory=Consent)
    calls: CallTerms = field(default_factory=CallTerms)
    version: str = ""
    document: str = field(default="", repr=False)
    """The TOML text itself, for publishing."""
    _roles: Mapping[str, Role] = field(init=False, repr=False, compare=False)
    _pooled: Mapping[str, Number] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_roles", roles_of(self))
        object.__setattr__(self, "_pooled", _pooled(self.pools.values()))

    def serves(self, host: str) -> bool:
        """Whether pages of ``host`` belong to this site; a site that lists no hosts serves all."""
        return not self.hosts or plain_host(host) in self.hosts

    def role_of(self, number: str) -> Role | None:
        """What the number (E.164) is to this site, or None."""
        return self._roles.get(number)

    def tracking_number(self, e164: str) -> Number:
        """
        The pool number or overflow number, with the area code that the document gives it.

        One that has left the document is read from its digits alone.
        """
        return self._pooled.get(e164) or read(e164)

    def subresource(self, path: str, content_type: str | None) -> Bodies | Image | None:
        """The entry for what a page loads from ``path``; None for pages and all that stays."""
        if not (self.bodies or self.images) or media_type(content_type) in PAGES:
            return None
        readable = unquote(path)
        if is_image(content_type):
            for image in self.images:
                if image.url.matches(readable):
                    return image
        form = form_of(content_type)
        for bodies in self.bodies:
            if form in bodies.forms and bodies.lists(readable):
                return bodies
        return None

    def is_contact_page(self, path: str, *, shows_target: bool) -> bool:
        """Whether a visitor on this page is about to ring, as far as its address tells."""
        wanted = self.contact_pages + (self.about_pages if shows_target else ())
        readable = unquote(path)
        return any(glob(page).matches(readable) for page in wanted)


def _pooled(pools: Iterable[Pool]) -> dict[str, Number]:
    numbers = (n for pool in pools for n in (*pool.every_number, pool.overflow) if n)
    return {number.e164: number for number in numbers}
