"""An image of a number, drawn anew with another number in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from callgraft.images.size import Size, size_of
from callgraft.phone import Number, print_like
from callgraft.site import Target
from callgraft.subresources import Image

MEDIA_TYPE = "image/svg+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What `html.Plan` is for a page: ``body`` is the image as the site sent it."""

    body: bytes
    image: Image
    target: Target

    @property
    def targets(self) -> frozenset[str]:
        return frozenset((self.image.target,))

    def swap(self, numbers: Mapping[str, Number]) -> bytes:
        """Return an SVG with the tracking number, or ``body`` where there is none."""
        number = numbers.get(self.image.target)
        if number is None:
            return self.body
        text = print_like(self.image.notation, self.target.number, number)
        return draw(text, self.image, self._size(text))

    def _size(self, text: str) -> Size:
        """As the document says, else as the image is; one side alone keeps the proportions."""
        image = self.image
        there = size_of(self.body) or _usual(text, image)
        if image.width and image.height:
            return image.width, image.height
        if image.width:
            return image.width, image.width * there[1] / there[0]
        if image.height:
            return image.height * there[0] / there[1], image.height
        return there


def draw(text: str, image: Image, size: Size) -> bytes:
    """Return an SVG of ``size`` that shows ``text`` as ``image`` says, never wider than itself."""
    width, height = size
    wide = _ems(text, bold=image.bold)
    font_size = image.font_size or min(height * _OF_HEIGHT, width / wide)
    length = min(font_size * wide, width)
    x, anchor = {"left": (0.0, "start"), "center": (width / 2, "middle")}.get(
        image.align, (width, "end")
    )
    attributes = {
        "x": _plain(x),
        # The middle of digits, which have no descenders, is above that of the line.
        "y": _plain(height / 2 + font_size * _HALF_DIGIT),
        "text-anchor": anchor,
        # Another font than the one that was meant must not make the number leave the image.
        "textLength": _plain(length),
        "lengthAdjust": "spacingAndGlyphs",
        "font-family": image.font,
        "font-size": _plain(font_size),
        "font-weight": "bold" if image.bold else "normal",
        "fill": image.color,
    }
    told = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    w, h = _plain(width), _plain(height)
    ground = f'<rect width="100%" height="100%" fill={quoteattr(image.background)}/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}"'
        f' role="img" aria-label={quoteattr(text)}>'
        f"{'' if image.background == 'none' else ground}"
        f'<text xml:space="preserve" {told}>{escape(text)}</text></svg>\n'
    ).encode()


def _usual(text: str, image: Image) -> Size:
    height = (image.font_size or 20) / _OF_HEIGHT
    return _ems(text, bold=image.bold) * (image.font_size or 20), height


def _ems(text: str, *, bold: bool) -> float:
    """How wide Arial prints ``text``, in sizes of the font."""
    width = sum(_EMS.get(char, _OTHER_EM) for char in text)
    return max(width * (_BOLDER if bold else 1.0), _OTHER_EM)


def _plain(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


_OF_HEIGHT = 0.8
"""The size of a font whose line fills an image's height."""
_HALF_DIGIT = 0.36
_EMS = {**dict.fromkeys(" .,/\u00a0", 0.278), **dict.fromkeys("()-\u2011", 0.333), "+": 0.584}
_OTHER_EM = 0.556
_BOLDER = 1.04
