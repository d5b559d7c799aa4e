"""The server's description in OpenAPI 3.1, made of the same table as its routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from callgraft.client.problem_json import MEDIA_TYPE
from callgraft.server.answers import HEADER, LONGEST_KEY
from callgraft.server.asked import JSON
from callgraft.server.endpoint import Endpoint, Parameter
from callgraft.server.reading import BUDGET, PATTERNS
from callgraft.server.schemas import Schemas, Wanted, schemas_of
from callgraft.version import __version__

Json = dict[str, Any]

_PROBLEM: Json = {
    "type": "object",
    "description": "Problem details (RFC 9457); further members depend on the type.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "urn:callgraft:problem:…"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_ALWAYS = ((500, "A fault of the server."),)
_OF_TOKENS = (
    (401, "No valid token."),
    (403, "The token is not good for this."),
    (429, "Too many requests with this token; Retry-After tells when to ask again."),
    (503, "The store does not answer; Retry-After tells when to ask again."),
)
_OF_BODIES = (
    (413, "The body is too large."),
    (415, "The body is of another kind."),
)
_OF_VALUES = ((422, "What was sent cannot be taken; the answer says what is wrong with it."),)
_OF_PATHS = ((404, "There is no such thing."),)
_OF_KEYS = ((409, "This request is still under way."),)


def describe(endpoints: Iterable[Endpoint]) -> Json:
    """The OpenAPI document of these endpoints."""
    listed = tuple(endpoints)
    schemas = schemas_of(set(_wanted(listed)))
    paths: Json = {}
    for endpoint in listed:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Callgraft tracking server",
            "version": __version__,
            "description": "Leases, calls and Site documents, for doors on other machines.",
        },
        "paths": paths,
        "components": {
            "schemas": {**schemas.named, "Problem": _PROBLEM},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token that `callgraft token add` printed.",
                }
            },
        },
    }


def _wanted(endpoints: Iterable[Endpoint]) -> Iterator[Wanted]:
    for endpoint in endpoints:
        if endpoint.gives is not None:
            yield endpoint.gives, "serialization"
        if endpoint.takes is not None and endpoint.takes.kind is not None:
            yield endpoint.takes.kind, "validation"


def _operation(endpoint: Endpoint, schemas: Schemas) -> Json:
    operation: Json = {
        "operationId": endpoint.name,
        "summary": endpoint.does,
        "parameters": [*_named(endpoint), *_parameters(endpoint)],
        "responses": _responses(endpoint, schemas),
        "security": [] if endpoint.is_open else [{"token": []}],
    }
    if endpoint.scopes:
        scopes = ", ".join(f"`{scope}`" for scope in (*endpoint.scopes, "admin"))
        operation["description"] = f"Scopes, of which one is needed: {scopes}."
    if endpoint.takes is not None:
        operation["requestBody"] = _body(endpoint, schemas)
    return operation


def _named(endpoint: Endpoint) -> Iterator[Json]:
    for name in re.findall(r"{(\w+)}", endpoint.path):
        schema = {"type": "string", "pattern": f"^{PATTERNS[name]}$"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _parameters(endpoint: Endpoint) -> Iterator[Json]:
    for parameter in endpoint.parameters:
        yield {
            "name": parameter.name,
            "in": "header" if parameter.is_header else "query",
            "description": parameter.means,
            "schema": _schema(parameter),
        }
    if endpoint.is_once:
        means = "The same key and body get the same answer for 24 hours, and are carried out once."
        schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}
        yield {"name": HEADER, "in": "header", "description": means, "schema": schema}
    if not endpoint.is_open:
        means = "For how many milliseconds somebody waits; what has not begun then is not done."
        schema = {"type": "integer", "minimum": 0}
        yield {"name": BUDGET, "in": "header", "description": means, "schema": schema}


def _schema(parameter: Parameter) -> Json:
    if parameter.kind is datetime:
        return {"type": "string", "format": "date-time"}
    if parameter.kind is str:
        return {"type": "string", "maxLength": int(parameter.most or 0)}
    schema: Json = {"type": "integer" if parameter.kind is int else "number"}
    return schema | {
        "minimum": parameter.least,
        "maximum": parameter.most,
        "default": parameter.default,
    }


def _body(endpoint: Endpoint, schemas: Schemas) -> Json:
    takes = endpoint.takes
    if takes is None:
        return {}
    schema: Any = {"type": "object"} if takes.media_type == JSON else {"type": "string"}
    if takes.kind is not None:
        schema = schemas.by_kind[takes.kind, "validation"]
    content = {takes.media_type: {"schema": schema}}
    return {"required": True, "description": takes.means, "content": content}


def _responses(endpoint: Endpoint, schemas: Schemas) -> Json:
    told = dict(_statuses(endpoint))
    responses: Json = {str(endpoint.status): _success(endpoint, schemas)}
    for status, means in sorted(told.items()):
        responses[str(status)] = {"description": means}
        if status >= 400:
            schema = {"$ref": "#/components/schemas/Problem"}
            responses[str(status)]["content"] = {MEDIA_TYPE: {"schema": schema}}
    return responses


def _statuses(endpoint: Endpoint) -> Iterator[tuple[int, str]]:
    yield from _ALWAYS
    if not endpoint.is_open:
        yield from _OF_TOKENS
    if endpoint.takes is not None:
        yield from _OF_BODIES
    if endpoint.takes is not None or endpoint.parameters or endpoint.is_once:
        yield from _OF_VALUES
    if endpoint.is_once:
        yield from _OF_KEYS
    if "{" in endpoint.path:
        yield from _OF_PATHS
        yield 503, "The store does not answer; Retry-After tells when to ask again."
    if endpoint.has_etag:
        yield 304, "What If-None-Match knows is still so."
    yield from endpoint.statuses


def _success(endpoint: Endpoint, schemas: Schemas) -> Json:
    if endpoint.status == 204:
        return {"description": "Done."}
    content: Json = {}
    for media_type in endpoint.media_types:
        is_value = media_type == JSON and endpoint.gives is not None
        schema = (
            schemas.by_kind[endpoint.gives, "serialization"] if is_value else {"type": "string"}
        )
        content[media_type] = {"schema": schema}
    return {"description": "Done.", "content": content}
