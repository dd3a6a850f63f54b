"""The kinds of images that browsers show, told by how a file begins."""

from __future__ import annotations

import re

_KINDS = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "svg": re.compile(rb"(?:\xef\xbb\xbf)?\s*+(?:<(?:\?|!--|!DOCTYPE)[^>]*+>\s*+)*+<svg\b"),
}


def image_kind(content: bytes) -> str:
    """Return 'png', 'jpeg', 'webp' or 'svg', which is also a file's suffix; empty for anything else."""
    return next((kind for kind, start in _KINDS.items() if start.match(content)), "")
