"""What is new since it was last told. Time is an argument."""

from __future__ import annotations

from bot.knowledge import Knowledge
from bot.library.loaded import Loaded
from bot.yamltext import Problem


class News:
    """`known` has been told already; an error is news when it has lasted for `patience` seconds."""

    def __init__(self, known: Loaded | None, patience: float) -> None:
        self._patience = patience
        self._knowledge: Knowledge | None = known.knowledge if known else None
        self._told = {_name(problem) for problem in known.problems} if known else set()
        self._since: dict[str, float] = {}

    def of(self, loaded: Loaded, now: float) -> Loaded | None:
        """The knowledge with the problems that nobody has heard of, or None where there is nothing to tell."""
        named: dict[str, list[Problem]] = {}
        for problem in loaded.problems:
            named.setdefault(_name(problem), []).append(problem)
        self._told &= named.keys()
        self._since = {name: self._since.get(name, now) for name in named}
        fresh = [name for name in named if name not in self._told and self._lasts(name, named[name], now)]
        if loaded.knowledge is self._knowledge and all(named[name][0].warning for name in fresh):
            return None
        self._knowledge = loaded.knowledge
        self._told.update(fresh)
        return Loaded(loaded.knowledge, tuple(problem for name in fresh for problem in named[name]))

    def _lasts(self, name: str, problems: list[Problem], now: float) -> bool:
        return problems[0].warning or now - self._since[name] >= self._patience


def _name(problem: Problem) -> str:
    """The same for a problem that has only moved to another line."""
    return f"{problem.file} {problem.key} {sorted(problem.values.items())}"
