"""The table of commands, the rights that each needs, and its effect."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from rapidfuzz import process

from bot.conversation import admission, answers, question_queue
from bot.conversation.addressing import Utterance, without_words
from bot.conversation.context import Context
from bot.conversation.moderation import desk_links, moderation_commands
from bot.messages import MODERATOR_POWER, Message
from bot.replies import Basis
from bot.store import Contact, Mute, OptIn, OptOut, Outcome
from bot.text.folding import fold

UNKNOWN = "unknown command"
Run = Callable[[Context, Message, str], Awaitable[str | Outcome]]
"""Carries out a command, with the words after it: returns the reply alone, or with its effects."""
Group = Literal["everyone", "questions", "answers", "upkeep"]
Who = Literal["all", "room", "moderators", "privately"]
"""`room`: moderators, and whoever has power 50 in that room; `privately`: moderators in their room, or alone with the
bot."""
_LIKELY = 70  # least similarity, of 100, to a command that was probably meant
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3_600, "j": 86_400, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Call:
    """A command as typed: its name, the words after it, and its row of the table (None: unknown)."""

    message: Message
    name: str
    words: str
    command: Command | None


@dataclass(frozen=True, slots=True)
class Command:
    french: str
    english: str
    run: Run
    who: Who = "privately"
    group: Group = "everyone"  # in the help
    bare: str = r""  # what may follow it without the prefix: 'aide à l'embauche ?' is a question
    is_direct: bool = False  # only alone with the bot; if `privately` too, only where there is a desk
    is_any_age: bool = False  # obeyed even if it is old
    erases: bool = False  # what a person has here: never suggested


def recognise(utterance: Utterance, is_addressed: bool) -> Call | None:
    """Return the command in a message, or None.

    The short form (`!aide`) works in direct rooms, in the moderators' room and where the bot is addressed; `!concierge
    aide` works everywhere, and so does a bare name after a vocative ('concierge : aide').
    """
    message, typed = utterance.message, utterance.command
    if typed is None:
        call = _call(message, utterance.text.strip()) if is_addressed else None
        is_alone = call and call.command and re.fullmatch(call.command.bare, fold(call.words))
        return call if is_alone else None
    if utterance.names_bot:
        return _call(message, typed or COMMANDS[0].french)
    if not is_addressed and not message.moderators_room:
        return None
    call = _call(message, typed)
    if is_addressed or call.command or process.extractOne(fold(call.name), _NAMES.keys(), score_cutoff=_LIKELY):
        return call
    return None  # in the moderators' room `!` may call other bots as well


def _call(message: Message, text: str) -> Call:
    words = text.split()[:2]  # 'oublie moi' without its hyphen
    name = " ".join(words if "".join(words).isalpha() and named(" ".join(words)) else words[:1])
    return Call(message, name, without_words(text, len(name.split())).rstrip(), named(name))


def named(name: str) -> Command | None:
    return _NAMES.get(fold(name))


async def run(ctx: Context, call: Call) -> Outcome:
    """Run the command, or say why not: it is unknown, not allowed, or not allowed here."""
    command, message = call.command, call.message
    if command is None:
        return await _say_unknown(ctx, message, call.name)
    said: str | Outcome
    if not await _may(ctx, message, command.who):
        said = ctx.replies.say("no_right")
    elif command.is_direct and not message.direct:
        said = ctx.replies.say("desk_privately" if command.who == "privately" else "contact_privately")
    elif command.who == "privately" and not await _among_moderators(ctx, message):
        said = ctx.replies.say("elsewhere")
    else:
        said = await command.run(ctx, message, call.words)
    return answers.say(ctx, message, f"command {command.french}", said) if isinstance(said, str) else said


async def _say_unknown(ctx: Context, message: Message, name: str) -> Outcome:
    """Name the likely command, among those that the author may use and that erase nothing.

    Say nothing if they typed another unknown one among other people within the flood window: it may call another bot.
    """
    is_short, since = _is_short(message), ctx.clock() - ctx.settings.rules.flood_window
    if not is_short and await ctx.store.journal.addressed_since(message.sender, since, UNKNOWN):
        return Outcome(UNKNOWN)
    known = [command for command in COMMANDS if not command.erases and await _may(ctx, message, command.who)]
    names = [ctx.replies.command_name(command.french) for command in known]
    likely = process.extractOne(fold(name), names, processor=fold, score_cutoff=_LIKELY)
    text = ctx.replies.unknown_command(name, likely[0] if likely else None, is_short=is_short)
    return answers.say(ctx, message, UNKNOWN, text)


def _is_short(message: Message) -> bool:
    """Whether commands work there without the bot's name."""
    return message.direct or message.moderators_room


async def _may(ctx: Context, message: Message, who: Who) -> bool:
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


async def _help(ctx: Context, message: Message, words: str) -> str:
    """Explain one command, or list those that work there for the author."""
    is_short = _is_short(message)
    if asked := named(words):
        return ctx.replies.help_one(asked.french, is_short=is_short)
    is_among_moderators = await _among_moderators(ctx, message)
    offered: dict[str, Group] = {}
    for command in COMMANDS[1:]:
        is_elsewhere = command.who == "privately" and not is_among_moderators
        is_there = bool(ctx.settings.desk) if command.who == "privately" else message.direct
        is_pointless = (command.is_direct and not is_there) or (command.who == "room" and is_short)
        if not (is_elsewhere or is_pointless) and await _may(ctx, message, command.who):
            offered[command.french] = command.group
    return ctx.replies.help(offered, is_short=is_short)


async def _privacy(ctx: Context, message: Message, words: str) -> str:
    return ctx.replies.say("privacy", days=ctx.settings.retention)


async def _forget_me(ctx: Context, message: Message, words: str) -> Outcome:
    said = answers.say(ctx, message, "command oublie-moi", ctx.replies.say("forgotten"))
    return said.also(OptOut(message.sender))


async def _hello(ctx: Context, message: Message, words: str) -> str | Outcome:
    if not await ctx.store.retention.has_opted_out(message.sender):
        return ctx.replies.say("courtesy")
    return answers.say(ctx, message, "command bonjour", ctx.replies.say("welcome_back")).also(OptIn(message.sender))


async def _notify_me(ctx: Context, message: Message, words: str) -> str | Outcome:
    """Tell an author whom answers name as a contact of open questions near those, or no longer, in this direct room."""
    known, agreement = await ctx.store.queue.contacts(), Contact(message.channel, message.sender, message.room)
    if any((one.channel, one.user) == (message.channel, message.sender) for one in known):
        key, agreement = "contact_ended", Contact(message.channel, message.sender, "")
    elif question_queue.own_name(message.sender) in question_queue.contact_names(ctx.knowledge.entries.values()):
        key = "contact_agreed"
    else:
        return ctx.replies.say("contact_unnamed")
    return answers.say(ctx, message, "command prevenez-moi", ctx.replies.say(key)).also(agreement)


async def _search(ctx: Context, message: Message, words: str) -> str:
    if not words:
        return ctx.replies.help_one("chercher", is_short=_is_short(message))
    return ctx.replies.search_results(ctx.given(match.id for match in (await ctx.search(words)).matches))


async def _why(ctx: Context, message: Message, words: str) -> str:
    """Explain an answer to moderators, and in a direct room to anybody (there, by default, the latest one).

    The evidence is found again with the words of the answer's question.
    """
    is_allowed = _is_short(message) or await ctx.moderates(message.sender)
    post = await answers.replied_to_or_latest(ctx, message) if is_allowed else None
    if post is None or not (post.question or post.entries):
        return ctx.replies.help_one("pourquoi", is_short=_is_short(message))
    question = await admission.question_of(ctx, post)
    if question is None:
        return ctx.replies.say("why_gone" if post.question else "why_related")
    ctx = ctx.at(question.message)
    matches = (await ctx.search(question.text)).matches
    origin = ctx.knowledge.origins.get(matches[0].id) if matches else None
    given = (*post.entries, *post.answered)
    likeliest = given[:1] if post.is_offer else given
    basis: Basis = "nearest" if not given else "given" if matches and matches[0].id in likeliest else "alone"
    return ctx.replies.why(matches, origin, basis, await ctx.read(question.text))


async def _hush(ctx: Context, message: Message, words: str) -> str | Outcome:
    if _is_short(message):  # nothing is overheard there
        return ctx.replies.say("hush_elsewhere")
    length = re.fullmatch(r"(\d{1,3})\s*(s|m|min|h|j|d)", fold(words or "1h").strip())  # '1h', '30 min', '2 j'
    if length is None:
        return ctx.replies.help_one("silence", is_short=False)
    seconds = int(length[1]) * _SECONDS[length[2]]
    until = ctx.clock() + min(timedelta(seconds=seconds), timedelta(days=31))  # at most a month
    said = answers.say(ctx, message, "command silence", ctx.replies.hushed(until, ctx.today))
    return said.also(Mute(message.room, until))


async def _reload(ctx: Context, message: Message, words: str) -> str:
    reloaded = await ctx.bot.reload()
    if reloaded.errors:
        return ctx.replies.not_reloaded(reloaded.errors, is_missing=reloaded.is_missing)
    return ctx.replies.reloaded(reloaded.known, reloaded.warnings)


COMMANDS: Sequence[Command] = (
    Command("aide", "help", _help, "all", bare=r"[\w-]*"),
    Command("chercher", "search", _search, "all", bare=r".+"),
    Command("pourquoi", "why", _why, "all", bare=r"\W*"),
    Command("confidentialite", "privacy", _privacy, "all"),
    Command("oublie-moi", "forget-me", _forget_me, "all", is_any_age=True, erases=True),
    Command("bonjour", "hello", _hello, "all", bare=r"(?!)"),  # never without the prefix
    Command("prevenez-moi", "notify-me", _notify_me, "all", is_direct=True),
    Command("silence", "hush", _hush, "room", bare=r"(\d(?:\d*+ )?\w++)?"),
    Command("questions", "questions", moderation_commands.questions, group="questions", bare=r"\d*"),
    Command("lacunes", "gaps", moderation_commands.gaps, group="questions", bare=r"\d*"),
    Command("formulations", "phrasings", moderation_commands.list_phrasings, group="questions"),
    Command("repondre", "answer", moderation_commands.answer, group="questions", bare=r"\d+ .+"),
    Command("lecture", "reading", moderation_commands.correct_reading, group="questions", bare=r"\d+ .+"),
    Command("prendre", "take", moderation_commands.take, group="questions", bare=r"\d+"),
    Command("ajouter", "add", moderation_commands.add, group="answers"),
    Command("modifier", "edit", moderation_commands.change, group="answers"),
    Command("retirer", "remove", moderation_commands.remove, group="answers"),
    Command("montrer", "show", moderation_commands.show, group="answers"),
    Command("phrase", "phrase", moderation_commands.add_phrase, group="answers"),
    Command("theme", "theme", moderation_commands.set_theme, group="answers", bare=r"\d+ .+"),
    Command("liens", "links", moderation_commands.links, group="upkeep"),
    Command("stats", "stats", moderation_commands.stats, group="upkeep"),
    Command("recharger", "reload", _reload, "moderators", "upkeep"),
    Command("page", "page", desk_links.offer, group="upkeep", is_direct=True),
)
_NAMES = {fold(name): command for command in COMMANDS for name in (command.french, command.english)}
