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
from bot.replies import AGREE, REFUSE
from bot.store import Draft, Outcome, Post


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """Where a draft is shown, and to whom it belongs."""

    ctx: Context
    room: str
    moderator: str
    to: str | None = None  # the message that it comes from
    thread: str | None = None

    @classmethod
    def of(cls, ctx: Context, message: Message) -> ReplyTarget:
        return cls(ctx, message.room, message.sender, message.id, message.thread)

    def post(self, text: str, number: int | None = None, *, asks: bool = False) -> Post:
        """About the question or draft of that number; `asks`: it is the draft, to which people say yes or no."""
        choices = (AGREE, REFUSE) if asks and self.ctx.channel.reacts else ()
        reply = Reply(self.room, text, to=self.to, thread=self.thread, choices=choices, mentions=self._mentions)
        about = None if number else self.to
        return Post(reply, "draft" if asks else "command", (), about, channel=self.ctx.channel.name, number=number)

    @property
    def _mentions(self) -> tuple[str, ...]:
        return (self.moderator,) if self.to else ()


def editor(ctx: Context) -> Editor:
    if ctx.editor is None:
        raise RuntimeError("a conversation without a knowledge folder")
    return ctx.editor


async def taken_ids(ctx: Context) -> Set[str]:
    """The ids that no new entry may have."""
    return await ctx.store.ids_ever() | await asyncio.to_thread(editor(ctx).taken)


async def propose(
    target: ReplyTarget, change: Change, *, question: int | None = None, number: int | None = None, before: str = ""
) -> Outcome:
    """Show what it would come to, and keep it until somebody says yes or no; or say why it cannot be. `number`: of the
    draft that it takes the place of; `before`: what is said first."""
    ctx = target.ctx
    try:
        used = await ctx.store.ids_ever()
        written = await asyncio.to_thread(carry_out, editor(ctx), change, dry=True, used=used)
    except EditError as refusal:
        return Outcome("no draft", (target.post(ctx.replies.not_written(refusal.say, refusal.yaml, before), question),))
    number = number or await ctx.store.reserve()
    text = ctx.replies.draft(number, change.kind, _shown(written, change), written.file.name, question, before)
    draft = Draft(number, change.kind, change.written(), target.moderator, ctx.clock(), question)
    return Outcome("a draft", (target.post(text, number, asks=True),), addressed=True, draft=draft)


def _shown(written: EditResult, change: Change) -> str:
    """A new entry as it will read; of all others what changes."""
    return yaml_of(change.seen) if change.kind == "add" else written.diff


def merge_outcomes(first: Outcome, second: Outcome) -> Outcome:
    """What the first says, and the draft of the second with its post."""
    return replace(first, posts=(*first.posts, *second.posts), draft=second.draft, shows=second.shows)


async def shelf_for(ctx: Context, text: str) -> str:
    """The file of the entry that is likest; without any the largest."""
    for match in (await ctx.search(text)).matches:
        if match.id in ctx.knowledge.origins:
            return Path(ctx.knowledge.origins[match.id].file).name
    shelves = [shelf for shelf in await asyncio.to_thread(editor(ctx).shelves) if not shelf.drafts]
    return max(shelves, key=lambda shelf: shelf.entries).file if shelves else "reponses"


async def themes(ctx: Context) -> Sequence[str]:
    """As moderators may name them."""
    shelves = await asyncio.to_thread(editor(ctx).shelves)
    return [shelf.theme for shelf in shelves if not shelf.drafts]
