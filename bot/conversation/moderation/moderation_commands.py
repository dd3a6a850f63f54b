"""The commands that answer questions and show or change the knowledge; each change is a draft first."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from rapidfuzz import process

from bot.conversation import answers
from bot.conversation.context import Context
from bot.conversation.moderation import actions, approval, drafting, extraction, imported
from bot.conversation.moderation.approval import ReplyTarget
from bot.conversation.moderation.changes import Change, json_fields
from bot.knowledge.edit_result import EditRejected
from bot.messages import Message
from bot.store import Outcome

_NO_PATH = re.compile(r"[/\\\x00-\x1f]|^\.")


async def add(ctx: Context, message: Message, words: str) -> Outcome:
    target = ReplyTarget.of(ctx, message)
    try:
        given = await asyncio.to_thread(extraction.fields_from_text, words)
        if "title" not in given:
            return _reply(target, ctx.replies.help_one("ajouter", is_short=True))
        change = await actions.new_entry(ctx, given)
    except EditRejected as refusal:
        return _reply(target, ctx.replies.not_written(refusal.say))
    return await approval.propose(target, change)


async def change(ctx: Context, message: Message, words: str) -> Outcome:
    target, (id, rest) = ReplyTarget.of(ctx, message), _first(words)
    entry = await actions.stored_entry(ctx, id) if id else None
    if entry is None:
        return await _no_entry(target, "modifier", id)
    try:
        changes = await asyncio.to_thread(extraction.changes_from_text, rest)
    except EditRejected as refusal:
        return _reply(target, ctx.replies.not_written(refusal.say))
    if not changes:
        return await _shown(target, id, how=True)
    return await approval.propose(target, Change("change", id, json_fields(entry), changes=changes))


async def add_phrase(ctx: Context, message: Message, words: str) -> Outcome:
    target, (id, phrase) = ReplyTarget.of(ctx, message), _first(words)
    entry = await actions.stored_entry(ctx, id) if phrase.strip() else None
    if entry is None:
        return await _no_entry(target, "phrase", id if phrase.strip() else "")
    phrase = " ".join(extraction.unfenced(phrase).split())
    return await approval.propose(target, Change("phrase", id, json_fields(entry), phrase=phrase))


async def remove(ctx: Context, message: Message, words: str) -> Outcome:
    target, (id, _) = ReplyTarget.of(ctx, message), _first(words)
    entry = await actions.stored_entry(ctx, id) if id else None
    if entry is None:
        return await _no_entry(target, "retirer", id)
    return await approval.propose(target, Change("remove", id, json_fields(entry)))


async def show(ctx: Context, message: Message, words: str) -> Outcome:
    return await _shown(ReplyTarget.of(ctx, message), _first(words)[0])


async def set_theme(ctx: Context, message: Message, words: str) -> Outcome:
    """Move the draft of an entry to another file.

    The number is the draft's, or its question's; an imported draft has an id, and is proposed for the theme.
    """
    target, (name, theme) = ReplyTarget.of(ctx, message), _first(words)
    is_number, theme = re.fullmatch(r"\d{1,9}", name), " ".join(theme.split())
    draft_of_file = None if is_number else await imported.find(ctx, name)
    if not theme or not (is_number or draft_of_file):
        return _reply(target, ctx.replies.help_one("theme", is_short=True))
    if _NO_PATH.search(theme):
        return _reply(target, ctx.replies.no_theme([info.theme for info in await actions.themes(ctx)]))
    if draft_of_file:
        return await approval.propose(target, imported.keeping(draft_of_file, theme))
    draft = await ctx.store.queue.draft(int(name)) or await ctx.store.queue.draft_for(int(name))
    if draft is None or draft.state != "open" or draft.kind != "add":
        return _reply(target, ctx.replies.say("no_draft", number=int(name)))
    return await approval.show_again(target, draft, replace(Change.from_json(draft.content), theme=theme))


async def _shown(target: ReplyTarget, id: str, *, how: bool = False) -> Outcome:
    ctx = target.ctx
    lines = await actions.excerpt(ctx, id) if id else None
    if lines is None:
        return await _no_entry(target, "montrer", id)
    return _reply(target, ctx.replies.entry_shown(id, lines, ctx.all_knowledge.origins.get(id), how=how))


async def _no_entry(target: ReplyTarget, command: str, id: str) -> Outcome:
    """Say that no entry can be read under the id, or how the command is used without one."""
    replies = target.ctx.replies
    if not id:
        return _reply(target, replies.help_one(command, is_short=True))
    if fault := await actions.fault_of(target.ctx, id):
        return _reply(target, replies.entry_unreadable(id, fault))
    likely = process.extractOne(id, target.ctx.all_knowledge.entries.keys(), score_cutoff=60)
    return _reply(target, replies.no_entry(id, likely[0] if likely else None))


def _first(words: str) -> tuple[str, str]:
    """Split off the first word, without quotes or backticks, from the rest with its indentation."""
    word, rest = re.match(r"\s*(\S*)[^\S\n]*\n?(.*)", words, re.DOTALL).groups()  # type: ignore[union-attr]
    return word.strip("`«»\"'").casefold(), rest


def _reply(target: ReplyTarget, text: str) -> Outcome:
    return Outcome("a moderator's command", (target.post(text),), addressed=True)


async def answer(ctx: Context, message: Message, words: str) -> Outcome:
    parts = re.match(r"(\d{1,9})[\s:.,)]+(?=\S)(.+)", words.strip(), re.DOTALL)
    queued = await actions.open_question(ctx, int(parts[1])) if parts else None
    if parts is None or queued is None:
        return _no_question(ctx, message, "repondre", parts and parts[1])
    answer = await actions.answer(ctx, queued, parts[2].strip())
    said = ctx.replies.say("answer_sent" if answer.posts else "answer_sent_nowhere", number=queued.number)
    report = answers.post(ctx, message, said, "command")
    draft = await drafting.propose_draft(ReplyTarget.of(ctx, message), queued, parts[2].strip(), None)
    return approval.merge_outcomes(replace(answer, addressed=True).also(report), draft)


async def take(ctx: Context, message: Message, words: str) -> Outcome:
    """Note that its author looks after the question of that number, or no longer does."""
    number = re.fullmatch(r"\d{1,9}", words)
    queued = await actions.open_question(ctx, int(words)) if number else None
    if queued is None:
        return _no_question(ctx, message, "prendre", number and number[0])
    is_back = queued.taken_by == message.sender
    said = ctx.replies.say("question_left" if is_back else "question_taken", number=queued.number)
    outcome = await actions.take(ctx, queued, "" if is_back else message.sender)
    return replace(outcome, addressed=True).also(answers.post(ctx, message, said, "command"))


def _no_question(ctx: Context, message: Message, command: str, number: str | None) -> Outcome:
    """Say that no open question has the number, or how the command is used without one."""
    shown = ctx.replies.help_one(command, is_short=True)
    said = ctx.replies.say("no_open_question", number=int(number)) if number else shown
    return answers.say(ctx, message, f"command {command}", said)
