"""One line of YAML as somebody typed it: its parts, and how it would be right."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VALUE = r"(?:[^ \n]++|[ ](?=[^ ])|[ ]{2,}+(?![#][ ]|\Z))*"  # up to a remark, or the spaces at the end
_LINE = re.compile(
    rf"""(?P<indent>[ ]*+)(?P<dashes>(?:-[ ]++)*)(?!-[ ])
    (?P<key>(?:"[^"]*+"|'[^']*+'|[^\W\d][\w-]*+)[ ]*+:[ ]++)?
    (?P<value>{_VALUE})(?P<comment>[ ]{{2,}}+\#[ ].*+)?[ ]*+""",
    re.VERBOSE,
)
_FIELD = re.compile(r"[a-z][a-z_]*:(?: +|$)")  # after a dash: `title: …` is a key, `Fiche : …` is what somebody asks


@dataclass(frozen=True)
class YamlLine:
    """`before + value + comment` is the line; `before` holds indentation, dashes and key."""

    before: str
    value: str
    comment: str = ""

    def with_value(self, value: str) -> str:
        return self.before + value + self.comment

    @property
    def quoted(self) -> str:
        return self.with_value(quote(self.value))


def parts(line: str) -> YamlLine:
    found = _LINE.fullmatch(line)
    if found is None:
        return YamlLine("", line)
    indent, dashes, key, value, comment = (
        found[name] or "" for name in ("indent", "dashes", "key", "value", "comment")
    )
    if dashes and not _FIELD.fullmatch(key):
        return YamlLine(indent + dashes, key + value, comment)
    return YamlLine(indent + dashes + key, value, comment)


def is_field(text: str) -> bool:
    return _FIELD.match(text) is not None


def item(line: str) -> YamlLine | None:
    """The line as one item of a list, whatever colons stand in it; None: it is no item."""
    found = re.fullmatch(rf"( *+(?:- ++)+)(?!- )({_VALUE})((?: {{2,}}+# .*+)?) *+", line)
    return YamlLine(*found.groups()) if found else None


def width(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def start(line: str) -> int:
    """The column where the text begins, after indentation and dashes."""
    return len(line) - len(re.sub(r"^ *(?:- +)*", "", line))


def quote(text: str) -> str:
    """The text as one YAML scalar in quotes, in the quotes that need the least signs in it."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def scalar(text: str) -> str:
    """The text as it may stand after a key or a dash: bare where that is safe."""
    bare = re.fullmatch(r"[^\W_][^:#\"'\[\]{},&*!|>%@`\n]*", text) and text.strip() == text
    return text if bare else quote(text)


def unsmart(text: str) -> str:
    """What stands between “ and ”, where that is all there is; else nothing."""
    found = re.fullmatch(r"[“„‟]([^“„‟”]*)[”“‟]|‘([^‘’]*)’", text) if text[:1] in "“„‟‘" else None
    return (found[1] or found[2] or "").strip() if found else ""


def requote(value: str) -> str:
    """A value whose quotes do not fit, in quotes that do; the same words.

    `"Le "tiers-lieu" ici"` was meant to be quoted as a whole, `"Tiers-lieu" et "fablab"` was not.
    """
    sign = value[0]
    inner = value[1:-1] if len(value) > 1 and value.endswith(sign) else value[1:]
    second = inner.find(sign)
    opens = (
        second < 0
        or second == 0
        or inner[second - 1] in " ("
        or (sign == "'" and inner[second + 1 : second + 2].isalnum())
    )
    return quote(inner.replace("''", "'") if opens else value)
