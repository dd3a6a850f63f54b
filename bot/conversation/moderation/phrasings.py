"""New phrasings from use: words with which members chose an answer, or liked one that was not sure.

Moderators keep or drop them in a numbered list, together with a few replies that may become answers
(`reply_candidates.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation import admission
from bot.conversation.addressing import Utterance
from bot.conversation.context import Context
from bot.conversation.moderation import actions, drafting, reply_candidates
from bot.conversation.moderation.approval import ReplyTarget
from bot.conversation.moderation.reply_candidates import ReplyRow
from bot.knowledge.models import Entry
from bot.matching.follow_up import goes_on
from bot.messages import Event, Message, Reply
from bot.reading.picks import picked
from bot.store import (
    ANSWERING,
    Draft,
    EraseCandidate,
    OptOut,
    Outcome,
    PhrasingCandidate,
    PhrasingList,
    Post,
    ReplyCandidate,
    SentPost,
    Withdraw,
)
from bot.text.folding import fold, tokens

SURE = 0.9  # least confidence of an answer whose thanks say nothing new
SHOWN = 10  # rows of a list
WORDS = 2  # least words of a phrasing
Candidate = PhrasingCandidate | ReplyCandidate


def candidate(question: Utterance, entry: str) -> PhrasingCandidate | None:
    """Return the question as a phrasing of the entry; None in private places and for a follow-up."""
    message = question.message
    if message.private or message.direct or message.moderators_room or goes_on(question.text):
        return None
    return PhrasingCandidate(message.channel, message.room, message.id, entry)


async def liked(ctx: Context, post: SentPost) -> PhrasingCandidate | None:
    """Return the same for a 👍 under an answer that was not sure."""
    is_answer = post.purpose in ANSWERING and len(post.entries) == 1
    question = await admission.question_of(ctx, post) if is_answer else None
    if question is None:
        return None
    matches = (await ctx.search(question.text)).matches
    is_sure = any(match.id == post.entries[0] and match.confidence >= SURE for match in matches)
    return None if is_sure else candidate(question, post.entries[0])


# The list


@dataclass(frozen=True, slots=True)
class PhrasingRow:
    """A candidate with its current text."""

    candidate: PhrasingCandidate
    phrase: str
    entry: Entry


async def weekly(ctx: Context) -> Outcome | None:
    """Return the list for the moderators' room, replacing earlier ones; None if there is nothing to show."""
    if ctx.moderation is None:
        return None
    target_ctx, room = ctx.moderation
    await reply_candidates.collect_solutions(ctx)
    rows, replies, unusable = await rows_of(target_ctx)
    if not rows and not replies:
        return Outcome("nothing to list").also(*map(EraseCandidate, unusable)) if unusable else None
    number = await ctx.store.queue.reserve_number()
    text = target_ctx.replies.phrasings(
        [(row.phrase, row.entry.title) for row in rows], [(row.phrase, row.text, row.link) for row in replies]
    )
    post = Post(Reply(room, text, quiet=True), "phrasings", channel=target_ctx.channel.name, number=number)
    ids = [*(row.candidate.id for row in rows), *(row.candidate.id for row in replies)]
    earlier = await ctx.store.candidates.standing_lists()
    return Outcome("phrasings").also(post, PhrasingList(number, tuple(ids), unusable), *map(Withdraw, earlier))


async def rows_of(ctx: Context) -> tuple[list[PhrasingRow], list[ReplyRow], tuple[int, ...]]:
    """Return the rows to show, SHOWN at most of either kind, each question once, and the ids of unusable candidates."""
    rows, unusable = dict[str, PhrasingRow](), list[int]()
    for one in await ctx.store.candidates.phrasings():
        if len(rows) < SHOWN:
            row = await row_of(ctx, one)
            if row is None or rows.setdefault(fold(row.phrase), row) is not row:
                unusable.append(one.id)
    replies = dict[str, ReplyRow]()
    for reply in await ctx.store.candidates.replies():
        if len(replies) < reply_candidates.SHOWN:
            found = await reply_candidates.row_of(ctx, reply)
            if found is None or replies.setdefault(fold(found.phrase), found) is not found:
                unusable.append(reply.id)
    return [*rows.values()], [*replies.values()], tuple(unusable)


