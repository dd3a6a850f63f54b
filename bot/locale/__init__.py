"""The wording: every sentence of the bot and its commands, one YAML file a language."""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from bot.locale.system_reason import SystemReason, system_reason

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML may be built without libyaml


class Wording:
    """The sentences of a language: `words("replies.unknown", name="…")`. An unknown key raises KeyError.

    A value with a method `say` (a SystemReason, a Problem, a StoreError) is worded in this language.
    """

    def __init__(self, language: Language, sentences: dict[str, dict[str, str]]) -> None:
        self.language = language
        self._sentences = sentences

    def __call__(self, key: str, /, **values: object) -> str:
        section, _, name = key.partition(".")
        sentence = self._sentences[section][name]
        worded = {name: value.say(self) if hasattr(value, "say") else value for name, value in values.items()}
        return sentence.format(**worded)

    def decimal(self, value: float) -> str:
        """Return a number with two decimals: '0,93'."""
        return f"{value:.2f}".replace(".", self("replies.decimal_mark"))

    def confidence(self, value: float) -> str:
        """Return the same, rounded down: a confidence below a threshold must never seem to reach it."""
        return self.decimal(int(value * 100 + 1e-9) / 100)

    def __contains__(self, key: str) -> bool:
        section, _, name = key.partition(".")
        return name in self._sentences.get(section, {})


@cache
def wording(language: Language) -> Wording:
    text = (files(__name__) / f"{language}.yaml").read_text(encoding="utf-8")
    return Wording(language, yaml.load(text, _LOADER))  # noqa: S506 (one that is safe)
