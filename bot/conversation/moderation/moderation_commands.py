"""The commands that show and change the knowledge; each change is shown first, and waits for a yes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from rapidfuzz import process

from bot.conversation import answers, question_queue
from bot.conversation.context import Context
from bot.conversation.moderation import capture, drafts, entry_text, notifications
from bot.conversation.moderation.changes import Change, fields_after, read
from bot.conversation.moderation.drafts import ReplyTarget, editor
from bot.knowledge.edit_errors import EditError, EditRejected
from bot.knowledge.entry_input import draft, id_for
from bot.knowledge.models import Entry
from bot.linkcheck.link_locations import locations
from bot.messages import Message
from bot.replies.link_notes import Due, LinkReport, Row
from bot.replies.moderation import EntryFeedback, QueueRow, StatsSummary
from bot.store import Draft, LinkState, Outcome, QueuedQuestion

_NO_PATH = re.compile(r"[/\\\x00-\x1f]|^\.")


async def add(here: Context, message: Message, words: str) -> Outcome:
    place = ReplyTarget.of(here, message)
    try:
        given = await asyncio.to_thread(entry_text.fields, words)
        if "title" not in given:
            return _said(place, here.replies.help_one("ajouter"))
        entry = draft(
            {
                "id": id_for(str(given["title"]), await drafts.taken_ids(here)),
                "updated": here.today.isoformat(),
                **given,
            }
        )
    except EditRejected as refusal:
        return _said(place, here.replies.not_written(refusal.say))
    theme = await drafts.shelf_for(here, entry.title)
    return await drafts.propose(place, Change("add", entry.id, fields_after(entry), theme))


async def change(here: Context, message: Message, words: str) -> Outcome:
    place, (id, rest) = ReplyTarget.of(here, message), _first(words)
    if not id:
        return _said(place, here.replies.help_one("modifier"))
    entry = await _entry(here, id)
    if entry is None:
        return _said(place, await _unknown(here, id))
    try:
        changes = await asyncio.to_thread(entry_text.changes, rest)
    except EditRejected as refusal:
        return _said(place, here.replies.not_written(refusal.say))
    if not changes:
        return await _shown(place, id, how=True)
    return await drafts.propose(place, Change("change", id, fields_after(entry), changes=changes))


async def add_phrase(here: Context, message: Message, words: str) -> Outcome:
    place, (id, phrase) = ReplyTarget.of(here, message), _first(words)
    if not id or not phrase.strip():
        return _said(place, here.replies.help_one("phrase"))
    entry = await _entry(here, id)
    if entry is None:
        return _said(place, await _unknown(here, id))
    said = " ".join(entry_text.unfenced(phrase).split())
    return await drafts.propose(place, Change("phrase", id, fields_after(entry), phrase=said))


async def remove(here: Context, message: Message, words: str) -> Outcome:
    place, (id, _) = ReplyTarget.of(here, message), _first(words)
    entry = await _entry(here, id) if id else None
    if entry is None:
        return _said(place, await _unknown(here, id) if id else here.replies.help_one("retirer"))
    return await drafts.propose(place, Change("remove", id, fields_after(entry)))


async def show(here: Context, message: Message, words: str) -> Outcome:
    place, (id, _) = ReplyTarget.of(here, message), _first(words)
    if not id:
        return _said(place, here.replies.help_one("montrer"))
    return await _shown(place, id)


async def set_theme(here: Context, message: Message, words: str) -> Outcome:
    """Another file for a draft. `N` is the draft's number, or that of the question that it is for."""
    place, (number, theme) = ReplyTarget.of(here, message), _first(words)
    if not re.fullmatch(r"\d{1,9}", number) or not theme.strip():  # no database holds all that can be typed
        return _said(place, here.replies.help_one("theme"))
    found = await here.store.draft(int(number)) or await here.store.draft_for(int(number))
    if found is None or found.state != "open" or found.kind != "add":
        return _said(place, here.replies.no_draft(int(number)))
    if _NO_PATH.search(theme.strip()):
        return _said(place, here.replies.no_theme(await drafts.themes(here)))
    return await _moved(place, found, " ".join(theme.split()))


async def _moved(place: ReplyTarget, found: Draft, theme: str) -> Outcome:
    """Shown anew: nobody says yes to what they did not see."""
    moved = replace(read(found.content), theme=theme)
    outcome = await drafts.propose(place, moved, question=found.question, number=found.number)
    shown = await place.here.store.shown(found.number) if outcome.draft else []
    return replace(outcome, withdraw=tuple(shown))


async def _shown(place: ReplyTarget, id: str, *, how: bool = False) -> Outcome:
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


def _said(place: ReplyTarget, text: str) -> Outcome:
    return Outcome("a moderator's command", (place.post(text),), addressed=True)


PAGE = 10  # questions


