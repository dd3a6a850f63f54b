"""Who the bot is on its homeserver: the settings it needs, and logging in once for all restarts."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.channels.matrix.client import AuthChallenge, Json, MatrixClient, require_text
from bot.messages import AuthenticationFailed, ChannelError, Listen, Memory, NetworkRefusal

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
    signing_seed: str | None = field(default=None, repr=False)  # None: one is made, and kept in the memory
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


async def resume_session(account: Account, server: MatrixClient, memory: Memory) -> Session | None:
    """The login kept from last time, else that of the settings' token; None: there is none that still holds.

    Sets the server's token. Raises LoggedOut when there is no password to log in anew with; Unreachable, TooFast.
    """
    for token in filter(None, ((await _kept(account, memory)).get("token"), account.access_token)):
        try:
            return await _confirmed(server, account, token)
        except AuthenticationFailed as refusal:
            if account.password is None and token == account.access_token:
                raise
            log.warning("the login used until now is no longer accepted (%s)", refusal)
    if account.password is None:
        raise AuthenticationFailed(
            f"{account.user}: no password and no access token is set; "
            "put one into CONCIERGE_MATRIX_PASSWORD or CONCIERGE_MATRIX_ACCESS_TOKEN"
        )
    return None


async def log_in(account: Account, server: MatrixClient, memory: Memory, called: str) -> tuple[Session, bool]:
    """A new login with the password, to be kept; and whether the bot had one before.

    Its earlier devices are logged out, so that nobody sends keys to them: the one kept from last time, and those of the
    name that it gives to its own. Sets the server's token. Raises LoggedOut, Unreachable, TooFast.
    """
    session = await _password_login(account, server, called)
    kept = (await _kept(account, memory)).get("device")
    before = await _of_ours(server, session, called, kept)
    await _log_out(server, account, before)
    return session, bool(before or kept)


async def save_session(memory: Memory, session: Session) -> None:
    await memory.remember(_SESSION, json.dumps(asdict(session)))


async def call_with_password(server: MatrixClient, account: Account, *path: str, body: Json) -> Json:
    """A call for which the server may want the password once more. Raises Refused where it wants something else."""
    try:
        return await server.call("POST", *path, body=body)
    except AuthChallenge as challenge:
        if account.password is None:
            raise
        proof = {"type": "m.login.password", "identifier": _identifier(account), "password": account.password}
        return await server.call("POST", *path, body=body | {"auth": proof | {"session": challenge.session}})


async def _kept(account: Account, memory: Memory) -> dict[str, str]:
    kept: dict[str, str] = json.loads(await memory.recall(_SESSION) or "{}")
    return kept if kept and _same(account.user, kept["user"]) else {}


async def _confirmed(server: MatrixClient, account: Account, token: str) -> Session:
    server.token = token
    try:
        me = await server.call("GET", "account", "whoami")
    except NetworkRefusal as refusal:
        raise AuthenticationFailed(str(refusal)) from refusal
    user = require_text(me, "user_id")
    if not _same(account.user, user):
        raise AuthenticationFailed(f"the access token belongs to {user}, the settings name {account.user}")
    return Session(user, me.get("device_id") or "", token)


async def _password_login(account: Account, server: MatrixClient, called: str) -> Session:
    login = {
        "type": "m.login.password",
        "identifier": _identifier(account),
        "password": account.password,
        "initial_device_display_name": called,
    }
    try:
        made = await server.call("POST", "login", body=login, unknown=True)
    except NetworkRefusal as refusal:
        raise AuthenticationFailed(f"{account.user} cannot log in: {refusal}") from refusal
    session = Session(*(require_text(made, key) for key in ("user_id", "device_id", "access_token")))
    server.token = session.token
    log.info("logged in as %s, device %s", session.user, session.device)
    return session


async def _of_ours(server: MatrixClient, session: Session, called: str, kept: str | None) -> list[str]:
    """Devices of the account that were the bot's before."""
    try:
        devices = (await server.call("GET", "devices")).get("devices", [])
    except NetworkRefusal:
        return []
    ids = [one["device_id"] for one in devices if one["device_id"] == kept or one.get("display_name") == called]
    return [id for id in ids if id != session.device]


async def _log_out(server: MatrixClient, account: Account, devices: list[str]) -> None:
    if not devices:
        return
    try:
        await call_with_password(server, account, "delete_devices", body={"devices": devices})
        log.warning("earlier devices of the bot are logged out: %s", ", ".join(devices))
    except AuthenticationFailed:
        raise
    except ChannelError as trouble:
        log.warning("earlier devices of the bot could not be logged out: %s", trouble)


def _identifier(account: Account) -> Json:
    return {"type": "m.id.user", "user": account.user}


def _same(wanted: str, user: str) -> bool:
    """Whether `wanted`, a whole user id or a name alone, is this user."""
    return wanted == user or (":" not in wanted and user.startswith(f"@{wanted.lstrip('@')}:"))
