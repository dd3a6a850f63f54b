"""Open questions, most asked first: answered, added to an answer, or set aside. Of a private one no word is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from bot.conversation.moderation import actions, approval, drafting, reports
from bot.conversation.moderation.changes import Change, json_fields
from bot.desk.desk import SESSION, Desk, Refusal, or_refuse, posted, rows_of_page
from bot.replies.moderation import DislikedAnswer
from bot.store import Draft, QueuedQuestion, Withdraw

OFFERED = 8  # answers that a phrasing may be added to


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """`texts`: as asked in public; `privately`: how often it was asked in private; `places`: name of the room, None if
    it has none, and a link to the question there. `taker`: who looks after it. `disliked`: what missed it."""

    queued: QueuedQuestion
    texts: Sequence[str]
    privately: int
    since: date
    places: Sequence[tuple[str | None, str]]
    taker: Sequence[tuple[str, date]]
    disliked: DislikedAnswer | None


async def show(desk: Desk, request: web.Request) -> web.Response:
    queue = await desk.store.queue.questions()
    shown, pager = rows_of_page(request, queue)
    cards = [await _card(desk, request, queued) for queued in shown]
    return desk.page(request, "desk/questions.html", cards=cards, total=len(queue), **pager)


async def _card(desk: Desk, request: web.Request, queued: QueuedQuestion) -> QuestionCard:
    ctx, places = desk.context(request), list[tuple[str | None, str]]()
    public = [asking for asking in queued.askings if not asking.private]
    for asking in reversed({(asking.channel, asking.room): asking for asking in public}.values()):
        channel = ctx.of(asking.channel).channel
        rooms = ((name, channel.room_named(name)) for name in desk.regions or ())
        place = next((name for name, room in rooms if room and channel.is_same_room(room, asking.room)), None)
        places.append((place, channel.link(asking.room, asking.event)))
    texts, timezone = [*dict.fromkeys(queued.open_texts)], ctx.settings.timezone
    taker = [(name, at.astimezone(timezone).date()) for name, at in await reports.taker(ctx, queued)]
    since = queued.askings[0].asked.astimezone(timezone).date()
    missed = await reports.disliked(ctx, queued)
    return QuestionCard(queued, texts, len(queued.askings) - len(public), since, places, taker, missed)


async def answer(desk: Desk, request: web.Request) -> web.Response:
    """Send the text to where it was asked, and draft an answer of it, as in a chat."""
    ctx, moderator, queued = desk.context(request), request[SESSION], await _open(desk, request)
    if not (text := posted(request, "text").strip()):
        raise Refusal("empty", 400)
    sent = await actions.answer(ctx, queued, text)
    draft = await drafting.draft_unseen(ctx, moderator.user, queued, text)
    note = await desk.note(request, ctx.replies.answered_at_desk(moderator.name, queued.number), queued.number)
    if not await desk.apply(request, approval.merge_outcomes(sent.also(*note), draft)):
        raise Refusal("question_closed", 409)
    return desk.redirect(request, "desk", "answered_draft" if draft.find(Draft) else "answered", queued.number)


async def dismiss(desk: Desk, request: web.Request) -> web.Response:
    queued = await _open(desk, request)
    notes = await desk.store.posts.about(queued.number, "asked")
    await desk.apply(request, actions.dismiss(queued).also(*(Withdraw(post.id) for post in notes)))
    return desk.redirect(request, "desk", "dismissed", queued.number)


async def take(desk: Desk, request: web.Request) -> web.Response:
    """Look after a question, or no longer; the others see it."""
    queued, is_back = await _open(desk, request), posted(request, "do") == "leave"
    user = "" if is_back else request[SESSION].user
    await desk.apply(request, await actions.take(desk.context(request), queued, user))
    return desk.redirect(request, "desk", "left" if is_back else "taken", queued.number)


async def _open(desk: Desk, request: web.Request) -> QueuedQuestion:
    """Return the question of the address. Raises Refusal if somebody was faster."""
    number = int(request.match_info["number"])
    return or_refuse(await actions.open_question(desk.context(request), number), "question_closed")


async def choose_entry(desk: Desk, request: web.Request) -> web.Response:
    """Show which answers a question may belong to: those that the bot finds by it, or by other words."""
    ctx, queued, words = desk.context(request), await _open(desk, request), request.query.get("words", "").strip()
    phrase = await drafting.phrasing_of(ctx, queued)
    matches = (await ctx.search(words or phrase)).matches if words or phrase else ()
    entries = ctx.entries([match.id for match in matches[:OFFERED]])
    card = await _card(desk, request, queued)
    return desk.page(request, "desk/phrase.html", card=card, entries=entries, words=words, phrase=phrase)


async def add_phrase(desk: Desk, request: web.Request) -> web.Response:
    """Make the change at once, close the question and tell those who asked, as ✅ does in a chat."""
    ctx, queued, phrase = desk.context(request), await _open(desk, request), " ".join(posted(request, "phrase").split())
    entry = await actions.stored_entry(ctx, posted(request, "entry"))
    if entry is None or not phrase:
        raise Refusal("empty", 400)
    note = ctx.replies.phrase_added_at_desk(request[SESSION].name, queued.number, entry.title)
    change = Change("phrase", entry.id, json_fields(entry), phrase=phrase)
    await desk.make_change(request, change, question=queued.number, note=note)
    return desk.redirect(request, "desk", "phrase_added", queued.number)
