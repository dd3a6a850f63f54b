"""Forms of entries that are open at the desk now: what was sent of each, and who has which one open.

In memory: a restart loses them, and the browser's own copy of the text remains (`entry.js`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.desk.entry_form import EntryForm
from bot.store import DeskSession

KEPT = 200  # forms
OPEN = timedelta(minutes=15)  # how long a form counts as open after its last sign of life


class OpenForms:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], EntryForm] = {}
        self._editors: defaultdict[str, dict[str, tuple[str, datetime]]] = defaultdict(dict)

    def keep(self, user: str, form: EntryForm, do: str) -> str:
        """Keep a form, and return the path of the page that shows it. `do`: what the page does with it."""
        self._kept = dict([*self._kept.items(), ((user, form.key), form)][-KEPT:])
        return f"desk/{form.place}{'&' if '?' in form.place else '?'}form={form.key}&do={do}#result"

    def kept(self, user: str, query: Mapping[str, str]) -> EntryForm | None:
        return self._kept.get((user, query.get("form", "")))

    def note_editor(self, place: str, session: DeskSession, now: datetime) -> list[str]:
        """Note who has the form of a place open, and return the names of the others who do."""
        since = now - OPEN
        editors = {user: one for user, one in self._editors[place].items() if one[1] > since}
        self._editors[place] = editors | {session.user: (session.name, now)}
        return sorted(name for user, (name, _) in editors.items() if user != session.user)
