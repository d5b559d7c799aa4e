"""The stores that every promise is tested on."""

from tests.core.tracked import backend, client, shared, sql_url, store, url

__all__ = ["backend", "client", "shared", "sql_url", "store", "url"]
