"""The moderators' actions, from a chat, a web page or a command line.

They propose a change, approve or drop it, take, answer or dismiss a question. Each action takes plain values and
returns an Outcome to be applied under any key; the caller adds the posts that report it, and has checked that the actor
is a moderator.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

from bot.conversation.context import Context
from bot.conversation.moderation import reports
from bot.conversation.moderation.changes import Change, carry_out, change_between, is_made, json_fields
from bot.conversation.moderation.notifications import Words, closure_of, notifications_for, shown_to, untold
from bot.knowledge.edit_result import EditError, EditResult
from bot.knowledge.editor import Editor
from bot.knowledge.entry_input import draft as entry_of
from bot.knowledge.entry_input import id_for
from bot.knowledge.folder import ThemeInfo
from bot.knowledge.models import Entry, Origin
from bot.knowledge.rendering import yaml_of
from bot.replies.draft_notes import Say, ShownDraft
from bot.store import TAKEN, Draft, DraftDecision, KnowledgeEdit, Outcome, Post, QuestionTaking, QueuedQuestion
from bot.store.queue import DRAFTS
from bot.text import word_lists
from bot.text.folding import fold, tokens
from bot.text.languages import STOP_WORDS

ID_LENGTH = 48  # characters of a title that becomes an id as it stands
_POLITE = word_lists.words("polite_words")


@dataclass(frozen=True, slots=True)
class Approval:
    """A change that is in the files.

    `outcome.posts` notify the askers; `errors`: of the files when they were read again; `result`: None if the files had
    the change before; `left_open`: the number of a question that was asked where the answer is hidden.
    """

    outcome: Outcome
    change: Change
    errors: Sequence[str]
    result: EditResult | None
    left_open: int | None = None


async def new_entry(ctx: Context, fields: Mapping[str, object]) -> Change:
    """Return the change that adds an entry with these fields, which include `title`. Raises EditRejected."""
    taken = await ctx.store.digests.entries_ever() | await asyncio.to_thread(editor_of(ctx).taken_ids)
    short = title = str(fields["title"])
    if len(title) > ID_LENGTH:  # it loses its stop words, and whole words at its end
        content = [word for word in tokens(fold(title)) if word not in STOP_WORDS | _POLITE]
        lengths = accumulate(len(word) + 1 for word in content)
        short = " ".join(word for word, length in zip(content, lengths, strict=True) if length <= ID_LENGTH) or title
    entry = entry_of({"id": id_for(short, taken), "updated": ctx.today.isoformat(), **fields})
    return Change("add", entry.id, json_fields(entry), await likely_theme(ctx, entry.title))


async def edited(ctx: Context, change: Change, fields: Mapping[str, object]) -> Change:
    """Return the change of a draft with other fields of its entry; None removes one. Raises EditRejected."""
    entry = entry_of({**(json_fields(change.after) if change.after else change.entry), **fields})
    if change.kind != "add":
        return replace(change_between(change.seen, entry), informed=change.informed)
    if change.draft:
        return replace(change, entry=json_fields(entry))
    anew = await new_entry(ctx, {name: value for name, value in json_fields(entry).items() if name != "id"})
    return replace(change, id=anew.id, entry=anew.entry, theme=change.theme or anew.theme)


async def propose_change(
    ctx: Context, moderator: str, change: Change, *, question: int | None = None, number: int | None = None
) -> tuple[Draft, ShownDraft]:
    """Return the draft of a change, and what is shown of it. Raises EditError if the files would refuse it.

    `question`: the number of the question that it answers; `number`: the number of the draft that it replaces.
    """
    infos = await themes(ctx)
    anywhere = infos[0].file if infos else ""
    result = await rehearse(ctx, change if change.theme else replace(change, theme=anywhere))
    number = number or await ctx.store.queue.reserve_number()
    draft = Draft(number, change.kind, change.to_json(), moderator, ctx.clock(), question)
    is_unfiled = change.kind == "add" and not change.theme
    file = "" if is_unfiled else result.file.name
    shown = ShownDraft(
        number,
        change.kind,
        change.title,
        lines=yaml_of(change.seen) if change.kind == "add" else result.diff,
        file=file,
        theme=next((info.theme for info in infos if info.file == file), change.theme),
        themes=[info.theme for info in infos] if is_unfiled else (),
        question=question,
        entry=change.after if change.kind in ("add", "change") else None,
        phrase=change.phrase,
        has_asked_title=change.has_asked_title and question is not None,
    )
    return draft, shown


async def rehearse(ctx: Context, change: Change) -> EditResult:
    """Return the result of a change without making it. Raises EditError if the files would refuse it."""
    return await _carry_out(ctx, change, dry=True)


async def _carry_out(ctx: Context, change: Change, author: str = "", *, dry: bool = False) -> EditResult:
    used = await ctx.store.digests.entries_ever() - ({change.id} if change.restores else set())
    return await asyncio.to_thread(carry_out, editor_of(ctx), change, author, dry=dry, used=used)


async def recent_draft(ctx: Context, number: int) -> Draft | None:
    """Return the draft of that number, open or decided; None if it is gone, or too old."""
    draft = await ctx.store.queue.draft(number)
    return draft if draft and ctx.clock() - draft.made <= DRAFTS else None


async def open_draft(ctx: Context, number: int) -> Draft | None:
    draft = await recent_draft(ctx, number)
    return draft if draft and draft.state == "open" else None


async def draft_as_seen(ctx: Context, version: str) -> Draft | None:
    """Return the open draft of a version; None if it was decided or changed since."""
    number = version.partition(".")[0]
    draft = await open_draft(ctx, int(number)) if number.isdecimal() and len(number) < 10 else None
    return draft if draft and draft.version == version else None


async def approve(ctx: Context, draft: Draft, author: str) -> Approval:
    """Write the change into the files, with the author in their history. Raises EditError.

    The outcome is applied after that, in one transaction. After a crash between the two, approving again repairs it:
    the change is then found in the files.
    """
    change, result, before = Change.from_json(draft.content), None, ctx.all_knowledge

    def news(ctx: Context, names: Sequence[str]) -> str:
        given = ctx.given([change.id])
        return ctx.replies.news(names, given[0], ctx.knowledge, ctx.today) if given else ""

    try:
        result = await _carry_out(ctx, change, author)
    except EditError:
        if not await asyncio.to_thread(is_made, editor_of(ctx), change):
            raise
    reloaded = await ctx.bot.reload()
    entry = ctx.all_knowledge.entries.get(change.id)
    queued = await ctx.store.queue.question(draft.question) if draft.question is not None and entry else None
    told = await shown_to(ctx, queued, entry) if queued and entry else queued
    posts: tuple[Post, ...] = ()
    if told and entry:
        posts = await notifications_for(ctx, told, news, untold(told, change.informed), entry=entry.id)
    closure = closure_of(told, change.id) if told and told.askings else None
    edit = _edit(ctx, change, author, result, before.origins.get(change.id))
    outcome = Outcome("knowledge changed", posts).also(DraftDecision(draft.number, "done"), closure, edit)
    return Approval(outcome, change, reloaded.errors, result, queued.number if queued and told != queued else None)


def _edit(
    ctx: Context, change: Change, author: str, result: EditResult | None, former: Origin | None = None
) -> KnowledgeEdit:
    """Return the record of an edit.

    `result`: None if the files had the change before; `former`: the entry's place before it.
    """
    origin = ctx.all_knowledge.origins.get(change.id) or former
    file = Path(origin.file).name if origin else result.file.name if result else change.theme
    states = (change.before, result.entry if result else change.after)
    before, after = (json.dumps(json_fields(entry)) if entry else None for entry in states)
    return KnowledgeEdit(change.id, ctx.clock(), author, file, before, after)


def drop(draft: Draft) -> Outcome:
    return Outcome("dropped").also(DraftDecision(draft.number, "dropped"))


async def open_question(ctx: Context, number: int) -> QueuedQuestion | None:
    queued = await ctx.store.queue.question(number)
    return queued if queued and not queued.closed else None


async def answer(ctx: Context, question: QueuedQuestion, text: str, relays: str | None = None) -> Outcome:
    """Send a text to the askers, and close the question. `relays`: id of the message that it comes from."""
    posts = await notifications_for(ctx, question, words_of(text), untold(question), relays=relays)
    return Outcome("answered", posts).also(closure_of(question))


def words_of(text: str) -> Words:
    """Return the words for the askers from a moderator's own text."""
    return lambda ctx, names: ctx.replies.answered(names, text)


