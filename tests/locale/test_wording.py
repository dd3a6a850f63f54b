"""The sentences themselves: the same ones in both languages, and French set as French is."""

from __future__ import annotations

from importlib.resources import files
from string import Formatter

import pytest
import yaml

from bot.knowledge.yaml.parser import LOADER
from bot.locale import LANGUAGES, Language, wording
from tests.french import slips


def sentences(language: Language) -> dict[str, str]:
    sections = yaml.load(source(language), LOADER)  # noqa: S506 (texts alone)
    return {f"{section}.{key}": said for section, keys in sections.items() for key, said in keys.items()}


def source(language: Language) -> str:
    return (files("bot.locale") / f"{language}.yaml").read_text(encoding="utf-8")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


FRENCH, ENGLISH = sentences("fr"), sentences("en")


def test_each_sentence_exists_in_both_languages() -> None:
    assert FRENCH.keys() == ENGLISH.keys()


def test_a_sentence_is_filled_in_with_the_same_values_in_both_languages() -> None:
    both = FRENCH.keys() & ENGLISH.keys()
    assert [key for key in both if placeholders(FRENCH[key]) != placeholders(ENGLISH[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sentence_is_written_once_and_is_text(language: Language) -> None:
    sections = yaml.compose(source(language), yaml.SafeLoader).value
    for _, keys in sections:
        names = [name.value for name, _ in keys.value]
        assert len(names) == len(set(names))
        assert all(said.tag == "tag:yaml.org,2002:str" and said.value for _, said in keys.value)


def test_french_has_its_no_break_spaces_and_its_apostrophes() -> None:
    assert {key: found for key, said in FRENCH.items() if (found := slips(said))} == {}


def test_values_are_filled_in_as_they_are() -> None:
    assert wording("en")("replies.see_also", titles="{braces}") == "See also (reply with the number): {braces}"


def test_an_unknown_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        wording("fr")("replies.unheard_of")
