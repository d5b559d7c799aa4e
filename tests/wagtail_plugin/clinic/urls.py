import io
from itertools import count

from django.conf.urls.i18n import i18n_patterns
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

PAGE = b"<!DOCTYPE html><p>+7 495 123-45-67</p>"

times_made = count(1)


def plain(request):
    """A page that tells how often it was made, for the page cache."""
    return HttpResponse(PAGE + b"<i>%d</i>" % next(times_made))


def stream(request):
    return StreamingHttpResponse(PAGE[at : at + 5] for at in range(0, len(PAGE), 5))


def file(request):
    return FileResponse(io.BytesIO(PAGE), content_type="text/html")


def crash(request):
    raise RuntimeError("a mistake of the site's own")


REUSED = HttpResponse(PAGE)
REUSED["ETag"] = '"1"'
REUSED.set_cookie("theme", "dark")


def reused(request):
    """One object for everybody."""
    return REUSED


def streamed_as_told(request, length):
    """A stream that says it has so many bytes."""
    pieces = _one_by_one() if isinstance(request, ASGIRequest) else iter([PAGE])
    return StreamingHttpResponse(pieces, headers={"Content-Length": length, "ETag": '"1"'})


async def _one_by_one():
    yield PAGE


@csrf_exempt
def form(request):
    return HttpResponse(PAGE + request.body)


urlpatterns = [
    path("plain/", plain),
    path("stream/", stream),
    path("file/", file),
    path("crash/", crash),
    path("form/", form),
    path("reused/", reused),
    path("streamed-as-told/<int:length>", streamed_as_told),
    path("cms/", include(wagtailadmin_urls)),
    *i18n_patterns(path("site/", include(wagtail_urls))),
    path("", include(wagtail_urls)),
]
