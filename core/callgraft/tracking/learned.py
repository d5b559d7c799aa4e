"""Learned weights as text, as they are kept."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import lru_cache

from callgraft.stores.protocol import Transaction
from callgraft.tracking.tables import DEFAULT, Tables

_NAMES = tuple(each.name for each in fields(Tables))


def tables_in_force(transaction: Transaction, site: str) -> Tables:
    """What the site learned, or the defaults."""
    text = transaction.tables(site)
    return DEFAULT if text is None else read_tables(text)


def tables_of(transaction: Transaction, site: str, version: str) -> Tables | None:
    """One version of what the site learned, or the defaults; None where nobody has it any more."""
    if version == DEFAULT.version:
        return DEFAULT
    text = transaction.tables(site, version)
    return None if text is None else read_tables(text)


@lru_cache(maxsize=64)
def read_tables(text: str) -> Tables:
    """The tables that :func:`text_of` wrote."""
    kept = json.loads(text)
    grids = {
        name: {device: tuple(map(tuple, rows)) for device, rows in kept.pop(name).items()}
        for name in ("lam", "val")
    }
    return Tables(**kept | grids | {"hour": tuple(kept["hour"])})


def text_of(tables: Tables) -> str:
    """The tables as JSON."""
    return json.dumps({name: getattr(tables, name) for name in _NAMES})
