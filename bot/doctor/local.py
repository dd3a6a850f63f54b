"""What is on this machine: knowledge, encoder, store, disk, the door for machines."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bot.app import server
from bot.channels.findings import Finding, note, right, wrong
from bot.channels.registry import CHANNELS
from bot.config import Settings
from bot.knowledge.folder import LibraryError
from bot.knowledge.library import Library
from bot.store import StoreError
from bot.store.inspection import StoreInspection, inspect_store

LEAST_ROOM = 200 << 20  # bytes; the store of a year takes less, but a full disk stops everything


@dataclass
class SetupInfo:
    """The set-up that is looked at. `notes`: what the store's memory holds, once it was looked into."""

    settings: Settings
    cache: Path | None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    notes: dict[str, str] = field(default_factory=dict, repr=False)


async def knowledge(patient: SetupInfo) -> AsyncIterator[Finding]:
    settings = patient.settings
    today = patient.clock().astimezone(settings.timezone).date()
    try:
        loaded = await asyncio.to_thread(Library(settings.knowledge).load, today)
    except LibraryError as error:
        yield wrong("no_knowledge", folder=settings.knowledge, errors=len(error.problems))
        return
    errors = sum(not problem.warning for problem in loaded.problems)
    counts = {"entries": len(loaded.knowledge.entries), "errors": errors, "warnings": len(loaded.problems) - errors}
    if errors:
        yield wrong("knowledge_errors", **counts)
    elif counts["warnings"]:
        yield note("knowledge_warnings", **counts)
    else:
        yield right("knowledge", **counts)


async def encoder(patient: SetupInfo) -> AsyncIterator[Finding]:
    if not patient.settings.matching.semantic:
        yield note("no_encoder")
        return
    try:
        await asyncio.to_thread(_encode, patient.cache)
    except Exception as error:  # whatever the model's library meets: it must not end the other checks
        yield wrong("encoder_broken", error=f"{type(error).__name__}: {error}"[:200])
        return
    yield right("encoder")


def _encode(cache: Path | None) -> None:
    from bot.matching.use_encoder import UniversalSentenceEncoder

    UniversalSentenceEncoder(cache).encode(["bonjour"])


async def store(patient: SetupInfo) -> AsyncIterator[Finding]:
    names = [name for kind in CHANNELS.values() for name in kind.notes]
    try:
        seen = await asyncio.to_thread(inspect_store, patient.settings.store.get_secret_value(), names)
    except StoreError as error:
        yield wrong("store_broken", error=error)
        return
    patient.notes = seen.notes
    yield _tables(seen)
    if seen.held:
        yield right("store_held")


def _tables(seen: StoreInspection) -> Finding:
    kinds = {"none": note("store_new", name=seen.name), "older": note("store_older", name=seen.name)}
    return kinds.get(seen.tables) or right("store", name=seen.name)


async def room(patient: SetupInfo) -> AsyncIterator[Finding]:
    """On the disks of the store's folder and of the cache; a folder that is not there yet: of the one it will be in."""
    kind, _, path = patient.settings.store.get_secret_value().partition(":///")
    if kind.startswith("sqlite"):
        yield _folder("store", Path(path).parent)
    if patient.cache is None:
        yield wrong("no_cache")
    elif patient.settings.matching.semantic:
        yield _folder("cache", patient.cache)


def _folder(what: str, folder: Path) -> Finding:
    folder = folder.absolute()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return wrong(f"{what}_folder_closed", folder=there)
    free = shutil.disk_usage(there).free
    values = {"folder": folder, "free": free >> 20, "least": LEAST_ROOM >> 20}
    return right(f"{what}_room", **values) if free >= LEAST_ROOM else wrong(f"{what}_full", **values)


async def web_door(patient: SetupInfo) -> AsyncIterator[Finding]:
    """The port is free, or it is a bot of ours that has it."""
    here = patient.settings.web
    if here is None:
        yield note("no_web")
        return
    name = f"{here.host}:{here.port}"
    try:
        free = await asyncio.to_thread(_bind, here.host, here.port)
    except OSError as error:
        yield wrong("web_host", name=name, error=error.strerror or error)
        return
    if free:
        yield right("web_free", name=name)
    elif await _ours(here.host, here.port):
        yield right("web_ours", name=name)
    else:
        yield wrong("web_taken", name=name)


def _bind(host: str, port: int) -> bool:
    """Whether the port can be had. Raises OSError when the host cannot."""
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


async def _ours(host: str, port: int) -> bool:
    within = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            answer = await client.get(f"http://{within}:{port}{server.HEALTH}")
    except httpx.HTTPError:
        return False
    return bool(answer.headers.get("Server") == server.NAME)
