"""Drafts and notes about questions in a chat: shown in a post, decided by a reaction or a word under it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from bot.conversation.addressing import Utterance
from bot.conversation.context import Context
from bot.conversation.moderation import actions, extraction
from bot.conversation.moderation.actions import Approval
from bot.conversation.moderation.changes import Change, json_fields
from bot.knowledge.edit_result import EditConflict, EditError
from bot.messages import Message, Reply
from bot.reading import Reading
from bot.reading.picks import picked
from bot.replies import AGREE, REFUSE
from bot.store import Draft, Outcome, Post, Purpose, SentPost, Withdraw
from bot.text.folding import fold
from bot.text.markdown import paragraphs


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """The place of a draft, and its author. `moderator`: a user id; `to`: the message that the draft comes from."""

    ctx: Context
    room: str
    moderator: str
    to: str | None = None
    thread: str | None = None

    @classmethod
    def of(cls, ctx: Context, message: Message) -> ReplyTarget:
        return cls(ctx, message.room, message.sender, message.id, message.thread)

    def post(self, text: str, number: int | None = None, *, signs: tuple[str, ...] = ()) -> Post:
        """Return a post about the question or draft of that number.

        `signs`: reactions that people may put under it; it shows a draft then.
        """
        choices = signs if self.ctx.channel.capabilities.reacts else ()
        reply = Reply(self.room, text, to=self.to, thread=self.thread, choices=choices)
        purpose: Purpose = "draft" if signs else "command"
        question = None if number else self.to
        return Post(reply, purpose, question=question, channel=self.ctx.channel.name, number=number)


async def propose(
    target: ReplyTarget, change: Change, *, question: int | None = None, number: int | None = None
) -> Outcome:
    """Show the result of a change, and wait for a decision; or say why it is refused. See `propose_change`."""
    ctx = target.ctx
    try:
        draft, shown = await actions.propose_change(ctx, target.moderator, change, question=question, number=number)
    except EditError as refusal:
        return Outcome("no draft", (target.post(_refused(ctx, refusal, number), question),))
    text = ctx.replies.draft(shown, ctx.knowledge, ctx.today)
    signs = (REFUSE,) if shown.themes else (AGREE, REFUSE)
    post = target.post(text, draft.number, signs=signs)
    return Outcome("a draft", addressed=True).also(draft, post)


def _refused(ctx: Context, refusal: EditError, waiting: int | None) -> str:
    """Say what is in the way of a change. `waiting`: the number of the draft that stays open."""
    waits = ctx.replies.say("draft_waits", number=waiting) if waiting else ""
    return paragraphs([waits, ctx.replies.not_written(refusal.say, refusal.yaml)])


def merge_outcomes(first: Outcome, second: Outcome) -> Outcome:
    """Return the first outcome, and the draft that the second shows."""
    return replace(first.also(*second.posts, *second.effects), shows=second.shows)


async def decide(ctx: Context, post: SentPost, user: str, *, yes: bool) -> Outcome | None:
    """Approve or drop the draft that a post shows, for a moderator; None if it shows none any more."""
    if post.removed:
        return None
    if post.number is None or post.event is None or not await ctx.moderates(user):
        return Outcome("not theirs to decide")
    target = ReplyTarget(ctx, post.room, user, post.event)
    draft = await actions.recent_draft(ctx, post.number)
    if draft is None:
        return Outcome("too late", (target.post(ctx.replies.say("draft_gone", number=post.number), post.number),))
    if draft.state != "open":
        return Outcome("decided already")
    if not yes:
        return await drop(target, draft, post)
    if lacks_theme(draft):
        text = ctx.replies.theme_wanted([info.theme for info in await actions.themes(ctx)])
        return Outcome("no theme yet", (target.post(text, draft.number),))
    return await _approve(target, draft)


async def file_under(ctx: Context, post: SentPost, utterance: Utterance, reading: Reading) -> Outcome | None:
    """Approve a draft under the theme that a reply names by number or name; None if it names none."""
    infos = await actions.themes(ctx, is_marked=False)
    pick = picked(utterance.text) if reading.act in ("pick", None) else None
    name = str(pick.numbers[0] + 1) if pick and len(pick.numbers) == 1 else fold(utterance.text.strip(" .!"))
    names = {key: info.file for at, info in enumerate(infos, 1) for key in (str(at), fold(info.theme), info.file)}
    if post.number is None or post.removed or name not in names:
        return None
    draft, user = await actions.recent_draft(ctx, post.number), utterance.message.sender
    if draft is None or draft.state != "open":
        return await decide(ctx, post, user, yes=True)
    if not lacks_theme(draft) or not await ctx.moderates(user):
        return Outcome("no theme")
    filed = replace(Change.from_json(draft.content), theme=names[name])
    return await _approve(ReplyTarget.of(ctx, utterance.message), replace(draft, content=filed.to_json()))


async def edit(ctx: Context, post: SentPost, utterance: Utterance) -> Outcome | None:
    """Show a draft again with the parts that a reply to it changes; None if the reply is something else."""
    draft = await actions.open_draft(ctx, post.number) if post.number is not None and not post.removed else None
    if draft is None or draft.kind == "remove" or not await ctx.moderates(utterance.message.sender):
        return None
    target = ReplyTarget.of(ctx, utterance.message)
    try:
        fields = await asyncio.to_thread(extraction.changes_from_text, utterance.text)
        changed = await actions.edited(ctx, Change.from_json(draft.content), fields) if fields else None
    except EditError as refusal:
        return Outcome("no draft", (target.post(ctx.replies.not_written(refusal.say), draft.number),))
    return await show_again(target, draft, changed) if changed else None


async def show_again(target: ReplyTarget, draft: Draft, changed: Change) -> Outcome:
    """Show a changed draft in place of its earlier posts: nobody should approve an unseen change."""
    outcome = await propose(target, changed, question=draft.question, number=draft.number)
    posts = await target.ctx.store.queue.draft_posts(draft.number) if outcome.find(Draft) else []
    return outcome.also(*map(Withdraw, posts))


def lacks_theme(draft: Draft) -> bool:
    return draft.kind == "add" and not Change.from_json(draft.content).theme


async def _approve(target: ReplyTarget, draft: Draft) -> Outcome:
    ctx = target.ctx
    try:
        approval = await actions.approve(ctx, draft, await ctx.channel.name_of(target.moderator))
    except EditConflict as conflict:
        return await propose_anew(target, draft, conflict)
    except EditError as refusal:  # the draft stays open: trying again may help
        return Outcome("not written", (target.post(_refused(ctx, refusal, draft.number), draft.number),))
    report = target.post(approval_report(ctx, approval), draft.number)
    return replace(approval.outcome, posts=(report, *approval.outcome.posts))


def approval_report(ctx: Context, approval: Approval) -> str:
    change, result = approval.change, approval.result
    note = ctx.replies.problem(result.note.say) if result and result.note else ""
    if approval.left_open is not None:
        note = paragraphs([ctx.replies.say("left_open", number=approval.left_open), note])
    return ctx.replies.draft_made(change.kind, change.title, len(approval.outcome.posts), approval.errors, note)


async def propose_anew(target: ReplyTarget, draft: Draft, conflict: EditConflict) -> Outcome:
    """Propose the same change of the entry's current state: the entry has changed since."""
    text = target.ctx.replies.changed_meanwhile(conflict.say, conflict.difference)
    dropped = replace(actions.drop(draft), reason="changed meanwhile").also(target.post(text, draft.number))
    if change := rebased_change(draft, conflict):
        return merge_outcomes(dropped, await propose(target, change, question=draft.question))
    return dropped


