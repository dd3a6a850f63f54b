"""What a moderator can do, from a chat, a web page or a command line: propose a change, approve or drop it, answer or
dismiss a question.

Each action takes plain values and hands back an Outcome to be applied under any key; the caller adds the posts that
report it. Callers have checked that whoever acts is a moderator.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from bot.conversation.context import Context
from bot.conversation.moderation.changes import Change, carry_out, is_made, json_fields
from bot.conversation.moderation.notifications import Words, closure_of, notifications_for, shown_to
from bot.knowledge.edit_result import EditError, EditResult
from bot.knowledge.editor import Editor
from bot.knowledge.entry_input import draft as entry_of
from bot.knowledge.entry_input import id_for
from bot.knowledge.models import Entry
from bot.knowledge.rendering import yaml_of
from bot.store import Draft, Outcome, QueuedQuestion
from bot.store.queue import DRAFTS


@dataclass(frozen=True, slots=True)
class ChangeProposal:
    """A draft to be shown. `shown`: the YAML of a new entry, of all others the changed lines; `file`: its name."""

    draft: Draft
    shown: str
    file: str

    @property
    def outcome(self) -> Outcome:
        return Outcome("a draft", draft=self.draft)


@dataclass(frozen=True, slots=True)
class Approval:
    """A change that is in the files. `outcome.posts` notify those who asked; `errors`: of the files when they were
    read again; `result` is None if they had the change before; `left_open`: the number of a question that was asked
    where the answer is hidden."""

    outcome: Outcome
    change: Change
    errors: Sequence[str]
    result: EditResult | None
    left_open: int | None = None


async def new_entry(ctx: Context, fields: Mapping[str, object]) -> Change:
    """The change that adds an entry with these fields; `title` is one of them. Raises EditRejected."""
    title = str(fields["title"])
    id = id_for(title, await _taken_ids(ctx))
    entry = entry_of({"id": id, "updated": ctx.today.isoformat(), **fields})
    return Change("add", entry.id, json_fields(entry), await _theme_for(ctx, entry.title))


async def propose_change(
    ctx: Context, moderator: str, change: Change, *, question: int | None = None, number: int | None = None
) -> ChangeProposal:
    """Make a draft of a change. `question`: the number of the one that it answers; `number`: of the draft that this one
    replaces. Raises EditError where the files would refuse it."""
    used = await ctx.store.digests.entries_ever()
    result = await asyncio.to_thread(carry_out, _editor(ctx), change, dry=True, used=used)
    number = number or await ctx.store.queue.reserve_number()
    draft = Draft(number, change.kind, change.to_json(), moderator, ctx.clock(), question)
    return ChangeProposal(draft, yaml_of(change.seen) if change.kind == "add" else result.diff, result.file.name)


async def recent_draft(ctx: Context, number: int) -> Draft | None:
    """The draft of that number, open or decided; None: it is gone, or too old."""
    draft = await ctx.store.queue.draft(number)
    return None if draft is None or ctx.clock() - draft.made > DRAFTS else draft


async def approve(ctx: Context, draft: Draft, author: str) -> Approval:
    """Write the change into the files, under the author's name in their history; raises EditError.

    The outcome is applied after that, in one transaction. A crash between the two is made up for by approving again:
    the change is then found in the files.
    """
    change, result = Change.from_json(draft.content), None
    try:
        used = await ctx.store.digests.entries_ever()
        result = await asyncio.to_thread(carry_out, _editor(ctx), change, author, used=used)
    except EditError:
        if not await asyncio.to_thread(is_made, _editor(ctx), change):
            raise
    reloaded = await ctx.reload()
    entry = ctx.all_knowledge.entries.get(change.id)
    queued = await ctx.store.queue.question(draft.question) if draft.question is not None and entry else None
    told = await shown_to(ctx, queued, entry) if queued and entry else queued
    posts = await notifications_for(ctx, told, _news_of(entry), entry.id) if told and entry else ()
    closure = closure_of(told, change.id) if told and told.askings else None
    outcome = Outcome("knowledge changed", posts, draft_decision=(draft.number, "done"), close=closure)
    return Approval(outcome, change, reloaded.errors, result, queued.number if queued and told != queued else None)


def _news_of(entry: Entry) -> Words:
    def news(ctx: Context, names: Sequence[str]) -> str:
        given = ctx.given([entry.id])
        return ctx.replies.news(names, given[0], ctx.knowledge, ctx.today) if given else ""

    return news


def drop(draft: Draft) -> Outcome:
    return Outcome("dropped", draft_decision=(draft.number, "dropped"))


async def open_question(ctx: Context, number: int) -> QueuedQuestion | None:
    queued = await ctx.store.queue.question(number)
    return None if queued is None or queued.closed else queued


async def answer(ctx: Context, question: QueuedQuestion, text: str) -> Outcome:
    """Send a text to those who asked, and close the question."""
    posts = await notifications_for(ctx, question, lambda target, names: target.replies.answered(names, text))
    return Outcome("answered", posts, close=closure_of(question))


def dismiss(question: QueuedQuestion) -> Outcome:
    """Close a question without an answer."""
    return Outcome("set aside", close=closure_of(question))


async def stored_entry(ctx: Context, id: str) -> Entry | None:
    """An entry as it stands in the files now, drafts included."""
    try:
        return await asyncio.to_thread(_editor(ctx).entry, id)
    except EditError:
        return None


async def excerpt(ctx: Context, id: str) -> str | None:
    """Its lines in the file."""
    try:
        return await asyncio.to_thread(_editor(ctx).excerpt, id)
    except EditError:
        return None


def _editor(ctx: Context) -> Editor:
    if ctx.editor is None:
        raise RuntimeError("a conversation without a knowledge folder")
    return ctx.editor


async def _taken_ids(ctx: Context) -> Set[str]:
    return await ctx.store.digests.entries_ever() | await asyncio.to_thread(_editor(ctx).taken_ids)


async def _theme_for(ctx: Context, text: str) -> str:
    """The file of the most similar entry; without any the largest."""
    for match in (await ctx.search(text)).matches:
        if match.id in ctx.all_knowledge.origins:
            return Path(ctx.all_knowledge.origins[match.id].file).name
    themes = [theme for theme in await asyncio.to_thread(_editor(ctx).themes) if not theme.drafts]
    return max(themes, key=lambda theme: theme.entries).file if themes else "reponses"


async def themes(ctx: Context) -> Sequence[str]:
    """The titles of the files for entries."""
    return [theme.theme for theme in await asyncio.to_thread(_editor(ctx).themes) if not theme.drafts]
