"""What can be said to the bot besides a question: a table of commands, who may use each, and what it does."""

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
from bot.conversation.moderation import moderation_commands
from bot.conversation.moderation.moderation_commands import links, stats
from bot.matching.text import fold
from bot.messages import MODERATOR_POWER, Message
from bot.store import Outcome, Purpose

UNKNOWN = "unknown command"
Who = Literal["all", "moderators", "room"]  # room: moderators, and whoever has power 50 in the very room


@dataclass(frozen=True, slots=True)
class Call:
    """A command as it was typed: its name, the words behind it, and its row of the table (None: there is none)."""

    message: Message
    name: str
    words: str
    command: Command | None

    @property
    def any_age(self) -> bool:
        return self.command is not None and self.command.any_age


@dataclass(frozen=True, slots=True)
class Command:
    french: str
    english: str
    who: Who
    run: Callable[[Context, Call], Awaitable[Outcome]]
    private: bool = False  # only where moderators are among themselves, or alone with the bot
    any_age: bool = False  # heeded however long ago it was said
    bare: str = r""  # what may follow when it is said without the prefix: 'aide à l'embauche ?' is a question


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
    """Do it, or say why not: unknown, or not allowed."""
    if call.command is None:
        if await _is_repeated(ctx, call.message):
            return Outcome(UNKNOWN)
        likely = process.extractOne(fold(call.name), _NAMES.keys(), score_cutoff=60)
        return _said(call, ctx.replies.unknown_command(call.name, likely[0] if likely else None))
    if not await _may(ctx, call, call.command.who):
        return _said(call, ctx.replies.no_right())
    if call.command.private and not await _among_moderators(ctx, call.message):
        return _said(call, ctx.replies.elsewhere())
    return await call.command.run(ctx, call)


async def _is_repeated(ctx: Context, message: Message) -> bool:
    """Whether the person, outside of the moderators' room, was told within the flood window what is no command."""
    since = ctx.clock() - ctx.rules.flood_window
    return not message.moderators_room and await ctx.store.addressed_since(message.sender, since, UNKNOWN) > 0


async def _may(ctx: Context, call: Call, who: Who) -> bool:
    message = call.message
    if who == "all" or await ctx.moderates(message.sender):
        return True
    # power in a direct room, where everybody is an owner, gives nothing
    return who == "room" and not message.direct and await _owns(ctx, message)


async def _owns(ctx: Context, message: Message) -> bool:
    return await ctx.channel.power(message.room, message.sender) >= MODERATOR_POWER


async def _among_moderators(ctx: Context, message: Message) -> bool:
    """In their room, or alone with one: encrypted there as well, if their room is, or it would protect nothing."""
    room = ctx.channel.moderators_room
    if not message.direct or room is None:
        return message.direct or message.moderators_room
    return await ctx.channel.is_encrypted(message.room) or not await ctx.channel.is_encrypted(room)


def _said(call: Call, text: str, purpose: Purpose = "command") -> Outcome:
    reason = f"command {call.command.french}" if call.command else UNKNOWN
    return Outcome(reason, (answers.post(call.message, text, purpose),), addressed=True)


async def _questions(ctx: Context, call: Call) -> Outcome:
    text, shows = await moderation_commands.questions(ctx, call.message, call.words)
    return replace(_said(call, text, "list"), shows=shows)


async def _stats(ctx: Context, call: Call) -> Outcome:
    return _said(call, ctx.replies.stats(await stats(ctx)))


async def _links(ctx: Context, call: Call) -> Outcome:
    return _said(call, ctx.replies.links_watched(await links(ctx)))


def _on(work: Callable[[Context, Message, str], Awaitable[Outcome]]) -> Callable[[Context, Call], Awaitable[Outcome]]:
    """A command that needs no more than the message and the words behind its name."""
    return lambda ctx, call: work(ctx, call.message, call.words)


async def _help(ctx: Context, call: Call) -> Outcome:
    if command := named(call.words):
        return _said(call, ctx.replies.help_one(command.french))
    rights = [who for who in ("all", "room", "moderators") if await _may(ctx, call, who)]
    return _said(call, ctx.replies.help([command.french for command in COMMANDS if command.who in rights]))


async def _privacy(ctx: Context, call: Call) -> Outcome:
    return _said(call, ctx.replies.privacy(ctx.retention))


