"""`init`: asks for what a bot needs, tries it, and writes the settings."""

import asyncio
import contextlib
import errno
import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from bot.channels.findings import Finding, Halt, wrong
from bot.channels.interview import Abandoned, SectionAnswers, ask_address
from bot.channels.registry import CHANNELS
from bot.cli.doctor import doctor
from bot.cli.init_files import settings_text, write_answers, write_secret
from bot.cli.options import settings_file
from bot.cli.setup import database_variables, fail, fail_unreadable, required_settings
from bot.cli.terminal_interview import Given, TerminalInterview
from bot.config.loading import load, secret_file
from bot.config.settings import CONFIG, DigestSettings, Settings, WebSettings
from bot.config.types import weekly_moment
from bot.knowledge.atomic_write import ConcurrentWrite, replace_file
from bot.knowledge.edit_result import EditRejected
from bot.knowledge.yaml.problems import Faulty
from bot.knowledge.yaml_edit import Value
from bot.locale import Language, Wording, system_reason, wording
from bot.text.accents import slug


def _settings_file(path: Path) -> Path:
    """Callback of an option: a folder, or what looks like a new one, stands for the settings in it."""
    file = settings_file(path) or path
    if file.is_dir():
        fail(wording("fr")("init.which_network", folder=path), 2)
    return file if file.exists() or file.suffix else file / CONFIG


def init(
    config: Annotated[
        Path, typer.Option(metavar="FILE", callback=_settings_file, help="The settings to write, or to change.")
    ] = CONFIG,
    knowledge: Annotated[str | None, typer.Option(metavar="DIR", help="The answers; answers/ if new.")] = None,
    shipped: Annotated[bool | None, typer.Option(help="Begin with a copy of those shipped.")] = None,
    language: Annotated[Language | None, typer.Option(help="The bot's own sentences: fr or en.")] = None,
    timezone: Annotated[str, typer.Option(metavar="ZONE", help="As Europe/Paris; without it this machine's.")] = "",
    name: Annotated[str, typer.Option(help="What the bot calls itself; without it Concierge.")] = "",
    account: Annotated[str | None, typer.Option(metavar="@BOT:SERVER", help="The bot's; '' for none.")] = None,
    homeserver: Annotated[str | None, typer.Option(metavar="URL", help="Else found by the account.")] = None,
    password_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Holds the account's password.")] = None,
    room: Annotated[list[str] | None, typer.Option(metavar="ROOM", help="Alias or id; may be repeated.")] = None,
    moderators_room: Annotated[str | None, typer.Option(metavar="ROOM", help="'' for none.")] = None,
    forum: Annotated[str | None, typer.Option(metavar="URL", help="'' for none.")] = None,
    forum_account: Annotated[str | None, typer.Option(metavar="NAME", help="The bot's account there.")] = None,
    forum_key_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Holds the forum's API key.")] = None,
    category: Annotated[list[str] | None, typer.Option(metavar="SLUG", help="May be repeated.")] = None,
    moderators_group: Annotated[str | None, typer.Option(metavar="GROUP", help="Of the forum; '' for none.")] = None,
    digest_room: Annotated[list[str] | None, typer.Option(metavar="ROOM", help="Gets the weekly post.")] = None,
    digest_category: Annotated[str | None, typer.Option(metavar="SLUG", help="On the forum.")] = None,
    digest_day: Annotated[str | None, typer.Option(metavar="DAY", help='monday, or "monday 9:00".')] = None,
    desk: Annotated[str | None, typer.Option(metavar="URL", help="Of pages and desk, for people; '' for none.")] = None,
    add_room: Annotated[bool, typer.Option("--add-room", help="Only add rooms to the settings.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: flags, else what stands there or is usual.")] = False,
) -> None:
    """Set up a bot: ask what is needed, try it, write the settings.

    Each answer is tried when it is given. Secrets go into files of the folder
    secrets/ beside the settings, which only you can read, the answers into
    answers/. At the end `doctor` looks at it all. Run again, it begins with the
    settings as they stand, and changes only the lines of new answers.

    \b
    Example:
      concierge init
      concierge init --add-room
      concierge init --config networks/nancy
      concierge init --yes --account @concierge:example.org --password-file pw \\
        --room "#cafe:example.org" --moderators-room "" --forum ""
    """
    before = required_settings(config) if add_room or config.exists() else None
    words = wording(language or (before.language if before else "fr"))
    given: Given = {
        **{"account": account, "homeserver": homeserver, "password": _read(password_file, words), "rooms": room},
        **{"moderators_room": moderators_room, "forum": forum, "forum_account": forum_account},
        **{"forum_key": _read(forum_key_file, words), "categories": category, "moderators_group": moderators_group},
        **{"digest_rooms": digest_room, "digest_category": digest_category, "digest_day": digest_day},
        **{"desk": desk, "shipped": shipped},
    }
    others = siblings(config)
    general = {"language": language, "timezone": timezone, "name": name, "knowledge": knowledge}
    ask = TerminalInterview(words, given, asks=not yes, adds="rooms" if add_room else "")
    if before and not yes and not add_room:
        ask.tell("again", file=config)
    try:
        _set_up(config, before, others, {key: value for key, value in general.items() if value}, ask)
    except (typer.Abort, KeyboardInterrupt):  # Ctrl-C, or nobody is there
        typer.echo()  # the question stands there without an end of line
        fail(words("init.stopped" if sys.stdin.isatty() else "init.no_terminal"), 1)
    except EditRejected:
        fail(words("init.by_hand", file=config), 1)
    except ConcurrentWrite:
        fail(words("problems.edit_overtaken"), 1)
    except OSError as error:
        fail(words("program.unwritable", file=error.filename or config, reason=system_reason(error)), 1)
    option = "" if config == CONFIG else f" --config {config}"
    networks = config.absolute().parent.parent  # their folder, as `run` takes it
    networks = networks if config.is_absolute() else Path(os.path.relpath(networks))
    run = f" --config {networks}" if others else option
    try:
        doctor(config)
    except KeyboardInterrupt:
        fail(words("init.unexamined", option=option, run=run), 1)
    except typer.Exit as end:
        ask.tell("mend" if end.exit_code else "start", option=option, run=run)
        if others:
            ask.tell("beside")
        raise


