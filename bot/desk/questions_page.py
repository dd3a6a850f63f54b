"""Open questions, most asked first: answered, added to an answer, or set aside. Of a private one no word is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from aiohttp import web

from bot.conversation.context import Context
from bot.conversation.moderation import actions, capture
from bot.conversation.moderation.changes import Change, json_fields
from bot.desk.access import SESSION, Refusal, Session, form_of
from bot.desk.desk import Desk
from bot.knowledge.models import Entry
from bot.store import QueuedQuestion

PAGE = 25  # questions
OFFERED = 8  # answers that a phrasing may be added to


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """`texts`: as asked in public; `privately`: how often it was asked in private; `places`: name of the room, None if
    it has none, and a link to the question there."""

    number: int
    texts: Sequence[str]
    askers: int
    privately: int
    since: date
    places: Sequence[tuple[str | None, str]]


async def show(desk: Desk, request: web.Request) -> web.Response:
    queue = await desk.store.queue.questions()
    pages = max(1, -(-len(queue) // PAGE))
    number = request.query.get("page", "")
    page = min(max(int(number[:6]) if number.isdecimal() else 1, 1), pages)
    cards = [_card(desk, queued) for queued in queue[(page - 1) * PAGE : page * PAGE]]
    return desk.page(request, "desk/questions.html", cards=cards, total=len(queue), page=page, pages=pages)


def _card(desk: Desk, queued: QueuedQuestion) -> QuestionCard:
    public = [asking for asking in queued.askings if not asking.private]
    latest = {(asking.channel, asking.room): asking for asking in public}
    contexts = [(desk.context_of(asking.channel), asking) for asking in reversed(latest.values())]
    return QuestionCard(
        number=queued.number,
        texts=[*dict.fromkeys(queued.open_texts)],
        askers=queued.askers,
        privately=len(queued.askings) - len(public),
        since=desk.day(queued.askings[0].asked),
        places=[(desk.place(asking), ctx.channel.link(asking.room, asking.event)) for ctx, asking in contexts],
    )


async def answer(desk: Desk, request: web.Request) -> web.Response:
    """Sends the text to where it was asked, and drafts an answer of it, as in a chat."""
    session, form, queued = await _open(desk, request)
    ctx, text = desk.context(session), form.get("text", "").strip()
    if not text:
        raise Refusal("empty", 400)
    sent = await actions.answer(ctx, queued, text)
    draft = await capture.draft_unseen(ctx, session.user, queued, text)
    note = await desk.note(session, ctx.replies.answered_at_desk(session.name, queued.number), queued.number)
    outcome = replace(sent, posts=(*sent.posts, *note), draft=draft.draft, shows=draft.shows)
    if not await desk.apply(session, form.get("key", ""), outcome):
        raise Refusal("question_closed", 409)
    return desk.redirect(request, "desk", "answered_draft" if draft.draft else "answered", queued.number)


async def dismiss(desk: Desk, request: web.Request) -> web.Response:
    session, form, queued = await _open(desk, request)
    notes = await desk.store.posts.about(queued.number, "asked")
    outcome = replace(actions.dismiss(queued), withdraw=tuple(post.id for post in notes))
    await desk.apply(session, form.get("key", ""), outcome)
    return desk.redirect(request, "desk", "dismissed", queued.number)


async def _open(desk: Desk, request: web.Request) -> tuple[Session, dict[str, str], QueuedQuestion]:
    """The question of the address; raises Refusal if somebody was faster."""
    session = request[SESSION]
    queued = await actions.open_question(desk.context(session), int(request.match_info["number"]))
    if queued is None:
        raise Refusal("question_closed", 409)
    return session, await form_of(request) if request.method == "POST" else {}, queued


async def choose_entry(desk: Desk, request: web.Request) -> web.Response:
    """Which answer a question belongs to: those that the bot finds by it, or by other words."""
    session, _, queued = await _open(desk, request)
    ctx, words = desk.context(session), request.query.get("words", "").strip()
    phrase = await capture.phrasing_of(ctx, queued)
    entries = await _likely_entries(ctx, words or phrase) if words or phrase else []
    card = _card(desk, queued)
    return desk.page(request, "desk/phrase.html", card=card, entries=entries, words=words, phrase=phrase)


async def _likely_entries(ctx: Context, words: str) -> list[Entry]:
    return ctx.entries([match.id for match in (await ctx.search(words)).matches[:OFFERED]])


async def add_phrase(desk: Desk, request: web.Request) -> web.Response:
    """Makes the change at once, closes the question and tells those who asked, as ✅ does in a chat."""
    session, form, queued = await _open(desk, request)
    ctx, phrase = desk.context(session), " ".join(form.get("phrase", "").split())
    entry = await actions.stored_entry(ctx, form.get("entry", ""))
    if entry is None or not phrase:
        raise Refusal("empty", 400)
    change = Change("phrase", entry.id, json_fields(entry), phrase=phrase)
    text = ctx.replies.phrase_added_at_desk(session.name, queued.number, entry.title)
    note = await desk.note(session, text, queued.number)
    await desk.make_change(session, form.get("key", ""), change, question=queued.number, report=lambda _: note)
    return desk.redirect(request, "desk", "phrase_added", queued.number)
