"""Promo codes in SQL."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import ColumnElement, Connection, select

from callgraft.stores.schema import promo_codes
from callgraft.stores.upsert import insert_new
from callgraft.tracking.promo_values import PromoCode


class SqlPromo:
    """The part of a transaction that deals with promo codes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def code_of(self, site: str, session: str) -> PromoCode | None:
        return self._code(site, promo_codes.c.session == session)

    def add_code(self, code: PromoCode) -> bool:
        # SQLAlchemy keeps the count of inserted rows only when asked to.
        statement = insert_new(self._connection.dialect.name, promo_codes).execution_options(
            preserve_rowcount=True
        )
        return self._connection.execute(statement, asdict(code)).rowcount == 1

    def promo_code(self, site: str, code: str) -> PromoCode | None:
        return self._code(site, promo_codes.c.code == code)

    def _code(self, site: str, one: ColumnElement[bool]) -> PromoCode | None:
        row = self._connection.execute(
            select(promo_codes).where(promo_codes.c.site == site, one)
        ).first()
        return PromoCode(**dict(row._mapping)) if row else None