def _read(file: Path | None, words: Wording) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip() if file else None
    except (OSError, UnicodeDecodeError) as error:
        fail_unreadable(file, error, words)


def _timezone() -> str:
    """This machine's, else the default of the settings."""
    path = Path("/etc/localtime").resolve()
    zone = "/".join(path.parts[path.parts.index("zoneinfo") + 1 :]) if "zoneinfo" in path.parts else ""
    return zone if "/" in zone and not zone.startswith("Etc/") else "Europe/Paris"


def _set_up(
    config: Path, before: Settings | None, others: Sequence[Settings], general: dict[str, str], ask: TerminalInterview
) -> None:
    """Ask, and write at the end; the settings last, since a bot that serves this folder takes them up at once.

    `others`: the networks beside it. Raises OSError, EditRejected, ConcurrentWrite.
    """
    place = next(folder for folder in config.absolute().parents if folder.exists())
    if not before and not os.access(place, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
    sections = asyncio.run(_interviews(ask, before))
    if not sections:
        fail(ask.words("init.no_network"), 2)
    if not before:
        usual = {"language": "fr", "timezone": _timezone(), "name": "Concierge", "knowledge": "answers/"}
        general = {**usual, **general, "store_schema": free_schema(config, others)}
    wanted = {"": general, **{name: answers.section for name, answers in sections.items()}}
    wanted["digest"] = _digest(ask, before.digest if before else None, sections)
    wanted["web"] = _web(ask, before.web if before else None)
    folder = config.parent / Path(general.get("knowledge") or (before.knowledge if before else "")).expanduser()
    begins = not any(folder.glob("*.y*ml"))
    shipped = begins and ask.agrees("shipped", default=True)
    labels = {name: label for answers in sections.values() for name, label in answers.remarks.items()}
    standing = config.read_text(encoding="utf-8") if before else ""
    text = settings_text(standing, wanted, labels, ask.words)
    config.parent.mkdir(parents=True, exist_ok=True)
    for name, answers in sections.items():
        for secret, value in answers.secrets.items():
            write_secret(secret_file(config.parent, CHANNELS[name], secret), value)
    if begins:
        write_answers(folder, ask.words, shipped=shipped)
    if text != standing:
        replace_file(config, config.read_bytes() if before else None, text.encode())
    ask.tell("written" if text != standing else "unchanged", file=config)
    if text != standing and not others:
        ask.tell("restart")
    for network in before.networks if before else ():
        if network.name not in sections:
            ask.tell("kept_section", file=config, section=network.name)


async def _interviews(ask: TerminalInterview, before: Settings | None) -> dict[str, SectionAnswers]:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio's would wait for a second Ctrl-C in a prompt
    old = {network.name: network for network in before.networks} if before else {}
    try:
        found = {name: await kind.interview(ask, old.get(name)) for name, kind in CHANNELS.items() if kind.interview}
    except Abandoned:
        raise typer.Exit(1) from None
    except Halt as halt:  # a server that answered so far, and now does not
        fail(ask.words(f"doctor.{halt.finding.key}", **halt.finding.values), 1)
    return {name: answers for name, answers in found.items() if answers}


def _digest(
    ask: TerminalInterview, before: DigestSettings | None, sections: Mapping[str, SectionAnswers]
) -> Mapping[str, Value]:
    """The section of the weekly post; its keys are taken away if it goes nowhere."""
    keys = {name: kind.digest.name for name, kind in CHANNELS.items() if kind.digest}
    places = {keys[name]: answers.digest for name, answers in sections.items()}
    when = before.when if before else ask.words("init.monday")
    day = ask.text("digest_day", when, _day_fault) if any(places.values()) else ""
    return {"when": day, **places} if day != (before and before.when) else places


def _day_fault(day: str) -> Finding | None:
    try:
        weekly_moment(day)
    except ValueError:
        return wrong("day_form", day=day)
    return None


def _web(ask: TerminalInterview, before: WebSettings | None) -> Mapping[str, Value]:
    """The section of pages and desk: behind a web server of this machine, or for this machine alone."""
    from bot.doctor import is_loopback

    old = (before.public_url or "http://localhost" * before.pages) if before else ""
    url = ask_address(ask, "desk", old)
    if url == old:
        return {}
    is_public = bool(url) and not is_loopback(urlsplit(url).hostname or "")
    pages: dict[str, Value] = {"pages": "true" if url else "", "public_url": url if is_public else ""}
    return pages | ({"proxies": ["127.0.0.1"]} if is_public and not (before and before.proxies) else {})


# The networks beside it: those in other folders of its folder


def siblings(config: Path) -> list[Settings]:
    """Return the settings, without secrets, of those that can be read. `config`: the settings file of the network."""
    own, found = config.absolute(), list[Settings]()
    if config.parent == Path() or config.name != CONFIG.name:  # whoever works in its folder has one network
        return found
    for file in sorted(own.parent.parent.glob(f"*/{CONFIG}")):
        if file != own:
            with contextlib.suppress(Faulty):
                found.append(load(file, database_variables(), secrets=False))
    return found


def free_schema(config: Path, others: Iterable[Settings]) -> str:
    """Return a schema for the network where the others share the database of the environment; else nothing."""
    if not database_variables() or not any(one.store.get_secret_value().startswith("postgres") for one in others):
        return ""
    name = slug(config.absolute().parent.name, 50).replace("-", "_")
    if not name[:1].isalpha() or name.startswith("pg_") or name == "public":  # the last two are PostgreSQL's
        name = f"network_{name}"
    taken = {one.store_schema for one in others}
    numbered = (f"{name}_{number}" for number in count(2))
    return next(schema for schema in chain([name], numbered) if schema not in taken)
