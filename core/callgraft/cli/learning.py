"""``callgraft learn``: the weights of attribution from the site's own history."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import click

from callgraft.cli.options import (
    backend_option,
    json_option,
    leases_named,
    load_site,
    open_existing,
    site_option,
)
from callgraft.cli.output import print_json
from callgraft.errors import SetupError
from callgraft.stores import open_store
from callgraft.tracking.learning import ENOUGH, Lesson
from callgraft.tracking.learning_history import learn_site
from callgraft.tracking.offsets import ENOUGH as ENOUGH_PRESSES
from callgraft.tracking.offsets import Offset


@click.command()
@site_option
@backend_option
@json_option
def learn(site_path: str, backend: str, as_json: bool) -> None:
    """
    Learn from the site's calls which sessions ring, and when.

    Nobody has to tell who made a call. The last fifth of the calls is left out of the fit; what was
    learned is put in force only if it makes those no less likely than what is in force. Run it once
    a night. Calls that were attributed before stay as they are.

    How late each provider tells of rings is learned too, from people who pressed the number just
    before, and is taken off when calls are attributed.

    Example: callgraft learn --site okna.toml --backend sqlite:///callgraft.db
    """
    if backend.startswith(("http://", "https://")):
        cure = "Run it where the tracking server runs, and name the server's own store."
        raise SetupError("--backend", backend, "is a tracking server.", cure)
    site = load_site(site_path, backend=backend)
    open_existing(backend).close()
    with closing(open_store(backend, leases=leases_named())) as store:
        lesson = learn_site(store, site.key, at=datetime.now(UTC))
    if as_json:
        print_json(lesson)
    else:
        _tell(lesson)
        for offset in lesson.offsets:
            _tell_offset(offset)


COMMANDS = (learn,)


def _tell_offset(offset: Offset) -> None:
    if offset.seconds is None:
        few = f"{offset.calls} sure calls with a press, {ENOUGH_PRESSES} are needed"
        click.echo(f"How late {offset.provider} tells of rings is not known yet: {few}.")
        return
    off = abs(offset.seconds)
    late = "late" if offset.seconds >= 0 else "early"
    click.echo(
        f"{offset.provider} tells of rings {off:g} s {late}, by {offset.calls} sure calls;"
        " that is taken off."
    )


def _tell(lesson: Lesson) -> None:
    if lesson.before is None or lesson.after is None:
        click.echo(
            f"Still learning: {lesson.calls} first calls in 60 days, {ENOUGH} are needed."
            " The defaults stay in force."
        )
        return
    figures = f"a call left out of the fit: {lesson.before:.3f} before, {lesson.after:.3f} after"
    if lesson.tables:
        click.echo(f"In force from now on: {lesson.tables.version}, from {lesson.calls} calls.")
    else:
        click.echo(f"What is in force stays: {lesson.calls} calls taught nothing better.")
    click.echo(f"Mean log-likelihood of {figures}.")
