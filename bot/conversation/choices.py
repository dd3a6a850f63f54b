"""Choices under one of the bot's posts: a suggestion, none of them, the rest of an answer, a related entry.

Each function returns the Outcome for one user's choice. The bot's post is edited; a related entry is a new one.
"""

from bot.conversation import admission, answers
from bot.conversation.context import Context
from bot.conversation.moderation import phrasings
from bot.conversation.policy import CHOICE_AGE
from bot.messages import Reply
from bot.reading import Pick
from bot.replies import MORE, related
from bot.store import CHOSEN, NONE_FITS, Outcome, Post, SentPost


async def choose(ctx: Context, post: SentPost, user: str, pick: Pick) -> Outcome:
    """Turn suggestions into the answers that the asker, or a moderator, chose from them."""
    if refusal := await _why_not(ctx, post, user):
        return refusal
    picked = pick.among(post.entries)
    if not picked:
        return _ask_which(ctx, post, user, len(post.entries))
    chosen = tuple(entry.id for entry in ctx.entries(picked))
    if not chosen:
        return Outcome("no such suggestion")
    entries = (*post.answered, *chosen)
    given = ctx.given(entries)
    text = ctx.replies.answer(given, ctx.knowledge, ctx.today, is_brief=True)
    reply = answers.edit(post, text, (MORE,) if ctx.replies.shortens(given) else ())
    outcome = Outcome(CHOSEN, (Post(reply, "answer", entries, post.question, user),))
    question = await admission.question_of(ctx, post)
    if question is None:
        return outcome
    candidate = phrasings.candidate(question, chosen[0]) if len(chosen) == 1 else None
    return answers.wrap_for_channel(ctx, question, outcome).also(candidate)


async def choose_only(ctx: Context, post: SentPost, user: str) -> Outcome:
    """Choose the only suggestion, for 'oui'; of several, ask which."""
    if len(post.entries) == 1:
        return await choose(ctx, post, user, Pick((0,)))
    return await _why_not(ctx, post, user) or _ask_which(ctx, post, user, len(post.entries))


def _ask_which(ctx: Context, post: SentPost, user: str, number: int) -> Outcome:
    """Ask for a number. `number`: how many entries there are to choose from."""
    reply = Reply(post.room, ctx.replies.say(f"which_{number}"), to=post.event, quiet=True)
    return Outcome("no choice by number", (Post(reply, "command", asker=user),))


async def choose_none(ctx: Context, post: SentPost, user: str) -> Outcome:
    """Treat the question as one without an answer: no suggestion fits."""
    if refusal := await _why_not(ctx, post, user):
        return refusal
    question = await admission.question_of(ctx, post)
    if question is None:
        return Outcome("the question is gone")
    outcome = await answers.unknown(ctx, question, NONE_FITS, answered=post.answered)
    return answers.wrap_for_channel(ctx, question, answers.as_edits(outcome, post.event))


async def show_more(ctx: Context, post: SentPost, user: str) -> Outcome:
    """Show the whole of an answer that was shortened."""
    if not await _is_shortened(ctx, post):
        return Outcome("nothing more to show")
    entries = ctx.given(post.entries)
    words = ctx.replies.overheard if post.overheard else ctx.replies.answer
    reply, asker = answers.edit(post, words(entries, ctx.knowledge, ctx.today)), post.asker and user
    edit = Post(reply, "answer", post.entries, post.question, asker, post.overheard)
    outcome, question = Outcome("shown in full", (edit,)), await admission.question_of(ctx, post)
    return answers.wrap_for_channel(ctx, question, outcome) if question else outcome


async def show_related(ctx: Context, post: SentPost, user: str, pick: Pick) -> Outcome | None:
    """Show an entry that the answer names under 'see also', or ask which; None if there is no choice."""
    if post.event is None or ctx.store.hash(user) != post.asker:
        return Outcome("somebody else's answer")
    given = ctx.entries(post.entries)
    names_others = len(given) == 1 and not await _is_shortened(ctx, post)
    others = [entry.id for entry in related(given[0], ctx.knowledge)] if names_others else []
    picked = pick.among(others) if others else ()
    if not picked:
        return _ask_which(ctx, post, user, len(others)) if len(others) > 1 and not post.overheard else None
    text = ctx.replies.answer(ctx.given(picked), ctx.knowledge, ctx.today, is_brief=True)
    thread = post.question if post.overheard else None
    reply = Reply(post.room, text, to=post.event, thread=thread, quiet=post.overheard)
    return Outcome("a related entry", (Post(reply, "answer", tuple(picked), asker=user),))


async def _is_shortened(ctx: Context, post: SentPost) -> bool:
    """Whether the post left something out, and nobody has asked for the rest."""
    if not ctx.replies.shortens(ctx.given(post.entries)):
        return False
    replies = await ctx.store.posts.replies_to(post.question) if post.question else []
    return [(one.purpose, one.entries) for one in replies[-2:]] != [("answer", post.entries)] * 2


async def _why_not(ctx: Context, post: SentPost, user: str) -> Outcome | None:
    """Return why the user may not choose from the suggestions, or not any more; None if they may."""
    if ctx.clock() - post.made > CHOICE_AGE:
        return Outcome("suggestions too old")
    if ctx.store.hash(user) != post.asker and not await ctx.moderates(user):
        return Outcome("somebody else's suggestions")
    if post.event is None or post.question is None or await answers.current(ctx, post) != post:
        return Outcome("already chosen")
    return None
