"""Open questions, most asked first: answered, added to an answer, or set aside. Of a private one no word is shown."""

from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web

from bot.conversation.moderation import actions, approval, drafting, reports
from bot.conversation.moderation.changes import Change, json_fields
from bot.desk.desk import Refusal, Visit, or_refuse
from bot.messages import ChannelError
from bot.store import Draft, QueuedQuestion, Withdraw

OFFERED = 8  # answers that a phrasing may be added to


async def show(visit: Visit) -> web.Response:
    queue = await visit.ctx.store.queue.questions()
    shown, pager = visit.rows_of_page(queue)
    cards = [await _card(visit, queued) for queued in shown]
    return visit.page("desk/questions.html", cards=cards, total=len(queue), **pager)


async def _card(visit: Visit, queued: QueuedQuestion) -> Mapping[str, object]:
    """Return what `desk/cards.html` shows of a question. `texts`: as asked in public; `privately`: how often it was
    asked in private; `places`: name of the room, None if it has none, and a link to the question there. `taker`: who
    looks after it. `disliked`: what missed it."""
    ctx, places = visit.ctx, list[tuple[str | None, str]]()
    public = [asking for asking in queued.askings if not asking.private]
    for asking in reversed({(asking.channel, asking.room): asking for asking in public}.values()):
        channel = ctx.of(asking.channel).channel
        rooms = ((name, channel.room_named(name)) for name in visit.desk.regions or ())
        place = next((name for name, room in rooms if room and channel.is_same_room(room, asking.room)), None)
        with suppress(ChannelError):  # settings may name a room by its id
            place = place and await channel.name_of(place)
        places.append((place, channel.link(asking.room, asking.event)))
    timezone = ctx.settings.timezone
    return {
        "queued": queued,
        "texts": [*dict.fromkeys(queued.open_texts)],
        "privately": len(queued.askings) - len(public),
        "since": queued.askings[0].asked.astimezone(timezone).date(),
        "places": places,
        "taker": [(name, at.astimezone(timezone).date()) for name, at in await reports.taker(ctx, queued)],
        "disliked": await reports.disliked(ctx, queued),
    }


async def answer(visit: Visit) -> web.Response:
    """Send the text to where it was asked, and draft an answer of it, as in a chat."""
    ctx, moderator, queued = visit.ctx, visit.session, await _open(visit)
    if not (text := visit.posted("text").strip()):
        raise Refusal("empty", 400)
    sent = await actions.answer(ctx, queued, text)
    draft = await drafting.draft_unseen(ctx, moderator.user, queued, text)
    note = await visit.note(ctx.replies.answered_at_desk(moderator.name, queued.number), queued.number)
    if not await visit.apply(approval.merge_outcomes(sent.also(note), draft)):
        raise Refusal("question_closed", 409)
    return visit.redirect("desk", "answered_draft" if draft.find(Draft) else "answered", queued.number)


async def dismiss(visit: Visit) -> web.Response:
    queued = await _open(visit)
    notes = await visit.ctx.store.posts.about(queued.number, "asked")
    await visit.apply(actions.dismiss(queued).also(*(Withdraw(post.id) for post in notes)))
    return visit.redirect("desk", "dismissed", queued.number)


async def take(visit: Visit) -> web.Response:
    """Look after a question, or no longer; the others see it."""
    queued, is_back = await _open(visit), visit.posted("do") == "leave"
    user = "" if is_back else visit.session.user
    await visit.apply(await actions.take(visit.ctx, queued, user))
    return visit.redirect("desk", "left" if is_back else "taken", queued.number)


async def _open(visit: Visit) -> QueuedQuestion:
    """Return the question of the address. Raises Refusal if somebody was faster."""
    return or_refuse(await actions.open_question(visit.ctx, visit.number), "question_closed")


async def choose_entry(visit: Visit) -> web.Response:
    """Show which answers a question may belong to: those that the bot finds by it, or by other words."""
    ctx, queued, words = visit.ctx, await _open(visit), visit.query.get("words", "").strip()
    phrase = await drafting.phrasing_of(ctx, queued)
    matches = (await ctx.search(words or phrase)).matches if words or phrase else ()
    entries = ctx.entries([match.id for match in matches[:OFFERED]])
    card = await _card(visit, queued)
    return visit.page("desk/phrase.html", card=card, entries=entries, words=words, phrase=phrase)


async def add_phrase(visit: Visit) -> web.Response:
    """Make the change at once, close the question and tell those who asked, as ✅ does in a chat."""
    ctx, queued, phrase = visit.ctx, await _open(visit), " ".join(visit.posted("phrase").split())
    entry = await actions.stored_entry(ctx, visit.posted("entry"))
    if entry is None or not phrase:
        raise Refusal("empty", 400)
    note = ctx.replies.phrase_added_at_desk(visit.session.name, queued.number, entry.title)
    change = Change("phrase", entry.id, json_fields(entry), phrase=phrase)
    await visit.make_change(change, question=queued.number, note=note)
    return visit.redirect("desk", "phrase_added", queued.number)
