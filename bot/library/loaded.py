"""What a knowledge folder comes to: the knowledge of all its sound files, and what is wrong with the others. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.knowledge import Knowledge
from bot.library.parts import Part
from bot.wording import Wording
from bot.yamltext import Problem


@dataclass(frozen=True)
class Loaded:
    """`problems`: errors and warnings of all files, by file and line."""

    knowledge: Knowledge
    problems: tuple[Problem, ...]


class LibraryError(Exception):
    """There is nothing to answer with. The first of `problems` says why, the others what is wrong in the files."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(f"{problems[0].file}: {problems[0].key}")

    def say(self, words: Wording) -> str:
        return "\n".join(problem.say(words) for problem in self.problems)


def clashes(parts: Iterable[Part]) -> list[Problem]:
    """Ids that an earlier file has already given away."""
    first: dict[str, str] = {}
    problems = []
    for part in parts:
        places = {entry.id: origin for entry, origin in part.entries}
        for one, origin in places.items():
            if one in first:
                problems.append(Problem(part.file, origin.lines["id"][0], "twice_id", {"id": one, "first": first[one]}))
        first = {one: f"{origin.file}:{origin.lines['id'][0]}" for one, origin in places.items()} | first
    return problems


def assembled(used: Sequence[Part], outdated: Collection[str]) -> Knowledge:
    """`outdated` names files whose earlier version is in use: what has moved elsewhere since is taken from there."""
    current = {entry.id for part in used if part.file not in outdated for entry, _ in part.entries}
    placed = [
        (entry, origin)
        for part in used
        if part.kind == "theme"
        for entry, origin in part.entries
        if part.file not in outdated or entry.id not in current
    ]
    return Knowledge(
        entries={entry.id: entry for entry, _ in placed},
        synonyms=tuple(group for part in used for group in part.synonyms),
        origins={entry.id: origin for entry, origin in placed},
    )
