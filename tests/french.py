"""Typography of French sentences, in the wording and on pages."""

import re

# What is typed or addressed is no French sentence: code, addresses, what the code fills in.
_NOT_PROSE = re.compile(r"`[^`]*`|https?://\S+|\{\w+\}")
_SLIP = re.compile(r"[^\u00a0\u202f:;!?][;?!»]|[^\u00a0\u202f]:(?=\s|$)|«(?!\u00a0)|·|\w'\w")


def slips(sentence: str) -> list[str]:
    """Missing no-break spaces, straight apostrophes, middle dots."""
    return _SLIP.findall(_NOT_PROSE.sub("x", sentence))
