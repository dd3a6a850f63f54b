"""Whether what the bot did is what the play says: each verb of the play is a row of `VERBS`."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from bot.knowledge.models import Entry
from tests.play.script import Expected
from tests.play.stage import Act, ActKind

_KEYCAP = re.compile("[0-9]\ufe0f?\u20e3")
_ADDRESS = re.compile(r"https?://[^\s)>]+")
_NUMBERED = re.compile(r"(?m)^\W*([1-9])\W")
_QUOTED = re.compile(r"« ?(.+?) ?»")
NONE_OF_THESE = "non, ou touchez"


def plain(text: str) -> str:
    """For comparing: one kind of apostrophe, space and accent, no capitals, none of Markdown's marks."""
    text = normalize("NFC", text).replace("’", "'").replace("*", "").replace("\\", "")
    return " ".join(text.split()).lower()


@dataclass(frozen=True, slots=True)
class Verb:
    """`kinds`: the acts that it can be; `words`: what their text always says."""

    kinds: tuple[ActKind, ...]
    words: tuple[str, ...] = ()


_POST: tuple[ActKind, ...] = ("message", "edit")
VERBS: Mapping[str, Verb] = {
    "réponse": Verb(_POST),
    "réponse courte": Verb(("message",), ("plus haut",)),
    "suite": Verb(_POST),
    "offre": Verb(_POST, (NONE_OF_THESE,)),
    "transmet": Verb(_POST, ("transm", "modération")),
    "demande s’il transmet": Verb(_POST, ("transm", "modération", "?")),
    "note": Verb(("message",), ("n°",)),
    "brouillon": Verb(("message",), ("brouillon",)),
    "dit": Verb(_POST),
    "réagit": Verb(("reaction",)),
    "accuse réception": Verb((*_POST, "reaction", "removal")),
    "retire": Verb(("removal",)),
}
"""Beside these: `se tait`, `met` and `enlève`, which are about several acts or none."""


def differences(expected: Expected, act: Act, titles: Mapping[str, Entry], replies_to: str | None) -> list[str]:
    """`titles`: entries by their plain titles; `replies_to`: the message that it should answer, None: any."""
    verb = verb_of(expected)
    found = list(_missing([*VERBS[verb].words, *expected.quoted], act.text))
    if verb.startswith("réponse"):
        found += _wrong_answer(expected, act, titles)
    elif verb == "offre":
        found += ["a des chiffres en emoji dans son texte"] if _KEYCAP.search(act.text) else []
        found += [] if _NUMBERED.search(act.text) else ["ne numérote pas"]
    elif verb == "réagit" and act.key not in (expected.verb.split()[1:] or [act.key]):
        found.append(f"réagit {act.key}")
    if replies_to and act.to != replies_to and act.kind != "reaction":
        found.append(f"ne répond pas à {expected.to}")
    if expected.thread and not act.thread:
        found.append("n’est pas dans un fil")
    if act.quotes_root:
        found.append("cite la racine de son fil")
    return found + list(_clauses(expected, act))


def verb_of(expected: Expected) -> str:
    return next(verb for verb in sorted(VERBS, key=len, reverse=True) if expected.verb.startswith(verb))


def kinds(expected: Expected) -> tuple[ActKind, ...]:
    possible = VERBS[verb_of(expected)].kinds
    if expected.is_edit:
        return ("edit",)
    return tuple(kind for kind in possible if kind != "edit") if expected.verb.startswith(_NEW_POST) else possible


_NEW_POST = ("réponse", "offre", "transmet", "note", "dit", "demande", "brouillon")


def _clauses(expected: Expected, act: Act) -> Iterator[str]:
    ringing = {clause.removeprefix("sonne chez ") for clause in expected.clauses if clause.startswith("sonne chez ")}
    if act.rings - ringing:
        yield f"fait sonner {' et '.join(sorted(act.rings - ringing))}"
    if ringing - act.rings:
        yield f"ne fait pas sonner {' et '.join(sorted(ringing - act.rings))}"
    for clause in expected.clauses:
        words = _QUOTED.findall(clause)
        if clause.startswith("avec"):
            yield from _missing(words, act.text)
        elif " avant " in clause:
            first, second = (plain(act.text).find(plain(word)) for word in words)
            yield from (f"n’a pas {clause}" for _ in [0] if not -1 < first < second)
        elif clause.startswith("sans"):
            yield from (f"dit « {word} »" for word in words if plain(word) in plain(act.text))
        elif match := re.fullmatch(r"(\d) liens au plus", clause):
            count = len(set(_ADDRESS.findall(act.text)))
            yield from (f"{count} liens" for _ in [0] if count > int(match[1]))


def _missing(words: Iterable[str], text: str) -> Iterator[str]:
    yield from (f"ne dit pas « {word} »" for word in words if plain(word) not in plain(text))


def _wrong_answer(expected: Expected, act: Act, titles: Mapping[str, Entry]) -> Iterator[str]:
    for title in expected.quoted:
        if not any(link.url in act.text for link in titles[plain(title)].links):
            yield f"ne donne pas de lien de « {title} »"
    if not expected.quoted and "http" not in act.text:
        yield "ne donne pas de réponse"
    if NONE_OF_THESE in plain(act.text):
        yield f"{NONE_OF_THESE} : encore une offre"


def number_before(words: str, texts: Sequence[str]) -> str | None:
    """The number that stands before the words, in the first of the texts that has both."""
    for text in texts:
        for line in text.splitlines():
            before = plain(line).partition(plain(words))
            if before[1] and (digits := re.findall(r"\d+", before[0].replace("\ufe0f\u20e3", " "))):
                return str(digits[-1])
    return None
