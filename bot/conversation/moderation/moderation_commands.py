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
from bot.linkcheck.links import locations
from bot.messages import Message
from bot.replies.link_notes import Due, LinkReport, Row
from bot.replies.moderation import EntryFeedback, QueueRow, StatsSummary
from bot.store import Draft, LinkState, Outcome, QueuedQuestion

_NO_PATH = re.compile(r"[/\\\x00-\x1f]|^\.")


async def add(ctx: Context, message: Message, words: str) -> Outcome:
    target = ReplyTarget.of(ctx, message)
    try:
        given = await asyncio.to_thread(entry_text.fields, words)
        if "title" not in given:
            return _said(target, ctx.replies.help_one("ajouter"))
        entry = draft(
            {
                "id": id_for(str(given["title"]), await drafts.taken_ids(ctx)),
                "updated": ctx.today.isoformat(),
                **given,
            }
        )
    except EditRejected as refusal:
        return _said(target, ctx.replies.not_written(refusal.say))
    theme = await drafts.shelf_for(ctx, entry.title)
    return await drafts.propose(target, Change("add", entry.id, fields_after(entry), theme))


async def change(ctx: Context, message: Message, words: str) -> Outcome:
    target, (id, rest) = ReplyTarget.of(ctx, message), _first(words)
    if not id:
        return _said(target, ctx.replies.help_one("modifier"))
    entry = await _entry(ctx, id)
    if entry is None:
        return _said(target, await _unknown(ctx, id))
    try:
        changes = await asyncio.to_thread(entry_text.changes, rest)
    except EditRejected as refusal:
        return _said(target, ctx.replies.not_written(refusal.say))
    if not changes:
        return await _shown(target, id, how=True)
    return await drafts.propose(target, Change("change", id, fields_after(entry), changes=changes))


async def add_phrase(ctx: Context, message: Message, words: str) -> Outcome:
    target, (id, phrase) = ReplyTarget.of(ctx, message), _first(words)
    if not id or not phrase.strip():
        return _said(target, ctx.replies.help_one("phrase"))
    entry = await _entry(ctx, id)
    if entry is None:
        return _said(target, await _unknown(ctx, id))
    said = " ".join(entry_text.unfenced(phrase).split())
    return await drafts.propose(target, Change("phrase", id, fields_after(entry), phrase=said))


async def remove(ctx: Context, message: Message, words: str) -> Outcome:
    target, (id, _) = ReplyTarget.of(ctx, message), _first(words)
    entry = await _entry(ctx, id) if id else None
    if entry is None:
        return _said(target, await _unknown(ctx, id) if id else ctx.replies.help_one("retirer"))
    return await drafts.propose(target, Change("remove", id, fields_after(entry)))


async def show(ctx: Context, message: Message, words: str) -> Outcome:
    target, (id, _) = ReplyTarget.of(ctx, message), _first(words)
    if not id:
        return _said(target, ctx.replies.help_one("montrer"))
    return await _shown(target, id)


async def set_theme(ctx: Context, message: Message, words: str) -> Outcome:
    """Another file for a draft. `N` is the draft's number, or that of the question that it is for."""
    target, (number, theme) = ReplyTarget.of(ctx, message), _first(words)
    if not re.fullmatch(r"\d{1,9}", number) or not theme.strip():  # no database holds all that can be typed
        return _said(target, ctx.replies.help_one("theme"))
    found = await ctx.store.draft(int(number)) or await ctx.store.draft_for(int(number))
    if found is None or found.state != "open" or found.kind != "add":
        return _said(target, ctx.replies.no_draft(int(number)))
    if _NO_PATH.search(theme.strip()):
        return _said(target, ctx.replies.no_theme(await drafts.themes(ctx)))
    return await _moved(target, found, " ".join(theme.split()))


async def _moved(target: ReplyTarget, found: Draft, theme: str) -> Outcome:
    """Shown anew: nobody says yes to what they did not see."""
    moved = replace(read(found.content), theme=theme)
    outcome = await drafts.propose(target, moved, question=found.question, number=found.number)
    shown = await target.ctx.store.shown(found.number) if outcome.draft else []
    return replace(outcome, withdraw=tuple(shown))


async def _shown(target: ReplyTarget, id: str, *, how: bool = False) -> Outcome:
    ctx = target.ctx
    try:
        lines = await asyncio.to_thread(editor(ctx).excerpt, id)
    except EditError:
        return _said(target, await _unknown(ctx, id))
    return _said(target, ctx.replies.entry_shown(id, lines, ctx.knowledge.origins.get(id), how=how))


async def _entry(ctx: Context, id: str) -> Entry | None:
    try:
        return await asyncio.to_thread(editor(ctx).entry, id)
    except EditError:
        return None


async def _unknown(ctx: Context, id: str) -> str:
    likely = process.extractOne(id, ctx.knowledge.entries.keys(), score_cutoff=60)
    return ctx.replies.no_entry(id, likely[0] if likely else None)


def _first(words: str) -> tuple[str, str]:
    """The first word, without the signs that people put around an id, and the lines behind it as they stand."""
    word, rest = re.match(r"\s*(\S*)[^\S\n]*\n?(.*)", words, re.DOTALL).groups()  # type: ignore[union-attr]
    return word.strip("`«»\"'").casefold(), rest


