"""The sentences themselves: the same ones in both languages, and French set as French is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
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


def replies_said() -> Iterator[tuple[str, set[str]]]:
    """Each `….say("key", name=…)` in the program's code."""
    for file in Path("bot").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(func=ast.Attribute(attr="say"), args=[ast.Constant() | ast.IfExp() as key]):
                    keys = [key.body, key.orelse] if isinstance(key, ast.IfExp) else [key]
                    given = {word.arg or "" for word in call.keywords}
                    yield from ((str(one.value), given) for one in keys if isinstance(one, ast.Constant))


def test_each_reply_that_the_code_says_by_name_is_there_and_gets_all_its_values() -> None:
    calls = [(f"replies.{key}", given) for key, given in replies_said()]
    always = {"name", "call", "prefix"}
    assert len(calls) > 100
    assert [key for key, given in calls if key not in FRENCH or not placeholders(FRENCH[key]) <= given | always] == []


def test_values_are_filled_in_as_they_are() -> None:
    assert wording("en")("replies.see_also", titles="{braces}") == "See also (reply with the number): {braces}"


def test_an_unknown_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        wording("fr")("replies.unheard_of")
