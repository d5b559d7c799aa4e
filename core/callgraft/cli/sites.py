"""``callgraft init``, ``check`` and ``explain``: Site documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from callgraft.cli.fetching import fetch
from callgraft.cli.options import (
    backend_option,
    json_option,
    load_site,
    open_existing,
    site_option,
)
from callgraft.cli.output import duration, print_json, print_table, readable
from callgraft.cli.scanning import plan_of
from callgraft.cli.seen_as import NAMES, circumstances
from callgraft.config import Settings
from callgraft.eligible import why_not
from callgraft.errors import CallgraftError, SetupError
from callgraft.html import Targets
from callgraft.html.marks import Marks
from callgraft.promo import PROMO
from callgraft.rules import Decision, decide
from callgraft.site import Pool, Site
from callgraft.site_toml import starter_document
from callgraft.stores.urls import without_secrets
from callgraft.subresources import Image
from callgraft.telephony.signature import new_secret
from callgraft.visit import Visit

T = TypeVar("T")


@click.command()
@click.argument("path", default="callgraft.toml")
@click.option("--key", default="site", show_default=True, help="A short name of the site.")
@click.option(
    "--host",
    "hosts",
    multiple=True,
    required=True,
    help="A host name of the site; may be repeated.",
)
@click.option("--region", default="US", show_default=True, help="Country, ISO 3166-1.")
@click.option("--number", required=True, help="The number that the site prints.")
@click.option("--force", is_flag=True, help="Write over a file that exists.")
def init(
    path: str, key: str, hosts: tuple[str, ...], region: str, number: str, force: bool
) -> None:
    """
    Write a commented Site document to PATH (callgraft.toml).

    Example: callgraft init okna.toml --host okna.example --region RU --number "+7 495 123-45-67"
    """
    file = Path(path)
    if file.exists() and not force:
        raise SetupError("PATH", path, "exists.", "Name another file, or say --force.")
    document = starter_document(key, hosts, region, number)
    try:
        file.write_text(document, encoding="utf-8")
    except OSError as exc:
        raise SetupError("PATH", path, f"cannot be written: {exc.strerror}.", "") from exc
    click.echo(
        f"Wrote {path}. Put your tracking numbers in it, then: callgraft check --site {path}\n"
        "A fresh secret for call events, should you need one:\n"
        f"  export CALLGRAFT_WEBHOOK_SECRET={new_secret()}"
    )


@click.command()
@site_option
@backend_option
@json_option
def check(site_path: str, backend: str, as_json: bool) -> None:
    """
    Check the Site document, the secrets that it names, and the tracking store.

    Exit code 1 when something is wrong.

    Example: callgraft check --site okna.toml
    """
    problems: list[str] = []
    site = _collect(problems, lambda: load_site(site_path, with_secrets=True, backend=backend))
    store = _collect(problems, lambda: _store_answers(backend))
    if as_json:
        print_json({"ok": not problems, "problems": problems})
    else:
        if site is not None:
            _describe(site)
        if store:
            click.echo(store)
        for problem in problems:
            click.echo(problem, err=True)
    raise SystemExit(1 if problems else 0)


@click.command()
@click.argument("url")
@site_option
@click.option(
    "--as",
    "facts",
    multiple=True,
    metavar="NAME=VALUE",
    help=f"What the visitor is like: {', '.join(NAMES)}; may be repeated.",
)
@click.option("--no-fetch", is_flag=True, help="Do not fetch URL; explain every target.")
@json_option
def explain(
    url: str, site_path: str, facts: tuple[str, ...], no_fetch: bool, as_json: bool
) -> None:
    """
    Say what a visitor of URL would be shown, and why: each rule that was tried.

    Nothing is leased by it.

    Example: callgraft explain https://okna.example/ --as source=yandex --as medium=cpc
    """
    site = load_site(site_path)
    here = circumstances(site, url, facts)
    reason, targets = _look_at(site, url, no_fetch=no_fetch)
    decisions = [decide(site, target, here) for target in targets]
    if as_json:
        print_json({"left_alone": reason, "decisions": decisions})
        return
    if reason:
        click.echo(f"The page is left alone: {reason}.")
    for decision in decisions:
        _explain(site, decision)


COMMANDS = (init, check, explain)


def _collect(problems: list[str], step: Callable[[], T]) -> T | None:
    try:
        return step()
    except CallgraftError as exc:
        problems.append(str(exc))
        return None


def _store_answers(backend: str) -> str:
    with closing(open_existing(backend)) as client:
        client.secret()
    return f"The tracking store at {without_secrets(backend)} answers."


def _describe(site: Site) -> None:
    click.echo(f"Site {site.key}, version {site.version}, {', '.join(site.hosts) or 'any host'}.")
    rules = Counter(rule.target for rule in site.rules if rule.enabled)
    print_table(
        ("target", "number", "rules"),
        ((each.key, readable(each.number.e164), rules[each.key]) for each in site.targets.values()),
    )
    if site.pools:
        print_table(
            ("pool", "numbers", "overflow number", "hold"),
            (
                (each.key, len(each.numbers), _overflow(each), duration(each.hold))
                for each in site.pools.values()
            ),
        )
    for remark in _remarks(site, rules):
        click.echo(remark)


def _overflow(pool: Pool) -> str:
    return readable(pool.overflow.e164) if pool.overflow else "none"


def _remarks(site: Site, rules: Mapping[str, int]) -> Iterator[str]:
    """What is allowed, and yet may not be what was meant."""
    for key in site.targets:
        if not rules[key]:
            yield f"No rule is in force for the target {key}: its number stays for everyone."
    if site.promo and not any(rule.promo and rule.enabled for rule in site.rules):
        yield "No rule in force shows a promo code: everyone sees the fallback."
    used = {rule.pool for rule in site.rules if rule.enabled}
    for pool in site.pools.values():
        if pool.key not in used:
            yield f"No rule in force leads to the pool {pool.key}: its numbers are never shown."
        if pool.overflow is None:
            yield f"The pool {pool.key} has no overflow number: when it is dry, the target stays."


def _look_at(site: Site, url: str, *, no_fetch: bool) -> tuple[str, list[str]]:
    """Why the page at ``url`` is left alone, if it is, and the targets that are swapped on it."""
    visit = Visit(url=url, received_at=datetime.now(UTC))
    if not site.serves(visit.host):
        return f"the site {site.key} does not list the host {visit.host}", []
    if no_fetch:
        return "", [*sorted(site.targets), *([PROMO] if site.promo else [])]
    page = fetch(url)
    if page.head.status != 200:
        return f"status {page.head.status} is no page view", []
    if reason := why_not(page.head, visit, max_body=Settings().max_body, site=site):
        return reason, []
    content_type = page.head.header("content-type")
    image = site.subresource(visit.path, content_type)
    if isinstance(image, Image):
        return "", [image.target]
    sought = Targets.of(site.targets.values(), Marks.of(site.promo))
    plan = plan_of(page, sought, content_type)
    found = [*sorted(plan.targets), *([PROMO] if plan.has_code else [])]
    return "" if found else "no target number stands on it in a place that is swapped", found


def _explain(site: Site, decision: Decision) -> None:
    target = site.targets.get(decision.target)
    named = f"Target {target.key}, {readable(target.number.e164)}" if target else "Promo code"
    click.echo(named)
    print_table(
        ("rule", "matches", "because"),
        ((each.rule, "yes" if each.matched else "no", each.because) for each in decision.tried),
    )
    click.echo(f"→ {_outcome(site, decision)}\n")


def _outcome(site: Site, decision: Decision) -> str:
    hidden = ", hidden until somebody clicks" if decision.reveal else ""
    return f"{_shown_by(site, decision)}{hidden}"


def _shown_by(site: Site, decision: Decision) -> str:
    if decision.pool:
        pool = site.pools[decision.pool]
        spare = f"its overflow number {_overflow(pool)}" if pool.overflow else "the target number"
        return (
            f"a number of pool {pool.key} ({len(pool.numbers)} numbers), "
            f"or {spare} when none is free"
        )
    if decision.fixed:
        number = site.fixed[decision.fixed].number
        return f"the fixed number {readable(number.e164)} ({decision.fixed})"
    why = f"by rule {decision.rule!r}" if decision.rule else "no rule matched"
    if decision.promo:
        return f"a code of the session's own ({why})"
    if decision.target == PROMO:
        shown = f'the text "{site.promo.fallback}"' if site.promo and site.promo.fallback else ""
        return f"{shown or 'nothing'} in place of a code ({why})"
    return f"the number stays as it is ({why})"
