"""The examples that the reading is learned from: messages to the bot and around it, by several authors."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from rapidfuzz import fuzz, process

from bot.reading import ACTS, SAID, Act, Said

ASKING = ("question", "question_short")
"""Labels of questions to the knowledge."""
CALLING = ("called", "noun")
"""Labels of texts that contain the bot's name, written `X`; others do not."""
_ROOM = "question_people question_person knows telling opinion announcement logistics".split()
KINDS: Mapping[str, Act] = {"opens": "greet"}
"""Labels that are answered as an act: `opens` announces a question."""
_COMPARED = 200  # characters of a text that are compared with examples
_NEAREST = 3  # examples that are most similar to a text
LABELS = (*ACTS, *KINDS, *ASKING, *_ROOM, *CALLING)


class ExampleError(Exception):
    """A line that is not a valid example, with file, line and reason."""


@dataclass(frozen=True, slots=True)
class MessageExample:
    """An example. `label`: an act or another label (see `training/README.md`); `said`: the bot's words before it."""

    text: str
    label: str
    said: Said = "nothing"

    @property
    def act(self) -> Act | None:
        return KINDS.get(self.label) or next((act for act in ACTS if act == self.label), None)


@dataclass(frozen=True, slots=True)
class Statement:
    """A line of `messages.jsonl`: a message of any field, and whether it asks."""

    text: str
    asks: bool


@cache
def shipped() -> Sequence[MessageExample]:
    """Return the examples of the package, by all authors."""
    voices = sorted(files("bot.reading").joinpath("examples").iterdir(), key=lambda file: file.name)
    return [example for file in voices for example in read(file)]


@cache
def messages() -> Sequence[Statement]:
    """Return messages written for this project: questions, and other things that people write in a room."""
    lines = files("bot.reading").joinpath("messages.jsonl").read_text(encoding="utf-8").splitlines()
    return [Statement(**json.loads(line)) for line in lines]


def read(file: Traversable) -> Sequence[MessageExample]:
    """Return the examples of a JSON Lines file. Raises OSError and ExampleError."""
    examples = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{file.name}:{number}"
        try:
            raw = json.loads(line)
            text, label, said = str(raw["text"]), raw["label"], raw.get("before", "nothing")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ExampleError(f'{where}: no example; write {{"text": "…", "label": "thanks"}}') from error
        if label not in LABELS:
            raise ExampleError(f"{where}: the label {label!r} is none of {', '.join(LABELS)}")
        if said not in SAID:
            raise ExampleError(f"{where}: before: {said!r} is none of {', '.join(SAID)}")
        examples.append(MessageExample(text, label, said))
    return examples


def nearest(text: str, examples: Iterable[MessageExample]) -> Sequence[MessageExample]:
    """Return the three examples whose words are most similar to the text's, best first."""
    known = list({example.text: example for example in examples}.values())
    texts = [example.text for example in known]
    found = process.extract(text[:_COMPARED], texts, scorer=fuzz.token_sort_ratio, processor=str.lower, limit=_NEAREST)
    return [known[place] for _, _, place in found]
