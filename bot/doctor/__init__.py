"""`concierge doctor`: checks the whole set-up, changes nothing, and explains how to fix each problem."""

import asyncio
import errno
import logging
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import httpx

from bot.channels.channel_kind import Examination
from bot.channels.findings import SIGNS, Finding, Halt, note, right, unseen, wrong
from bot.channels.http_probe import TIMEOUT
from bot.channels.registry import CHANNELS
from bot.config.loading import secret_files, variables
from bot.config.settings import CONFIG, Settings, WebSettings
from bot.knowledge.folder import LibraryError
from bot.knowledge.library import Library
from bot.knowledge.yaml.suggestions import closest
from bot.locale import system_reason, wording
from bot.store import StoreError
from bot.store.inspection import inspect_store

log = logging.getLogger(__name__)

LEAST_SPACE = 200 << 20  # bytes; the store of a year takes less, but a full disk stops everything


@dataclass
class SetupInfo:
    """The set-up to check. `notes` are rows of the store's memory, filled by the check of the store."""

    settings: Settings
    cache: Path | None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    notes: dict[str, str] = field(default_factory=dict, repr=False)


async def knowledge(setup: SetupInfo) -> AsyncIterator[Finding]:
    settings = setup.settings
    today = setup.clock().astimezone(settings.timezone).date()
    try:
        loaded = await asyncio.to_thread(Library(settings.knowledge).load, today)
    except LibraryError as error:
        yield wrong("no_knowledge", folder=settings.knowledge, errors=len(error.problems))
        return
    errors = sum(not problem.warning for problem in loaded.problems)
    counts = {"entries": len(loaded.knowledge.entries), "errors": errors, "warnings": len(loaded.problems) - errors}
    if not os.access(settings.knowledge, os.W_OK | os.X_OK):
        yield note("knowledge_read_only", folder=settings.knowledge)
    if errors:
        yield wrong("knowledge_errors", **counts)
    elif counts["warnings"]:
        yield note("knowledge_warnings", **counts)
    else:
        yield right("knowledge", **counts)


async def team(setup: SetupInfo) -> AsyncIterator[Finding]:
    if not setup.settings.has_team:
        yield note("no_team")
    for problem in setup.settings.warnings:
        yield note("settings_warning", said=problem.say(wording(setup.settings.language)))


async def secrets(setup: SetupInfo) -> AsyncIterator[Finding]:
    """Check for files that others can read, and variables that nothing reads."""
    for file in secret_files((setup.settings.file or CONFIG).parent, os.environ):
        if file.stat().st_mode & 0o004 and file.parent.stat().st_mode & 0o001:
            yield note("secret_open", file=file)
    known = [*variables()]
    for name in sorted(os.environ):
        if name.startswith("CONCIERGE_") and name not in known:
            yield note("variable_unknown", name=name, likely=closest(name, known) or ", ".join(known))


async def encoder(setup: SetupInfo) -> AsyncIterator[Finding]:
    if not setup.settings.matching.semantic:
        yield note("no_encoder")
        return
    try:
        from bot.matching.encoder_folder import load_encoder

        loaded = await asyncio.to_thread(load_encoder, setup.settings.matching.encoder_folder, setup.cache)
        await asyncio.to_thread(loaded.encode, ["bonjour"], "query")
    except Exception as error:  # any error of the model's library: the other checks must go on
        reason = system_reason(error, name_file=True)
        yield wrong("encoder_broken", error=reason if reason.name else f"{type(error).__name__}: {error}"[:200])
        return
    yield right("encoder")


async def confidence(setup: SetupInfo) -> AsyncIterator[Finding]:
    """Report which limits are in force, and where they come from."""
    settings, words = setup.settings, wording(setup.settings.language)
    for name in ("confident", "overheard"):
        limit = words.decimal(getattr(settings.limits, name))
        source = "settings" if name in settings.answers.model_fields_set else "shipped"
        yield right(f"limit_{source}", name=name, limit=limit, file=(settings.file or CONFIG).name)


async def store(setup: SetupInfo) -> AsyncIterator[Finding]:
    names = [name for kind in CHANNELS.values() for name in kind.notes]
    try:
        store = await asyncio.to_thread(inspect_store, setup.settings.store.get_secret_value(), names)
    except StoreError as error:
        yield wrong("store_broken", error=error)
        return
    setup.notes.update(store.notes)
    if store.tables == "current":
        yield right("store", name=store.name)
    else:
        yield note("store_new" if store.tables == "none" else "store_older", name=store.name)
    if store.is_locked:
        yield right("store_held")


