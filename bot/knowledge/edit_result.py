"""Results of an edit: the diff, or an error that says in one sentence why nothing was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, ndiff
from itertools import takewhile
from pathlib import Path

from bot.knowledge.models import Entry
from bot.knowledge.yaml.lines import LINE_BREAK
from bot.knowledge.yaml.problems import Problem, ProblemError

LONGEST_PAIRED = 4_000  # characters of changed lines that ndiff pairs: a tenth of a second


@dataclass(frozen=True, slots=True)
class EditResult:
    """The result of an edit; the same with `dry=True`, except that nothing was written."""

    file: Path
    entry: Entry | None  # as it reads from the file; None: removed
    diff: str  # the changed lines of the file, each after `-` or `+`
    note: Problem | None = None  # why git did not commit; each reason is reported once


class EditError(ProblemError):
    """An edit that left the files unchanged. `yaml`: the entry to paste by hand; empty where pasting would not help."""

    def __init__(self, *problems: Problem, yaml: str = "") -> None:
        self.yaml = yaml
        super().__init__(*problems)


class EditRejected(EditError):
    """An impossible edit: the id is in use or unknown, the link is not one, the file has errors, …"""


class EditConflict(EditError):
    """The entry has changed since the moderator saw it. `now`: its current state, None if it is gone.

    `difference`: the lines of YAML that changed since, after `-` and `+`.
    """

    def __init__(self, *problems: Problem, now: Entry | None, difference: str, yaml: str = "") -> None:
        self.now = now
        self.difference = difference
        super().__init__(*problems, yaml=yaml)


class Unwritable(EditError):
    """The file or folder cannot be written: it is read-only, full or missing. `yaml` can be pasted by hand."""


def difference(before: str, after: str) -> str:
    """Return each changed line after `-` or `+`.

    Lines that are equal at both ends are skipped first: files are long, and ndiff is slow. It also compares lines by
    their characters, to pair similar ones, in quadratic time: minutes for one line of 20,000.
    """
    old, new = LINE_BREAK.split(before), LINE_BREAK.split(after)
    head = _common_lines(old, new)
    tail = _common_lines(old[head:][::-1], new[head:][::-1])
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    if sum(map(len, (*old, *new))) <= LONGEST_PAIRED:
        return "".join(f"{line}\n" for line in ndiff(old, new) if line[:1] in "+-")
    lines: list[str] = []  # as of ndiff, without pairing similar ones
    for operation, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation != "equal":
            lines += [*(f"- {line}\n" for line in old[i:j]), *(f"+ {line}\n" for line in new[k:m])]
    return "".join(lines)


def _common_lines(some: Sequence[str], others: Sequence[str]) -> int:
    """Count the equal lines at the start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(some, others, strict=False)))
