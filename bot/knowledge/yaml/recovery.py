"""Where a file is no YAML: say which slip it is, mend it inwardly and go on, so that all faults are told at once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import yaml

from bot.knowledge.yaml.parser import LOADER
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml.slips import Proposal, proposals

Place = tuple[int, int]  # line and column, from 0
WORK = 20_000_000  # characters parsed for the sake of mending: about two seconds
EFFORT = 1_000  # characters; what it takes to begin
GLANCE = 12  # characters; what it takes to see what may be meant by a line, of each line every time
OFTEN = 3  # times that one line is mended
FAR = 30  # lines; a proposal that brings the parser so much further is right

_END: Place = (10**9, 0)


class _Spent(Exception):
    """The file has so many faults that looking for more takes too long."""


class Mending:
    def __init__(self, text: str, file: str) -> None:
        self.lines, self.file = text.split("\n"), file
        self.problems: list[Problem] = []
        self.guessed = False  # something had to be left out: the rest may be misread
        self._work = WORK
        self._touched: Counter[int] = Counter()

    def run(self) -> str | None:
        """The text as YAML, or None where it cannot be mended. `problems` holds what was wrong."""
        try:
            while (place := self._reach({})) != _END:
                if not (self._mend(place) or self._leave_out(place)):
                    return None
        except _Spent:
            return None
        return "\n".join(self.lines)

    def _mend(self, place: Place) -> bool:
        """Take the proposal that brings the parser furthest."""
        best, furthest = None, place
        self._work -= GLANCE * len(self.lines)
        for proposal in proposals(self.lines, min(place[0], len(self.lines) - 1)):
            if any(self._touched[number] >= OFTEN for number in proposal.told):
                continue
            reached = self._reach(proposal.changes)
            if reached > furthest:
                best, furthest = proposal, reached
            if furthest[0] > place[0] + FAR:
                break
        if best:
            self._take(best)
        return best is not None

    def _take(self, proposal: Proposal) -> None:
        self.lines = self._changed(proposal.changes)
        self._touched.update(proposal.told)
        for number in proposal.told:
            values = {"count": len(proposal.changes), "mended": proposal.shown or self.lines[number]}
            self.problems.append(Problem(self.file, number + 1, proposal.key, values))

    def _leave_out(self, place: Place) -> bool:
        """No known slip: say that much, and look whether the rest is sound without the line."""
        number = min(place[0], len(self.lines) - 1)
        self.problems.append(Problem(self.file, number + 1, "syntax", {"text": self.lines[number].strip()[:80]}))
        self.guessed = True
        helps = self._reach({number: ""}) > place
        self.lines[number] = ""
        return helps

    def _reach(self, changes: dict[int, str]) -> Place:
        text = "\n".join(self._changed(changes))
        self._work -= len(text) + EFFORT
        if self._work < 0 and self.problems:
            raise _Spent
        return stumble(text) or _END

    def _changed(self, changes: dict[int, str]) -> list[str]:
        return [changes.get(number, line) for number, line in enumerate(self.lines)] if changes else self.lines


def stumble(text: str) -> Place | None:
    """Where the parser gives up: the start of what it could not finish, else the place it complains about."""
    documents = 0
    event: Any
    try:
        for event in yaml.parse(text, Loader=LOADER):
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                return event.start_mark.line, event.start_mark.column
    except yaml.MarkedYAMLError as error:
        return _place(error)
    except yaml.YAMLError:
        return 0, 0
    return None


def _place(error: yaml.MarkedYAMLError) -> Place:
    context = error.context or ""
    unfinished = context.startswith("while scanning a") or "flow" in context
    mark = (error.context_mark if unfinished else None) or error.problem_mark or error.context_mark
    return (mark.line, mark.column) if mark else (0, 0)
