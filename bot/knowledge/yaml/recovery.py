"""Recovery from invalid YAML, slip by slip, so that all problems are reported at once."""

from bot.knowledge.yaml.parser import END, Stop, parse, stop_of
from bot.knowledge.yaml.problems import Document, Problem
from bot.knowledge.yaml.slips import proposals

BUDGET = 20_000_000  # characters parsed to correct one file: about two seconds
PARSE_COST = 1_000  # characters; the cost of starting the parser
FAR_ENOUGH = 30  # lines; a proposal that brings the parser that much further is taken at once

_SENTENCES = {  # by the words of libyaml or PyYAML, where no proposal helps
    "end of stream": "open_quote",
    "escape": "backslash",
    "sequence entries": "list_here",
    "an alias": "anchor",
    "an anchor": "anchor",
    "a tag": "anchor",
    "a flow": "flow_list",
    "mapping values": "colon",
    "expected ':'": "no_colon",
}


class _BudgetSpent(Exception):
    """Correcting the rest of the file would take too long."""


class Recovery:
    """Corrects invalid YAML, with a problem for each slip."""

    def __init__(self, text: str, file: str) -> None:
        self.lines, self.file = text.split("\n"), file
        self.problems: list[Problem] = []
        self._budget = BUDGET

    def run(self) -> tuple[Document | None, list[Problem]]:
        """Return the corrected document, None where a line could not be corrected, and all problems."""
        has_gaps = False  # a line had to be left out: the rest may be misread
        try:
            while (stop := self._reach({})) != END:
                if self._fix(stop):
                    continue
                # An unknown slip: reported in the parser's words, and left out if the parser then gets further.
                number = stop.place[0]
                key = next((key for words, key in _SENTENCES.items() if words in stop.words), "syntax")
                self.problems.append(Problem(self.file, number + 1, key, {"text": self.lines[number].strip()[:80]}))
                has_gaps = True
                self.lines[number] = ""
                if self._reach({}).place <= stop.place:
                    return None, self.problems
        except _BudgetSpent:
            return None, self.problems
        document, more = parse("\n".join(self.lines), self.file)
        return None if has_gaps else document, self.problems + more

    def _fix(self, stop: Stop) -> bool:
        """Apply the proposal that brings the parser furthest."""
        best, furthest = None, stop.place
        for proposal in proposals(self.lines, stop.place[0]):
            if (reached := self._reach(proposal.changes).place) > furthest:
                best, furthest = proposal, reached
            if furthest[0] > stop.place[0] + FAR_ENOUGH:
                break
        if best is None:
            return False
        self.lines = self._changed(best.changes)
        for number in best.reported:
            values = {"count": len(best.changes), "correction": best.correction or self.lines[number]}
            self.problems.append(Problem(self.file, number + 1, best.key, values))
        return True

    def _reach(self, changes: dict[int, str]) -> Stop:
        text = "\n".join(self._changed(changes))
        self._budget -= len(text) + PARSE_COST
        if self._budget < 0 and self.problems:
            raise _BudgetSpent
        return stop_of(text)

    def _changed(self, changes: dict[int, str]) -> list[str]:
        return [changes.get(number, line) for number, line in enumerate(self.lines)] if changes else self.lines
