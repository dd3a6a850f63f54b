"""Texts that are hard for a pattern: runs of its own parts, behind what leads up to them, before what must fail."""

import itertools
import re
import re._compiler as compiler  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_PALETTE = "a Z1é\n\t_-.,:;!?'\"()[]{}<>/\\@#*`~|=+&%$^\u00a0’·😀\x00"
_REPEATS = {parser.MAX_REPEAT, parser.MIN_REPEAT, parser.POSSESSIVE_REPEAT}
_SINGLE = {parser.LITERAL, parser.NOT_LITERAL, parser.IN, parser.ANY}
_LOOKS = {parser.ASSERT, parser.ASSERT_NOT}
_FAILING = ("", "\x00", "!a")


@dataclass(frozen=True)
class Text:
    """`head`, then each of `units` as often as there is room, one after the other, then `tail`.

    `stairs`: the first unit once, twice, three times …, the second behind each.
    """

    head: str
    units: tuple[str, ...]
    tail: str
    stairs: bool = False

    def of(self, length: int) -> str:
        if self.stairs:
            return "".join(self.units[0] * step + self.units[1] for step in range(1, int((2 * length) ** 0.5)))
        room = max(0, length - len(self.head) - len(self.tail)) // len(self.units)
        return self.head + "".join(unit * (room // len(unit)) for unit in self.units) + self.tail

    def __str__(self) -> str:
        if self.stairs:
            return f"{self.units[0]!r} once, twice, three times …, with {self.units[1]!r} behind each"
        return " + ".join([repr(self.head), *(f"n * {unit!r}" for unit in self.units), repr(self.tail)])


class Parts:
    """What a pattern is made of: characters that it tells apart, and short texts that its parts match."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.tree = parser.parse(pattern, flags)
        self.flags = self.tree.state.flags
        self.groups: dict[int, str] = {}
        self.singles = {str(item): self._matcher(item) for item in _items(self.tree) if item[0] in _SINGLE}
        self.characters = self._told_apart()

    def _matcher(self, item: Any) -> re.Pattern[str]:
        alone = parser.SubPattern(parser.State(), [item])
        alone.state.flags = self.flags
        return compiler.compile(alone, self.flags)  # type: ignore[no-any-return]

    def _told_apart(self) -> list[str]:
        """One of all that no part of the pattern distinguishes. Letters of its words count as letters."""
        literals = {chr(item[1]) for item in _items(self.tree) if item[0] in (parser.LITERAL, parser.NOT_LITERAL)}
        within = {char for item in _items(self.tree) if item[0] is parser.IN for char in _named(item)}
        kinds = {key: form for key, form in self.singles.items() if "NOT_LITERAL" in key or "LITERAL" not in key[:9]}
        signs = sorted(char for char in literals | within if not char.isalnum())
        found: dict[tuple[object, ...], str] = {}
        for char in [*_PALETTE, *signs, *sorted(within)]:
            look = tuple(form.match(char) is not None for form in kinds.values())
            found.setdefault((look, char.isspace(), char.isalnum() or char == "_", char in signs and char), char)
        return list(found.values())

    def sample(self, items: Any, full: bool = False) -> str:
        """A short text that they match; `full`: with all that may be left out."""
        return "".join(self._one(item, full) for item in items)

    def _one(self, item: Any, full: bool) -> str:
        kind, value = item
        if kind in _SINGLE:
            return self.matching(item)[0]
        if kind is parser.GROUPREF:
            return self.groups.get(value, "")
        inner = _inside(item)
        if not inner or (kind in _LOOKS and (kind is parser.ASSERT_NOT or value[0] > 0)):
            return ""
        text = self.sample(inner[-1 if full else 0], full)
        if kind in _REPEATS:
            return text * int(min(max(value[0], int(full)), int(value[1])))
        return self.groups.setdefault(value[0], text) if kind is parser.SUBPATTERN and value[0] else text

    def matching(self, item: Any) -> list[str]:
        """The characters that one part matches."""
        if item[0] is parser.LITERAL:
            return [chr(item[1])]
        form = self.singles[str(item)]
        return [char for char in self.characters if form.match(char)] or [_any(form)]

    def places(self, items: Any, heads: Sequence[str] = ("",)) -> Iterator[tuple[str, Any, int]]:
        """(what leads up to it, body, the most) of each repeat, wherever it stands."""
        for index, item in enumerate(items):
            before = list(dict.fromkeys(self.sample(items[:index], full) for full in (False, True)))
            leading = list(dict.fromkeys(head + text for head in heads for text in before))[:4]
            if item[0] in _REPEATS:
                yield from ((head, item[1][2], int(item[1][1])) for head in leading)
            for inner in _inside(item):
                yield from self.places(inner, leading)


def texts(pattern: str, flags: int) -> list[Text]:
    parts = Parts(pattern, flags)
    places = list(parts.places(parts.tree))
    whole = [parts.sample(parts.tree), parts.sample(parts.tree, full=True)]
    heads = _short(["", *(head for head, _, _ in places), *whole], 8)
    bodies = [text for _, body, _ in places for text in _bodies(parts, body)]
    led_up_to = [head + text for head, body, _ in places for text in _bodies(parts, body)]
    pieces = [piece for piece in _short([*whole, *bodies, *heads, *led_up_to], 24) if piece]
    over = [text * (most + 1) for _, body, most in places if most < 60 for text in _bodies(parts, body)]
    ends = [text for _, body, _ in places for text in _ends(parts, body)]
    tails = _short([*_FAILING, *ends, *over], 10)
    characters = parts.characters
    mixed = list(itertools.permutations([*characters[:12], *pieces[:8]], 2))
    found = [
        *(Text(head, (unit,), tail) for head in heads for unit in (*characters, *pieces) for tail in tails),
        *(Text("", (f"{piece}{sign}",), tail) for piece in pieces for sign in " \n,-" for tail in _FAILING),
        *(Text("", units, "\x00") for one, two in mixed for units in ((one + two,), (one, two))),
        *(Text("", (f"{one} ", f"{two} "), "") for one, two in itertools.permutations(pieces[:8], 2)),
        *(Text("", (one, two), "", stairs=True) for one in characters for two in "a " if one != two),
    ]
    return list(dict.fromkeys(found))


def kept_whole(pattern: str, flags: int) -> Iterator[str]:
    """Its atomic groups, and its possessive repeats of more than one character."""
    for kind, value in _items(parser.parse(pattern, flags)):
        if kind is parser.ATOMIC_GROUP:
            yield str(value)
        elif kind is parser.POSSESSIVE_REPEAT and not (len(value[2]) == 1 and value[2][0][0] in _SINGLE):
            yield str(value[2])


def _bodies(parts: Parts, body: Any) -> list[str]:
    if len(body) == 1 and body[0][0] in _SINGLE:
        return parts.matching(body[0])[:4]
    found = [parts.sample(body), parts.sample(body, full=True)]
    return [text for text in dict.fromkeys(found) if text]


def _ends(parts: Parts, body: Any) -> list[str]:
    """Characters at which a run stops."""
    if len(body) != 1 or body[0][0] not in _SINGLE:
        return []
    return [char for char in parts.characters if char not in parts.matching(body[0])][-2:]


def _short(texts: list[str], most: int) -> list[str]:
    """Each once, without those that take too much of the room."""
    return [text for text in dict.fromkeys(texts) if len(text) <= 200][:most]


def _items(tree: Any) -> Iterator[Any]:
    for item in tree:
        yield item
        for inner in _inside(item):
            yield from _items(inner)


def _inside(item: Any) -> list[Any]:
    kind, value = item
    if kind in _REPEATS:
        return [value[2]]
    if kind is parser.SUBPATTERN:
        return [value[3]]
    if kind is parser.BRANCH:
        return list(value[1])
    if kind is parser.ATOMIC_GROUP:
        return [value]
    if kind is parser.GROUPREF_EXISTS:
        return [one for one in value[1:] if one]
    return [value[1]] if kind in _LOOKS else []


def _named(item: Any) -> Iterator[str]:
    for kind, value in item[1]:
        if kind is parser.LITERAL:
            yield chr(value)
        elif kind is parser.RANGE:
            yield chr(value[0])


def _any(form: re.Pattern[str]) -> str:
    return next(char for code in range(0x110000) if form.match(char := chr(code)))
