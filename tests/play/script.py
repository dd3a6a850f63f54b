"""The play as values: its file is Markdown that a person reads; how a line is written stands at its end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise, takewhile
from pathlib import Path

PLAY = Path(__file__).parent / "piece.md"
BOT = "Concierge"
MODERATION, DIRECT = "modération", "tête-à-tête"
MODERATORS = ("Sophie", "Karim")
PAPER, ENCRYPTED = "sur le papier", "chiffré"
_FENCE = "```"

_SCENE = re.compile(r"## (Scène .+)")
_LINE = re.compile(r"\*\*(?P<who>\w+)\*\*(?: \((?P<how>.+?)\))?(?: : (?P<text>.+))?$")
_PLACE = re.compile(r"(?i)(?:à la|à l[’']|au|en|dans la|dans le) ?(?P<name>[\w-]+(?: de \w+)?)(?: \(chiffré\))?$")
_ACTION = re.compile(r"(?P<verb>répond|réagit|corrige|supprime|nomme)\b ?(?P<rest>.*)")
_TARGET = re.compile(r"(?:(?P<key>\S+) )??(?:à |au |le )?(?:« ?(?P<words>.+?) ?»|(?P<name>\w+))$")
_QUOTED = re.compile(r"« ?(.+?) ?»")
_TIME = re.compile(r"(?P<number>[\w-]+) (?P<unit>seconde|minute|heure|jour)s? passe")
_NUMBERS = {"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "huit": 8, "neuf": 9, "quinze": 15, "vingt-cinq": 25}
_UNITS = {"seconde": "seconds", "minute": "minutes", "heure": "hours", "jour": "days"}


class UnreadableLineError(Exception):
    """The text says which line, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Target:
    """`words`: of a message that stands; `name`: whose latest one."""

    name: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A person does something."""

    number: int  # line of the file
    who: str
    place: str
    text: str = ""
    reply: Target | None = None
    thread: bool = False
    names: str | None = None
    reaction: tuple[str, Target] | None = None
    correct: Target | None = None
    delete: Target | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the bot does. `verb`: a word of `expectation.VERBS`; `clauses`: as written."""

    number: int
    verb: str
    quoted: tuple[str, ...]
    clauses: tuple[str, ...]
    text: str
    place: str
    to: str | None = None
    thread: bool = False
    is_edit: bool = False
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    number: int
    time: timedelta


@dataclass(frozen=True, slots=True)
class Absence:
    """The bot stops, or starts again."""

    number: int
    begins: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A file that somebody puts into the network's folder."""

    number: int
    name: str
    text: str


Step = Turn | Expected | Pause | Absence | Given


@dataclass(frozen=True, slots=True)
class Scene:
    title: str
    steps: tuple[Step, ...]

    @property
    def number(self) -> int:
        return int(self.title.split()[1].rstrip("."))

    @property
    def on_paper_only(self) -> bool:
        return PAPER in self.title


def read(file: Path = PLAY) -> list[Scene]:
    """Raises UnreadableLineError."""
    lines = file.read_text(encoding="utf-8").splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("## ")]
    parts = [(lines[start], start + 1, lines[start + 1 : end]) for start, end in pairwise([*heads, len(lines)])]
    scenes = [(match[1], start, part) for head, start, part in parts if (match := _SCENE.match(head))]
    return [Scene(title, tuple(_steps(part, start + 1))) for title, start, part in scenes]


def places(scenes: list[Scene]) -> set[str]:
    """Rooms, those of two included."""
    return {step.place for scene in scenes for step in scene.steps if isinstance(step, Turn | Expected)}


def sealed_place(file: Path = PLAY) -> str:
    """The place that a stage direction calls encrypted; empty: none."""
    found = re.search(rf"([\w-]+) \({ENCRYPTED}\)", file.read_text(encoding="utf-8"))
    return found[1] if found else ""


def _steps(lines: list[str], first: int) -> Iterator[Step]:
    place, last = "", None
    rows = iter(enumerate(lines, first))
    for number, line in rows:
        if line.startswith(_FENCE):
            inside = takewhile(lambda row: row[1] != _FENCE, rows)
            yield Given(number, line.removeprefix(_FENCE), "".join(f"{text}\n" for _, text in inside))
        elif line.startswith("*") and not line.startswith("**"):
            place = _direction_place(line) or place
            yield from _direction(line, number)
        elif line.strip():
            yield (step := _step(line, number, place, last))
            last = step if isinstance(step, Turn) else last


def _direction_place(line: str) -> str | None:
    found = _PLACE.match(re.split(r"[:.] ?", line.strip("* "), maxsplit=1)[0].strip())
    return found and found["name"]


def _direction(line: str, number: int) -> Iterator[Step]:
    if time := _TIME.search(line.lower()):
        yield Pause(number, timedelta(**{_UNITS[time["unit"]]: _NUMBERS[time["number"]]}))
    if f"{BOT} s’arrête" in line or f"{BOT} revient" in line:
        yield Absence(number, "s’arrête" in line)


def _step(line: str, number: int, place: str, last: Turn | None) -> Step:
    match = _LINE.match(line)
    if not match:
        raise UnreadableLineError(f"line {number} is not of the form '**Who** (how) : text': {line}")
    how = [piece.strip() for piece in re.split(r", (?![^«]*»)", match["how"] or "") if piece]
    places = [found["name"] for piece in how if (found := _PLACE.match(piece))]
    if match["who"] == BOT:
        here = last.place if last else place
        return _expected(match["text"] or "", how, number, places[-1] if places else here)
    place = places[-1] if places else place
    place = f"{DIRECT} de {match['who']}" if place == DIRECT else place
    return _turn(match["who"], match["text"] or "", how, number, place)


def _turn(who: str, text: str, how: list[str], number: int, place: str) -> Turn:
    parts: dict[str, object] = {"thread": "dans un fil" in how}
    for piece in how:
        if not (action := _ACTION.match(piece)):
            continue
        found = _TARGET.match(action["rest"])
        if not found:
            raise UnreadableLineError(f"line {number}: to whom, or to which words? {piece}")
        target = Target(found["name"] or "", found["words"] or "")
        match action["verb"]:
            case "répond":
                parts["reply"] = target
            case "réagit":
                parts["reaction"] = (found["key"], target)
            case "nomme":
                parts["names"] = target.name
            case "corrige":
                parts["correct"] = target
            case _:
                parts["delete"] = target
    return Turn(number, who, place, text, **parts)  # type: ignore[arg-type]


def _expected(text: str, how: list[str], number: int, place: str) -> Expected:
    act, *clauses = (piece.strip() for piece in re.split(r" ; ", text))
    verb = _QUOTED.split(act, maxsplit=1)[0].strip()
    to = next((piece.removeprefix("à ") for piece in how if re.fullmatch(r"à [A-Z]\w+", piece)), None)
    flags = {"thread": "dans un fil" in how, "is_edit": "modifie" in how, "is_optional": "peut-être" in how}
    return Expected(number, verb, tuple(_QUOTED.findall(act)), tuple(clauses), text, place, to, **flags)
