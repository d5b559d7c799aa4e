"""All that the server answers."""

from __future__ import annotations

from callgraft.server import (
    call_endpoints,
    document_endpoints,
    door_endpoints,
    open_endpoints,
    people_endpoints,
    pool_endpoints,
    promo_endpoints,
    report_endpoints,
)
from callgraft.server.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *door_endpoints.ENDPOINTS,
    *call_endpoints.ENDPOINTS,
    *pool_endpoints.ENDPOINTS,
    *report_endpoints.ENDPOINTS,
    *promo_endpoints.ENDPOINTS,
    *document_endpoints.ENDPOINTS,
    *people_endpoints.ENDPOINTS,
    *open_endpoints.ENDPOINTS,
)
