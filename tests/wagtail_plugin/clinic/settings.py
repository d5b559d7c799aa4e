"""A small Wagtail site, set up as the README of the plugin says."""

from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).parent

SECRET_KEY = "of the tests"
DEBUG = False
ALLOWED_HOSTS = ["clinic.example", "okna.example", "other.example", "testserver"]
ROOT_URLCONF = "tests.wagtail_plugin.clinic.urls"
USE_TZ = True
LANGUAGE_CODE = "en"
WAGTAIL_SITE_NAME = "Clinic 8 (495) 123-45-67"
WAGTAILADMIN_BASE_URL = "http://clinic.example"
STATIC_URL = "/static/"
MEDIA_ROOT = HERE / "media"

INSTALLED_APPS = [
    "wagtail_callgraft",
    "tests.wagtail_plugin.clinic",
    "wagtail.contrib.redirects",
    "wagtail.users",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.snippets",
    "wagtail.sites",
    "wagtail.embeds",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "wagtail_callgraft.middleware.CallgraftMiddleware",
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
]

CALLGRAFT = {
    "SITE": HERE / "clinic.toml",
    "BACKEND": "memory:",
    "BUDGET": timedelta(seconds=10),  # how slow the machine is, is not what is tested
    "STRICT": True,
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Threads of an asynchronous server share it; it lives as long as one connection does.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "file:clinic?mode=memory&cache=shared",
        "OPTIONS": {"uri": True},
    }
}


class _NoMigrations(dict):
    """Tables are made of the models: Wagtail's own migrations would take most of a minute."""

    def __contains__(self, app: object) -> bool:
        return True

    def __missing__(self, app: str) -> None:
        return None


MIGRATION_MODULES = _NoMigrations()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
