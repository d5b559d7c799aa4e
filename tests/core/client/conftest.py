"""The stores that every promise is tested on."""

from tests.core.tracked import client, sql_url, store, url

__all__ = ["client", "sql_url", "store", "url"]
