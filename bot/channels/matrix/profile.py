"""The account's name and picture, set where it has none; never in place of what somebody gave it.

Client-Server API, "Profiles" and "Content Repository".
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from bot.channels.matrix.client import MatrixClient, require_text
from bot.channels.matrix.settings import image_type
from bot.messages import NetworkRefusal, RateLimited, Unreachable

log = logging.getLogger(__name__)


async def fetch_profile(server: MatrixClient, user: str, field: str) -> object:
    """GET /profile; None: the user has none, or the server does not tell."""
    try:
        return (await server.call("GET", "profile", user, field)).get(field)
    except NetworkRefusal:
        return None


async def fill_profile(server: MatrixClient, user: str, name: str, avatar: Path | None) -> None:
    """A homeserver's default name is the localpart. What fails is tried again at the next start."""
    try:
        if await fetch_profile(server, user, "displayname") in (None, "", user[1:].partition(":")[0]):
            await server.call("PUT", "profile", user, "displayname", body={"displayname": name})
        if avatar and not await fetch_profile(server, user, "avatar_url"):
            await _set_avatar(server, user, await asyncio.to_thread(avatar.read_bytes))
    except (Unreachable, RateLimited, NetworkRefusal, OSError) as error:
        log.warning("the account keeps its old name or picture: %s", error)


async def _set_avatar(server: MatrixClient, user: str, image: bytes) -> None:
    """POST /_matrix/media/v3/upload, then PUT /profile."""
    answer = await server.upload(image, image_type(image) or "application/octet-stream")
    await server.call("PUT", "profile", user, "avatar_url", body={"avatar_url": require_text(answer, "content_uri")})
