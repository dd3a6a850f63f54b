"""No regular expression of the program takes time that grows faster than its text, whatever that text is."""

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.config.loading import secret_keys
from bot.conversation.commands import COMMANDS
from bot.conversation.moderation.extraction import _GAPS
from bot.knowledge.yaml.validation import EXPLANATIONS
from bot.text.languages import INCLUSIVE
from tests.pattern_texts import kept_whole
from tests.pattern_timing import Use, slow
from tests.patterns import Samples, inventory, modules

DEADLINE = 300  # s of a child, which takes about eight of the processor

# Patterns that depend on what is only known while the program runs: what that may be (see `inventory`).
SAMPLES: Samples = {
    ("bot.channels.discourse.event_parser", r'rf"@{re.escape(site.username)}(?![\w.-]*\w)[ \t]*[,:;]?[ \t]*"'): [
        {"site": SimpleNamespace(username="concierge")}
    ],
    ("bot.conversation.addressing", r'rf"{re.escape(fold(name))}(\s|$)"'): [{"name": "concierge"}],
    ("bot.conversation.addressing", r'rf"\A(?:\s*\S+){{{count}}}[^\S\n]*\n?"'): [{"count": 1}, {"count": 2}],
    (
        "bot.reading.calls",
        """rf"(?<![\\w@./:-])(?P<sign>@?)(?:{'|'.join(map(re.escape, folded))})(?![\\w-]|[.:]\\w)\"""",
    ): [{"folded": ["concierge", "concierge:example.org"]}],
    ("bot.conversation.commands", "call.command.bare"): [{"call": SimpleNamespace(command=one)} for one in COMMANDS],
    ("bot.config.loading", "form"): [{"form": form} for form, _ in secret_keys()],
    ("bot.channels.fields", "pattern"): [],
    ("bot.conversation.moderation.extraction", "gap"): [{"gap": gap} for gap, _ in _GAPS],
    ("bot.text.languages", "pattern"): [],
    ("bot.text.markdown", r'rf"^[^\S\n]*+\{mark}\s"'): [{"mark": mark} for mark in "-*+"],
    ("bot.knowledge.yaml.parser", r'rf"\s*(?:[{bullets}][\s{ODD}]+|-(?=\S))(.*)"'): [{"bullets": "-*•"}],
    ("bot.knowledge.yaml.validation", r"""rf"{re.escape(key)}(?=[\"']?\s*:)" """.strip()): [{"key": "title"}],
    ("bot.knowledge.yaml.validation", "kinds"): [{"kinds": kinds} for kinds, _ in EXPLANATIONS],
}


@pytest.fixture(scope="module")
def patterns() -> list[Use]:
    """Those of the program; all can be read."""
    patterns, unread = inventory(SAMPLES)
    assert unread == []
    return patterns


SUPERLINEAR = [
    *(r"^(?:\S+\s*){1,5}$", r"(?:\S+\s+){40}", r"\s+\Z", r"\s*[\x00-\x1f]\s*", r"a.*b.*c", r"(a|a)*b"),
    r"\b(?:i)\b.*\b(?:lost)\b",
    r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)",  # marks of each length once: the square root of its length times the text
]


def test_no_pattern_takes_more_time_than_its_text_is_long(patterns: list[Use]) -> None:
    found = slow(patterns, DEADLINE)
    for _ in range(2):  # noise of a busy machine does not come thrice
        if again := [use for use in patterns if any(repr(use.pattern) in line for line in found)]:
            found = slow(again, DEADLINE)
    assert not found, "\n".join(found)


def test_no_pattern_escapes_the_measuring(patterns: list[Use]) -> None:
    """In tables, closures and calls; one that depends on what is only known while it runs is named in SAMPLES."""
    known = {use.pattern for use in patterns}
    assert {form.pattern for form, _ in INCLUSIVE} <= known
    assert {command.bare for command in COMMANDS} | {form for form, _ in secret_keys()} <= known
    assert {r"\d{4}-\d\d-\d\d", r"[^\s/?#]+", r"concierge(\s|$)"} <= known  # in a call, in a closure, from a sample
    for module in modules():
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "re"]


def test_patterns_mean_the_same_in_every_version_of_python(patterns: list[Use]) -> None:
    """Before 3.11.5, what repeats more than one character and gives nothing back may go on at a wrong place."""
    assert not [use for use in patterns if any(kept_whole(use.pattern, use.flags))]


@pytest.mark.parametrize("some", [SUPERLINEAR[:3], pytest.param(SUPERLINEAR[3:], marks=pytest.mark.soak)])
def test_a_pattern_that_backtracks_is_found(some: list[str]) -> None:
    """In one of a few tries: beside other work a short text may seem to take as long as a longer one."""
    missed = some
    for _ in range(4):
        said = slow([Use("planted", pattern, 0, "finditer") for pattern in missed], DEADLINE)
        missed = [pattern for pattern in missed if not any(repr(pattern) in line for line in said)]
    assert missed == []
