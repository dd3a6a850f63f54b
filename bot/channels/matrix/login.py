"""The bot's account on its homeserver: one login for all restarts, a name and a picture.

Client-Server API, "Login", "Device Management", "User-Interactive Authentication API", "Profiles" and "Content
Repository".
"""

import asyncio
import json
import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path

import aiohttp

from bot.channels.matrix.client import AuthChallenge, MatrixClient, require_text
from bot.channels.matrix.schema import Json
from bot.messages import AuthenticationFailed, Memory, NetworkRefusal, RateLimited, Unreachable

log = logging.getLogger(__name__)

_AVATAR = Path(__file__).with_name("avatar.png")  # drawn by tools/draw_avatar.py
_SESSION = "matrix.session"  # in the store's memory


@dataclass(frozen=True, slots=True)
class Account:
    user: str  # the full user id
    password: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    signing_seed: str | None = field(default=None, repr=False)  # None: one is made and stored
    keys_secret: str | None = field(default=None, repr=False)  # None: the encryption keys stay in files


@dataclass(frozen=True, slots=True)
class MatrixSession:
    """A login. The same device must be kept: transaction ids and encryption keys belong to it."""

    user: str  # the full user id
    device: str  # empty for a token without a device
    token: str = field(repr=False)


async def resume_session(account: Account, server: MatrixClient, memory: Memory) -> MatrixSession | None:
    """Return the stored login, else that of the settings' token; None if neither is accepted any more.

    Sets the client's token. Raises AuthenticationFailed when there is no password to log in with; Unreachable,
    RateLimited.
    """
    stored = await _load_session(account, memory)
    for token in filter(None, (stored.get("token"), account.access_token)):
        server.token = token
        try:
            answer = await server.call("GET", "account", "whoami")
            if (user := require_text(answer, "user_id")) != account.user:
                raise AuthenticationFailed(f"the access token belongs to {user}, the settings name {account.user}")
            return MatrixSession(user, answer.get("device_id") or "", token)
        except (AuthenticationFailed, NetworkRefusal) as refusal:
            if account.password is None and token == account.access_token:
                raise AuthenticationFailed(str(refusal)) from refusal
            log.warning("the login used until now is no longer accepted (%s)", refusal)
    if account.password is None:
        raise AuthenticationFailed(
            f"{account.user}: no password and no access token is set; "
            "put one into secrets/matrix_password beside the settings, into CONCIERGE_MATRIX_PASSWORD or "
            "CONCIERGE_MATRIX_ACCESS_TOKEN"
        )
    return None


async def log_in(account: Account, server: MatrixClient, memory: Memory, name: str) -> tuple[MatrixSession, bool]:
    """Log in with the password. Returns the login, not stored yet, and whether the bot had one before.

    Earlier devices of the bot are logged out, so that nobody sends keys to them: the stored one, and those of the same
    display name. Sets the client's token. Raises AuthenticationFailed, Unreachable, RateLimited.
    """
    body = _make_proof(account) | {"initial_device_display_name": name}
    try:
        answer = await server.call("POST", "login", body=body, anonymous=True)
    except NetworkRefusal as refusal:
        raise AuthenticationFailed(f"{account.user} cannot log in: {refusal}") from refusal
    session = MatrixSession(*(require_text(answer, key) for key in ("user_id", "device_id", "access_token")))
    server.token = session.token
    log.info("logged in as %s, device %s", session.user, session.device)
    stored = (await _load_session(account, memory)).get("device")
    devices = (await server.look("devices") or {}).get("devices", [])
    own = [one["device_id"] for one in devices if one["device_id"] == stored or one.get("display_name") == name]
    earlier = [device for device in own if device != session.device]
    try:
        if earlier:
            await call_with_password(server, account, "delete_devices", body={"devices": earlier})
            log.warning("earlier devices of the bot are logged out: %s", ", ".join(earlier))
    except (Unreachable, RateLimited, NetworkRefusal) as error:
        log.warning("earlier devices of the bot could not be logged out: %s", error)
    return session, bool(earlier or stored)


async def save_session(memory: Memory, session: MatrixSession) -> None:
    await memory.set(_SESSION, json.dumps(asdict(session)))


async def call_with_password(server: MatrixClient, account: Account, *path: str, body: Json) -> Json:
    """POST, once more with the password if the server asks for it. Raises NetworkRefusal if it wants another proof.

    Client-Server API, "User-Interactive Authentication API", "Password-based".
    """
    try:
        return await server.call("POST", *path, body=body)
    except AuthChallenge as challenge:
        if account.password is None:
            raise
        proof = _make_proof(account) | {"session": challenge.session}
        return await server.call("POST", *path, body=body | {"auth": proof})


async def _load_session(account: Account, memory: Memory) -> dict[str, str]:
    stored: dict[str, str] = json.loads(await memory.get(_SESSION) or "{}")
    return stored if stored.get("user") == account.user else {}


def _make_proof(account: Account) -> Json:
    identifier = {"type": "m.id.user", "user": account.user}
    return {"type": "m.login.password", "identifier": identifier, "password": account.password}


# Name and picture


async def fetch_profile(server: MatrixClient, user: str, field: str) -> object:
    """Return a field of GET /profile; None if the user has none, or the server does not tell."""
    return (await server.look("profile", user, field) or {}).get(field)


async def fill_profile(server: MatrixClient, user: str, name: str) -> None:
    """Set the name and picture that the account lacks, and never replace one that somebody set.

    A server's default name is the localpart. Failures are tried again at the next start.
    """
    try:
        if await fetch_profile(server, user, "displayname") in (None, "", user[1:].partition(":")[0]):
            await server.call("PUT", "profile", user, "displayname", body={"displayname": name})
        if not await fetch_profile(server, user, "avatar_url"):
            image = aiohttp.BytesPayload(await asyncio.to_thread(_AVATAR.read_bytes), content_type="image/png")
            url = require_text(await server.call("POST", "upload", body=image, api="media/v3"), "content_uri")
            await server.call("PUT", "profile", user, "avatar_url", body={"avatar_url": url})
    except (Unreachable, RateLimited, NetworkRefusal, OSError) as error:
        log.warning("the account keeps its old name or picture: %s", error)
