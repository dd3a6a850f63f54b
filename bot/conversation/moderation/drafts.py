"""Drafts: a change of the knowledge is shown before it is made, and waits for a moderator's word."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from bot.conversation.context import Context
from bot.conversation.moderation.changes import Change, carry_out
from bot.knowledge.edit_errors import EditError
from bot.knowledge.editor import Editor, EditResult
from bot.knowledge.rendering import yaml_of
from bot.messages import Message, Reply
from bot.store import Draft, Outcome, Post

YES, NO = "✅", "❌"


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """Where a draft is shown, and to whom it belongs."""

    here: Context
    room: str
    moderator: str
    to: str | None = None  # the message that it comes from
    thread: str | None = None

    @classmethod
    def of(cls, here: Context, message: Message) -> ReplyTarget:
        return cls(here, message.room, message.sender, message.id, message.thread)

    def post(self, text: str, number: int | None = None, *, asks: bool = False) -> Post:
        """About the question or draft of that number; `asks`: it is the draft, to which people say yes or no."""
        choices = (YES, NO) if asks and self.here.channel.reacts else ()
        reply = Reply(self.room, text, to=self.to, thread=self.thread, choices=choices, mentions=self._mentions)
        about = None if number else self.to
        return Post(reply, "draft" if asks else "command", (), about, channel=self.here.channel.name, number=number)

    @property
    def _mentions(self) -> tuple[str, ...]:
        return (self.moderator,) if self.to else ()


def editor(here: Context) -> Editor:
    if here.editor is None:
        raise RuntimeError("a conversation without a knowledge folder")
    return here.editor


async def taken_ids(here: Context) -> Set[str]:
    """The ids that no new entry may have."""
    return await here.store.ids_ever() | await asyncio.to_thread(editor(here).taken)


async def propose(
    place: ReplyTarget, change: Change, *, question: int | None = None, number: int | None = None, before: str = ""
) -> Outcome:
    """Show what it would come to, and keep it until somebody says yes or no; or say why it cannot be. `number`: of the
    draft that it takes the place of; `before`: what is said first."""
    here = place.here
    try:
        used = await here.store.ids_ever()
        written = await asyncio.to_thread(carry_out, editor(here), change, dry=True, used=used)
    except EditError as refusal:
        return Outcome("no draft", (place.post(here.replies.not_written(refusal.say, refusal.yaml, before), question),))
    number = number or await here.store.reserve()
    text = here.replies.draft(number, change.kind, _shown(written, change), written.file.name, question, before)
    draft = Draft(number, change.kind, change.written(), place.moderator, here.clock(), question)
    return Outcome("a draft", (place.post(text, number, asks=True),), addressed=True, draft=draft)


def _shown(written: EditResult, change: Change) -> str:
    """A new entry as it will read; of all others what changes."""
    return yaml_of(change.seen) if change.kind == "add" else written.diff


def merge_outcomes(first: Outcome, second: Outcome) -> Outcome:
    """What the first says, and the draft of the second with its post."""
    return replace(first, posts=(*first.posts, *second.posts), draft=second.draft, shows=second.shows)


async def shelf_for(here: Context, text: str) -> str:
    """The file of the entry that is likest; without any the largest."""
    for match in (await here.search(text)).matches:
        if match.id in here.knowledge.origins:
            return Path(here.knowledge.origins[match.id].file).name
    shelves = [shelf for shelf in await asyncio.to_thread(editor(here).shelves) if not shelf.drafts]
    return max(shelves, key=lambda shelf: shelf.entries).file if shelves else "reponses"


async def themes(here: Context) -> Sequence[str]:
    """As moderators may name them."""
    shelves = await asyncio.to_thread(editor(here).shelves)
    return [shelf.theme for shelf in shelves if not shelf.drafts]


async def with_withdrawals(here: Context, outcome: Outcome) -> Outcome:
    """The store withdraws what shows the question; moderators read why a draft is gone, without any of its words."""
    if not (outcome.forget or outcome.unask):
        return outcome
    store, channel = here.store, here.channel.name
    quoting = await store.replies_and_news(channel, outcome.forget) if outcome.forget and here.replies.quotes else ()
    drafts = await store.drafts_about(channel, outcome.unask, outcome.forget)
    notes = [_note(here.of(name), room, number, outcome) for number, name, room in drafts]
    return replace(outcome, posts=(*outcome.posts, *notes), withdraw=(*outcome.withdraw, *quoting))


def _note(there: Context, room: str, number: int, outcome: Outcome) -> Post:
    text = there.replies.draft_withdrawn(number, forgotten=bool(outcome.forget))
    return Post(Reply(room, text, quiet=True), "note", channel=there.channel.name, number=number)
