"""Imported drafts: entries in files of drafts (`brouillons.yaml`), which are never answered with."""

import asyncio
from collections.abc import Sequence

from bot.conversation.context import Context
from bot.conversation.moderation.actions import editor_of, write
from bot.conversation.moderation.changes import Change, json_fields
from bot.knowledge.edit_result import EditError
from bot.knowledge.models import Entry
from bot.replies.draft_notes import Say


async def found(ctx: Context) -> tuple[Sequence[Entry], Sequence[Say]]:
    """Return the drafts, and why some files cannot be read, in words."""
    try:
        drafts, faults = await asyncio.to_thread(editor_of(ctx).drafts)
        return drafts, [fault.say for fault in faults]
    except EditError as error:
        return (), [error.say]


async def find(ctx: Context, id: str) -> Entry | None:
    return next((draft for draft in (await found(ctx))[0] if draft.id == id), None)


def keeping(draft: Entry, theme: str) -> Change:
    """Return the change that moves a draft to a theme."""
    return Change("add", draft.id, json_fields(draft), theme, draft=json_fields(draft))


async def keep(ctx: Context, drafts: Sequence[Entry], theme: str, author: str) -> None:
    """Move drafts to a theme. Raises EditError; those before the one that was refused are kept."""
    try:
        for draft in drafts:
            await write(ctx, keeping(draft, theme), author)
    finally:
        await ctx.bot.reload()


async def discard(ctx: Context, drafts: Sequence[Entry], author: str) -> None:
    """Remove drafts from their files. Raises EditError."""
    for draft in drafts:
        await asyncio.to_thread(editor_of(ctx).discard, draft, author)
