"""The text of a swapped page, as Chromium shows it: the original's with the number exchanged."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest

from callgraft.html import Targets, make_plan
from callgraft.phone import print_like, read
from callgraft.site import Target

MAIN = Target(key="main", number=read("+7 495 123-45-67"))
TARGETS = Targets.of([MAIN])
TRACKING = ["+7 499 000-00-01", "+7 4812 34-56-78", "+44 20 7946 0123"]
LOCAL, AREA, ABROAD = "8 (495) 123-45-67", "(495) 123-45-67", "+7 495 123-45-67"
HYDRATED = '<p id="p">+7 495 123-45-67</p><script>document.getElementById("p").textContent = '


class Case(NamedTuple):
    """A page, and all notations of the target that people read on it."""

    page: str
    shown: list[str]
    charset: str = "utf-8"
    script: bool = True


CASES = {
    "a paragraph": Case("<p>Звоните: 8 (495) 123-45-67!</p>", [LOCAL]),
    "three notations": Case(
        "<p>8 (495) 123-45-67, +7 495 123-45-67, 84951234567.", [LOCAL, ABROAD, "84951234567"]
    ),
    "split over tags": Case(
        "<span class='code'>(495)</span> <b>123</b>-<i>45</i>-67 и <b>8 (</b>495) 123-45-6<s>7</s>",
        [AREA, LOCAL],
    ),
    "one digit a tag": Case("".join(f"<i>{digit}</i>" for digit in "84951234567"), ["84951234567"]),
    "numeric references": Case("<p>&#56; (495) 1&#50;&#x33;-45-67</p>", [LOCAL]),
    "named references": Case("<p>&plus;7&lpar;495&rpar;123-45-67</p>", ["+7(495)123-45-67"]),
    "references without an end": Case("<p>8 (495) 12&#51-45-67</p>", [LOCAL]),
    "hard spaces": Case("8&nbsp;(495)&#160;123-45-67", ["8\u00a0(495)\u00a0123-45-67"]),
    "hard hyphens": Case("8 (495) 123&#8209;45&#x2011;67", ["8 (495) 123\u201145\u201167"]),
    "soft hyphens": Case("<p>8495&shy;123&shy;4567</p>", ["84951234567"]),
    "wbr": Case("<p>8 (495)<wbr> 123-<wbr>45-67</p>", [LOCAL]),
    "comments": Case("8 (495) 12<!-- 9 -->3-45<!---->-67 <!-- 84951234567 -->", [LOCAL]),
    "a table": Case(
        "<table><tr><td>Офис<td>8 (495) 123-45-67<tr><td>Склад<td>8 (495) 765-43-21</table>",
        [LOCAL],
    ),
    "two cells are no number": Case("<table><td>8 495<td>123-45-67</table>", []),
    "lines": Case("<p>Москва<br>8 (495) 123-45-67<br>до 20:00", [LOCAL]),
    "uppercase tags": Case("<P>8 (<B>495</B>) 123-45-67<BR>", [LOCAL]),
    "a template": Case("<template>8 (495) 123-45-67</template><p>(495) 123-45-67", [AREA]),
    "a template put in by a script": Case(
        "<body><template id=t><b>8 (495) 123-45-67</b></template><script>"
        "document.body.append(document.getElementById('t').content)</script>",
        [LOCAL],
    ),
    "noscript": Case("<noscript>8 (495) 123-45-67</noscript>", [LOCAL], script=False),
    "SVG": Case('<svg><text y="20">8 (495) <tspan>123</tspan>-45-67</text></svg>', [LOCAL]),
    "a title in SVG": Case("<svg><title/></svg><p>(495) 123-45-67", [AREA]),
    "srcdoc": Case(
        '<iframe srcdoc="<p>8 (<b>495</b>) 123-45-67</p>"></iframe>8 (495) 765-43-21', [LOCAL]
    ),
    "unclosed tags": Case("<div><p><b>8 (495) <i>123-45-67<div>(495) 123-45-67", [LOCAL, AREA]),
    "wrongly nested tags": Case("<b>8 <i>(495)</b> 123-45</i>-67</p></div>", [LOCAL]),
    "attributes without quotes": Case("<a href=tel:84951234567 title=x>8 (495) 123-45-67", [LOCAL]),
    "an attribute with >": Case('<a title=">">8 (495) 123-45-67</a>', [LOCAL]),
    "windows-1251": Case(
        "Тел.: 8\u00a0495\u00a0123\u201345–67", ["8\u00a0495\u00a0123–45–67"], "cp1251"
    ),
    "koi8-r": Case("Тел.: 8\u00a0495\u00a0123-45-67 Ж", ["8\u00a0495\u00a0123-45-67"], "koi8-r"),
    "shift_jis": Case("<p>電話 +7 495 123-45-67 です", [ABROAD], "shift_jis"),
    "wide digits": Case("<p>８ (４９５) １２３-45-67</p>", ["８ (４９５) １２３-45-67"]),
    "a part that is kept": Case(
        "<p data-callgraft=keep>(495) 123-45-67</p><p>8 (495) 123-45-67", [LOCAL]
    ),
    "markup in state": Case(
        f'<script id="s" type="application/json">{{"a": "<b>+7 495<\\/b> 123-45-67"}}'
        f'</script>{HYDRATED}JSON.parse(s.textContent).a.replace(/<.*?>/g, "")</script>',
        [ABROAD],
    ),
    "a title": Case("<title>Окна 8 (495) 123-45-67 &amp; двери</title>Окна", [LOCAL]),
    "open details": Case(
        "<details open><summary>Где?</summary>8 (495) 123-45-67</details>", [LOCAL]
    ),
    "a summary": Case("<details><summary>8 (495) 123-45-67</summary>495</details>", [LOCAL]),
    "right to left": Case("<p dir=rtl>טלפון: +7 495 123-45-67 שלום</p>", [ABROAD]),
    "capitals by CSS": Case("<p style='text-transform:uppercase'>тел. 8 (495) 123-45-67", [LOCAL]),
    "a hidden element": Case("<p hidden>8 (495) 123-45-67</p><p>(495) 123-45-67", [AREA]),
    "pre": Case("<pre>\n  (495) 765-43-28\n  (495) 123-45-67\n\tБ</pre>", [AREA]),
    "buttons and labels": Case("<button>8 (495) 123-45-67</button><label>45</label>", [LOCAL]),
    "an option": Case("<select><option>8 (495) 123-45-67</select>", [LOCAL]),
    "fields stay": Case('<input value="84951234567"><textarea>8 (495) 123-45-67</textarea>', []),
    "state assigned": Case(
        f'<script>window.__STATE__ = {{"phone": "\\u002B7 495 123-45-67"}}</script>{HYDRATED}'
        "window.__STATE__.phone</script>",
        [ABROAD],
    ),
    "state as data": Case(
        '<script id="__NEXT_DATA__" type="application/json">{"a": ["+7 495\\u0020123-45-67"]}'
        f'</script>{HYDRATED}JSON.parse(document.getElementById("__NEXT_DATA__").textContent).a[0]'
        "</script>",
        [ABROAD],
    ),
    "data attributes": Case(
        f'<i id="d" data-phone="+7 495 123-45-67"></i>{HYDRATED}d.dataset.phone</script>', [ABROAD]
    ),
    "a script's own text": Case("<script>document.write('8 (495) 123-45-67')</script>", []),
    "an old script": Case(
        "<script><!--\nvar a = '<script>';\n//--></script>8 (495) 123-45-67", [LOCAL]
    ),
    "XHTML": Case('<p xmlns="x">8 (495)<br/>765<br/></p><p>8 (495) 123-45-67<hr/></p>', [LOCAL]),
    "a conditional comment": Case(
        "<!--[if IE]>8 (495) 123-45-67<![endif]-->(495) 123-45-67", [AREA]
    ),
    "false friends": Case("<p>14951234567, 4951234567.5, +1 495 123-45-67, 84951234567890", []),
    "an extension": Case("<p>8 (495) 123-45-67, доб. 123</p>", [LOCAL]),
}


@pytest.fixture(scope="module")
def pages():
    """Address → (body, content type) that a server on this machine answers with."""
    answers = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body, content_type = answers.get(self.path, (b"", "text/html"))
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        answers["address"] = f"http://127.0.0.1:{server.server_port}"
        yield answers
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def tabs(chromium):
    """A tab with scripts and one without: {True: …, False: …}."""
    contexts = {
        script: chromium.new_context(java_script_enabled=script) for script in (True, False)
    }
    yield {script: context.new_page() for script, context in contexts.items()}
    for context in contexts.values():
        context.close()


def read_by_people(tab, pages, body: bytes, content_type: str) -> list[str]:
    """The title, the text of the page and of the frames in it, and what its fields hold."""
    pages["/"] = body, content_type
    tab.goto(pages["address"])
    texts = [frame.evaluate("document.body.innerText") for frame in tab.frames]
    # Nobody sees a soft hyphen, so it does not matter between which digits it stands.
    return [tab.title(), *(text.replace("\u00ad", "") for text in texts), *tab.evaluate(FIELDS)]


FIELDS = "[...document.querySelectorAll('input, textarea')].map(field => field.value)"


@pytest.mark.parametrize("number", TRACKING)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_people_read_the_same_text_with_another_number(tabs, pages, case, number):
    tracking = read(number)
    tab, content_type = tabs[case.script], f"text/html; charset={case.charset}"
    page = f"<!DOCTYPE html>{case.page}".encode(case.charset)
    swapped = make_plan(page, TARGETS, content_type=content_type).swap({"main": tracking})
    expected = "\0".join(read_by_people(tab, pages, page, content_type))
    for written in sorted(case.shown, key=len, reverse=True):
        assert written in expected
        expected = expected.replace(written, print_like(written, MAIN.number, tracking))
    assert "\0".join(read_by_people(tab, pages, swapped, content_type)) == expected
