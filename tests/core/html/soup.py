"""Random pages for property-based tests: HTML as bad as the web's, with and without numbers."""

from __future__ import annotations

from hypothesis import strategies as st

NOTATIONS = (
    "+7 495 123-45-67",
    "+74951234567",
    "8 (495) 123-45-67",
    "84951234567",
    "(495) 123-45-67",
    "8&nbsp;495&nbsp;123&#8209;45&ndash;67",
    "8 (<b>495</b>) 123<wbr>-45-<i class='4'>67</i>",
    "&#43;7 495 1&#50;3-45-67",
    "8 4<!-- 5 -->95 1234567",
)
DECOYS = (
    "14951234567",
    "+1 495 123-45-67",
    "4951234567.5",
    "id4951234567",
    "<td>8 495</td><td>123-45-67</td>",
    "+7 495 123-45-68",
    "8 495 123 45 67 89",
)
MARKUP = (
    *("<", ">", '"', "'", "=", "&", "/", "!", "-", "--", "-->", "<!--", "<!", "<?", "</", "]]>"),
    *("<p>", "</p>", "<br>", "<b>", "</b>", "<a href=", "<a title='", '<a title="', "<td>"),
    *('<a href="tel:', "<a href='https://wa.me/", '">', "'>", "<input value=", "<button value="),
    *("<script>", "</script>", "</SCRIPT ", "<style>", "</style", "<title>", "</title>"),
    *('<script type="application/json">', "<script type=application/ld+json>", "<textarea>"),
    *("</textarea>", "<svg>", "</svg>", "<![CDATA[", "<svg/>", "<desc>", "</desc>", "<plaintext>"),
    *("<meta content=", " name=description>", " type=submit>", " x=y ", "\n", "&nbsp;", "&amp"),
    *("\u00a0", "Звоните", "é", "\u2011", "495", "8", "+7", "123", "45-67", " ", "(", ")", "."),
)
CALM = (
    "<p>",
    "</p>",
    "<br>",
    "<b>",
    "</b>",
    "текст ",
    "<img alt='x'>",
    " ",
    ", ",
    "<td>",
    "a<",
    "&",
)

chunks = st.one_of(
    st.sampled_from(MARKUP),
    st.sampled_from(NOTATIONS),
    st.sampled_from(DECOYS),
    st.text(max_size=4),
)
soup = st.lists(chunks, max_size=40).map("".join)


@st.composite
def notations(draw: st.DrawFn) -> str:
    """The target as somebody may write it: any separators, digits as references, inside of tags."""
    gap = st.sampled_from((" ", "-", "\u00a0", "&nbsp;", "&#8209;", "<wbr>", "<!-- 1 -->", "&shy;"))
    area = draw(
        st.sampled_from(("495", "(495)", "<b>495</b>", "(<i>495</i>)", "4&#57;5", "&#x34;95"))
    )
    parts = [area, draw(st.sampled_from(("123", "12&#51;", "1<u>23</u>"))), "45", "67"]
    prefix = draw(st.sampled_from(("", "8", "+7", "&#43;7", "&#56;")))
    return draw(gap).join([prefix] * bool(prefix) + [parts[0]]) + "".join(
        draw(gap) + part for part in parts[1:]
    )


charsets = st.sampled_from(
    ("utf-8", "windows-1251", "koi8-r", "iso-8859-5", "gb18030", "shift_jis")
)
content_types = st.sampled_from(
    (None, "text/html", "text/html; charset=utf-8", "text/html; charset=windows-1251")
)
