"""Images that show a number: how large they are, and the same size drawn with another number."""

from __future__ import annotations

from callgraft.images.drawing import MEDIA_TYPE, Drawing
from callgraft.images.size import size_of

__all__ = ["MEDIA_TYPE", "Drawing", "size_of"]
