"""Feedback on answers: members' 👍 and 👎, and readers' opinions of an answer, left on its page: yes, no, or words.

Nothing else of a visitor is stored.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, select, update

from .database import Component, count_rows, fetch_all, put_row, query, transaction
from .outcome import Rating
from .stats import is_taken_back
from .tables import feedback, journal, reader_notes
from .values import DISLIKED, LIKED, TAKEN

VALUES = {LIKED: 1, DISLIKED: -1, TAKEN: 0}
_is_feedback = (journal.c.kind == "reaction", journal.c.reason.in_(VALUES))


@dataclass(frozen=True, slots=True)
class RetractedFeedback:
    """A reaction that its author removed from the event `target`.

    `value` is that person's other reaction that remains there, else 0; `disliked`: anybody's 👎 remains.
    """

    target: str
    value: int
    disliked: bool


class Feedback(Component):
    @query
    def counts(self, connection: Connection, without: str | None = None) -> dict[str, tuple[int, int]]:
        """Return the numbers of 👍 and 👎 by entry, without entries that have none, and those of that user."""
        others = feedback.c.person != self._database.hash(without or "")
        columns = feedback.c.entry, feedback.c.value
        grouped = select(*columns, func.count()).where(others).group_by(*columns)
        counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for entry, value, number in connection.execute(grouped):
            counts[entry][value] = number
        return {entry: (values[1], values[-1]) for entry, values in counts.items()}

    @query
    def retracted(self, connection: Connection, channel: str, event: str, user: str) -> RetractedFeedback | None:
        """Return the feedback that a redaction took back; None if the event was no 👀, 👍 or 👎, or not this user's.

        The redaction is in the journal already. After two days the author of a reaction is no longer known; it then
        counts as the user's who removed it.
        """
        person, in_channel = self._database.hash(user), (journal.c.channel == channel, *_is_feedback)
        row = connection.execute(select(journal).where(journal.c.event == event, *in_channel)).one_or_none()
        if row is None or row.relates_to is None or row.person not in (person, None):
            return None
        remaining = (journal.c.relates_to == row.relates_to, *in_channel, ~is_taken_back)
        in_order = select(journal.c.person, journal.c.reason).where(*remaining).order_by(journal.c.id)
        reactions = connection.execute(in_order).all()
        own = [VALUES[reason] for author, reason in reactions if author == person]
        is_disliked = any(reason == DISLIKED for _, reason in reactions)
        return RetractedFeedback(row.relates_to, own[-1] if own else 0, is_disliked)

    def rate(self, connection: Connection, rating: Rating, now: datetime) -> None:
        """Store that person's feedback on the entry; 0 deletes it."""
        key = {"entry": rating.entry, "person": self._database.hash(rating.user)}
        if rating.value:
            put_row(connection, feedback, key, {"value": rating.value, "given": now})
        else:
            connection.execute(delete(feedback).filter_by(**key))


MOST_NOTES = 1_000  # with words, until moderators put some away


@dataclass(frozen=True, slots=True)
class ReaderNote:
    """`value`: 1 for yes, -1 for no, 0 for words alone. `day`: its start in UTC; the same note counts `times` on it."""

    id: int
    entry: str
    value: int
    words: str
    day: datetime
    times: int


class ReaderNotes(Component):
    @transaction
    def add(self, connection: Connection, entry: str, value: int, words: str, now: datetime) -> bool:
        """Returns False, and stores nothing, if too many notes with words wait for moderators."""
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        row = {"entry": entry, "value": value, "words": words, "day": day}
        again = update(reader_notes).filter_by(**row).values(times=reader_notes.c.times + 1)
        if connection.execute(again).rowcount:
            return True
        if words and count_rows(connection, reader_notes, reader_notes.c.words != "") >= MOST_NOTES:
            return False
        connection.execute(reader_notes.insert().values(row | {"times": 1}))
        return True

    @query
    def all(self, connection: Connection) -> list[ReaderNote]:
        """Return the notes, latest first."""
        return fetch_all(connection, ReaderNote, select(reader_notes).order_by(reader_notes.c.id.desc()))

    @transaction
    def erase(self, connection: Connection, id: int) -> None:
        connection.execute(delete(reader_notes).where(reader_notes.c.id == id))
