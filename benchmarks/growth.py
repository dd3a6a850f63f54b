"""Knowledge of any size, and questions about it: the shipped entries, recombined with a seed.

Each new entry is a shipped one in which half of the longer words are replaced, everywhere in it alike, by other words
of the knowledge or by made-up ones (head of one word, tail of another), so that the vocabulary grows with the size as
it does in life.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import yaml

from bot.knowledge.library import Library
from bot.knowledge.models import Entry, Knowledge

ROOT = Path(__file__).parent.parent
PHRASINGS = 4  # an entry
IN_A_FILE = 100  # entries
_LONGER = re.compile(r"[^\W\d_]{5,}")
_REPLACED, _MADE_UP = 0.5, 0.3
_AROUND = ("Bonjour à toutes et tous, ", "salut, ", "Bonsoir, une question : ", "hello la communauté ! ")
_THANKS = (" Merci d'avance !", " Merci beaucoup, bonne journée", " Bien cordialement", "")
_CHAT = (
    "On se retrouve à midi devant la gare, qui apporte le pain ?",
    "Super soirée hier, bravo à toute l'équipe",
    "La réunion est repoussée à jeudi 14 h, salle du fond",
    "Quelqu'un a vu mes clés ?",
    "Il pleut encore, décidément",
    "Je suis en retard, commencez sans moi",
)


@cache
def shipped() -> Knowledge:
    return Library(ROOT / "knowledge").load(today()).knowledge


def today() -> date:
    return datetime.now(UTC).date()


def grown(size: int, seed: int = 7) -> Knowledge:
    """`size` entries of `PHRASINGS` phrasings and a title each."""
    chance = random.Random(seed)
    entries = (_entry(number, chance) for number in range(size))
    return Knowledge({entry.id: entry for entry in entries}, shipped().synonyms)


@cache
def _words() -> list[str]:
    """The longer words of the shipped entries, as often as they occur."""
    found = (text for entry in shipped().entries.values() for text in (entry.title, *entry.questions, entry.answer))
    return [word for text in found for word in _LONGER.findall(text or "")]


def _entry(number: int, chance: random.Random) -> Entry:
    base = chance.choice(_bases())
    words: dict[str, str] = {}

    def recombined(text: str) -> str:
        return _LONGER.sub(lambda found: words.setdefault(found[0].lower(), _replaced(found[0], chance)), text)

    row = {
        "id": f"entry-{number}",
        "title": recombined(base.title),
        "questions": list(map(recombined, chance.sample(base.questions, PHRASINGS))),
        "not_questions": list(map(recombined, base.not_questions)),
        "keywords": list(map(recombined, base.keywords)),
        "answer": base.answer and recombined(base.answer),
        "links": [{"title": recombined(link.title), "url": link.url} for link in base.links],
    }
    return Entry.model_validate(row)


@cache
def _bases() -> list[Entry]:
    return [entry for entry in shipped().entries.values() if len(entry.questions) >= PHRASINGS]


def _replaced(word: str, chance: random.Random) -> str:
    if chance.random() > _REPLACED:
        return word
    return _made_up(chance) if chance.random() < _MADE_UP else chance.choice(_words())


def _made_up(chance: random.Random) -> str:
    head, tail = chance.choices(_words(), k=2)
    return head[: chance.randint(3, 5)] + tail[-chance.randint(3, 5) :]


def questions(knowledge: Knowledge, count: int, seed: int = 11) -> list[str]:
    """What people might write: seven in ten ask one thing, with a slip; others chat, ask two things or tell a lot."""
    chance = random.Random(seed)
    entries = list(knowledge.entries.values())
    return [_message(entries, chance) for _ in range(count)]


def _message(entries: Sequence[Entry], chance: random.Random) -> str:
    first, second = (chance.choice(chance.choice(entries).questions) for _ in range(2))
    kind = chance.random()
    if kind < 0.70:
        return _slip(first, chance)
    if kind < 0.85:
        return chance.choice(_CHAT)
    if kind < 0.95:
        return chance.choice(_AROUND) + f"{first} Et {second[0].lower()}{second[1:]}" + chance.choice(_THANKS)
    return chance.choice(_AROUND) + _story(entries, chance) + first + chance.choice(_THANKS)


def _story(entries: Sequence[Entry], chance: random.Random) -> str:
    return "".join(f"{entry.answer}\n" for entry in chance.choices(entries, k=4) if entry.answer)


def _slip(text: str, chance: random.Random) -> str:
    """One word left out, and one letter of another."""
    words = text.split()
    if len(words) > 3:
        del words[chance.randrange(len(words))]
    place = chance.randrange(len(words))
    letter = chance.randrange(len(words[place]))
    words[place] = words[place][:letter] + words[place][letter + 1 :]
    return " ".join(filter(None, words))


def files(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Name and text of the YAML files that hold it, without synonyms."""
    entries = list(knowledge.entries.values())
    for start in range(0, len(entries), IN_A_FILE):
        rows = [entry.model_dump(mode="json", exclude_defaults=True) for entry in entries[start : start + IN_A_FILE]]
        theme = {"theme": f"Theme {start // IN_A_FILE}", "entries": rows}
        text = yaml.dump(theme, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1000)
        yield f"theme-{start // IN_A_FILE:03}.yaml", text


def write(knowledge: Knowledge, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files(knowledge):
        (folder / name).write_text(text, encoding="utf-8")
