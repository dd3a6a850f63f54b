"""`init`: asks for what a bot needs, tries it, and writes the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.setup import check_free, fail, fail_unreadable
from bot.config.settings import CONFIG
from bot.locale import Language, system_reason, wording

if TYPE_CHECKING:
    from bot.channels.interview import SectionAnswers
    from bot.cli.terminal_interview import TerminalInterview

Config = Annotated[Path, typer.Option("--config", metavar="FILE", help="The settings to write.")]
Knowledge = Annotated[str, typer.Option("--knowledge", metavar="DIR", help="The folder of the answers.")]
Tongue = Annotated[Language, typer.Option("--language", help="The bot's own sentences: fr or en.")]
Zone = Annotated[str, typer.Option("--timezone", metavar="ZONE", help="As Europe/Paris; without it this machine's.")]
Name = Annotated[str, typer.Option("--name", help="What the bot calls itself.")]
Account = Annotated[str | None, typer.Option("--account", metavar="@BOT:SERVER", help="The bot's; '' for none.")]
Homeserver = Annotated[str | None, typer.Option("--homeserver", metavar="URL", help="Else found by the account.")]
Password = Annotated[Path | None, typer.Option("--password-file", metavar="FILE", help="Holds the account's password.")]
Rooms = Annotated[list[str] | None, typer.Option("--room", metavar="ROOM", help="Alias or id; may be repeated.")]
Moderators = Annotated[str | None, typer.Option("--moderators-room", metavar="ROOM", help="'' for none.")]
Forum = Annotated[str | None, typer.Option("--forum", metavar="URL", help="'' for none.")]
ForumAccount = Annotated[str | None, typer.Option("--forum-account", metavar="NAME", help="The bot's account there.")]
ForumKey = Annotated[Path | None, typer.Option("--forum-key-file", metavar="FILE", help="Holds the forum's API key.")]
Categories = Annotated[list[str] | None, typer.Option("--category", metavar="SLUG", help="May be repeated.")]
Group = Annotated[str | None, typer.Option("--moderators-group", metavar="GROUP", help="Of the forum; '' for none.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing: flags, else what is usual.")]


def init(
    config: Config = CONFIG,
    knowledge: Knowledge = "knowledge/",
    language: Tongue = "fr",
    timezone: Zone = "",
    name: Name = "Concierge",
    account: Account = None,
    homeserver: Homeserver = None,
    password_file: Password = None,
    room: Rooms = None,
    moderators_room: Moderators = None,
    forum: Forum = None,
    forum_account: ForumAccount = None,
    forum_key_file: ForumKey = None,
    category: Categories = None,
    moderators_group: Group = None,
    yes: Yes = False,
) -> None:
    """Set up a bot: ask what is needed, try it, write the settings.

    Account, password and rooms are tried with the server. Secrets go into files
    of the folder secrets/ beside the settings, which only you can read. At the
    end `doctor` looks at it all. Nothing is overwritten without asking.

    \b
    Example:
      concierge init
      concierge init --yes --account @concierge:example.org --password-file pw \\
        --room "#cafe:example.org" --moderators-room "" --forum ""
    """
    given: dict[str, str | list[str] | None] = {
        **{"account": account, "homeserver": homeserver, "password": _read(password_file, language), "rooms": room},
        **{"moderators_room": moderators_room, "forum": forum, "forum_account": forum_account},
        **{"forum_key": _read(forum_key_file, language), "categories": category, "moderators_group": moderators_group},
    }
    from bot.cli.terminal_interview import TerminalInterview

    ask = TerminalInterview(wording(language), given, asks=not yes)
    try:
        check_free(config, "--config", ask.words, asks=not yes)
        sections = asyncio.run(_interviews(ask))
    except typer.Abort:  # Ctrl-C, or nobody is there
        fail(wording(language)("init.stopped"), 1)
    if not sections:
        fail(wording(language)("init.no_network"), 2)
    general = {"language": language, "timezone": timezone or _timezone(), "name": name, "knowledge": knowledge}
    _write(config, general, sections, ask)
    _examine(config, ask)


def _read(file: Path | None, language: Language) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip() if file else None
    except (OSError, UnicodeDecodeError) as error:
        fail_unreadable(file, error, wording(language))


async def _interviews(ask: TerminalInterview) -> dict[str, SectionAnswers]:
    from bot.channels.findings import Halt
    from bot.channels.interview import Abandoned
    from bot.channels.registry import CHANNELS

    try:
        found = {name: await kind.interview(ask) for name, kind in CHANNELS.items() if kind.interview}
    except Abandoned:
        raise typer.Exit(1) from None
    except Halt as halt:  # a server that answered so far, and now does not
        fail(ask.words(f"doctor.{halt.finding.key}", **halt.finding.values), 1)
    return {name: answers for name, answers in found.items() if answers}


def _timezone() -> str:
    """This machine's, else the default of the settings."""
    path = Path("/etc/localtime").resolve()
    zone = "/".join(path.parts[path.parts.index("zoneinfo") + 1 :]) if "zoneinfo" in path.parts else ""
    return zone if "/" in zone and not zone.startswith("Etc/") else "Europe/Paris"


def _write(
    config: Path, general: Mapping[str, str], sections: Mapping[str, SectionAnswers], ask: TerminalInterview
) -> None:
    from bot.channels.registry import CHANNELS
    from bot.cli.init_files import settings_text, write_knowledge, write_secret
    from bot.config.loading import secret_file

    try:
        config.parent.mkdir(parents=True, exist_ok=True)
        for name, answers in sections.items():
            for secret, value in answers.secrets.items():
                write_secret(secret_file(config.parent, CHANNELS[name], secret), value)
        write_knowledge(config.parent / general["knowledge"], ask.words)
        config.write_text(settings_text(general, sections, ask.words), encoding="utf-8")
    except OSError as error:
        fail(ask.words("program.unwritable", file=error.filename or config, reason=system_reason(error)), 1)
    ask.tell("written", file=config)


def _examine(config: Path, ask: TerminalInterview) -> None:
    """`doctor`, and the command that starts the bot."""
    from bot.cli.doctor import doctor

    option = "" if config == CONFIG else f" --config {config}"
    try:
        doctor(config)
    except typer.Exit as end:
        ask.tell("mend" if end.exit_code else "start", option=option)
        raise
