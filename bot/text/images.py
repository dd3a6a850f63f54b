"""The kinds of images that browsers show, told by how a file begins."""

import re

_HEAD = 4096  # bytes at the beginning of an SVG among which its first element stands
_PROLOGUE = re.compile(r"<(?:\?|!--|!DOCTYPE)[^<>]*+>")


def image_kind(content: bytes) -> str:
    """Return 'png', 'jpeg', 'webp' or 'svg', which is also a file's suffix; empty for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    head = _PROLOGUE.sub("", content[:_HEAD].decode("utf-8", errors="replace"))
    return "svg" if re.match(r"\ufeff?\s*+<svg\b", head) else ""
