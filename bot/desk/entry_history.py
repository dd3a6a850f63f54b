"""What became of an entry: from git where it keeps the answers, else from what the store knows that the bot did."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.conversation.context import Context
from bot.desk.access import SESSION, Refusal
from bot.desk.desk import Desk
from bot.desk.differences import FieldDifference, differences
from bot.desk.entry_form import entry_titles
from bot.knowledge.git import GitFailed
from bot.knowledge.git_log import EntryEdit
from bot.knowledge.models import Entry
from bot.locale import Wording
from bot.replies.sentences import full_day, hour
from bot.store import KnowledgeEdit

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShownEdit:
    """`moment`: when it was made, in the network's time zone; `what`: names the sentence `desk.edit_…`."""

    edit: EntryEdit
    moment: str
    what: str
    differences: Sequence[FieldDifference]


def shown_edit(ctx: Context, words: Wording, edit: EntryEdit) -> ShownEdit:
    made = edit.made.astimezone(ctx.timezone)
    moment = words("desk.moment", day=full_day(words, made.date()), hour=hour(words, made))
    what = "changed" if edit.before and edit.after else "added" if edit.after else "removed"
    return ShownEdit(edit, moment, what, differences(edit.before, edit.after))


async def edits(ctx: Context, id: str) -> tuple[list[EntryEdit], bool]:
    """The latest first, and whether they come from git."""
    try:
        found = await asyncio.to_thread(ctx.editor.edits, id) if ctx.editor else None
    except (GitFailed, OSError, ValueError, subprocess.TimeoutExpired) as error:
        log.warning("the history of an answer cannot be read from git: %s", error)
        found = None
    if found is not None:
        return found, True
    return [_edit(row) for row in await ctx.store.knowledge_edits.of_entry(id)], False


async def find_edit(ctx: Context, id: str, key: str) -> EntryEdit | None:
    """The one of that key; without a key the latest."""
    found, _ = await edits(ctx, id)
    return next((edit for edit in found if key in ("", edit.key)), None)


async def show(desk: Desk, request: web.Request) -> web.Response:
    ctx, id = desk.context(request[SESSION]), request.match_info["id"]
    found, is_git = await edits(ctx, id)
    entry = ctx.all_knowledge.entries.get(id)
    if not found and entry is None:
        raise Refusal("missing", 404)
    latest = entry or next(one for edit in found for one in (edit.after, edit.before) if one)
    return desk.page(
        request,
        "desk/history.html",
        id=id,
        title=latest.title,
        titles=entry_titles(ctx.all_knowledge),
        is_there=entry is not None,
        edits=[shown_edit(ctx, desk.words, edit) for edit in found],
        is_git=is_git,
    )


def _edit(row: KnowledgeEdit) -> EntryEdit:
    before, after = (Entry.model_validate(json.loads(text)) if text else None for text in (row.before, row.after))
    return EntryEdit(str(row.id), row.made, row.author, row.file, before, after)
