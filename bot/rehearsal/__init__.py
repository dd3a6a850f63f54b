"""A network's own past replayed: what the bot would have answered, how sure, and which questions stay open.

`exports.py` and `mail.py` read, `anonymous.py` takes people out of the texts, `replay.py` decides with the rules of the
conversation, `sampling.py` draws what is to be judged, `report.py` makes one HTML file of it.
"""

from __future__ import annotations


class UnreadableExport(Exception):
    """`key`: a sentence of `rehearsal.` in the wording; `values` fill it in. `line`: where, from 1; 0: nowhere."""

    def __init__(self, key: str, line: int = 0, **values: object) -> None:
        super().__init__(key)
        self.key, self.line, self.values = key, line, values
