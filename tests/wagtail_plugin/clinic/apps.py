from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "tests.wagtail_plugin.clinic"
    label = "clinic"
    default_auto_field = "django.db.models.BigAutoField"
