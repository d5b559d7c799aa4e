"""The header fields of a request on its way up, and of a response on its way down."""

from __future__ import annotations

import re

from callgraft import Network, is_listed
from callgraft_proxy.accepting import narrowed
from callgraft_proxy.asgi import RawHeaders, Scope, field, fields

# RFC 9110 §7.6.1: between two hops only, whether Connection names them or not.
_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
# Both name every client and proxy on the way, each proxy behind the one before it.
_CHAINS = frozenset({"x-forwarded-for", "forwarded"})
# A message loses its meaning without these, so naming them in Connection has no effect.
_NEVER_HOP_BY_HOP = frozenset({b"host", b"content-length"})

_FOLDED = re.compile(rb"[^0-9a-z-]")
# RFC 9110 §5.5 leaves the choice between refusing control characters and blanking them.
_BLANKED = bytes(32 if (byte < 32 and byte != 9) or byte == 127 else byte for byte in range(256))


def request_fields(scope: Scope, *, trusted: tuple[Network, ...]) -> list[tuple[str, str]]:
    """
    Return the fields to send to the site.

    :param trusted: the proxies that are believed what they say of the client; what anybody else
        says of itself is replaced.
    """
    is_trusted = trusts(scope, trusted)
    kept = [
        (name, value)
        for name, value in _end_to_end(scope["headers"])
        # The server answered "Expect: 100-continue" itself, by reading the body.
        if name not in (b"accept-encoding", b"expect")
        and (is_trusted or not _is_about_the_client(name))
        and not _is_disguised(name)
    ]
    passed = [(_text(name), _text(value)) for name, value in kept]
    chain = _appended(passed, scope) if is_trusted else passed + _introduced(scope)
    return chain + _accepted(scope)


def response_fields(headers: RawHeaders, *, status: int) -> list[tuple[bytes, bytes]]:
    """Return the fields to send to the client, in the site's order, names in lower case."""
    pairs = [(name.lower(), value.translate(_BLANKED)) for name, value in headers]
    kept = _end_to_end(pairs)
    is_chunked = any(name == b"transfer-encoding" for name, _ in pairs)
    if is_chunked or status in (204, 304):
        # Where both stand, chunks tell the length (RFC 9112 §6.3); 204 and 304 have no body.
        kept = [(name, value) for name, value in kept if name != b"content-length"]
    return kept


def trusts(scope: Scope, trusted: tuple[Network, ...]) -> bool:
    """Whether the other end of the connection is one of the listed proxies."""
    return bool(trusted) and is_listed(_peer(scope), trusted)


def _end_to_end(headers: RawHeaders) -> list[tuple[bytes, bytes]]:
    pairs = list(headers)
    lines = b",".join(value for name, value in pairs if name == b"connection")
    named = {word.strip().lower() for word in lines.split(b",")} - _NEVER_HOP_BY_HOP
    dropped = _HOP_BY_HOP | named
    return [(name, value) for name, value in pairs if name not in dropped]


def _is_about_the_client(name: bytes) -> bool:
    return name.startswith(b"x-forwarded-") or name in (b"forwarded", b"x-real-ip")


def _is_disguised(name: bytes) -> bool:
    """
    Whether CGI, WSGI and PHP would take the name for one of those that say who the client is.

    All of them write ``X_Forwarded_For`` and ``X-Forwarded-For`` as ``HTTP_X_FORWARDED_FOR``, and
    some old ones other characters too. No proxy writes its fields so.
    """
    plain = _FOLDED.sub(b"-", name)
    return plain != name and _is_about_the_client(plain)


def _introduced(scope: Scope) -> list[tuple[str, str]]:
    """What we say of a client that comes straight to us."""
    pairs = [
        ("x-forwarded-for", _peer(scope)),
        ("x-forwarded-proto", _scheme(scope)),
        ("x-forwarded-host", _text(field(scope, b"host") or b"")),
        ("forwarded", _forwarded(scope)),
    ]
    return [(name, value) for name, value in pairs if value]


def _appended(headers: list[tuple[str, str]], scope: Scope) -> list[tuple[str, str]]:
    """What a listed proxy says of the client, with the proxy's own address behind it."""
    present = {name for name, _ in headers}
    if present.isdisjoint(_CHAINS):
        return headers + _missing(present, scope)
    own = dict(_introduced(scope))
    rest = [(name, value) for name, value in headers if name not in _CHAINS]
    for name in sorted(_CHAINS & present):
        # A chain that the proxy did not write is not begun here: it would miss what came before.
        known = [value for other, value in headers if other == name]
        rest.append((name, ", ".join([*known, own[name]])))
    return rest + _missing(present | _CHAINS, scope)


def _missing(present: set[str], scope: Scope) -> list[tuple[str, str]]:
    return [(name, value) for name, value in _introduced(scope) if name not in present]


def _scheme(scope: Scope) -> str:
    scheme: str = scope["scheme"]
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _forwarded(scope: Scope) -> str:
    peer = _peer(scope)
    node = f'"[{peer}]"' if ":" in peer else peer or "unknown"
    host = _text(field(scope, b"host") or b"")
    parts = [f"for={node}", f"proto={_scheme(scope)}"]
    if host and '"' not in host and "\\" not in host:
        parts.insert(1, f'host="{host}"')
    return ";".join(parts)


def _accepted(scope: Scope) -> list[tuple[str, str]]:
    """The codings that the client takes and we can undo; the site may use no other."""
    lines = fields(scope, b"accept-encoding")
    if not lines:
        return []
    return [("accept-encoding", narrowed(map(_text, lines)))]


def _text(value: bytes) -> str:
    # The client library sends text as UTF-8, so this gives back the bytes of all valid UTF-8.
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
