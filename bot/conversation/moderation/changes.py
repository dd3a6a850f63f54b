"""A change of the knowledge as a value: stored as JSON while it waits, then made in the files.

Functions that take an Editor block: call them from a thread.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bot.knowledge.edit_result import EditRejected, EditResult
from bot.knowledge.editor import Editor
from bot.knowledge.models import Entry
from bot.text.folding import fold

if TYPE_CHECKING:  # `concierge propose` and `import` need no store, which takes half a second to load
    from bot.store import DraftKind

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A change. Field names are stored: renaming one breaks open drafts.

    `entry`: the fields of a new entry, else of the entry as the moderator saw it. `instead`: the change to propose if
    this one is dropped. `informed`: ids of the question's occurrences whose askers have the answer from a person.
    `draft`: the imported one, as seen, that an addition takes out of its file.
    """

    kind: DraftKind
    id: str
    entry: Fields = field(default_factory=dict)
    theme: str = ""  # add: name of the file, or title of a new one; remove: name of the file it was in, if known
    changes: Fields = field(default_factory=dict)
    phrase: str = ""
    instead: Change | None = None
    informed: Sequence[int] = ()
    restores: bool = False  # add: an entry that was removed comes back under its id
    draft: Fields = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Change:
        fields = json.loads(text)
        if fields["instead"]:  # which has none itself
            fields["instead"] = cls(**fields["instead"])
        return cls(**fields)

    @property
    def seen(self) -> Entry:
        return Entry.model_validate(self.entry)

    @property
    def has_asked_title(self) -> bool:
        """Whether the title of a new entry is one of its phrasings, or the start of one."""
        return self.kind == "add" and is_asked_title(self.title, self.seen.questions)

    @property
    def title(self) -> str:
        """The entry's title after the change."""
        return str(self.changes.get("title") or self.entry.get("title") or self.id)

    @property
    def before(self) -> Entry | None:
        """The entry before the change; None if there is none."""
        return None if self.kind == "add" else self.seen

    @property
    def after(self) -> Entry | None:
        """The entry after the change; None if it is removed, or the fields are invalid."""
        if self.kind == "remove":
            return None
        changes = {"questions": [*self.seen.questions, self.phrase]} if self.kind == "phrase" else self.changes
        try:
            return Entry.model_validate({name: value for name, value in {**self.entry, **changes}.items() if value})
        except ValueError:
            return None


def is_asked_title(title: str, questions: Sequence[str]) -> bool:
    """Whether a title is a phrasing, or the start of one: the words of somebody who asked."""
    start = fold(title.rstrip("…"))
    return bool(start) and any(fold(text).startswith(start) for text in questions)


def json_fields(entry: Entry) -> dict[str, Any]:
    """Return the fields that are set, as values for JSON."""
    return entry.model_dump(mode="json", exclude_defaults=True)


def carry_out(
    editor: Editor, change: Change, who: str = "", *, dry: bool = False, used: Container[str] = ()
) -> EditResult:
    """Write the change, or check it if `dry`. `used`: ids that no new entry gets. Raises EditError."""
    seen, id = change.seen, change.id
    match change.kind:
        case "add":
            draft = Entry.model_validate(change.draft) if change.draft else None
            return editor.add(seen, change.theme, draft=draft, who=who, dry=dry, used=used)
        case "phrase":
            return editor.add_phrase(id, change.phrase, seen=seen, who=who, dry=dry)
        case "change":
            return editor.change(id, change.changes, seen=seen, who=who, dry=dry)
        case "remove":
            return editor.remove(id, seen=seen, who=who, dry=dry)


def is_made(editor: Editor, change: Change) -> bool:
    """Whether the files already have the change, from before a crash."""
    try:
        now = editor.entry(change.id)
    except EditRejected:
        return change.kind == "remove"
    return change.phrase in now.questions if change.kind == "phrase" else now == change.after


def change_between(before: Entry | None, after: Entry | None, theme: str = "") -> Change:
    """Return the change from one state to another. `theme`: as of a Change. Raises ValueError if both are None."""
    if before is None:
        if after is None:
            raise ValueError("no entry before and none after")
        return Change("add", after.id, json_fields(after), theme, restores=True)
    if after is None:
        return Change("remove", before.id, json_fields(before), theme)
    old, new = json_fields(before), json_fields(after)
    names = [name for name in Entry.model_fields if old.get(name) != new.get(name)]
    return Change("change", before.id, old, changes={name: new.get(name) for name in names})
