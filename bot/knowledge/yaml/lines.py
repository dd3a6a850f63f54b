"""A line of YAML as typed: its parts, and its value in the right quotes."""

import re
from dataclasses import dataclass

_VALUE = r"(?:[^ \n]++|[ ](?=[^ ])|[ ]{2,}+(?![#][ ]|\Z))*"  # up to a comment, or the spaces at the end
_LINE = re.compile(
    rf"""(?P<indent>[ ]*+)(?P<dashes>(?:-[ ]++)*)(?!-[ ])
    (?P<key>(?:"[^"]*+"|'[^']*+'|[^\W\d][\w-]*+)[ ]*+:[ ]++)?
    (?P<value>{_VALUE})(?P<comment>[ ]{{2,}}+\#[ ].*+)?[ ]*+""",
    re.VERBOSE,
)
LINE_BREAK = re.compile(r"\r\n?|\n")
HIDDEN_BREAKS = re.compile("[\x85\u2028\u2029]")  # YAML breaks lines there, editors show none
_FIELD = re.compile(r"[a-z][a-z_]*:(?: +|$)")  # after a dash: `title: …` is a key, `Fiche : …` a question


@dataclass(frozen=True)
class YamlLine:
    """The parts of a line, which is `before + value + comment`; `before` holds indentation, dashes and key."""

    before: str
    value: str
    comment: str = ""

    def with_value(self, value: str) -> str:
        return self.before + value + self.comment

    @property
    def quoted(self) -> str:
        return self.with_value(quote(self.value))


def parse_line(line: str) -> YamlLine:
    match = _LINE.fullmatch(line)
    if match is None:
        return YamlLine("", line)
    indent, dashes, key, value, comment = match.groups("")
    if dashes and not _FIELD.fullmatch(key):
        return YamlLine(indent + dashes, key + value, comment)
    return YamlLine(indent + dashes + key, value, comment)


def is_field(text: str) -> bool:
    return _FIELD.match(text) is not None


def parse_item(line: str) -> YamlLine | None:
    """Parse a line as a list item, colons included in its value; None if it is none."""
    match = re.fullmatch(rf"( *+(?:- ++)+)(?!- )({_VALUE})((?: {{2,}}+# .*+)?) *+", line)
    return YamlLine(*match.groups()) if match else None


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def text_column(line: str) -> int:
    """Return the column where the text begins, after indentation and dashes."""
    return len(line) - len(re.sub(r"^ *(?:- +)*", "", line))


def quote(text: str) -> str:
    """Return the text as one YAML scalar on one line, in the quotes that need the least escaping."""
    if not re.search(r'["\\\n]', text):
        return f'"{text}"'
    if "'" not in text and "\n" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def strip_smart_quotes(text: str) -> str:
    """Return the text inside “…”, empty if there is text outside the quotes."""
    match = re.fullmatch(r"[“„‟]([^“„‟”]*)[”“‟]|‘([^‘’]*)’", text) if text[:1] in "“„‟‘" else None
    return (match[1] or match[2] or "").strip() if match else ""


def requote(value: str) -> str:
    """Quote again a value with broken quotes.

    `"Le "tiers-lieu" ici"` was meant to be quoted as a whole, `"Tiers-lieu" et "fablab"` was not.
    """
    mark = value[0]
    inner = value[1:-1] if len(value) > 1 and value.endswith(mark) else value[1:]
    second = inner.find(mark)
    opens = second <= 0 or inner[second - 1] in " (" or (mark == "'" and inner[second + 1 : second + 2].isalnum())
    return quote(inner.replace("''", "'") if opens else value)
