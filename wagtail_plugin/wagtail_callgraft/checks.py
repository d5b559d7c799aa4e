"""System checks: what would keep the plugin from working is said at start."""

from __future__ import annotations

from typing import Any

from callgraft import SetupError
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from wagtail_callgraft.conf import configured

_MIDDLEWARE = "wagtail_callgraft.middleware.CallgraftMiddleware"


@register()
def check_settings(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """E001: the setting is wrong; W001: the middleware is missing, so no number is swapped."""
    found: list[CheckMessage] = []
    try:
        configured()
    except SetupError as exc:
        problem = f"{exc.key}: {exc.problem}"
        found.append(Error(problem, hint=exc.cure, id="wagtail_callgraft.E001"))
    if _MIDDLEWARE not in settings.MIDDLEWARE:
        hint = f"Put {_MIDDLEWARE!r} first in MIDDLEWARE."
        problem = "The middleware is not installed, so visitors see the original numbers."
        found.append(Warning(problem, hint=hint, id="wagtail_callgraft.W001"))
    return found
