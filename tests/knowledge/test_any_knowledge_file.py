"""Whatever a knowledge file looks like, a change through the bot changes only the lines that it must."""

import os
import re
from collections import Counter
from difflib import SequenceMatcher
from itertools import count
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge import yaml_edit
from bot.knowledge.edit_result import EditRejected
from bot.knowledge.entry_input import draft
from bot.knowledge.file_parser import ParsedFile, parse_file
from bot.knowledge.models import Entry
from bot.knowledge.rendering import fields_of
from tests.knowledge_files import REMARK, Author

EXAMPLES = int(os.environ.get("CONCIERGE_EXAMPLES", "60"))
SEEDS = st.integers(0, 2**32)
NEW = [
    draft({"id": "neuve", "title": "Une : neuve # 3", "questions": ["Quoi de @neuf ?"], "answer": "Ceci.\n\n# Cela."}),
    draft({"id": "neuve", "title": "N", "questions": ["q"], "links": [{"title": "x", "url": "https://a.example"}]}),
]
LINK = {"title": "N : n", "url": "https://n.example"}


def sound(text: str) -> ParsedFile:
    part = parse_file(text.encode(), "f.yaml")
    assert not part.errors, [(problem.line, problem.key) for problem in part.problems]
    return part


def entries(text: str) -> dict[str, Entry]:
    return {entry.id: entry for entry, _ in sound(text).entries}


def remarks(text: str) -> set[str]:
    """Those that are none of the text's answers."""
    return set(REMARK.findall(text)) - set(REMARK.findall(repr(entries(text))))


def differences(before: str, after: str) -> list[tuple[list[str], list[str]]]:
    """Lines taken out with the lines in their place."""
    old, new = (re.split(r"\r\n|\n", text.removeprefix("\ufeff")) for text in (before, after))
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(old[i:j], new[k:m]) for what, i, j, k, m in codes if what != "equal"]


def same_manner(before: str, after: str) -> bool:
    """Byte order mark, line ends and the end of the file."""
    ends = [set(re.findall(r"\r?\n", text)) for text in (before, after)]
    marks = [text.startswith("\ufeff") for text in (before, after)]
    return ends[1] <= (ends[0] or {"\n"}) and marks[0] == marks[1] and before.endswith("\n") == after.endswith("\n")


def a_file(seed: int) -> str:
    """One that loads."""
    texts = (Author(number).text() for number in count(seed))
    return next(text for text in texts if not parse_file(text.encode(), "f.yaml").errors)


def an_entry(seed: int) -> tuple[str, dict[str, Entry], Entry]:
    """A file with entries, what it says, and one of them."""
    files = ((text, entries(text)) for text in map(a_file, count(seed, 1000)))
    text, said = next((text, said) for text, said in files if said)
    return text, said, Random(seed).choice(list(said.values()))


@given(SEEDS)
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_new_entry_adds_lines_and_takes_none(seed: int) -> None:
    text = a_file(seed)
    for new in NEW:
        after = yaml_edit.add_entry(text, new, "T")
        assert entries(after) == {**entries(text), "neuve": new}
        taken = [line for old, _ in differences(text, after) for line in old if line]
        assert [line for line in taken if not line.startswith("entries: [")] == []
        assert remarks(text) <= remarks(after)
        assert same_manner(text, after)
    assert len(sound(after).problems) <= len(sound(text).problems)


@given(SEEDS)
@settings(max_examples=EXAMPLES * 2, deadline=None)
def test_a_changed_field_leaves_all_others_and_their_remarks(seed: int) -> None:
    text, said, entry = an_entry(seed)
    changes = a_change(entry, Random(seed))
    fresh = draft({**fields_of(entry), **changes})
    wanted = entry.model_copy(update={name: getattr(fresh, name) for name in changes})
    given = {name: fields_of(wanted).get(name) for name in changes}
    try:
        after = yaml_edit.change_entry(text, entry.id, given)
    except EditRejected as refusal:  # as what stands in braces is
        keys = [problem.key for problem in refusal.problems]
        after = text if keys == ["edit_flow"] else ""
        wanted = entry
    assert entries(after) == {**said, entry.id: wanted}
    assert same_manner(text, after)
    if all(keeps(fields_of(entry).get(name), value) for name, value in given.items()):
        assert remarks(after) == remarks(text)
    if given.keys() == {"questions"} and given["questions"][:-1] == [*entry.questions]:
        assert sum(len(new) for _, new in differences(text, after)) <= 2


def keeps(old: Any, new: Any) -> bool:
    """Whether nothing is taken away for good."""
    gone = Counter(map(repr, old or [])) - Counter(map(repr, new or []))
    return isinstance(new, str) or (bool(new) and not gone)


def a_change(entry: Entry, chance: Random) -> dict[str, Any]:
    """Of one field or two: something else in it, more, less or nothing."""
    words = Author(chance.randrange(10**9)).phrase
    given, day = fields_of(entry), ["2028-01-01", None]
    ways: dict[str, list[Any]] = {"title": [words()], "source": [words(), None], "updated": day, "review_by": day}
    ways["answer"] = [words(), f"A\n\n# B\n  c\n{words()}"]
    added = dict.fromkeys(("questions", "not_questions", "keywords", "contacts"), words())
    for name, one in (added | {"links": LINK, "see_also": "voisine"}).items():
        old, new = given.get(name, []), [one]
        lists = [old + new, new + old, old[:1] + new + old[1:], old[1:], old[:-1], new, new + old[1:], None]
        ways[name] = [value for value in lists if value or name != "questions"]
    return {name: chance.choice(ways[name]) for name in chance.sample(list(ways), chance.choice([1, 1, 2]))}


@given(SEEDS)
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_removed_entry_takes_its_own_lines_alone(seed: int) -> None:
    text, said, entry = an_entry(seed)
    after = yaml_edit.remove_entry(text, entry.id)
    assert entries(after) == {id: one for id, one in said.items() if id != entry.id}
    assert same_manner(text, after)
    put = [line for _, new in differences(text, after) for line in new]
    assert put == [] or (len(said) == 1 and len(put) == 1 and put[0].startswith("entries: []"))
    assert remarks(text) - remarks(after) == remarks(text) & set(REMARK.findall(yaml_edit.excerpt(text, entry.id)))
