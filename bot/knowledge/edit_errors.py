"""Why a change of the knowledge was not written; each says so in one sentence."""

from __future__ import annotations

from bot.knowledge.models import Entry
from bot.knowledge.yaml.problems import Problem
from bot.locale import Wording


class EditError(Exception):
    """The files are as they were. `yaml`: what somebody may paste by hand instead; empty where that helps nobody."""

    def __init__(self, *problems: Problem, yaml: str = "") -> None:
        self.problems = problems
        self.yaml = yaml
        super().__init__("; ".join(f"{problem.file}: {problem.key}" for problem in problems))

    def say(self, words: Wording) -> str:
        """Without the YAML."""
        return "\n".join(problem.say(words) for problem in self.problems)


class EditRejected(EditError):
    """What was asked for cannot be: the id is taken or unknown, a link is none, the file has errors, …"""


class EditConflict(EditError):
    """The entry is not what the moderator saw. `now`: what it has become, None when it is gone.

    `difference`: how it got from one to the other, lines of YAML after `-` and `+`.
    """

    def __init__(self, *problems: Problem, now: Entry | None, difference: str, yaml: str = "") -> None:
        self.now = now
        self.difference = difference
        super().__init__(*problems, yaml=yaml)


class Unwritable(EditError):
    """The file or folder cannot be written: read-only, full, elsewhere. `yaml` is to be pasted by hand."""
