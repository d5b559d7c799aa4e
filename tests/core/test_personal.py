import pytest

from callgraft.page import Head
from callgraft.personal import keep_private, of_a_new_body


def test_no_field_that_lets_a_shared_cache_keep_the_page_survives():
    head = Head(
        headers=(
            ("Content-Type", "text/html"),
            ("Cache-Control", "public, s-maxage=600"),
            ("cache-control", "max-age=60"),
            ("Expires", "Thu, 01 Jan 2037 00:00:00 GMT"),
            ("Surrogate-Control", "max-age=900"),
            ("CDN-Cache-Control", "max-age=900"),
            ("Cloudflare-CDN-Cache-Control", "max-age=900"),
            ("X-LiteSpeed-Cache-Control", "public,max-age=600"),
            ("Netlify-CDN-Cache-Control", "public, max-age=900, durable"),
            ("Vercel-CDN-Cache-Control", "max-age=900"),
            ("Edge-Control", "max-age=900"),
            ("X-Accel-Expires", "600"),
            ("Age", "5"),
            ("Pragma", "public"),
            ("Vary", "Accept-Encoding"),
        )
    )
    assert keep_private(head).headers == (
        ("Content-Type", "text/html"),
        ("Vary", "Accept-Encoding"),
        ("Cache-Control", "private, no-cache"),
    )


@pytest.mark.parametrize(
    ("site_says", "we_say"),
    [
        ("no-store", "private, no-cache, no-store"),
        ("no-cache, no-store, must-revalidate", "private, no-cache, no-store, must-revalidate"),
        ("private, max-age=5", "private, no-cache"),
    ],
)
def test_what_the_site_said_more_strictly_stays(site_says, we_say):
    head = keep_private(Head(headers=(("Cache-Control", site_says),)))
    assert head.headers == (("Cache-Control", we_say),)


def test_nothing_that_describes_the_old_bytes_survives_a_new_body():
    head = Head(
        headers=(
            ("ETag", '"abc"'),
            ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("Content-MD5", "Q2hlY2s="),
            ("Repr-Digest", "sha-256=:AAAA:"),
            ("Accept-Ranges", "bytes"),
            ("Content-Length", "12"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"),
        )
    )
    assert of_a_new_body(head, 34).headers == (
        ("Content-Length", "34"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
    )


def test_a_body_that_came_without_a_length_gets_one():
    assert of_a_new_body(Head(), 7).headers == (("Content-Length", "7"),)
