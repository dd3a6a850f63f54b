"""What became of an entry: the changes that moderators made from a chat or the desk, as the store keeps them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.conversation.context import Context
from bot.desk.desk import Desk
from bot.desk.differences import FieldDifference, differences
from bot.desk.entry_form import entry_titles
from bot.desk.requests import Refusal
from bot.knowledge.models import Entry
from bot.locale import Wording
from bot.replies.sentences import full_day, hour


@dataclass(frozen=True, slots=True)
class EntryEdit:
    """A change of one entry. `key`: names it; `file`: its name; None before or after: there was no entry."""

    key: str
    made: datetime
    author: str
    file: str
    before: Entry | None
    after: Entry | None


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


async def edits(ctx: Context, id: str) -> list[EntryEdit]:
    """The latest first."""
    found = []
    for row in await ctx.store.knowledge_edits.of_entry(id):
        before, after = (Entry.model_validate(json.loads(text)) if text else None for text in (row.before, row.after))
        found.append(EntryEdit(str(row.id), row.made, row.author, row.file, before, after))
    return found


async def find_edit(ctx: Context, id: str, key: str) -> EntryEdit | None:
    """The one of that key; without a key the latest."""
    return next((edit for edit in await edits(ctx, id) if key in ("", edit.key)), None)


async def show(desk: Desk, request: web.Request) -> web.Response:
    ctx, id = desk.context(request), request.match_info["id"]
    found, entry = await edits(ctx, id), ctx.all_knowledge.entries.get(id)
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
    )
