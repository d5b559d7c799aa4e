"""The sections [[bodies]] and [[images]] of a Site document, and their mistakes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from callgraft import read_site
from callgraft.errors import SiteErrors
from callgraft.media import FORMS
from callgraft.patterns import Pattern
from callgraft.subresources import Bodies, Image

SMALL = '[site]\nkey = "okna"\nregion = "RU"\n[targets.main]\nnumber = "+7 495 123-45-67"\n'


def site(more: str):
    return read_site(SMALL + more)


def test_bodies_are_listed_by_path_and_by_type():
    [one, other] = site(
        '[[bodies]]\npaths = ["/api/*", "re:^/v[0-9]+$"]\ntypes = ["json"]\n'
        '[[bodies]]\npaths = ["/feed.xml"]\n'
    ).bodies
    assert one == Bodies(
        paths=(Pattern("/api/*"), Pattern("re:^/v[0-9]+$")), forms=frozenset({"json"})
    )
    assert other.forms == FORMS == {"json", "xml", "text", "turbo-stream"}


def test_an_image_needs_its_address_and_its_target_only():
    [image] = site('[[images]]\nurl = "/img/phone*.png"\ntarget = "main"\n').images
    assert image == Image(
        url=Pattern("/img/phone*.png"), target="main", notation="+7 495 123-45-67"
    )


def test_an_image_says_how_it_is_drawn():
    [image] = site(
        '[[images]]\nurl = "/p.png"\ntarget = "main"\nnotation = "8 (495) 123-45-67"\nwidth = 220\n'
        'height = 32.5\ncolor = "navy"\nbackground = "#fe0"\nfont = "Roboto"\nfont_size = 20\n'
        'bold = true\nalign = "right"\n'
    ).images
    assert image == Image(
        url=Pattern("/p.png"),
        target="main",
        notation="8 (495) 123-45-67",
        width=220,
        height=32.5,
        color="navy",
        background="#fe0",
        font="Roboto",
        font_size=20,
        bold=True,
        align="right",
    )


def test_the_readme_shows_sections_without_a_mistake():
    readme = Path(__file__).parents[2] / "core/README.md"
    text = readme.read_text(encoding="utf-8")
    shown = "\n".join(re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    read = read_site(SMALL + shown, environ={"OKNA_STAFF": "+79160000003"})
    assert [sorted(each.forms) for each in read.bodies] == [["json", "xml"]]
    assert [image.notation for image in read.images] == ["8 (495) 123-45-67"]


def body(line: str) -> str:
    return f"[[bodies]]\n{line}\n"


def image(line: str) -> str:
    return f'[[images]]\nurl = "/p.png"\ntarget = "main"\n{line}\n'


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (body(""), 'bodies[0].paths: it needs a path. Write paths = ["/api/contacts*"].'),
        (
            body('paths = "/api"'),
            "bodies[0].paths = '/api': it takes a list, not text. "
            'Write paths = ["/api/contacts*"].',
        ),
        (
            body('paths = ["api/contacts"]'),
            "bodies[0].paths[0] = 'api/contacts': no path: it does not begin with /. "
            'Write it like "/api/contacts*", with * for any characters.',
        ),
        (
            body('paths = ["https://okna.example/api/1?b=2"]'),
            "bodies[0].paths[0] = 'https://okna.example/api/1?b=2': a path stands here, without"
            ' scheme and host. Write it like "/api/1", with * for any characters.',
        ),
        (
            body('paths = ["re:/api/("]'),
            "bodies[0].paths[0] = 're:/api/(': no regular expression:",
        ),
        (
            body('paths = ["/a"]\ntypes = ["application/jsn"]'),
            "bodies[0].types[0] = 'application/jsn': there is no such type of body. "
            'Did you mean "json"?',
        ),
        (
            body('paths = ["/a"]\ntypes = []'),
            'bodies[0].types = []: it is empty. Write types = ["json"], or leave it out for all.',
        ),
        (
            body('path = ["/a"]\npaths = ["/a"]'),
            'there is no such key here. Did you mean "paths"?',
        ),
        ('[[images]]\ntarget = "main"\n', 'images[0].url: it is missing. Write url = "/img/phone.'),
        (
            '[[images]]\nurl = "/p.png"\ntarget = "mian"\n',
            "images[0].target = 'mian': there is no such target. Did you mean \"main\"?",
        ),
        ('[[images]]\nurl = "/p.png"\n', "images[0].target: it is missing."),
        (
            image('notation = "8 (495) 765-43-21"'),
            "images[0].notation = '8 (495) 765-43-21': it does not show the target main,"
            " +74951234567. Write that number as the image shows it, like",
        ),
        (
            image('width = "220px"'),
            "images[0].width = '220px': it takes pixels, from 1 to 4096, not text. "
            "Write width = 20, without quotes.",
        ),
        (image("height = 0"), "images[0].height = 0: it takes pixels, from 1 to 4096."),
        (image("width = true"), "images[0].width = true: it takes pixels, from 1 to 4096, not"),
        (
            image('color = "url(#x)"'),
            "images[0].color = 'url(#x)': no colour. "
            'Write color = "#1a2b3c", or a name of CSS like "navy".',
        ),
        (
            image('align = "centre"'),
            "images[0].align = 'centre': there is no such alignment. Did you mean \"center\"?",
        ),
        (image('bold = "yes"'), "images[0].bold = 'yes': it is true or false, not text."),
        (
            image('colour = "navy"'),
            "images[0].colour = 'navy': there is no such key here. Did you mean \"color\"?",
        ),
        (f'{image("")}font = "{"a" * 201}"', "longer than 200 characters. Name fewer fonts."),
    ],
)
def test_a_mistake_names_the_key_the_value_and_the_cure(more, told):
    with pytest.raises(SiteErrors) as found:
        site(more)
    assert told in str(found.value)
