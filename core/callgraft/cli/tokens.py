"""``callgraft token``: who may use the tracking server."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import click

from callgraft.cli.options import backend_option, json_option
from callgraft.cli.output import moment, print_json, print_table
from callgraft.problems import Problems
from callgraft.server.issuing import Scope, is_valid, issue
from callgraft.site_toml.scalars import KEY, KEY_PROBLEM, duration
from callgraft.stores import Store, open_store
from callgraft.stores.tokens import Token


@click.group()
def token() -> None:
    """Make, list and revoke tokens of the tracking server."""


@token.command()
@backend_option
@click.option("--name", required=True, help="What it is for; it stands in lists and in the log.")
@click.option(
    "--scope",
    "scopes",
    required=True,
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it is good for; may be given several times.",
)
@click.option("--site", default="", help="The one site that it is good for; all, if left out.")
@click.option("--expires", help='After how long it is no longer valid, like "90d".')
@json_option
def add(
    backend: str, name: str, scopes: tuple[str, ...], site: str, expires: str | None, as_json: bool
) -> None:
    """
    Make a token, and print its secret this once.

    Scopes: door (page views, signs of life, documents), events (call events), read (calls, pools,
    documents), admin (everything).

    Example: callgraft token add --name proxy-1 --scope door --scope events --site okna
    """
    if site and not KEY.fullmatch(site):
        raise click.BadParameter(KEY_PROBLEM, param_hint="--site")
    now = datetime.now(UTC)
    lifetime = _lifetime(expires)
    with closing(open_store(backend)) as store:
        made, secret = issue(
            store,
            name=name,
            scopes=tuple(Scope(scope) for scope in scopes),
            site=site,
            at=now,
            expires_at=now + lifetime if lifetime else None,
        )
    if as_json:
        print_json({"token": made.token, "name": made.name, "secret": secret})
        return
    click.echo(secret)
    click.echo(f"Keep it: it is not shown again. `callgraft token revoke {made.token}`", err=True)


@token.command("list")
@backend_option
@json_option
def list_(backend: str, as_json: bool) -> None:
    """
    List the tokens, without their secrets.

    Example: callgraft token list
    """
    with closing(open_store(backend)) as store:
        found = _tokens(store)
    now = datetime.now(UTC)
    if as_json:
        print_json([_shown(each, now) for each in found])
        return
    rows = (
        (
            *(each.token, each.name, " ".join(each.scopes), each.site or "all"),
            *(moment(each.made_at), moment(each.expires_at), _state(each, now)),
        )
        for each in found
    )
    columns = ("token", "name", "scopes", "site", "made", "expires", "state")
    print_table(columns, rows, title="Tokens (times in UTC)")
    if not found:
        click.echo("There is none yet. Make one with `callgraft token add`.")


@token.command()
@click.argument("token_or_name")
@backend_option
def revoke(token_or_name: str, backend: str) -> None:
    """
    Make a token invalid; tracking servers follow within five seconds.

    Example: callgraft token revoke tk_1f2e3d4c
    """
    now = datetime.now(UTC)
    with closing(open_store(backend)) as store:
        valid = [each for each in _tokens(store) if is_valid(each, now)]
        found = [each for each in valid if token_or_name in (each.token, each.name)]
        if len(found) != 1:
            raise click.UsageError(f"{len(found)} valid tokens are called {token_or_name!r}.")
        store.write(lambda tx: tx.revoke_token(found[0].token, at=now), for_good=True)
    click.echo(f"{found[0].token} ({found[0].name}) is revoked.")


COMMANDS = (token,)


def _lifetime(written: str | None) -> timedelta | None:
    if written is None:
        return None
    problems = Problems("--expires")
    read = duration(written, "--expires", problems)
    problems.raise_if_any()
    return read


def _tokens(store: Store) -> list[Token]:
    return list(store.read(lambda transaction: transaction.tokens()))


def _state(token: Token, at: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "valid" if is_valid(token, at) else "expired"


def _shown(token: Token, at: datetime) -> dict[str, object]:
    return {
        "token": token.token,
        "name": token.name,
        "scopes": list(token.scopes),
        "site": token.site,
        "made_at": token.made_at,
        "expires_at": token.expires_at,
        "state": _state(token, at),
    }
