"""Who the bot is on its homeserver: the settings it needs, and logging in once for all restarts."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.channels.matrix.server import Server, required
from bot.messages import Listen, LoggedOut, Memory, Refused

log = logging.getLogger(__name__)


_SESSION = "matrix.session"


@dataclass(frozen=True, slots=True)
class Account:
    homeserver: str  # its address
    user: str  # the full user id, or the name alone
    rooms: tuple[tuple[str, Listen], ...]  # id or alias, and how the bot listens there
    key_store: Path  # folder of the encryption keys; they belong to one device
    password: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    direct: bool = True  # accept direct rooms
    moderators_room: str | None = None  # id or alias
    ignore: tuple[str, ...] = ()  # user ids: other bots
    encryption: bool = True


@dataclass(frozen=True, slots=True)
class Session:
    """A login. The same device must be kept: transaction ids and encryption keys belong to it."""

    user: str  # the full user id
    device: str  # empty for a token without a device
    token: str = field(repr=False)


async def log_in(account: Account, server: Server, memory: Memory, device_name: str) -> Session:
    """The login kept from last time, else a new one, which is kept. Sets the server's token.

    Raises LoggedOut when token or password are not accepted; Unreachable, TooFast.
    """
    if account.access_token:
        return await _confirmed(server, account, account.access_token)
    if session := await _kept(account, server, memory):
        return session
    if account.password is None:
        raise LoggedOut(f"{account.user}: no password and no access token is set")
    session = await _new(account, server, device_name)
    await memory.remember(_SESSION, json.dumps(asdict(session)))
    return session


async def _kept(account: Account, server: Server, memory: Memory) -> Session | None:
    kept = json.loads(await memory.recall(_SESSION) or "{}")
    if not kept or not _same(account.user, kept["user"]):
        return None
    try:
        return await _confirmed(server, account, kept["token"])
    except LoggedOut as refusal:
        if account.password is None:
            raise
        log.warning("the login kept from last time is no longer accepted (%s); logging in anew", refusal)
        return None


async def _confirmed(server: Server, account: Account, token: str) -> Session:
    server.token = token
    try:
        me = await server.call("GET", "account", "whoami")
    except Refused as refusal:
        raise LoggedOut(str(refusal)) from refusal
    user = required(me, "user_id")
    if not _same(account.user, user):
        raise LoggedOut(f"the access token belongs to {user}, the settings name {account.user}")
    return Session(user, me.get("device_id") or "", token)


async def _new(account: Account, server: Server, device_name: str) -> Session:
    login = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": account.user},
        "password": account.password,
        "initial_device_display_name": device_name,
    }
    server.token = None
    try:
        made = await server.call("POST", "login", body=login)
    except Refused as refusal:
        raise LoggedOut(f"{account.user} cannot log in: {refusal}") from refusal
    session = Session(*(required(made, key) for key in ("user_id", "device_id", "access_token")))
    server.token = session.token
    log.info("logged in as %s, device %s", session.user, session.device)
    return session


def _same(wanted: str, user: str) -> bool:
    """Whether `wanted`, a whole user id or a name alone, is this user."""
    return wanted == user or (":" not in wanted and user.startswith(f"@{wanted.lstrip('@')}:"))
