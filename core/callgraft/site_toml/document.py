"""From the text of a Site document to the Site that it describes."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from callgraft.errors import SiteError, SiteErrors
from callgraft.problems import Problems
from callgraft.site import ABOUT_PAGES, CONTACT_PAGES, Site
from callgraft.site_toml.bodies import read_bodies
from callgraft.site_toml.calls import read_calls
from callgraft.site_toml.crosscheck import check_numbers
from callgraft.site_toml.head import read_head
from callgraft.site_toml.images import read_images
from callgraft.site_toml.numbers import read_fixed, read_pools
from callgraft.site_toml.privacy import read_consent, read_privacy
from callgraft.site_toml.promo import read_promo, read_reveal_label
from callgraft.site_toml.providers import Secrets, read_providers
from callgraft.site_toml.rules import Declared, read_rules
from callgraft.site_toml.table import Table
from callgraft.site_toml.targets import read_targets

_EMPTY: Mapping[str, str] = MappingProxyType({})
_SECTIONS = (
    *("site", "targets", "pools", "fixed", "rules", "providers", "bodies", "images"),
    *("privacy", "consent", "calls", "promo", "reveal"),
)
_BOM = "\ufeff"


def read_site(
    text: str, *, name: str = "site document", environ: Mapping[str, str] | None = _EMPTY
) -> Site:
    """
    Read a Site document in TOML.

    Lists are counted from 0 in the keys of errors: ``rules[1]`` is the second rule.

    :param name: what to call the document in errors: a file's path.
    :param environ: where secrets written as ``env:NAME`` are looked up; ``Site.document`` keeps the
        reference, so that a published document does not carry them. With None such secrets are
        left out: whoever only shows pages checks no signature.
    :raises SiteErrors: every mistake in it, each with its key, value and cure.
    """
    return _read(text, name, Secrets(environ))


def read_published(text: str, *, name: str, environ: Mapping[str, str] | None = _EMPTY) -> Site:
    """
    Read a document that is in force elsewhere, maybe with secrets that are not known here.

    A secret written as ``env:NAME`` that ``environ`` lacks is left out: whoever published the
    document has it, and a door that takes no calls needs none.

    :raises SiteErrors: another version of Callgraft wrote what this one cannot read.
    """
    return _read(text, name, Secrets(environ, may_lack=True))


def _read(text: str, name: str, secrets: Secrets) -> Site:
    problems = Problems(name)
    root = Table(_parsed(text, name), "", _SECTIONS, problems)
    site = _site(root, text, secrets)
    check_numbers(site, problems)
    problems.raise_if_any()
    return site


def _site(root: Table, text: str, secrets: Secrets) -> Site:
    """The site as far as it can be read; it counts only when there are no problems."""
    head = read_head(root)
    targets = read_targets(root, head.region)
    rules = read_rules(root, Declared.of(root))
    return Site(
        key=head.key,
        hosts=head.hosts,
        region=head.region,
        timezone=head.timezone,
        contact_pages=head.contact_pages or CONTACT_PAGES,
        # An operator who lists the contact pages has listed all of them.
        about_pages=() if head.contact_pages else ABOUT_PAGES,
        targets=targets,
        pools=read_pools(root, head.region),
        fixed=read_fixed(root, head.region),
        rules=rules,
        providers=read_providers(root, secrets),
        bodies=read_bodies(root),
        images=read_images(root, targets, Declared.of(root).targets),
        promo=read_promo(root, rules),
        reveal_label=read_reveal_label(root),
        privacy=read_privacy(root),
        consent=read_consent(root),
        calls=read_calls(root, head.region, secrets),
        version=version_of(text),
        document=text,
    )


def version_of(text: str) -> str:
    """The document's digest; how its lines end, and the mark that Notepad writes, do not count."""
    canonical = text.removeprefix(_BOM).replace("\r\n", "\n")
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()[:16]


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix(_BOM))
    except RecursionError:
        error = SiteError(name, None, "it is nested too deeply.", "Write it flatter.")
        raise SiteErrors(name, [error]) from None
    except tomllib.TOMLDecodeError as error:
        raise SiteErrors(name, [_syntax(str(error), text)]) from error
    except ValueError:
        problem = "a number in it has thousands of digits."
        raise SiteErrors(name, [SiteError(name, None, problem, "Shorten it.")]) from None


def _syntax(message: str, text: str) -> SiteError:
    """The parser's complaint; the line itself is not shown, it may hold a secret."""
    what, _, place = message.partition(" (at ")
    found = re.search(r"line (\d+), column (\d+)", place)
    last = text.count("\n") + 1
    where = f"line {found[1]}, column {found[2]}" if found else f"line {last}, at its end"
    cure = next((cure for word, cure in _CURES.items() if word in what), _CURE)
    return SiteError(where, None, f"this is no TOML: {what}.", cure)


_CURES = {
    "overwrite": "Each key stands once in its table: remove one of the two.",
    "declare": "Each table stands once: join the two.",
    "Illegal character": "A text in quotes ends on its line: close the quotes.",
    "Invalid value": "Texts stand in quotes, lists in [ ], tables in { } on one line.",
    "inline table": "A table in { } stands on one line, without a comma at its end.",
}
_CURE = 'Every line is a [section], a key = value or a # comment; texts stand in "quotes".'