async def questions(here: Context, message: Message, words: str) -> tuple[str, tuple[int, ...]]:
    """The page that is asked for by its number, the first one without; and the ids of the askings on it."""
    found = await here.store.questions()
    pages = max(1, -(-len(found) // PAGE))
    page = int(words[:9]) if words.isdecimal() else 1
    if not 1 <= page <= pages:
        return here.replies.no_such_page(pages), ()
    there = found[(page - 1) * PAGE : page * PAGE]
    shown = [await _listing_shown(here, queued, message.room) for queued in there]
    ids = tuple(asking.id for queued in there for asking in queued.askings)
    return here.replies.open_questions(shown, len(found), page, pages), ids


async def _listing_shown(here: Context, queued: QueuedQuestion, room: str) -> QueueRow:
    return QueueRow(
        number=queued.number,
        text=await question_queue.text_for(here, queued, room),
        askers=queued.askers,
        since=queued.askings[0].asked,
        links=tuple(question_queue.links(here, queued)),
    )


async def links(here: Context) -> LinkReport:
    standings = await here.store.standings()
    known: dict[str, list[Row]] = {kind: [] for kind in ("dead", "once", "moved", "unsure", "")}
    for place in locations(here.knowledge):
        if standing := standings.get(place.url):
            kind = _kind(standing)
            detail = standing.moved_to if kind == "moved" else standing.detail
            known[kind].append(Row(place.title, place.where, place.url, detail or ""))
    return LinkReport(
        dead=known["dead"],
        once=known["once"],
        moved=known["moved"],
        unsure=known["unsure"],
        review=tuple(_due(here)),
        looked=max((standing.checked for standing in standings.values()), default=None),
        then=await here.store.next_look(),
    )


def _kind(standing: LinkState) -> str:
    """Under which it is listed; nothing: it is as it should be."""
    if standing.dead_times:
        return "dead" if standing.dead else "once"
    if standing.state == "unsure":
        return "unsure"
    return "moved" if standing.moved_to else ""


def _due(here: Context) -> Iterator[Due]:
    """The longest past first."""
    late = [entry for entry in here.knowledge.entries.values() if entry.review_by and entry.review_by < here.today]
    for entry in sorted(late, key=lambda entry: str(entry.review_by)):
        origin = here.knowledge.origins.get(entry.id)
        if entry.review_by:
            yield Due(entry.title, origin.at("review_by") if origin else entry.id, entry.review_by)


WEEK = timedelta(days=7)
MANY = 3
"""👎 from which on an entry wants a look, where they are more than the 👍."""
_ANSWERED = ("answer", "short", "told")


async def stats(here: Context) -> StatsSummary:
    said = await here.store.said_since(here.clock() - WEEK)
    verdicts = await here.store.verdicts()
    given = await here.store.given()
    judged = [EntryFeedback(id, up, down) for id, (up, down) in verdicts.items() if id in here.knowledge.entries]
    return StatsSummary(
        answered=sum(said[purpose] for purpose in _ANSWERED),
        suggested=said["suggest"],
        unknown=said["unknown"],
        judged=tuple(sorted(judged, key=lambda one: (-one.down, -one.up, one.id))),
        doubtful=tuple(one.id for one in judged if one.down >= MANY and one.down > one.up),
        unasked=tuple(id for id in here.knowledge.entries if id not in given),
        waiting=_by_age(here, await here.store.questions()),
    )


def _by_age(here: Context, queue: list[QueuedQuestion]) -> tuple[int, int, int]:
    """Open questions of this week, of this month, older."""
    ages = [here.clock() - queued.askings[0].asked for queued in queue]
    week = sum(age <= WEEK for age in ages)
    month = sum(WEEK < age <= 30 * WEEK / 7 for age in ages)
    return week, month, len(ages) - week - month


async def answer(here: Context, message: Message, words: str) -> Outcome:
    found = re.match(r"(\d{1,9})[\s:.,)]+(?=\S)(.+)", words.strip(), re.DOTALL)
    if not found:
        return _replying_text(here, message, here.replies.help_one("repondre"))
    queued = await here.store.question(int(found[1]))
    if queued is None or queued.closed:
        return _replying_text(here, message, here.replies.no_open_question(int(found[1])))
    return await _answered(here, message, queued, found[2].strip())


async def _answered(here: Context, message: Message, queued: QueuedQuestion, text: str) -> Outcome:
    posts = await notifications.notifications_for(
        here, queued, lambda there, names: there.replies.answered(names, text)
    )
    said = _replying_text(here, message, here.replies.answer_sent(queued.number, len(posts)))
    done = replace(said, reason="answered", posts=(*posts, *said.posts), close=notifications.closing(queued))
    return drafts.merge_outcomes(
        done, await capture.propose_draft(drafts.ReplyTarget.of(here, message), queued, text, None)
    )


def _replying_text(here: Context, message: Message, text: str) -> Outcome:
    return Outcome("command repondre", (answers.post(message, text, "command"),), addressed=True)
