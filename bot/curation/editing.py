"""The commands that show and change the knowledge; each change is shown first, and waits for a yes."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from rapidfuzz import process

from bot.context import Context
from bot.curation import drafts, typed
from bot.curation.changes import Change, fields_of, read
from bot.curation.drafts import Place, editor
from bot.knowledge.edit_errors import EditError, EditRejected
from bot.knowledge.entry_input import draft, id_for
from bot.knowledge.models import Entry
from bot.messages import Message
from bot.store import Draft, Outcome

_NO_PATH = re.compile(r"[/\\\x00-\x1f]|^\.")


async def add(here: Context, message: Message, words: str) -> Outcome:
    place = Place.of(here, message)
    try:
        given = await asyncio.to_thread(typed.fields, words)
        if "title" not in given:
            return _said(place, here.replies.help_one("ajouter"))
        entry = draft(
            {"id": id_for(str(given["title"]), await drafts.taken(here)), "updated": here.today.isoformat(), **given}
        )
    except EditRejected as refusal:
        return _said(place, here.replies.not_written(refusal.say))
    theme = await drafts.shelf_for(here, entry.title)
    return await drafts.offer(place, Change("add", entry.id, fields_of(entry), theme))


async def change(here: Context, message: Message, words: str) -> Outcome:
    place, (id, rest) = Place.of(here, message), _first(words)
    if not id:
        return _said(place, here.replies.help_one("modifier"))
    entry = await _entry(here, id)
    if entry is None:
        return _said(place, await _unknown(here, id))
    try:
        changes = await asyncio.to_thread(typed.changes, rest)
    except EditRejected as refusal:
        return _said(place, here.replies.not_written(refusal.say))
    if not changes:
        return await _shown(place, id, how=True)
    return await drafts.offer(place, Change("change", id, fields_of(entry), changes=changes))


async def add_phrase(here: Context, message: Message, words: str) -> Outcome:
    place, (id, phrase) = Place.of(here, message), _first(words)
    if not id or not phrase.strip():
        return _said(place, here.replies.help_one("phrase"))
    entry = await _entry(here, id)
    if entry is None:
        return _said(place, await _unknown(here, id))
    said = " ".join(typed.unfenced(phrase).split())
    return await drafts.offer(place, Change("phrase", id, fields_of(entry), phrase=said))


async def remove(here: Context, message: Message, words: str) -> Outcome:
    place, (id, _) = Place.of(here, message), _first(words)
    entry = await _entry(here, id) if id else None
    if entry is None:
        return _said(place, await _unknown(here, id) if id else here.replies.help_one("retirer"))
    return await drafts.offer(place, Change("remove", id, fields_of(entry)))


async def show(here: Context, message: Message, words: str) -> Outcome:
    place, (id, _) = Place.of(here, message), _first(words)
    if not id:
        return _said(place, here.replies.help_one("montrer"))
    return await _shown(place, id)


async def set_theme(here: Context, message: Message, words: str) -> Outcome:
    """Another file for a draft. `N` is the draft's number, or that of the question that it is for."""
    place, (number, theme) = Place.of(here, message), _first(words)
    if not re.fullmatch(r"\d{1,9}", number) or not theme.strip():  # no database holds all that can be typed
        return _said(place, here.replies.help_one("theme"))
    found = await here.store.draft(int(number)) or await here.store.draft_for(int(number))
    if found is None or found.state != "open" or found.kind != "add":
        return _said(place, here.replies.no_draft(int(number)))
    if _NO_PATH.search(theme.strip()):
        return _said(place, here.replies.no_theme(await drafts.themes(here)))
    return await _moved(place, found, " ".join(theme.split()))


async def _moved(place: Place, found: Draft, theme: str) -> Outcome:
    """Shown anew: nobody says yes to what they did not see."""
    moved = replace(read(found.content), theme=theme)
    outcome = await drafts.offer(place, moved, question=found.question, number=found.number)
    shown = await place.here.store.shown(found.number) if outcome.draft else []
    return replace(outcome, withdraw=tuple(shown))


async def _shown(place: Place, id: str, *, how: bool = False) -> Outcome:
    here = place.here
    try:
        lines = await asyncio.to_thread(editor(here).excerpt, id)
    except EditError:
        return _said(place, await _unknown(here, id))
    return _said(place, here.replies.entry_shown(id, lines, here.knowledge.origins.get(id), how=how))


async def _entry(here: Context, id: str) -> Entry | None:
    try:
        return await asyncio.to_thread(editor(here).entry, id)
    except EditError:
        return None


async def _unknown(here: Context, id: str) -> str:
    likely = process.extractOne(id, here.knowledge.entries.keys(), score_cutoff=60)
    return here.replies.no_entry(id, likely[0] if likely else None)


def _first(words: str) -> tuple[str, str]:
    """The first word, without the signs that people put around an id, and the lines behind it as they stand."""
    word, rest = re.match(r"\s*(\S*)[^\S\n]*\n?(.*)", words, re.DOTALL).groups()  # type: ignore[union-attr]
    return word.strip("`«»\"'").casefold(), rest


def _said(place: Place, text: str) -> Outcome:
    return Outcome("a moderator's command", (place.post(text),), addressed=True)