def rebased_change(draft: Draft, conflict: EditConflict) -> Change | None:
    """Return the change of the entry's current state; None if the entry is gone."""
    if conflict.now is None:
        return None
    change, now = Change.from_json(draft.content), json_fields(conflict.now)
    return replace(change, entry=now, draft=now if change.draft else {})


async def drop(target: ReplyTarget, draft: Draft, post: SentPost) -> Outcome:
    """Drop a draft for ❌ under its post, and show the change to propose instead, if any."""
    dropped = actions.drop(draft)
    if instead := Change.from_json(draft.content).instead:
        outcome = merge_outcomes(dropped, await propose(target, instead, question=draft.question))
        return outcome.also(Withdraw(post.id))
    text = target.ctx.replies.say("draft_dropped", number=draft.number)
    reply = Reply(post.room, text, to=post.event, quiet=True)
    return dropped.also(Post(reply, "note", number=draft.number))


async def set_aside(ctx: Context, post: SentPost, user: str) -> Outcome:
    """Dismiss a question for ❌ under the note about it."""
    queued = await actions.open_question(ctx, post.number) if post.number is not None else None
    if queued is None or not await ctx.moderates(user):
        return Outcome("no question to set aside")
    return actions.dismiss(queued).also(Withdraw(post.id))


async def take(ctx: Context, post: SentPost, user: str, *, is_gone: bool = False) -> Outcome:
    """Take a question for 👀 under the note about it, and give it back once that is removed."""
    queued = await actions.open_question(ctx, post.number) if post.number is not None else None
    if queued is None or (is_gone and queued.taken_by != user) or not await ctx.moderates(user):
        return Outcome("not open")
    return await actions.take(ctx, queued, "" if is_gone else user)
