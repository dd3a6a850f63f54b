"""The history of an entry: the changes that moderators made from a chat or the desk, as the store keeps them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aiohttp import web

from bot.desk.desk import Desk, Refusal
from bot.desk.entry_form import FieldDifference, differences, entry_titles
from bot.knowledge.models import Entry
from bot.replies.sentences import full_day, hour


@dataclass(frozen=True, slots=True)
class EntryEdit:
    """A change of one entry. `key`: names it; `moment`: when it was made, in the network's time zone; `file`: its name;
    None before or after: there was no entry."""

    key: str
    moment: str
    author: str
    file: str
    before: Entry | None
    after: Entry | None

    @property
    def what(self) -> str:
        """The end of the sentence `desk.edit_…`."""
        return "changed" if self.before and self.after else "added" if self.after else "removed"

    @property
    def differences(self) -> list[FieldDifference]:
        return differences(self.before, self.after)


async def edits(desk: Desk, request: web.Request) -> list[EntryEdit]:
    """Return the changes of the entry of the address, the latest first."""
    ctx, words, found = desk.context(request), desk.words, []
    for row in await ctx.store.knowledge_edits.of_entry(request.match_info["id"]):
        made = row.made.astimezone(ctx.settings.timezone)
        moment = words("desk.moment", day=full_day(words, made.date()), hour=hour(words, made))
        before, after = (Entry.model_validate(json.loads(text)) if text else None for text in (row.before, row.after))
        found.append(EntryEdit(str(row.id), moment, row.author, row.file, before, after))
    return found


async def find_edit(desk: Desk, request: web.Request, key: str) -> EntryEdit:
    """Return the change of that key; without a key the latest. Raises Refusal."""
    for edit in await edits(desk, request):
        if key in ("", edit.key):
            return edit
    raise Refusal("missing", 404)


async def show(desk: Desk, request: web.Request) -> web.Response:
    knowledge, id = desk.context(request).all_knowledge, request.match_info["id"]
    found, entry = await edits(desk, request), knowledge.entries.get(id)
    states = (state for edit in found for state in (edit.after, edit.before) if state)
    latest = entry or next(states, None)
    if latest is None:
        raise Refusal("missing", 404)
    titles, title, is_there = entry_titles(knowledge), latest.title, entry is not None
    return desk.page(request, "desk/history.html", id=id, title=title, titles=titles, is_there=is_there, edits=found)
