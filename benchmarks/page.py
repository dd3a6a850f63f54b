"""Fill the marked regions of a page: what stands between `<!-- bench:NAME -->` and `<!-- /bench -->` is generated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_REGION = re.compile(r"(<!-- bench:([a-z-]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)


class UnknownRegion(Exception):
    """A page marks a region that nothing is generated for."""


def filled(text: str, regions: Mapping[str, str]) -> str:
    """Raises UnknownRegion."""

    def fill(found: re.Match[str]) -> str:
        if found[2] not in regions:
            raise UnknownRegion(f"bench:{found[2]}; there are: {', '.join(sorted(regions))}")
        return f"{found[1]}{regions[found[2]].strip()}\n{found[3]}"

    return _REGION.sub(fill, text)


def fill(page: Path, regions: Mapping[str, str]) -> bool:
    """Whether the page is there and has changed."""
    if not page.exists():
        return False
    before = page.read_text(encoding="utf-8")
    after = filled(before, regions)
    page.write_text(after, encoding="utf-8")
    return after != before
