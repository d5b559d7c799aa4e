"""What a door itself answers where the engine has nothing to say, in the form of RFC 9457."""

from __future__ import annotations

import json

from callgraft import Head, Page


def too_large(limit: int) -> Page:
    """The answer to a request body of more than ``limit`` bytes."""
    problem = {"status": 413, "detail": f"At most {limit} bytes are taken."}
    body = json.dumps(problem).encode()
    headers = (
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        # The rest of the body is still on its way; reading it all would be a favour to nobody.
        ("Connection", "close"),
    )
    return Page(head=Head(status=413, headers=headers), body=body)
