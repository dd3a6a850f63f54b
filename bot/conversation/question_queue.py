"""An unanswered question on its way into the moderators' queue: merged, numbered, and posted to them."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from statistics import median

from bot.conversation import admission
from bot.conversation.addressing import REPLIES, Utterance
from bot.conversation.admission import TALK
from bot.conversation.context import Context
from bot.conversation.policy import COOL_DOWN, NOTES
from bot.knowledge.models import Entry
from bot.matching.duplicates import find_duplicate
from bot.matching.follow_up import goes_on, joined
from bot.messages import Message, Reply
from bot.replies import REFUSE, QueueStatus
from bot.replies.moderation import DislikedAnswer, QueueRow
from bot.store import ANSWERING, OutboxRow, Post, Question, SentPost
from bot.text.folding import fold

NEAR = 0.2  # least confidence of an entry that is worth completing, and whose contacts may know
_LATELY, _FEW = timedelta(days=30), 5  # the answers by which the usual wait is known: how recent, and how many


async def unanswered(
    ctx: Context, post: SentPost | OutboxRow, disliked: DislikedAnswer | None = None
) -> Question | None:
    """Return the question of a post, for the queue; None if it cannot be read, or was asked in private."""
    utterance = await admission.question_of(ctx, post)
    if utterance is None or await queue_status(ctx, utterance.message) != "queued":
        return None
    return await question(ctx, utterance, disliked)


async def question(ctx: Context, utterance: Utterance, disliked: DislikedAnswer | None = None) -> Question:
    """Return the question of a message, with the number of an open one that asks the same, or a new number.

    `disliked`: its answer, on which somebody put 👎.
    """
    message, note = utterance.message, None
    tells: tuple[Post, ...] = ()
    text, followed = await in_full(ctx, utterance)
    others = [queued for queued in await ctx.store.queue.questions() if queued.number != followed]
    known = [(asking.text, queued.number) for queued in others for asking in queued.askings]
    place = await asyncio.to_thread(find_duplicate, ctx.index(), text, [text for text, _ in known])
    number = None if place is None else known[place][1]
    if number is None and await ctx.store.queue.question_of(message.channel, message.id) is None:
        number = await ctx.store.queue.reserve_number()
        note = await _note(ctx, message, text, number, disliked)
        tells = () if message.private or message.direct or disliked else await _for_contacts(ctx, message, text)
    return Question(
        text=text,
        channel=message.channel,
        room=message.room,
        event=message.id,
        asker=message.sender,
        asked=min(message.sent, ctx.clock()),  # a date in the future would keep it until then
        private=message.private,
        number=number,
        note=note,
        tells=tells,
    )


async def _for_contacts(ctx: Context, message: Message, text: str) -> tuple[Post, ...]:
    """Return a message for each contact of the nearest entry who agreed to it, with a link to the public question.

    Only an entry that everybody may read counts.
    """
    public = ctx.at(None)
    nearest = (await public.search(text)).matches[:1]
    entries = public.entries(match.id for match in nearest if match.confidence >= NEAR)
    names, link, posts = contact_names(entries), ctx.channel.link(message.room, message.id), []
    for contact in await ctx.store.queue.contacts() if names else ():
        is_asker = (contact.channel, contact.user) == (message.channel, message.sender)
        if own_name(contact.user) in names and not is_asker:
            said = ctx.of(contact.channel).replies.near(entries[0].title, link)
            posts.append(Post(Reply(contact.room, said), "near", overheard=True, channel=contact.channel, private=True))
    return tuple(posts)


def contact_names(entries: Iterable[Entry]) -> set[str]:
    return {fold(name.lstrip("@ ")) for entry in entries for name in entry.contacts}


def own_name(user: str) -> str:
    """Return the name in a user id, folded: the forum's, or what stands before the server."""
    return fold(user.lstrip("@").partition(":")[0])


