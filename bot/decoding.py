"""Bytes from outside as text: files, mails, answers of servers. Pure.

Whoever sends them may name a character set. Python knows codecs that are none, or that take time by the square of the
length: punycode needs minutes for 500 kB. So nothing from outside is decoded by its own name for it, but here.
"""

import codecs
from contextlib import suppress

CHARSETS = frozenset(
    [
        *("utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be", "utf-32-le"),
        *(f"iso8859-{part}" for part in range(1, 17) if part != 12),
        *(f"cp{page}" for page in (437, 850, 852, 858, 866, *range(1250, 1259))),
        *("koi8-r", "koi8-u", "mac-roman", "big5", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk", "iso2022_jp"),
        "shift_jis",
    ]
)
"""Names as Python's `codecs` have them, beside ASCII and UTF-8, which are tried in any case."""

_LONGEST_NAME = 40  # characters; Python looks for a module of that name
_WIDE = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"} | dict.fromkeys(
    (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "utf-16"
)


def decoded(raw: bytes, charset: str | None = None) -> str:
    """Return the text by the character set that is named, if it fits; else by UTF-8, or what Windows programs write."""
    if wide := next((name for mark, name in _WIDE.items() if raw.startswith(mark)), None):
        return raw.decode(wide, "replace")
    names = ["utf-8-sig", "cp1252"]
    with suppress(LookupError, ValueError):
        name = codecs.lookup((charset or "")[:_LONGEST_NAME]).name
        names = [name, *names] if name in CHARSETS else names
    for name in names:
        with suppress(UnicodeDecodeError):
            return raw.decode(name)
    return raw.decode("latin-1")  # reads everything