async def _forget_me(ctx: Context, call: Call) -> Outcome:
    outcome = _said(call, ctx.replies.forgotten())
    return Outcome(outcome.reason, outcome.posts, opt_out=call.message.sender)


async def _hello(ctx: Context, call: Call) -> Outcome:
    """Most who say it only greet."""
    if not await ctx.store.forgotten(call.message.sender):
        return _said(call, ctx.replies.courtesy())
    outcome = _said(call, ctx.replies.welcome_back())
    return Outcome(outcome.reason, outcome.posts, opt_in=call.message.sender)


async def _search(ctx: Context, call: Call) -> Outcome:
    if not call.words:
        return _said(call, ctx.replies.help_one("chercher"))
    found = await ctx.search(call.words)
    return _said(call, ctx.replies.search_results(ctx.given(match.id for match in found.matches)))


async def _why(ctx: Context, call: Call) -> Outcome:
    """Explain an answer, to whom may read about it: everybody in direct and moderators' rooms."""
    message = call.message
    said = await ctx.store.said(message.reply_to) if message.reply_to else None
    may = message.direct or message.moderators_room or await ctx.moderates(message.sender)
    if said is None or said.question is None or not may:
        return _said(call, ctx.replies.help_one("pourquoi"))
    question = await admission.question_of(ctx, said)
    if question is None:
        return _said(call, ctx.replies.why_gone())
    matches = (await ctx.search(question.text)).matches
    origin = ctx.knowledge.origins.get(matches[0].id) if matches else None
    return _said(call, ctx.replies.why(matches, origin))


_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "j": "days", "d": "days"}


def duration(words: str) -> timedelta | None:
    """'1h', '30 min', '2 j'; None where it is something else. At most a month."""
    if not (found := re.fullmatch(r"(\d{1,3})\s*(s|m|min|h|j|d)", fold(words).strip())):
        return None
    return min(timedelta(**{_UNITS[found[2]]: int(found[1])}), timedelta(days=31))


async def _hush(ctx: Context, call: Call) -> Outcome:
    length = duration(call.words or "1h")
    if length is None:
        return _said(call, ctx.replies.help_one("silence"))
    until = ctx.clock() + length
    outcome = _said(call, ctx.replies.hushed(until, ctx.today))
    return Outcome(outcome.reason, outcome.posts, mute=(call.message.room, until))


async def _reload(ctx: Context, call: Call) -> Outcome:
    reloaded = await ctx.reload()
    if reloaded.errors:
        return _said(call, ctx.replies.not_reloaded(reloaded.errors))
    return _said(call, ctx.replies.reloaded(reloaded.known, reloaded.warnings))


COMMANDS: Sequence[Command] = (
    Command("aide", "help", "all", _help, bare=r"[\w-]*"),
    Command("confidentialite", "privacy", "all", _privacy),
    Command("oublie-moi", "forget-me", "all", _forget_me, any_age=True),
    Command("bonjour", "hello", "all", _hello),
    Command("pourquoi", "why", "all", _why, bare=r"\W*"),
    Command("chercher", "search", "all", _search, bare=r".+"),
    Command("questions", "questions", "moderators", _questions, bare=r"\d*", private=True),
    Command("repondre", "answer", "moderators", _on(moderation_commands.answer), bare=r"\d+ .+", private=True),
    Command("ajouter", "add", "moderators", _on(moderation_commands.add), private=True),
    Command("modifier", "edit", "moderators", _on(moderation_commands.change), private=True),
    Command("retirer", "remove", "moderators", _on(moderation_commands.remove), private=True),
    Command("montrer", "show", "moderators", _on(moderation_commands.show), private=True),
    Command("phrase", "phrase", "moderators", _on(moderation_commands.add_phrase), private=True),
    Command("theme", "theme", "moderators", _on(moderation_commands.set_theme), bare=r"\d+ .+", private=True),
    Command("silence", "hush", "room", _hush, bare=r"(\d(?:\d*+ )?\w++)?"),
    Command("recharger", "reload", "moderators", _reload),
    Command("liens", "links", "moderators", _links, private=True),
    Command("stats", "stats", "moderators", _stats, private=True),
)
_NAMES = {fold(name): command for command in COMMANDS for name in (command.french, command.english)}
