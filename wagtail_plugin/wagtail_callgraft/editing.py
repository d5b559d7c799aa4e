"""Who works on the site rather than reading it: they see the numbers as they were written."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language_from_path, override


def is_editing(request: HttpRequest) -> bool:
    """
    Whether this is Wagtail's or Django's admin, or a preview of a page.

    An editor who saved a tracking number would print it for everyone.
    """
    if getattr(request, "is_preview", False):
        return True
    language = get_language_from_path(request.path_info)
    prefixes = _admin_prefixes(getattr(request, "urlconf", None), language)
    return request.path.startswith(prefixes)


def has_session(request: HttpRequest) -> bool:
    """Whether the visitor may be signed in, told without a query."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def is_editor(request: HttpRequest) -> bool:
    """Whether the visitor may enter Wagtail's admin: they copy what they see into pages."""
    if not has_session(request) or not hasattr(request, "user"):
        return False
    try:
        return bool(request.user.has_perm("wagtailadmin.access_admin"))
    except DatabaseError:
        # The page itself was made without asking who reads it; it is not lost for our question.
        return False


@lru_cache(maxsize=64)
def _admin_prefixes(urlconf: str | None, language: str | None) -> tuple[str, ...]:
    """Where the admins are; below a language's prefix where ``i18n_patterns`` put them there."""
    prefixes = []
    with override(language or settings.LANGUAGE_CODE):
        for name in ("wagtailadmin_home", "admin:index"):
            try:
                prefixes.append(reverse(name, urlconf))
            except NoReverseMatch:
                continue
    return tuple(prefixes)