def dismiss(question: QueuedQuestion) -> Outcome:
    """Close a question without an answer."""
    return Outcome("set aside").also(closure_of(question))


async def take(ctx: Context, queued: QueuedQuestion, user: str) -> Outcome:
    """Note who looks after a question, empty: nobody, and say so in the note about it."""
    taking = QuestionTaking(queued.number, user, ctx.channel.name, ctx.clock())
    note = await reports.edited_note(ctx, replace(queued, taken_by=user, taken_in=taking.channel, taken=taking.at))
    shown = tuple(asking.id for asking in queued.askings) if note else ()
    return replace(Outcome(TAKEN).also(taking, note), shows=shown)


async def add_phrasings(ctx: Context, phrasings: Sequence[tuple[str, str]], author: str) -> Sequence[EditError]:
    """Write phrasings, given with their entry's id, and reload; return the errors of those refused."""
    refusals = []
    for id, phrase in phrasings:
        try:
            entry = await asyncio.to_thread(editor_of(ctx).entry, id)
            await write(ctx, Change("phrase", id, json_fields(entry), phrase=phrase), author)
        except EditError as refusal:
            refusals.append(refusal)
    if phrasings:
        await ctx.bot.reload()
    return refusals


async def write(ctx: Context, change: Change, author: str) -> None:
    """Make a change for which nobody waits; the caller reloads. Raises EditError."""
    result = await _carry_out(ctx, change, author)
    await ctx.store.knowledge_edits.record(_edit(ctx, change, author, result))