async def disliked_answer(ctx: Context, post: SentPost | None, user: str | None = None) -> DislikedAnswer | None:
    """Return the entry that a post answers with, if anybody dislikes it. `user`: somebody who does from now on."""
    entry = ctx.all_knowledge.entries.get(post.entries[0]) if post and post.entries else None
    if post is None or entry is None or post.purpose not in (*ANSWERING, "told"):
        return None
    _, others = (await ctx.store.feedback.counts(without=user)).get(entry.id, (0, 0))
    people = others + (user is not None)
    return DislikedAnswer(entry.id, entry.title, people) if people else None


async def in_full(ctx: Context, utterance: Utterance) -> tuple[str, int | None]:
    """Return the text of a question, behind what it goes on from: 'et pour la Bretagne ?' alone tells nobody anything.

    That is the title that was given, the question for which several were offered, or the public question that is open;
    its number comes second.
    """
    message, text, queue = utterance.message, utterance.text, ctx.store.queue
    if message.private or not goes_on(text):
        return text, None
    recent = await ctx.store.posts.recent_to(message, REPLIES, message.sent - TALK)
    earlier = next((one.post for one in recent if one.post.made <= message.sent), None)
    post = await ctx.store.posts.find(message.reply_to) if message.reply_to else earlier
    if post and post.is_offer:
        offered_for = await admission.question_of(ctx, post)
        return (joined(offered_for.text, text) if offered_for else text), None
    if titles := [entry.title for entry in ctx.given(post.entries if post else ()) if entry.public]:
        return joined(titles[0], text), None
    id = post.question if post else None
    queued = await queue.question_of(message.channel, id) if id else None
    asked = [one.text for one in queued.askings if one.event == id and not one.private] if queued else []
    return (joined(asked[0], text), queued.number) if queued and any(asked) else (text, None)


async def queue_status(ctx: Context, message: Message) -> QueueStatus:
    """Return whether an unanswered question enters the queue.

    A private one does if its asker agrees, and if the moderators may read it.
    """
    if message.moderators_room:
        return "nothing"
    if not message.private:
        return "queued"
    if ctx.moderation is None:
        return "nothing"
    return "offered" if await may_show(ctx, message.room, *ctx.moderation) else "sealed"


async def usual_wait(ctx: Context) -> timedelta | None:
    """Return how long people waited lately for the moderators' answer, the median; None if few got one."""
    waits = await ctx.store.queue.waits(ctx.clock() - _LATELY)
    return timedelta(seconds=median(waits)) if len(waits) >= _FEW else None


async def may_show(ctx: Context, source: str, target_ctx: Context, target: str) -> bool:
    """Whether the room `target` may show words from the private room `source`, with their author's consent."""
    return await target_ctx.channel.is_encrypted(target) or not await ctx.channel.is_encrypted(source)


async def _note(ctx: Context, message: Message, text: str, number: int, disliked: DislikedAnswer | None) -> Post | None:
    """Return the note to moderators, up to NOTES within an hour."""
    if ctx.moderation is None:
        return None
    target_ctx, room = ctx.moderation
    posts = await ctx.store.stats.posts_since(ctx.clock() - COOL_DOWN)
    if posts["asked"] < NOTES:
        is_hidden = message.private and not await may_show(ctx, message.room, target_ctx, room)
        links = () if message.private else (ctx.channel.link(message.room, message.id),)  # they are not in that room
        row = QueueRow(number, None if is_hidden else text, 1, message.sent, links, message.private, disliked)
        return note(target_ctx, room, row)
    if posts["asked_more"]:
        return None
    more = Reply(room, target_ctx.replies.say("question_more"), quiet=True)
    return Post(more, "asked_more", overheard=True, channel=target_ctx.channel.name, number=number)


def note(ctx: Context, room: str, row: QueueRow, replaces: str | None = None) -> Post:
    """Return the note about a question, with the low priority of an overheard answer: replies to people go first.

    `replaces`: the event of an earlier one, to be edited.
    """
    choices = (REFUSE,) if ctx.channel.capabilities.reacts else ()
    reply = Reply(room, ctx.replies.new_question(row), quiet=True, replaces=replaces, choices=choices)
    return Post(reply, "asked", overheard=True, channel=ctx.channel.name, number=row.number)
