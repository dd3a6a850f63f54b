"""The effect on replies and drafts of editing or deleting their question."""

from collections.abc import Sequence
from dataclasses import replace

from bot.conversation import acts, answers
from bot.conversation.acts import rating_of
from bot.conversation.addressing import Utterance
from bot.conversation.admission import Before
from bot.conversation.context import Context
from bot.conversation.policy import COOL_DOWN, SOON, is_flood
from bot.matching.decision import Answer, Decision, Silent, Suggest, decide
from bot.messages import OutgoingReaction, Redaction, Removal, Reply
from bot.store import Dequeue, OptOut, Outcome, Post, Question, RetryRoom, SentPost, Withdraw

SAME, NO_QUESTION = "the same answer", "no question any more"


async def follow_edit(ctx: Context, question: Utterance) -> Outcome | None:
    """Edit the reply to an edited question if the decision changed; None if there is no reply to edit."""
    id = question.message.id
    if await ctx.store.journal.is_pending(id):
        retry = RetryRoom(question.message.room) if question.is_addressed else None  # it waits for no person's reply
        return Outcome("the original is pending", retry_at=ctx.clock() + SOON).also(retry)
    posts = [post for post in await ctx.store.posts.replies_to(id) if post.purpose != "rehearsal"]
    remaining = [post for post in posts if not post.removed]
    if not remaining:
        return Outcome("its reply was deleted") if posts else None  # which is final
    first, latest = remaining[0], remaining[-1]  # an edit replaces the first event: Matrix has no edits of edits
    if first.event is None:
        return Outcome("reply not sent yet", retry_at=ctx.clock() + SOON)
    if first.overheard and sum(ctx.clock() - post.made < COOL_DOWN for post in posts) >= ctx.settings.rules.per_hour:
        return Outcome("enough edits this hour")
    outcome = await (_decide_overheard if first.overheard else _decide_addressed)(ctx, question, latest)
    if outcome.reason == NO_QUESTION:
        return outcome.also(Dequeue(id), Withdraw(first.id))
    outcome = answers.as_edits(outcome, first.event)
    is_answered = outcome.posts and not outcome.find(Question)  # it leaves the queue
    return outcome.also(Dequeue(id) if is_answered else None)


async def _decide_overheard(ctx: Context, question: Utterance, latest: SentPost) -> Outcome:
    decision = decide(await ctx.search(question.text), False, ctx.settings.limits)
    if not isinstance(decision, Answer):
        return Outcome(NO_QUESTION)
    if _is_same(ctx, latest, decision):
        return Outcome(SAME)
    return Outcome(decision.reason, (answers.overheard(ctx, question.message, decision),))


async def _decide_addressed(ctx: Context, question: Utterance, latest: SentPost) -> Outcome:
    """Decide again. An edit counts for the flood limit: else the bot could be made to edit without end."""
    since = ctx.clock() - ctx.settings.rules.flood_window
    count = await ctx.store.journal.addressed_since(question.message.sender, since)
    if is_flood(question.message, count, ctx.settings.rules):
        return Outcome("flood")
    reading = acts.with_sign(await ctx.read(question.text))
    if outcome := await acts.reply(ctx, question, reading, Before()):
        has_reply = any(isinstance(post.outgoing, Reply) for post in outcome.posts)
        return replace(outcome, addressed=True) if has_reply else Outcome(NO_QUESTION, outcome.posts, addressed=True)
    result = await ctx.search(question.text)
    decision = decide(result, True, ctx.settings.limits)
    if _is_same(ctx, latest, decision):
        outcome = Outcome(SAME)
    else:
        outcome = await answers.outcome(ctx, question, reading, decision, Before())
        if isinstance(decision, Silent) and latest.purpose == "unknown" and not ctx.replies.quotes:
            outcome = replace(outcome, posts=())  # the reply would read the same; only the queue changes
    return replace(outcome, addressed=True, confidence=result.confidence)


def _is_same(ctx: Context, post: SentPost, decision: Decision) -> bool:
    """Whether the post reads as the decision would; one that quotes the question differs with the question."""
    if isinstance(decision, Silent) or ctx.replies.quotes:
        return False
    same_kind = post.is_offer == isinstance(decision, Suggest)
    return same_kind and post.entries == tuple(match.id for match in decision.matches)


def with_sign(outcome: Outcome, signs: Sequence[int]) -> Outcome:
    """Return the outcome of an edited message: an earlier sign on it stays if the edit gets one as well, else goes."""
    if signs and any(isinstance(post.outgoing, OutgoingReaction) for post in outcome.posts):
        return replace(outcome, posts=())
    return outcome.also(*map(Withdraw, signs))


async def follow_deletion(ctx: Context, redaction: Redaction) -> Outcome:
    """Withdraw the answer to a deleted question; an answer that somebody else deleted is final and counts as 👎."""
    channel, room, target, queue = redaction.channel, redaction.room, redaction.target, ctx.store.queue
    if post := await ctx.store.posts.find(target):
        withdraw = None if post.removed else Withdraw(post.id)  # missed at first if its room was being replaced
        return Outcome("our post was deleted").also(rating_of(post, redaction.sender, -1), withdraw)
    replies = await ctx.store.posts.replies_to(target)
    shown = (*(reply.id for reply in replies), *await queue.news_of(channel, target))
    # Replies sent between a backup and its restore: the room has them, the store does not.
    since = None if replies else await ctx.store.posts.lost_since(channel, target, ctx.clock())
    lost: list[str] = []
    if since is not None:
        for thread in (None, target):  # overheard answers stand in a thread
            lost += await ctx.channel.find_sent(Reply(room, "", to=target, thread=thread), "", since)
        lost = await ctx.store.outbox.without_row(lost)
    removals = tuple(Post(Removal(room, event), "removal", question=target) for event in lost)
    queued = await queue.question_of(channel, target)
    texts = [one.text for one in queued.askings if one.event == target and one.text] if queued else []
    askings = [one for other in await queue.questions() for one in other.askings] if texts else []
    # An open question that goes on from the deleted one begins with its words.
    going_on = [one.event for one in askings if one.channel == channel and one.text.startswith(f"{texts[0]} ")]
    outcome = Outcome("a message was deleted", removals)
    return outcome.also(Dequeue(target), *map(Dequeue, going_on), *map(Withdraw, shown))


async def with_draft_notes(ctx: Context, outcome: Outcome) -> Outcome:
    """Add notes to an outcome that withdraws questions: they name the drafts that go with them, quoting none."""
    dequeue, opt_out = outcome.find(Dequeue), outcome.find(OptOut)
    if not (dequeue or opt_out):
        return outcome
    event, user = dequeue.event if dequeue else None, opt_out.user if opt_out else None
    store, channel = ctx.store, ctx.channel.name
    quoting = await store.posts.replies_and_news(channel, user) if user and ctx.replies.quotes else ()
    notes = []
    for number, name, room in await store.queue.drafts_about(channel, event, user):
        text = ctx.of(name).replies.say("draft_forgotten" if user else "draft_withdrawn", number=number)
        notes.append(Post(Reply(room, text, quiet=True), "note", channel=name, number=number))
    return outcome.also(*notes, *map(Withdraw, quoting))
