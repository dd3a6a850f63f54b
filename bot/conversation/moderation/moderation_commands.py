"""The moderators' commands: they answer questions, show or change the knowledge, correct readings, list and report.

Each change of an entry is a draft first.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import process

from bot.conversation import answers
from bot.conversation.context import Context
from bot.conversation.moderation import actions, approval, drafting, extraction, imported, phrasings, reports
from bot.conversation.moderation.approval import ReplyTarget
from bot.conversation.moderation.changes import Change, json_fields
from bot.knowledge.edit_result import EditError, EditRejected
from bot.knowledge.models import Misread
from bot.messages import Message
from bot.reading import ReadAs
from bot.store import Outcome, QueuedQuestion, Withdraw
from bot.text.markdown import paragraphs

PAGE = 10  # questions on a page
_LEARNED = 3  # texts of one question: its first ones say enough
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
    try:
        lines = await asyncio.to_thread(actions.editor_of(ctx).excerpt, id)
    except EditError:
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
    draft = await drafting.propose_draft(ReplyTarget.of(ctx, message), queued, parts[2].strip())
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


# Readings


async def correct_reading(ctx: Context, message: Message, words: str) -> Outcome:
    """Learn what an open question was, or a message in the moderator's words: '3 merci', 'merci : nickel chrome'."""
    target, number, text = ReplyTarget.of(ctx, message), None, ""
    if named := re.match(r"(\d{1,9})\s+(?=\S)", words):
        number, name = int(named[1]), words[named.end() :]
    else:
        name, _, text = words.partition(":" if ":" in words.partition("\n")[0] else "\n")
    read_as = ctx.replies.read_as(name)
    if read_as is None or not (number or text.strip()):
        how = ctx.replies.readings(), ctx.replies.help_one("lecture", is_short=True)
        return _reply(target, paragraphs(how))
    if number is None:
        return await _learn(target, [" ".join(text.split())], read_as)
    queued = await actions.open_question(ctx, number)
    if queued is None:
        return _reply(target, ctx.replies.say("no_open_question", number=number))
    if not queued.open_texts:
        return _reply(target, ctx.replies.say("misread_private", number=number))
    return await _learn(target, list(dict.fromkeys(queued.open_texts))[:_LEARNED], read_as, queued)


async def _learn(
    target: ReplyTarget, texts: Sequence[str], read_as: ReadAs, queued: QueuedQuestion | None = None
) -> Outcome:
    """Write the texts into the file, and set the question aside unless it is one."""
    ctx, author = target.ctx, await target.ctx.channel.name_of(target.moderator)
    try:
        for text in texts:
            misread = Misread(text=" ".join(text.split()), read_as=read_as)
            await asyncio.to_thread(actions.editor_of(ctx).add_reading, misread, who=author)
    except EditError as refusal:
        return _reply(target, ctx.replies.not_written(refusal.say))
    await ctx.bot.reload()
    if queued is None or read_as == "question":
        return _reply(target, ctx.replies.reading_learned(texts[0], read_as))
    notes = await ctx.store.posts.about(queued.number, "asked")
    report = _reply(target, ctx.replies.reading_learned(texts[0], read_as, closed=queued.number))
    return report.also(*actions.dismiss(queued).effects, *(Withdraw(note.id) for note in notes))


# Lists and reports


async def questions(ctx: Context, message: Message, words: str) -> Outcome:
    queue, page = await ctx.store.queue.questions(), int(words[:9]) if words.isdecimal() else 1
    pages, on_page = max(1, -(-len(queue) // PAGE)), queue[(page - 1) * PAGE : page * PAGE]
    text = ctx.replies.say("questions_no_page", pages=pages)
    if 1 <= page <= pages:
        rows = [await reports.queue_row(ctx, queued, message.room) for queued in on_page]
        text = ctx.replies.open_questions(rows, len(queue), page, pages)
    shows = tuple(asking.id for queued in on_page for asking in queued.askings)
    return replace(answers.say(ctx, message, "command questions", text, "list"), shows=shows)


async def list_phrasings(ctx: Context, message: Message, words: str) -> Outcome:
    """Show the list in the moderators' room, as every week."""
    outcome = await phrasings.weekly(ctx)
    if outcome and outcome.posts:
        return replace(outcome, addressed=True)
    none = answers.say(ctx, message, "command formulations", ctx.replies.say("phrasings_none"))
    return none.also(*(outcome.effects if outcome else ()))


async def gaps(ctx: Context, message: Message, words: str) -> Outcome:
    days = int(words[:3]) if words.isdecimal() else reports.GAP_DAYS
    days = min(max(days, 1), reports.MOST_GAP_DAYS)
    rows, askings = await reports.gaps(ctx, days)
    text = ctx.replies.gaps(rows, days, await reports.months(ctx))
    return replace(answers.say(ctx, message, "command lacunes", text, "gaps"), shows=askings)


async def stats(ctx: Context, message: Message, words: str) -> str:
    return ctx.replies.stats(await reports.stats(ctx))


async def links(ctx: Context, message: Message, words: str) -> str:
    return ctx.replies.link_report(await reports.links(ctx))
