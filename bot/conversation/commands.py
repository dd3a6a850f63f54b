"""The table of commands, the rights that each needs, and its effect."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz import process

from bot.conversation import answers, contacts, explanation
from bot.conversation.addressing import Utterance, without_words
from bot.conversation.context import Context
from bot.conversation.durations import duration
from bot.conversation.moderation import answer_gaps, desk_links, misreadings, moderation_commands, phrasings, reports
from bot.messages import MODERATOR_POWER, Message
from bot.store import Mute, OptIn, OptOut, Outcome, Purpose
from bot.text.folding import fold

UNKNOWN = "unknown command"
Run = Callable[[Context, "Call"], Awaitable[Outcome]]
Group = Literal["everyone", "questions", "answers", "upkeep"]
_LIKELY = 70  # least similarity, of 100, to a command that was probably meant
_NEVER = r"(?!)"
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
    run: Run
    is_private: bool = False  # only in the moderators' room, or alone with the bot
    is_direct: bool = False  # only alone with the bot; if private too, only where there is a desk
    is_any_age: bool = False  # obeyed even if it is old
    group: Group = "everyone"  # in the help
    erases: bool = False  # what a person has here: never suggested
    bare: str = r""  # what may follow it without the prefix: 'aide à l'embauche ?' is a question


def recognise(utterance: Utterance, is_addressed: bool) -> Call | None:
    """Return the command in a message, or None.

    The short form (`!aide`) works in direct rooms, in the moderators' room and where the bot is addressed; `!concierge
    aide` works everywhere, and so does a bare name after a vocative ('concierge : aide').
    """
    message = utterance.message
    if utterance.command is None:
        return _bare(message, utterance.text.strip()) if is_addressed else None
    if utterance.names_bot:
        return _call(message, utterance.command or COMMANDS[0].french)
    if is_addressed or message.moderators_room:
        call = _call(message, utterance.command)
        return call if call.command or is_addressed or _resembles(call.name) else None
    return None


def _resembles(name: str) -> bool:
    """Whether it is a misspelt command; in the moderators' room `!` may call other bots as well."""
    return process.extractOne(fold(name), _NAMES.keys(), score_cutoff=_LIKELY) is not None


def _call(message: Message, text: str) -> Call:
    words = text.split()[:2]  # 'oublie moi' without its hyphen
    name = " ".join(words if "".join(words).isalpha() and named(" ".join(words)) else words[:1])
    return Call(message, name, without_words(text, len(name.split())).rstrip(), named(name))


def _bare(message: Message, text: str) -> Call | None:
    call = _call(message, text)
    return call if call.command and re.fullmatch(call.command.bare, fold(call.words)) else None


def named(name: str) -> Command | None:
    return _NAMES.get(fold(name))


async def run(ctx: Context, call: Call) -> Outcome:
    """Run the command, or say why not: it is unknown, not allowed, or not allowed here."""
    if call.command is None:
        if await _is_repeated(ctx, call.message):
            return Outcome(UNKNOWN)
        text = ctx.replies.unknown_command(call.name, await _likely(ctx, call), is_short=_is_short(call.message))
        return _reply(ctx, call, text)
    if not await _may(ctx, call, call.command.who):
        return _reply(ctx, call, ctx.replies.say("no_right"))
    if call.command.is_direct and not call.message.direct:
        return _reply(ctx, call, ctx.replies.say("desk_privately" if call.command.is_private else "contact_privately"))
    if call.command.is_private and not await _among_moderators(ctx, call.message):
        return _reply(ctx, call, ctx.replies.say("elsewhere"))
    return await call.command.run(ctx, call)


async def _likely(ctx: Context, call: Call) -> str | None:
    """Return the name of the likely command, among those that the author may use and that erase nothing."""
    known = [command for command in COMMANDS if not command.erases and await _may(ctx, call, command.who)]
    names = [ctx.replies.command_name(command.french) for command in known]
    likely = process.extractOne(fold(call.name), names, processor=fold, score_cutoff=_LIKELY)
    return likely[0] if likely else None


def _is_short(message: Message) -> bool:
    """Whether commands work there without the bot's name."""
    return message.direct or message.moderators_room


async def _is_repeated(ctx: Context, message: Message) -> bool:
    """Whether the sender typed an unknown command among others within the flood window: it may call another bot."""
    since = ctx.clock() - ctx.settings.rules.flood_window
    is_among_others = not (message.moderators_room or message.direct)
    return is_among_others and await ctx.store.journal.addressed_since(message.sender, since, UNKNOWN) > 0


async def _may(ctx: Context, call: Call, who: Who) -> bool:
    message = call.message
    if who == "all" or await ctx.moderates(message.sender):
        return True
    if who != "room" or message.direct:  # in a direct room everybody is an owner
        return False
    return await ctx.channel.power(message.room, message.sender) >= MODERATOR_POWER


async def _among_moderators(ctx: Context, message: Message) -> bool:
    """Whether it is the moderators' room, or a direct room that is encrypted if the moderators' room is."""
    room = ctx.channel.moderators_room
    if not message.direct or room is None:
        return message.direct or message.moderators_room
    return await ctx.channel.is_encrypted(message.room) or not await ctx.channel.is_encrypted(room)


def _reply(ctx: Context, call: Call, text: str, purpose: Purpose = "command") -> Outcome:
    reason = f"command {call.command.french}" if call.command else UNKNOWN
    return answers.say(ctx, call.message, reason, text, purpose)


async def _questions(ctx: Context, call: Call) -> Outcome:
    page = await reports.queue_page(ctx, int(call.words[:9]) if call.words.isdecimal() else 1, call.message.room)
    if not 1 <= page.page <= page.pages:
        return _reply(ctx, call, ctx.replies.say("questions_no_page", pages=page.pages), "list")
    text = ctx.replies.open_questions(page.rows, page.total, page.page, page.pages)
    return replace(_reply(ctx, call, text, "list"), shows=page.askings)


async def _phrasings(ctx: Context, call: Call) -> Outcome:
    """Show the list in the moderators' room, as every week."""
    outcome = await phrasings.weekly(ctx)
    if outcome and outcome.posts:
        return replace(outcome, addressed=True)
    return _reply(ctx, call, ctx.replies.say("phrasings_none")).also(*(outcome.effects if outcome else ()))


async def _gaps(ctx: Context, call: Call) -> Outcome:
    days = int(call.words[:3]) if call.words.isdecimal() else answer_gaps.DAYS
    days = min(max(days, 1), answer_gaps.MOST_DAYS)
    report = await answer_gaps.report(ctx, days)
    text = ctx.replies.gaps(report.rows, days, await reports.months(ctx))
    return replace(_reply(ctx, call, text, "gaps"), shows=report.askings)


async def _stats(ctx: Context, call: Call) -> Outcome:
    return _reply(ctx, call, ctx.replies.stats(await reports.stats(ctx)))


async def _links(ctx: Context, call: Call) -> Outcome:
    return _reply(ctx, call, ctx.replies.link_report(await reports.links(ctx)))


def _words(
    run: Callable[[Context, Message, str], Awaitable[Outcome]],
) -> Callable[[Context, Call], Awaitable[Outcome]]:
    return lambda ctx, call: run(ctx, call.message, call.words)


async def _help(ctx: Context, call: Call) -> Outcome:
    if command := named(call.words):
        return _help_on(ctx, call, command.french)
    offered = {command.french: command.group for command in COMMANDS[1:] if await _is_offered(ctx, call, command)}
    return _reply(ctx, call, ctx.replies.help(offered, is_short=_is_short(call.message)))


async def _is_offered(ctx: Context, call: Call, command: Command) -> bool:
    """Whether the command works there for the author."""
    is_there = ctx.settings.desk if command.is_private else call.message.direct
    if (command.is_direct and not is_there) or (command.who == "room" and _is_short(call.message)):
        return False
    is_elsewhere = command.is_private and not await _among_moderators(ctx, call.message)
    return not is_elsewhere and await _may(ctx, call, command.who)


def _help_on(ctx: Context, call: Call, command: str) -> Outcome:
    return _reply(ctx, call, ctx.replies.help_one(command, is_short=_is_short(call.message)))


async def _privacy(ctx: Context, call: Call) -> Outcome:
    return _reply(ctx, call, ctx.replies.say("privacy", days=ctx.settings.retention))


async def _forget_me(ctx: Context, call: Call) -> Outcome:
    return _reply(ctx, call, ctx.replies.say("forgotten")).also(OptOut(call.message.sender))


async def _hello(ctx: Context, call: Call) -> Outcome:
    if not await ctx.store.retention.has_opted_out(call.message.sender):
        return _reply(ctx, call, ctx.replies.say("courtesy"))
    return _reply(ctx, call, ctx.replies.say("welcome_back")).also(OptIn(call.message.sender))


async def _search(ctx: Context, call: Call) -> Outcome:
    if not call.words:
        return _help_on(ctx, call, "chercher")
    result = await ctx.search(call.words)
    return _reply(ctx, call, ctx.replies.search_results(ctx.given(match.id for match in result.matches)))


async def _why(ctx: Context, call: Call) -> Outcome:
    """Explain an answer to moderators, and in a direct room to anybody (there, by default, the latest one)."""
    message = call.message
    is_allowed = message.direct or message.moderators_room or await ctx.moderates(message.sender)
    text = await explanation.explain(ctx, message) if is_allowed else None
    return _reply(ctx, call, text) if text else _help_on(ctx, call, "pourquoi")


async def _hush(ctx: Context, call: Call) -> Outcome:
    if _is_short(call.message):  # nothing is overheard there
        return _reply(ctx, call, ctx.replies.say("hush_elsewhere"))
    length = duration(call.words or "1h")
    if length is None:
        return _help_on(ctx, call, "silence")
    until = ctx.clock() + length
    return _reply(ctx, call, ctx.replies.hushed(until, ctx.today)).also(Mute(call.message.room, until))


async def _reload(ctx: Context, call: Call) -> Outcome:
    reloaded = await ctx.bot.reload()
    if reloaded.errors:
        return _reply(ctx, call, ctx.replies.not_reloaded(reloaded.errors, is_missing=reloaded.is_missing))
    return _reply(ctx, call, ctx.replies.reloaded(reloaded.known, reloaded.warnings))


def _for_moderators(group: Group, *rows: tuple[str, str, Run, str]) -> Iterator[Command]:
    """Yield commands for moderators only. A row: French and English name, function, text after a bare name."""
    for french, english, run, bare in rows:
        yield Command(french, english, "moderators", run, is_private=True, group=group, bare=bare)


COMMANDS: Sequence[Command] = (
    Command("aide", "help", "all", _help, bare=r"[\w-]*"),
    Command("chercher", "search", "all", _search, bare=r".+"),
    Command("pourquoi", "why", "all", _why, bare=r"\W*"),
    Command("confidentialite", "privacy", "all", _privacy),
    Command("oublie-moi", "forget-me", "all", _forget_me, is_any_age=True, erases=True),
    Command("bonjour", "hello", "all", _hello, bare=_NEVER),
    Command("prevenez-moi", "notify-me", "all", _words(contacts.notify_me), is_direct=True),
    Command("silence", "hush", "room", _hush, bare=r"(\d(?:\d*+ )?\w++)?"),
    *_for_moderators(
        "questions",
        ("questions", "questions", _questions, r"\d*"),
        ("lacunes", "gaps", _gaps, r"\d*"),
        ("formulations", "phrasings", _phrasings, ""),
        ("repondre", "answer", _words(moderation_commands.answer), r"\d+ .+"),
        ("lecture", "reading", _words(misreadings.correct), r"\d+ .+"),
        ("prendre", "take", _words(moderation_commands.take), r"\d+"),
    ),
    *_for_moderators(
        "answers",
        ("ajouter", "add", _words(moderation_commands.add), ""),
        ("modifier", "edit", _words(moderation_commands.change), ""),
        ("retirer", "remove", _words(moderation_commands.remove), ""),
        ("montrer", "show", _words(moderation_commands.show), ""),
        ("phrase", "phrase", _words(moderation_commands.add_phrase), ""),
        ("theme", "theme", _words(moderation_commands.set_theme), r"\d+ .+"),
    ),
    *_for_moderators(
        "upkeep",
        ("liens", "links", _links, ""),
        ("stats", "stats", _stats, ""),
    ),
    Command("recharger", "reload", "moderators", _reload, group="upkeep"),
    Command("page", "page", "moderators", _words(desk_links.offer), is_private=True, is_direct=True, group="upkeep"),
)
_NAMES = {fold(name): command for command in COMMANDS for name in (command.french, command.english)}
