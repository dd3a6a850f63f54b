"""A change and its inverse: together they leave the files' entries as they were."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.moderation.changes import Change, carry_out, change_between, json_fields
from bot.knowledge.edit_result import EditConflict
from bot.knowledge.editor import Editor
from bot.knowledge.entry_input import draft
from bot.knowledge.models import Entry
from bot.knowledge.rendering import yaml_of

LINES = st.text(st.sampled_from("abcé ?:#-@'\"<>&{}[]«»"), min_size=1, max_size=30).map(lambda text: f"x{text}".strip())
SOME = st.lists(LINES, max_size=3)
FIELDS = st.fixed_dictionaries(
    {"title": LINES, "questions": st.lists(LINES, min_size=1, max_size=4), "answer": LINES},
    optional={
        "keywords": SOME,
        "not_questions": SOME,
        "contacts": SOME,
        "region": LINES,
        "review_by": st.dates().map(str),
        "links": st.lists(st.fixed_dictionaries({"title": LINES, "url": st.just("https://a.example/")}), max_size=2),
    },
)
ENTRIES = FIELDS.map(lambda fields: draft({"id": "une", **fields}))
FIRST = draft({"id": "autre", "title": "Autre", "questions": ["quoi d’autre ?"], "answer": "Ceci."})


def state(editor: Editor) -> dict[str, Entry]:
    return {id: editor.entry(id) for id in editor.taken_ids()}


def changes_of(before: Entry, after: Entry, kind: str) -> Change:
    fields: dict[str, Any] = json_fields(before)
    match kind:
        case "add":
            return Change("add", before.id, fields, "t.yaml")
        case "remove":
            return Change("remove", before.id, fields, "t.yaml")
        case "phrase":
            return Change("phrase", before.id, fields, phrase="une façon de plus de demander")
    return change_between(before, after)


@settings(deadline=None, max_examples=60)
@given(before=ENTRIES, after=ENTRIES, kind=st.sampled_from(["add", "remove", "phrase", "change"]))
def test_the_inverse_takes_any_change_back(before: Entry, after: Entry, kind: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        text = f"theme: Essai\nentries:\n{yaml_of(FIRST)}{'' if kind == 'add' else yaml_of(before)}"
        (Path(name) / "t.yaml").write_text(text, encoding="utf-8")
        editor = Editor(Path(name))
        change, at_first = changes_of(before, after, kind), state(Editor(Path(name)))
        carry_out(editor, change)
        changed = state(editor)
        assert (changed != at_first) == (kind != "change" or before != after)
        carry_out(editor, change_between(change.after, change.before, change.theme))
        assert state(editor) == at_first


def test_an_inverse_does_not_undo_what_somebody_else_did_since(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(f"theme: Essai\nentries:\n{yaml_of(FIRST)}", encoding="utf-8")
    editor, change = Editor(tmp_path), Change("change", "autre", json_fields(FIRST), changes={"title": "Une"})
    carry_out(editor, change)
    editor.change("autre", {"answer": "Cela."}, who="Bob")
    with pytest.raises(EditConflict):
        carry_out(editor, change_between(change.after, change.before))
    assert state(editor)["autre"].answer == "Cela."


def test_a_change_that_waits_keeps_whether_it_restores() -> None:
    kept = Change.from_json(change_between(None, FIRST, "t.yaml").to_json())
    assert (kept.seen, kept.theme, kept.restores) == (FIRST, "t.yaml", True)