async def disk_space(setup: SetupInfo) -> AsyncIterator[Finding]:
    """Check the disks of the store's folder and of the cache; for a missing folder, the one above it."""
    kind, _, path = setup.settings.store.get_secret_value().partition(":///")
    if kind.startswith("sqlite"):
        yield _folder("store", Path(path).parent)
    if setup.cache is None:
        yield wrong("no_cache")
    elif setup.settings.matching.semantic:
        yield _folder("cache", setup.cache)


def _folder(what: str, folder: Path) -> Finding:
    folder = folder.absolute()
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return wrong(f"{what}_folder_closed", folder=existing)
    free = shutil.disk_usage(existing).free
    values = {"folder": folder, "free": free >> 20, "least": LEAST_SPACE >> 20}
    return right(f"{what}_room", **values) if free >= LEAST_SPACE else wrong(f"{what}_full", **values)


async def web_server(setup: SetupInfo) -> AsyncIterator[Finding]:
    """Check that the port is free, or used by our own bot."""
    web = setup.settings.web
    if web is None:
        yield note("no_web")
        return
    name = f"{web.host}:{web.port}"
    try:
        is_free = await asyncio.to_thread(_is_free, web.host, web.port)
    except OSError as error:
        yield wrong("web_host", name=name, error=system_reason(error))
        return
    if is_free:
        yield right("web_free", name=name)
    elif await _is_ours(web):
        yield right("web_ours", name=name)
    else:
        yield wrong("web_taken", name=name)


async def reader_pages(setup: SetupInfo) -> AsyncIterator[Finding]:
    """Check whether readers have pages, and whether they can be reached and counted as intended."""
    web = setup.settings.web
    if web is None:
        return
    if not (web.pages or web.public_url):
        yield note("no_pages")
    elif not web.pages:
        yield right("pages_as_files", url=web.public_url)
    elif web.public_url is None and not is_loopback(web.host):
        yield wrong("pages_in_the_open", host=web.host)
    elif web.public_url is None:
        yield note("pages_within", host=web.host, port=web.port)
    else:
        if not web.proxies:
            yield note("pages_no_proxies", url=web.public_url)
        yield await _public(web, web.public_url)


async def _public(web: WebSettings, url: str) -> Finding:
    """Check that the pages answer at `public_url`; by their policy: nginx puts its own name into `Server`."""
    from bot.pages.rendered import POLICY  # see _is_ours

    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=True) as client:
            answer = await client.get(f"{url}/")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        reason: object = system_reason(error)
    else:
        if POLICY in answer.headers.get("Content-Security-Policy", ""):
            return right("pages", url=url)
        reason = f"HTTP {answer.status_code}"
    values = {"url": url, "reason": reason, "name": f"{web.host}:{web.port}"}
    return wrong("pages_astray", **values) if await _is_ours(web) else unseen("pages_asleep", **values)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_free(host: str, port: int) -> bool:
    """Whether the port is free. Raises OSError if the host cannot be used."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            return False
    return True


async def _is_ours(web: WebSettings) -> bool:
    from bot.app import server  # imports the whole bot: the other checks must work where that fails

    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            answer = await client.get(f"http://{web.local_host}{server.HEALTH}")
    except httpx.HTTPError:
        return False
    return bool(answer.headers.get("Server") == server.NAME)


AREAS: dict[str, tuple[Callable[[SetupInfo], AsyncIterator[Finding]], ...]] = {
    "settings": (team, secrets),
    "knowledge": (knowledge, encoder, confidence),
    "store": (store, disk_space),
    "web": (web_server, reader_pages),
}
"""The checks of this machine, by area of the report. Each network adds its own."""


async def examine(setup: SetupInfo) -> AsyncIterator[tuple[str, Finding]]:
    """Yield each finding with its area, as soon as it is known. An error of one check does not end the others.

    The networks' checks need what the store's have read.
    """
    settings = setup.settings
    host = settings.web.host if settings.web else None
    for area in ("settings", "knowledge", "store", *CHANNELS, "web"):
        checks = [check(setup) for check in AREAS.get(area, ())]
        for network in settings.networks:
            if check := network.kind.checks.get(area):
                facts = Examination(setup.notes, setup.clock, host, settings.has_moderators_room)
                checks.append(check(network, facts))
        for findings in checks:
            try:
                async for finding in findings:
                    yield area, finding
            except Halt as halt:
                yield area, halt.finding
            except Exception as error:
                log.debug("traceback:", exc_info=True)
                yield area, wrong("unforeseen", error=f"{type(error).__name__}: {error}"[:300])
