"""A login of one of the play's people, for a graphical client."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp


@dataclass(frozen=True, slots=True)
class Session:
    homeserver: str
    user: str
    device: str
    token: str


async def log_in(homeserver: str, user: str, password: str, client: str) -> Session:
    """A device of its own for each client."""
    login = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user},
        "password": password,
        "initial_device_display_name": client,
    }
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{homeserver}/_matrix/client/v3/login", json=login) as answer,
    ):
        answer.raise_for_status()
        given = await answer.json()
    return Session(homeserver, given["user_id"], given["device_id"], given["access_token"])
