"""Changes of the knowledge: candidates until a moderator decides, and moderators' edits, to show and undo them.

Of candidates (phrasings of an entry, and replies that answer a question) only ids are stored; the words are read again
from the network whenever they are needed.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, or_, select, update

from .database import Component, fetch_all, from_row, insert_into, query, transaction
from .outcome import KnowledgeEdit, PhrasingCandidate, PhrasingList, ReplyCandidate
from .tables import candidates, edits, outbox

_is_reply = candidates.c.question.is_not(None)


class KnowledgeCandidates(Component):
    @query
    def phrasings(self, connection: Connection) -> list[PhrasingCandidate]:
        """Return the undecided phrasings, oldest first."""
        return fetch_all(connection, PhrasingCandidate, select(candidates).where(~_is_reply).order_by(candidates.c.id))

    @query
    def replies(self, connection: Connection) -> list[ReplyCandidate]:
        """Return the undecided replies, oldest first."""
        return fetch_all(connection, ReplyCandidate, select(candidates).where(_is_reply).order_by(candidates.c.id))

    @query
    def listed(self, connection: Connection, number: int) -> dict[int, PhrasingCandidate | ReplyCandidate]:
        """Return the undecided candidates of a list by their place in it, in order."""
        rows = connection.execute(select(candidates).where(candidates.c.list == number).order_by(candidates.c.place))
        return {
            row.place: from_row(ReplyCandidate, row) if row.question else from_row(PhrasingCandidate, row)
            for row in rows
        }

    @query
    def standing_lists(self, connection: Connection, channel: str = "", event: str = "") -> list[int]:
        """Return the ids of readable posts that show members' words to moderators.

        With an event, only of those that may show it.
        """
        listed = (candidates.c.list == outbox.c.number, candidates.c.channel == channel, _is_about(event))
        answer = outbox.alias("answer")
        is_answered = exists().where(answer.c.channel == channel, answer.c.question == event)
        shows = or_(exists().where(*listed), (outbox.c.purpose == "gaps") & is_answered)
        is_list = outbox.c.purpose.in_(("phrasings", "gaps"))
        which = (is_list, outbox.c.removed.is_(False), *([shows] if event else []))
        return list(connection.scalars(select(outbox.c.id).where(*which)))

    def add(self, connection: Connection, candidate: PhrasingCandidate | ReplyCandidate, now: datetime) -> None:
        row = {"entry": "", "question": None, "made": now} | asdict(candidate)
        del row["id"]
        connection.execute(insert_into(connection, candidates).values(row).on_conflict_do_nothing())

    def put_list(self, connection: Connection, phrasings: PhrasingList) -> None:
        """Replace any earlier list, and erase the candidates that can no longer be shown."""
        connection.execute(update(candidates).values(list=None, place=None))
        self.erase(connection, phrasings.unusable)
        for place, id in enumerate(phrasings.shown, 1):
            this = candidates.c.id == id
            connection.execute(update(candidates).where(this).values(list=phrasings.number, place=place))

    def erase(self, connection: Connection, ids: Sequence[int]) -> None:
        connection.execute(delete(candidates).where(candidates.c.id.in_(ids)))

    def remove_event(self, connection: Connection, channel: str, event: str) -> None:
        connection.execute(delete(candidates).where(candidates.c.channel == channel, _is_about(event)))


def _is_about(event: str) -> ColumnElement[bool]:
    return or_(candidates.c.event == event, candidates.c.question == event)


class KnowledgeEdits(Component):
    @query
    def of_entry(self, connection: Connection, entry: str) -> list[KnowledgeEdit]:
        """Return the changes of an entry, latest first."""
        latest_first = select(edits).where(edits.c.entry == entry).order_by(edits.c.id.desc())
        return fetch_all(connection, KnowledgeEdit, latest_first)

    @transaction
    def record(self, connection: Connection, edit: KnowledgeEdit) -> None:
        self.add(connection, edit)

    def add(self, connection: Connection, edit: KnowledgeEdit) -> None:
        row = {name: value for name, value in asdict(edit).items() if name != "id"}
        connection.execute(edits.insert().values(row))
