"""What a page loads besides itself and numbers are put into as well: listed bodies, images."""

from __future__ import annotations

from dataclasses import dataclass

from callgraft.media import FORMS
from callgraft.patterns import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """Addresses whose JSON, XML, plain text or Turbo Streams are swapped; of which ``forms``."""

    paths: tuple[Pattern, ...]
    forms: frozenset[str] = FORMS

    def lists(self, path: str) -> bool:
        """Whether ``path``, as people write it, is one of them."""
        return any(pattern.matches(path) for pattern in self.paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """
    An image that shows a target, and how it is drawn with a tracking number instead.

    ``notation`` is the target as the image shows it. Without ``width`` and ``height`` the drawing
    is as large as the image was; without ``font_size`` the text is as large as fits.
    """

    url: Pattern
    target: str
    notation: str
    width: float | None = None
    height: float | None = None
    color: str = "#000"
    background: str = "none"
    font: str = "Arial, Helvetica, sans-serif"
    font_size: float | None = None
    bold: bool = False
    align: str = "left"
