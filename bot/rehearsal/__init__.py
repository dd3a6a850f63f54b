"""Replay of a network's own past: the answers that the bot would have given, its confidence, and the open questions.

`exports.py` reads, `replay.py` removes people from the texts and decides with the rules of the conversation, `tally.py`
counts and draws answers to judge, `report.py` writes one HTML file.
"""


class UnreadableExport(Exception):
    """An export that cannot be read. `line`: from 1, or 0 if unknown.

    `key`: a sentence of `rehearsal.` in the wording, filled in with `values`.
    """

    def __init__(self, key: str, line: int = 0, **values: object) -> None:
        super().__init__(key)
        self.key, self.line, self.values = key, line, values
