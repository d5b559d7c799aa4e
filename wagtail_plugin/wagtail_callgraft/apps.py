"""The Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallgraftConfig(AppConfig):
    name = "wagtail_callgraft"
    verbose_name = _("Call tracking")

    def ready(self) -> None:
        from wagtail_callgraft import checks  # noqa: F401  (registers the system checks)
