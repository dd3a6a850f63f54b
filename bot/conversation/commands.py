"""Commands: the table of them, who may use each, and what it does."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from rapidfuzz import process

from bot.conversation import admission, answers
from bot.conversation.addressing import Utterance, without_words
from bot.conversation.context import Context
from bot.conversation.moderation import moderation_commands, reports
from bot.matching.text import fold
from bot.messages import MODERATOR_POWER, Message
from bot.store import Outcome, Purpose

UNKNOWN = "unknown command"
Who = Literal["all", "moderators", "room"]  # room: moderators, and whoever has power 50 in that room


@dataclass(frozen=True, slots=True)
class Call:
    """A command as typed: its name, the words after it, and its row of the table (None: unknown)."""

    message: Message
    name: str
    words: str
    command: Command | None

    @property
    def is_any_age(self) -> bool:
        return self.command is not None and self.command.is_any_age


@dataclass(frozen=True, slots=True)
class Command:
    french: str
    english: str
    who: Who
    run: Callable[[Context, Call], Awaitable[Outcome]]
    is_private: bool = False  # only in the moderators' room, or alone with the bot
    is_any_age: bool = False  # obeyed even if it is old
    bare: str = r""  # what may follow it without the prefix: 'aide à l'embauche ?' is a question


def recognise(utterance: Utterance, is_addressed: bool) -> Call | None:
    """The command in a message, if it is one.

    The short form (`!aide`) works in direct rooms, in the moderators' room and where the bot is addressed;
    `!concierge aide` works everywhere, and so does a bare name after a vocative ('concierge : aide').
    """
    message = utterance.message
    if utterance.command is None:
        return _bare(message, utterance.text.strip()) if is_addressed else None
    if utterance.names_bot:
        return _call(message, utterance.command or COMMANDS[0].french)
    if is_addressed or message.moderators_room:
        call = _call(message, utterance.command)
        return call if call.command or is_addressed else None
    return None


def _call(message: Message, text: str) -> Call:
    name = next(iter(text.split()), "")
    return Call(message, name, without_words(text, 1).rstrip(), named(name))


def _bare(message: Message, text: str) -> Call | None:
    call = _call(message, text)
    return call if call.command and re.fullmatch(call.command.bare, fold(call.words)) else None


def named(name: str) -> Command | None:
    return _NAMES.get(fold(name))


async def run(ctx: Context, call: Call) -> Outcome:
    """Run the command, or say why not: unknown, not allowed, or not here."""
    if call.command is None:
        if await _is_repeated(ctx, call.message):
            return Outcome(UNKNOWN)
        likely = process.extractOne(fold(call.name), _NAMES.keys(), score_cutoff=60)
        return _reply(ctx, call, ctx.replies.unknown_command(call.name, likely[0] if likely else None))
    if not await _may(ctx, call, call.command.who):
        return _reply(ctx, call, ctx.replies.no_right())
    if call.command.is_private and not await _among_moderators(ctx, call.message):
        return _reply(ctx, call, ctx.replies.elsewhere())
    return await call.command.run(ctx, call)


async def _is_repeated(ctx: Context, message: Message) -> bool:
    """Whether the sender typed an unknown command within the flood window; moderators are always told."""
    since = ctx.clock() - ctx.rules.flood_window
    return not message.moderators_room and await ctx.store.journal.addressed_since(message.sender, since, UNKNOWN) > 0


async def _may(ctx: Context, call: Call, who: Who) -> bool:
    message = call.message
    if who == "all" or await ctx.moderates(message.sender):
        return True
    # in a direct room everybody is an owner
    return who == "room" and not message.direct and await _owns(ctx, message)


async def _owns(ctx: Context, message: Message) -> bool:
    return await ctx.channel.power(message.room, message.sender) >= MODERATOR_POWER


async def _among_moderators(ctx: Context, message: Message) -> bool:
    """In their room, or in a direct room; that must be encrypted if their room is, which else protects nothing."""
    room = ctx.channel.moderators_room
    if not message.direct or room is None:
        return message.direct or message.moderators_room
    return await ctx.channel.is_encrypted(message.room) or not await ctx.channel.is_encrypted(room)


def _reply(ctx: Context, call: Call, text: str, purpose: Purpose = "command") -> Outcome:
    reason = f"command {call.command.french}" if call.command else UNKNOWN
    return Outcome(reason, (answers.post(ctx, call.message, text, purpose),), addressed=True)


async def _questions(ctx: Context, call: Call) -> Outcome:
    page = await reports.queue_page(ctx, int(call.words[:9]) if call.words.isdecimal() else 1, call.message.room)
    if not 1 <= page.page <= page.pages:
        return _reply(ctx, call, ctx.replies.no_such_page(page.pages), "list")
    text = ctx.replies.open_questions(page.rows, page.total, page.page, page.pages)
    return replace(_reply(ctx, call, text, "list"), shows=page.askings)


async def _stats(ctx: Context, call: Call) -> Outcome:
    return _reply(ctx, call, ctx.replies.stats(await reports.stats(ctx)))


async def _links(ctx: Context, call: Call) -> Outcome:
    return _reply(ctx, call, ctx.replies.link_report(await reports.links(ctx)))


def _words(
    run: Callable[[Context, Message, str], Awaitable[Outcome]],
) -> Callable[[Context, Call], Awaitable[Outcome]]:
    """For a command that needs no more than its message and the words after its name."""
    return lambda ctx, call: run(ctx, call.message, call.words)


async def _help(ctx: Context, call: Call) -> Outcome:
    if command := named(call.words):
        return _reply(ctx, call, ctx.replies.help_one(command.french))
    rights = [who for who in ("all", "room", "moderators") if await _may(ctx, call, who)]
    return _reply(ctx, call, ctx.replies.help([command.french for command in COMMANDS if command.who in rights]))


async def _privacy(ctx: Context, call: Call) -> Outcome:
    return _reply(ctx, call, ctx.replies.privacy(ctx.retention))


async def _forget_me(ctx: Context, call: Call) -> Outcome:
    return replace(_reply(ctx, call, ctx.replies.forgotten()), opt_out=call.message.sender)


async def _hello(ctx: Context, call: Call) -> Outcome:
    """Opts in again; most who type it only greet."""
    if not await ctx.store.retention.has_opted_out(call.message.sender):
        return _reply(ctx, call, ctx.replies.courtesy())
    return replace(_reply(ctx, call, ctx.replies.welcome_back()), opt_in=call.message.sender)


async def _search(ctx: Context, call: Call) -> Outcome:
    if not call.words:
        return _reply(ctx, call, ctx.replies.help_one("chercher"))
    result = await ctx.search(call.words)
    return _reply(ctx, call, ctx.replies.search_results(ctx.given(match.id for match in result.matches)))


async def _why(ctx: Context, call: Call) -> Outcome:
    """Explain an answer: to moderators, and to everybody in a direct room."""
    message = call.message
    post = await ctx.store.posts.find(message.reply_to) if message.reply_to else None
    is_allowed = message.direct or message.moderators_room or await ctx.moderates(message.sender)
    if post is None or post.question is None or not is_allowed:
        return _reply(ctx, call, ctx.replies.help_one("pourquoi"))
    question = await admission.question_of(ctx, post)
    if question is None:
        return _reply(ctx, call, ctx.replies.why_gone())
    ctx = ctx.at(question.message)
    matches = (await ctx.search(question.text)).matches
    origin = ctx.knowledge.origins.get(matches[0].id) if matches else None
    return _reply(ctx, call, ctx.replies.why(matches, origin))


_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "j": "days", "d": "days"}


def duration(words: str) -> timedelta | None:
    """Of '1h', '30 min', '2 j', at most a month; None: it is something else."""
    if not (match := re.fullmatch(r"(\d{1,3})\s*(s|m|min|h|j|d)", fold(words).strip())):
        return None
    return min(timedelta(**{_UNITS[match[2]]: int(match[1])}), timedelta(days=31))


async def _hush(ctx: Context, call: Call) -> Outcome:
    length = duration(call.words or "1h")
    if length is None:
        return _reply(ctx, call, ctx.replies.help_one("silence"))
    until = ctx.clock() + length
    return replace(_reply(ctx, call, ctx.replies.hushed(until, ctx.today)), mute=(call.message.room, until))


async def _reload(ctx: Context, call: Call) -> Outcome:
    reloaded = await ctx.reload()
    if reloaded.errors:
        return _reply(ctx, call, ctx.replies.not_reloaded(reloaded.errors))
    return _reply(ctx, call, ctx.replies.reloaded(reloaded.known, reloaded.warnings))


COMMANDS: Sequence[Command] = (
    Command("aide", "help", "all", _help, bare=r"[\w-]*"),
    Command("confidentialite", "privacy", "all", _privacy),
    Command("oublie-moi", "forget-me", "all", _forget_me, is_any_age=True),
    Command("bonjour", "hello", "all", _hello),
    Command("pourquoi", "why", "all", _why, bare=r"\W*"),
    Command("chercher", "search", "all", _search, bare=r".+"),
    Command("questions", "questions", "moderators", _questions, bare=r"\d*", is_private=True),
    Command("repondre", "answer", "moderators", _words(moderation_commands.answer), bare=r"\d+ .+", is_private=True),
    Command("ajouter", "add", "moderators", _words(moderation_commands.add), is_private=True),
    Command("modifier", "edit", "moderators", _words(moderation_commands.change), is_private=True),
    Command("retirer", "remove", "moderators", _words(moderation_commands.remove), is_private=True),
    Command("montrer", "show", "moderators", _words(moderation_commands.show), is_private=True),
    Command("phrase", "phrase", "moderators", _words(moderation_commands.add_phrase), is_private=True),
    Command("theme", "theme", "moderators", _words(moderation_commands.set_theme), bare=r"\d+ .+", is_private=True),
    Command("silence", "hush", "room", _hush, bare=r"(\d(?:\d*+ )?\w++)?"),
    Command("recharger", "reload", "moderators", _reload),
    Command("liens", "links", "moderators", _links, is_private=True),
    Command("stats", "stats", "moderators", _stats, is_private=True),
)
_NAMES = {fold(name): command for command in COMMANDS for name in (command.french, command.english)}