def _said(target: ReplyTarget, text: str) -> Outcome:
    return Outcome("a moderator's command", (target.post(text),), addressed=True)


PAGE = 10  # questions


async def questions(ctx: Context, message: Message, words: str) -> tuple[str, tuple[int, ...]]:
    """The page that is asked for by its number, the first one without; and the ids of the askings on it."""
    found = await ctx.store.questions()
    pages = max(1, -(-len(found) // PAGE))
    page = int(words[:9]) if words.isdecimal() else 1
    if not 1 <= page <= pages:
        return ctx.replies.no_such_page(pages), ()
    target_ctx = found[(page - 1) * PAGE : page * PAGE]
    shown = [await _listing_shown(ctx, queued, message.room) for queued in target_ctx]
    ids = tuple(asking.id for queued in target_ctx for asking in queued.askings)
    return ctx.replies.open_questions(shown, len(found), page, pages), ids


async def _listing_shown(ctx: Context, queued: QueuedQuestion, room: str) -> QueueRow:
    return QueueRow(
        number=queued.number,
        text=await question_queue.text_for(ctx, queued, room),
        askers=queued.askers,
        since=queued.askings[0].asked,
        links=tuple(question_queue.links(ctx, queued)),
    )


async def links(ctx: Context) -> LinkReport:
    standings = await ctx.store.standings()
    known: dict[str, list[Row]] = {kind: [] for kind in ("dead", "once", "moved", "unsure", "")}
    for target in locations(ctx.knowledge):
        if standing := standings.get(target.url):
            kind = _kind(standing)
            detail = standing.moved_to if kind == "moved" else standing.detail
            known[kind].append(Row(target.title, target.where, target.url, detail or ""))
    return LinkReport(
        dead=known["dead"],
        once=known["once"],
        moved=known["moved"],
        unsure=known["unsure"],
        review=tuple(_due(ctx)),
        looked=max((standing.checked for standing in standings.values()), default=None),
        then=await ctx.store.next_look(),
    )


def _kind(standing: LinkState) -> str:
    """Under which it is listed; nothing: it is as it should be."""
    if standing.dead_times:
        return "dead" if standing.dead else "once"
    if standing.state == "unsure":
        return "unsure"
    return "moved" if standing.moved_to else ""


def _due(ctx: Context) -> Iterator[Due]:
    """The longest past first."""
    late = [entry for entry in ctx.knowledge.entries.values() if entry.review_by and entry.review_by < ctx.today]
    for entry in sorted(late, key=lambda entry: str(entry.review_by)):
        origin = ctx.knowledge.origins.get(entry.id)
        if entry.review_by:
            yield Due(entry.title, origin.at("review_by") if origin else entry.id, entry.review_by)


WEEK = timedelta(days=7)
MANY = 3
"""👎 from which on an entry wants a look, where they are more than the 👍."""
_ANSWERED = ("answer", "short", "told")


async def stats(ctx: Context) -> StatsSummary:
    said = await ctx.store.said_since(ctx.clock() - WEEK)
    verdicts = await ctx.store.verdicts()
    given = await ctx.store.given()
    judged = [EntryFeedback(id, up, down) for id, (up, down) in verdicts.items() if id in ctx.knowledge.entries]
    return StatsSummary(
        answered=sum(said[purpose] for purpose in _ANSWERED),
        suggested=said["suggest"],
        unknown=said["unknown"],
        judged=tuple(sorted(judged, key=lambda one: (-one.down, -one.up, one.id))),
        doubtful=tuple(one.id for one in judged if one.down >= MANY and one.down > one.up),
        unasked=tuple(id for id in ctx.knowledge.entries if id not in given),
        waiting=_by_age(ctx, await ctx.store.questions()),
    )


def _by_age(ctx: Context, queue: list[QueuedQuestion]) -> tuple[int, int, int]:
    """Open questions of this week, of this month, older."""
    ages = [ctx.clock() - queued.askings[0].asked for queued in queue]
    week = sum(age <= WEEK for age in ages)
    month = sum(WEEK < age <= 30 * WEEK / 7 for age in ages)
    return week, month, len(ages) - week - month


async def answer(ctx: Context, message: Message, words: str) -> Outcome:
    found = re.match(r"(\d{1,9})[\s:.,)]+(?=\S)(.+)", words.strip(), re.DOTALL)
    if not found:
        return _replying_text(ctx, message, ctx.replies.help_one("repondre"))
    queued = await ctx.store.question(int(found[1]))
    if queued is None or queued.closed:
        return _replying_text(ctx, message, ctx.replies.no_open_question(int(found[1])))
    return await _answered(ctx, message, queued, found[2].strip())


async def _answered(ctx: Context, message: Message, queued: QueuedQuestion, text: str) -> Outcome:
    posts = await notifications.notifications_for(
        ctx, queued, lambda target_ctx, names: target_ctx.replies.answered(names, text)
    )
    said = _replying_text(ctx, message, ctx.replies.answer_sent(queued.number, len(posts)))
    done = replace(said, reason="answered", posts=(*posts, *said.posts), close=notifications.closing(queued))
    return drafts.merge_outcomes(
        done, await capture.propose_draft(drafts.ReplyTarget.of(ctx, message), queued, text, None)
    )


def _replying_text(ctx: Context, message: Message, text: str) -> Outcome:
    return Outcome("command repondre", (answers.post(message, text, "command"),), addressed=True)
