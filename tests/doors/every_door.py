"""All doors by name. Each serves the table of ``origin.py`` with the engine that it is given."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from callgraft import Engine
from tests.doors.asgi_door import asgi_door
from tests.doors.django_doors import wagtail_async_door, wagtail_door
from tests.doors.flask_door import flask_door
from tests.doors.proxy_doors import mitmproxy_door, proxy_door

Door = Callable[[Engine], AbstractContextManager[str]]

DOORS: dict[str, Door] = {
    "ASGI middleware": asgi_door,
    "callgraft-proxy": proxy_door,
    "mitmproxy": mitmproxy_door,
    "Flask": flask_door,
    "Wagtail": wagtail_door,
    "Wagtail on ASGI": wagtail_async_door,
}
