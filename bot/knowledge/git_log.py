"""What became of an entry, from the history of its files in git: by whom, when, and how it read before and after."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.entry_input import entry_of_lines
from bot.knowledge.git import git, work_tree
from bot.knowledge.models import ID, Entry
from bot.knowledge.yaml.lines import indent_of

MOST = 200  # commits of its files that are looked at, the latest first
_COMMIT, _FIELD = "\x1e", "\x1f"  # begin a commit, and part what is said of it
_FORMAT = f"--format={_COMMIT}%H{_FIELD}%at{_FIELD}%an{_FIELD}"
_AS_TEXT = ("--text", "--no-textconv", "--no-ext-diff")  # whatever .gitattributes says
_SHOWN = (
    *(_FORMAT, "--patch", f"--unified={1 << 30}", "--no-color", "--no-renames"),  # each change with the whole file
    *("--src-prefix=a/", "--dst-prefix=b/"),
)
_LATEST = 4_000_000_000  # seconds; the year 2096: a commit may have any date, and time zones end with the year 9999
_FILE = re.compile(r"(?m)^diff --git .* b/(.*)$")


@dataclass(frozen=True, slots=True)
class EntryEdit:
    """A change of one entry. `key`: names it; `file`: its name; None before or after: there was no entry."""

    key: str
    made: datetime
    author: str
    file: str
    before: Entry | None
    after: Entry | None


def entry_edits(folder: Path, id: str) -> list[EntryEdit]:
    """The latest first. Raises as `git`; ValueError: that is no id."""
    if not re.fullmatch(ID, id):
        raise ValueError(id)
    place = Path(os.path.realpath(folder))
    tree = work_tree(place)
    inside = "".join(f"{part}/" for part in place.relative_to(tree).parts)
    log = ("log", f"--relative={inside}", *_AS_TEXT)
    line = rf"^ *(- +)?id: *[\"']?{id}[\"']? *(#.*)?\r?$"
    named = git(tree, *log, "--format=", "--name-only", "--extended-regexp", f"-G{line}", "--", inside or ".")
    if not (files := sorted({inside + name for name in named.split("\n") if name})):
        return []
    return [*_edits(git(tree, *log, f"--max-count={MOST}", *_SHOWN, "--", *files), id)]


def _edits(log: str, id: str) -> Iterator[EntryEdit]:
    for commit in re.split(rf"(?m)^{_COMMIT}", log)[1:]:
        sha, seconds, author, patch = commit.split(_FIELD, 3)
        names = _FILE.findall(patch)
        for name, lines in zip(names, _FILE.split(patch)[2::2], strict=True):
            before, after = ([*_items(_side(lines, sign), id)] for sign in "-+")
            if before != after:
                made = datetime.fromtimestamp(min(int(seconds or 0), _LATEST), UTC)
                edit = EntryEdit(f"{sha}/{name}", made, author, name, _entry(before, id), _entry(after, id))
                if edit.before != edit.after:
                    yield edit


def _side(patch: str, sign: str) -> list[str]:
    """The lines of the whole file before (`-`) or after (`+`)."""
    _, _, lines = patch.partition("\n@@ ")
    return [line[1:] for line in lines.split("\n")[1:] if line[:1] in (sign, " ")]


def _items(lines: Sequence[str], id: str) -> Iterator[str]:
    """The lines of each item of a list that may be the entry: a text may look like one."""
    own = re.compile(rf"^ *(- +)?id: *[\"']?{id}[\"']? *(#.*)?$")
    for at in (number for number, line in enumerate(lines) if own.match(line)):
        above = (number for number in range(at - 1, -1, -1) if _opens(lines[number], indent_of(lines[at])))
        first = at if lines[at].lstrip().startswith("-") else next(above, at)
        ends = (number for number in range(first + 1, len(lines)) if _ends(lines[number], indent_of(lines[first])))
        yield "\n".join(lines[first : next(ends, len(lines))]) + "\n"


def _opens(line: str, margin: int) -> bool:
    """Whether the line has the dash of the item whose keys have this margin."""
    return line.lstrip(" ").startswith("- ") and indent_of(line) < margin


def _ends(line: str, margin: int) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#") and indent_of(line) <= margin


def _entry(items: Sequence[str], id: str) -> Entry | None:
    """None: there is none, or it cannot be read."""
    for lines in items:
        with suppress(EditRejected):
            entry = entry_of_lines(lines)
            if entry.id == id:
                return entry
    return None