async def row_of(ctx: Context, one: PhrasingCandidate) -> PhrasingRow | None:
    """Return a candidate with its current text; None if that is gone, private, or known already."""
    target_ctx, entry = ctx.of(one.channel), ctx.all_knowledge.entries.get(one.entry)
    question = await admission.fetch(target_ctx, one.room, one.event) if entry else None
    if entry is None or question is None or question.message.private:
        return None
    if await ctx.store.retention.has_opted_out(question.message.sender):
        return None
    phrase = await drafting.phrase_of(ctx, question)
    is_known = fold(phrase) in {fold(text) for text in (entry.title, *entry.questions)}
    return None if is_known or len(tokens(fold(phrase))) < WORDS else PhrasingRow(one, phrase, entry)


# The decision


async def decide(ctx: Context, message: Message, replied_to: SentPost | None) -> Outcome | None:
    """Apply '1 3 5', 'toutes' or 'aucune' in reply to the list, or as the next message; None for another message."""
    if not message.moderators_room:
        return None
    post = replied_to if message.reply_to else await ctx.store.posts.latest_in(message.room)
    if post is None or post.purpose != "phrasings" or post.number is None or post.removed:
        return None
    if not message.reply_to and await ctx.store.journal.others_spoke(message, post.made):
        return None
    listed = await ctx.store.candidates.listed(post.number)
    most, act = max(listed, default=0), (await ctx.read(message.text, "offer")).act
    pick = picked(message.text) if act == "pick" else None
    if pick is None and act != "refuse":
        return None
    if not await ctx.moderates(message.sender):
        return Outcome("not theirs to decide")
    target = ReplyTarget.of(ctx, message)
    if not listed:
        return Outcome("decided already", (target.post(ctx.replies.say("phrasings_none")),))
    places = pick.among(range(1, most + 1)) if pick else ()
    if pick and not places:
        return Outcome("no such number", (target.post(ctx.replies.say("phrasings_range", most=most)),))
    wanted = [listed[place] for place in places if place in listed]
    return await _apply_choice(target, [*listed.values()], wanted)


async def _apply_choice(target: ReplyTarget, listed: Sequence[Candidate], wanted: Sequence[Candidate]) -> Outcome:
    ctx = target.ctx
    phrasings = [one for one in wanted if isinstance(one, PhrasingCandidate)]
    rows = [row for one in phrasings if (row := await row_of(ctx, one))]
    author, drafts = await ctx.channel.name_of(target.moderator), 0
    refusals = await actions.add_phrasings(ctx, [(row.entry.id, row.phrase) for row in rows], author)
    for one in wanted:  # each draft is applied on its own, and decided with that: after a crash none comes twice
        if isinstance(one, ReplyCandidate) and (reply := await reply_candidates.row_of(ctx, one)):
            draft = (await reply_candidates.propose(target, reply)).also(EraseCandidate(one.id))
            is_applied = await ctx.store.apply(ctx.channel.name, f"{target.to} {one.id}", draft, ctx.clock())
            drafts += is_applied and draft.find(Draft) is not None
    replies = sum(isinstance(one, ReplyCandidate) for one in listed)
    kept = len(rows) - len(refusals)
    text = ctx.replies.phrasings_decided(
        (kept, len(listed) - replies - kept), (drafts, replies - drafts), [refusal.say for refusal in refusals]
    )
    erased = (EraseCandidate(one.id) for one in listed)
    return Outcome("phrasings decided", addressed=True).also(target.post(text), *erased)


async def with_lists_withdrawn(ctx: Context, event: Event, outcome: Outcome) -> Outcome:
    """Withdraw a list when one of its messages is edited or deleted, or somebody asks to be forgotten."""
    if outcome.find(OptOut):
        lists = await ctx.store.candidates.standing_lists()
    elif event.kind in ("edit", "redaction") and event.relates_to:
        lists = await ctx.store.candidates.standing_lists(event.channel, event.relates_to)
    else:
        return outcome
    return outcome.also(*map(Withdraw, lists))
