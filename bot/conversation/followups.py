"""What people do to what was said: edit, delete, react, choose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.conversation import admission, answers, policy, question_queue
from bot.conversation.context import Context
from bot.matching.decision import Answer, Decision, Silent, Suggest, decide, top_confidence
from bot.matching.split import is_courtesy
from bot.messages import Edit, Event, Message, MissingKey, Reaction, Redaction, Removal, Reply
from bot.replies import CHOICES
from bot.store import DISLIKED, LIKED, OutboxRow, Outcome, Post, Question, SentPost

FEEDBACK = {"👍": 1, "👎": -1}
REMOVE = "❌"
_DECORATION = str.maketrans("", "", "\ufe0e\ufe0f🏻🏼🏽🏾🏿")  # variation selectors and skin tones

SOON = timedelta(seconds=2)
YES = {"oui", "yes", "ok", "d'accord", "✅"}


def plain_key(key: str) -> str:
    return key.translate(_DECORATION)


NUMBERS = {plain_key(key): n for n, key in enumerate(CHOICES)} | {str(n + 1): n for n in range(3)}
"""What chooses a suggestion: 1️⃣ as a reaction or as text, or the bare number."""


def chosen_number(text: str) -> int | None:
    return NUMBERS.get(plain_key(text.strip().rstrip(".)")))


def agrees(text: str) -> bool:
    """A word that says yes to what the bot asks, where there are no reactions or they are not at hand."""
    return plain_key(text.strip().rstrip(".! ").casefold()) in YES


def not_yet_known(ctx: Context) -> Outcome:
    """For what may answer a post of ours of which we do not know yet that it arrived: a crash can come between."""
    return Outcome("to a post that is perhaps ours", retry_at=ctx.clock() + SOON)


async def choose(ctx: Context, said: SentPost, number: int, user: str) -> Outcome:
    """Turn suggestions into the answer that the asker, or a moderator, chose from them."""
    if said.purpose != "suggest":
        return Outcome("nothing to choose from")
    if number >= len(said.entries) or not ctx.entries([said.entries[number]]):
        return Outcome("no such suggestion")
    if ctx.clock() - said.made > policy.CHOICE_AGE:
        return Outcome("the suggestions are more than a day old")
    if ctx.store.hash(user) != said.asker and not await ctx.moderates(user):
        return Outcome("somebody else's suggestions")
    if said.event is None or said.question is None or (await current(ctx, said.question)) != said:
        return Outcome("already chosen")
    entry = said.entries[number]
    text = ctx.replies.answer(ctx.given([*said.answered, entry]), ctx.knowledge, ctx.today)
    reply = Reply(said.room, text, to=said.question, replaces=said.event)
    outcome = Outcome("chosen", (Post(reply, "answer", (*said.answered, entry), said.question, user),))
    message = await asked(ctx, said)
    return answers.wrap_for_channel(ctx, message, outcome) if message else outcome


async def current(ctx: Context, question: str) -> SentPost | None:
    """What stands as our reply to a question now: the newest post about it that is not removed."""
    return next((s for s in reversed(await ctx.store.replies_to(question)) if not s.removed), None)


async def reacted(ctx: Context, reaction: Reaction) -> Outcome:
    said = await ctx.store.said(reaction.target)
    key = plain_key(reaction.key)
    if said is None and await ctx.store.sending(reaction.room):
        return not_yet_known(ctx)
    if said is None or said.removed:
        return Outcome("a reaction to something else")
    if key == question_queue.AGREED and said.purpose == "unknown":
        return await consent(ctx, said, reaction.sender)
    if key in NUMBERS:
        return await choose(ctx, said, NUMBERS[key], reaction.sender)
    if key == plain_key(REMOVE) and await ctx.moderates(reaction.sender):
        return Outcome("removed by a moderator", withdraw=(said.id,))
    if key in FEEDBACK:
        return await _feedback(ctx, said, reaction, FEEDBACK[key])
    return Outcome("a reaction that means nothing to us")


async def _feedback(ctx: Context, said: SentPost, reaction: Reaction, value: int) -> Outcome:
    """Count it for the entry that stands there now; 👎 also puts the question in the queue."""
    now = await current(ctx, said.question) if said.question else None
    ask = await unanswered(ctx, said) if value < 0 else None
    return Outcome(LIKED if value > 0 else DISLIKED, feedback=verdict(now or said, reaction.sender, value), ask=ask)


def verdict(said: SentPost, user: str, value: int) -> tuple[str, str, int] | None:
    """What is counted; None: it says nothing of one entry."""
    return (said.entries[0], user, value) if said.entries and said.purpose != "suggest" else None


async def unanswered(ctx: Context, said: SentPost | OutboxRow) -> Question | None:
    """The question of a post, for the queue; what was said in a private place does not leave it."""
    message = await asked(ctx, said)
    return (
        await question_queue.question(ctx, message)
        if message and question_queue.queue_status(ctx, message) == "queued"
        else None
    )


async def consent(ctx: Context, said: SentPost, user: str) -> Outcome:
    """The asker agrees that the moderators see a question that was asked in private."""
    if said.purpose != "unknown" or said.event is None or ctx.store.hash(user) != said.asker:
        return Outcome("nothing to agree to")
    message = await asked(ctx, said)
    if message is None or not message.private or question_queue.queue_status(ctx, message) == "nothing":
        return Outcome("nothing to agree to")
    if await ctx.store.question_of(message.channel, message.id):
        return Outcome("agreed already")
    reply = Reply(said.room, ctx.replies.unknown(then="queued"), to=said.question, replaces=said.event)
    passed_on = Post(reply, "unknown", question=said.question, asker=user)
    outcome = Outcome("passed on", (passed_on,), ask=await question_queue.question(ctx, message))
    return answers.wrap_for_channel(ctx, message, outcome)


async def asked(ctx: Context, said: SentPost | OutboxRow) -> Message | None:
    """The message that a post of ours is about, in its newest words, read again from the network: the store has
    forgotten them. None: it is gone there, or cannot be read. (What is rehearsed is said in another room.)
    """
    if said.question is None:
        return None
    room = await ctx.store.room_of(said.channel, said.question) or said.room
    return await said_in(ctx, room, said.question)


async def said_in(ctx: Context, room: str, id: str) -> Message | None:
    """A message in its newest words; None: it is gone, or cannot be read."""
    event = await ctx.channel.fetch(room, id)
    try:
        found = await admission.read(ctx, event) if event else None
    except MissingKey:
        return None
    found = found.message if isinstance(found, Edit) else found
    return found if isinstance(found, Message) else None


async def newest(ctx: Context, event: Event, message: Message) -> Message:
    """With the words of an edit that came before the first ones were dealt with."""
    edit = await ctx.store.newest_edit(event)
    try:
        found = await admission.read(ctx, edit) if edit else None
    except MissingKey:
        return message
    return replace(found.message, sent=message.sent) if isinstance(found, Edit) else message


async def redacted(ctx: Context, redaction: Redaction) -> Outcome:
    """A deleted question takes its answer with it; an answer that somebody else deleted is final and counts as 👎."""
    if said := await ctx.store.said(redaction.target):
        taken = () if said.removed else (said.id,)  # not noted when it came in: its room was replaced meanwhile
        return Outcome("our post was deleted", withdraw=taken, feedback=verdict(said, redaction.sender, -1))
    posts = await ctx.store.replies_to(redaction.target)
    news = await ctx.store.news_of(redaction.channel, redaction.target)
    withdraw, lost = (*(said.id for said in posts), *news), () if posts else await _lost_replies(ctx, redaction)
    return Outcome("a message was deleted", lost, withdraw=withdraw, dequeue=redaction.target)


async def _lost_replies(ctx: Context, redaction: Redaction) -> tuple[Post, ...]:
    """Takes away what was said to it between a backup and its restore: no row knows of that, but the room does."""
    room, question = redaction.room, redaction.target
    since = await ctx.store.lost_since(redaction.channel, question, ctx.clock())
    if since is None:
        return ()
    found: list[str] = []
    for thread in (None, question):  # what nobody had asked for was said in a thread
        found += await ctx.channel.find_sent(Reply(room, "", to=question, thread=thread), "", since)
    return tuple(Post(Removal(room, event), "removal", question=question) for event in await ctx.store.unknown(found))


async def edited(ctx: Context, edit: Edit, text: str) -> Outcome | None:
    """Edit the reply to an edited question, where the decision changed; None: there is no reply to edit.

    `text` is the new text without its vocative.
    """
    if await ctx.store.unheard(edit.message.id):
        return Outcome("its first words are still to be heard", retry_at=ctx.clock() + SOON)
    posts = [said for said in await ctx.store.replies_to(edit.message.id) if said.purpose != "rehearsal"]
    earlier = [said for said in posts if not said.removed]
    if not earlier:
        return Outcome("the reply was deleted, which is final") if posts else None
    first, latest = earlier[0], earlier[-1]  # Matrix edits the first one: there are no edits of edits
    if first.event is None:
        return Outcome("the reply is still being sent", retry_at=ctx.clock() + SOON)
    if first.overheard and sum(ctx.clock() - said.made < policy.COOL_DOWN for said in posts) >= ctx.rules.per_hour:
        return Outcome("its overheard answer had enough new words this hour")
    anew = _overheard_anew if first.overheard else _addressed_anew
    outcome = await anew(ctx, edit.message, text, latest)
    if outcome.reason == GONE:
        return replace(outcome, withdraw=(first.id,))
    return _in_place_of(first.event, edit.message, outcome)


SAME, GONE = "the same answer as before", "no longer a question for us"


async def _overheard_anew(ctx: Context, message: Message, text: str, latest: SentPost) -> Outcome:
    decision = decide(await ctx.search(text), False, ctx.limits)
    if not isinstance(decision, Answer):
        return Outcome(GONE)
    if _is_said_by(ctx, latest, decision):
        return Outcome(SAME)
    return Outcome(decision.reason, (answers.overheard(ctx, message, decision),))


async def _addressed_anew(ctx: Context, message: Message, text: str, latest: SentPost) -> Outcome:
    """New words count like a new question, so that nobody has the bot edit without end."""
    if await _floods(ctx, message.sender):
        return Outcome("flood")
    if is_courtesy(text):
        return Outcome("courtesy", (answers.courtesy(ctx, message),), addressed=True)
    found = await ctx.search(text)
    decision = decide(found, True, ctx.limits)
    if _is_said_by(ctx, latest, decision):
        return Outcome(SAME, addressed=True, confidence=top_confidence(found))
    outcome = await answers.outcome(ctx, message, decision)
    if isinstance(decision, Silent) and latest.purpose == "unknown" and not ctx.replies.quotes:
        outcome = replace(outcome, posts=())  # that is what it says; only the queue changes
    return replace(outcome, addressed=True, confidence=top_confidence(found))


async def _floods(ctx: Context, user: str) -> bool:
    asked = await ctx.store.addressed_since(user, ctx.clock() - ctx.rules.flood_window)
    return 0 < ctx.rules.flood_questions <= asked


def _is_said_by(ctx: Context, said: SentPost, decision: Decision) -> bool:
    """Word for word: a reply that repeats the question is another one once that has other words."""
    if isinstance(decision, Silent) or ctx.replies.quotes:
        return False
    same = (said.purpose == "suggest") == isinstance(decision, Suggest)
    return same and said.entries == tuple(match.id for match in decision.matches)


def _in_place_of(event: str, message: Message, outcome: Outcome) -> Outcome:
    """The reply gets the new words; a question that is answered now leaves the queue."""
    posts = tuple(
        replace(post, outgoing=replace(post.outgoing, replaces=event))
        for post in outcome.posts
        if isinstance(post.outgoing, Reply)
    )
    return replace(outcome, posts=posts, dequeue=message.id if posts and not outcome.ask else None)