async def stored_entry(ctx: Context, id: str) -> Entry | None:
    """Return an entry as it is in the files now, drafts included; None if there is none."""
    try:
        return await asyncio.to_thread(editor_of(ctx).entry, id)
    except EditError:
        return None


async def fault_of(ctx: Context, id: str) -> Say | None:
    """Return why the entry cannot be read although a file has it, in words; None if no file has it."""
    try:
        fault = await asyncio.to_thread(editor_of(ctx).fault_of, id)
    except EditError as error:
        return error.say
    return fault.say if fault else None


def editor_of(ctx: Context) -> Editor:
    if ctx.bot.editor is None:
        raise RuntimeError("a conversation without a knowledge folder")
    return ctx.bot.editor


async def likely_theme(ctx: Context, text: str) -> str:
    """Return the file of an entry about the same, or the only file; empty if a moderator must choose."""
    for match in (await ctx.search(text)).matches[:1]:
        if match.id in ctx.all_knowledge.origins and match.confidence >= ctx.settings.limits.suggest:
            return Path(ctx.all_knowledge.origins[match.id].file).name
    infos = await themes(ctx)
    return "" if len(infos) > 1 else infos[0].file if infos else "reponses"


async def themes(ctx: Context, *, is_marked: bool = True) -> Sequence[ThemeInfo]:
    """Return the files for entries, in order; those with errors are last. `is_marked`: their titles say so."""
    say, infos = ctx.replies.say, await asyncio.to_thread(editor_of(ctx).themes)
    marked = {one.file: say("theme_broken", theme=one.theme) for one in infos if is_marked and one.broken}
    return [replace(one, theme=marked.get(one.file, one.theme)) for one in infos]
