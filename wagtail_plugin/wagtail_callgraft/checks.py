"""System checks: what would keep the plugin from working is said at start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from callgraft import SetupError
from wagtail_callgraft.conf import open_configured

MIDDLEWARE = "wagtail_callgraft.middleware.CallgraftMiddleware"
_PAGE_CACHE = "django.middleware.cache.UpdateCacheMiddleware"


@register()
def check_setting(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """E001: the setting, or the Site document that it names, is wrong."""
    try:
        # In memory: a check may run where the store is not there yet, as when an image is built.
        open_configured(BACKEND="memory:", LEASES=None).close()
    except SetupError as exc:
        problem = str(exc).removesuffix(exc.cure).rstrip()
        return [Error(problem, hint=exc.cure, id="wagtail_callgraft.E001")]
    return []


@register()
def check_middleware(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """W001: no middleware, so no number is swapped; W002: it stands inside Django's page cache."""
    order = list(settings.MIDDLEWARE)
    hint = f"Put {MIDDLEWARE!r} first in MIDDLEWARE."
    if MIDDLEWARE not in order:
        problem = "The middleware is not installed, so visitors see the original numbers."
        return [Warning(problem, hint=hint, id="wagtail_callgraft.W001")]
    if _PAGE_CACHE in order[: order.index(MIDDLEWARE)]:
        problem = "The page cache stands before the middleware and can keep no page with a number."
        return [Warning(problem, hint=hint, id="wagtail_callgraft.W002")]
    return []
