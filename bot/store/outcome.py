"""Applies an Outcome: all that follows from an event, or from a moderator's action, in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from bot.messages import Event

from .database import put_row
from .journal import retry_room, settle_event
from .queue import is_outdated, settle_draft
from .tables import hushes
from .values import Outcome

if TYPE_CHECKING:
    from . import Store


def finish_event(connection: Connection, store: Store, event: Event, outcome: Outcome, now: datetime) -> None:
    """Nothing happens for an event that is done, or to an outdated outcome: then the event stays due."""
    if not is_outdated(connection, outcome) and settle_event(connection, event, outcome, now):
        _apply(connection, store, event.channel, event.id, outcome, now, event.sent)


def apply_outcome(
    connection: Connection, store: Store, channel: str, key: str, outcome: Outcome, now: datetime
) -> bool:
    """Under a key instead of an event's id. False: nothing happened."""
    return not is_outdated(connection, outcome) and _apply(connection, store, channel, key, outcome, now)


def _apply(
    connection: Connection,
    store: Store,
    channel: str,
    source: str,
    outcome: Outcome,
    now: datetime,
    event_sent: datetime | None = None,
) -> bool:
    """All but what concerns the event itself. `source`: its id or the key, from which transaction ids are made."""
    if outcome.draft_decision and not settle_draft(connection, *outcome.draft_decision):
        return False
    _apply_preferences(connection, store, outcome, now)
    _apply_to_queue(connection, store, channel, outcome, now)
    if outcome.retry_room:
        retry_room(connection, channel, outcome.retry_room)
    store.outbox.withdraw(connection, outcome.withdraw, now)
    store.outbox.add(connection, channel, source, outcome.posts, now, event_sent)
    return True


def _apply_preferences(connection: Connection, store: Store, outcome: Outcome, now: datetime) -> None:
    if outcome.opt_out:
        store.retention.opt_out(connection, outcome.opt_out, now)
    if outcome.opt_in:
        store.retention.opt_in(connection, outcome.opt_in)
    if outcome.mute:
        room, until = outcome.mute
        put_row(connection, hushes, {"room": room}, {"until": until})
    if outcome.feedback:
        store.feedback.rate(connection, *outcome.feedback, now)


def _apply_to_queue(connection: Connection, store: Store, channel: str, outcome: Outcome, now: datetime) -> None:
    if outcome.ask:
        store.queue.add(connection, outcome.ask, now)
    if outcome.dequeue:
        store.queue.remove(connection, channel, outcome.dequeue, now)
    if outcome.close:
        store.queue.close(connection, outcome.close, now)
    if outcome.candidate:
        store.candidates.add(connection, outcome.candidate, now)
    if outcome.dequeue:
        store.candidates.remove_event(connection, channel, outcome.dequeue)
    if outcome.phrasings:
        store.candidates.put_list(connection, outcome.phrasings)
    if outcome.decided:
        store.candidates.erase(connection, outcome.decided)
    if outcome.edit:
        store.edits.add(connection, outcome.edit)
    if outcome.reopen:
        store.queue.reopen(connection, outcome.reopen)
    if outcome.draft:
        store.queue.put_draft(connection, outcome.draft)
