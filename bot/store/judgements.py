"""👍 and 👎 as the journal has them: what is left of a person's word on an answer once it is taken back."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

from .database import Database, reading
from .tables import journal
from .values import DISLIKED, LIKED

VALUES = {LIKED: 1, DISLIKED: -1}
_judged = (journal.c.kind == "reaction", journal.c.reason.in_(VALUES))


@dataclass(frozen=True, slots=True)
class TakenBack:
    """`target`: the event that it was set under. `value`: that person's other word which still stands there, 0 where
    there is none; `disliked`: whether anybody's 👎 does."""

    target: str
    value: int
    disliked: bool


class Judgements(Database):
    @reading
    def taken_back(self, connection: Connection, channel: str, event: str, user: str) -> TakenBack | None:
        """None: that was neither 👍 nor 👎, or somebody else's, or more than a month ago. Whose it was is known for two
        days; after that it counts as the user's who took it away. Its redaction is in the journal."""
        person, here = self.hash(user), (journal.c.channel == channel, *_judged)
        row = connection.execute(select(journal).where(journal.c.event == event, *here)).one_or_none()
        if row is None or row.relates_to is None or row.person not in (person, None):
            return None
        redaction = journal.alias("redaction")
        gone = exists().where(
            redaction.c.kind == "redaction",
            redaction.c.relates_to == journal.c.event,
            redaction.c.room == journal.c.room,
        )
        query = select(journal.c.person, journal.c.reason).where(journal.c.relates_to == row.relates_to, *here, ~gone)
        standing = connection.execute(query.order_by(journal.c.id)).all()
        own = [VALUES[reason] for who, reason in standing if who == person]
        return TakenBack(row.relates_to, own[-1] if own else 0, any(reason == DISLIKED for _, reason in standing))
