"""Letters without their accents, and names made of such letters."""

import re
import unicodedata
from functools import lru_cache

LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})
_MAX_CACHED = 5_000  # characters


class _Bare(dict[int, str]):
    """Each character without its accents, cached."""

    def __missing__(self, code: int) -> str:
        plain = "".join(c for c in unicodedata.normalize("NFD", chr(code)) if unicodedata.category(c) != "Mn")
        if len(self) < _MAX_CACHED:
            self[code] = plain
        return plain


_BARE = _Bare()


def bare(text: str) -> str:
    """Return the text without accents."""
    return text if text.isascii() else text.translate(_BARE)


@lru_cache(maxsize=20_000)  # each edit and each load of the knowledge compares the same texts
def plain_words(text: str) -> str:
    """Return the words of a text without case, accents, ligatures and punctuation, to compare texts by."""
    return " ".join(re.findall(r"[^\W_]+", bare(text.translate(LIGATURES)).casefold()))


def slug(text: str, longest: int = 80) -> str:
    """Return as many ASCII words as fit, joined by hyphens: `Prêt & matériel` gives `pret-materiel`."""
    letters = unicodedata.normalize("NFKD", text.translate(LIGATURES)).encode("ascii", "ignore").decode().lower()
    words = re.findall("[a-z0-9]+", letters)
    while len(words) > 1 and len("-".join(words)) > longest:
        words.pop()
    return "-".join(words)[:longest].strip("-")
