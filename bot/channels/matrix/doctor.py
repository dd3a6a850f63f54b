"""The doctor's checks of a homeserver: address, clock, login, device and its signature; rooms are in `doctor_rooms`.

It never logs in and creates no device.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from email.utils import parsedate_to_datetime

from bot.channels.channel_kind import ChannelInstance, Examination
from bot.channels.findings import Finding, Halt, note, right, wrong
from bot.channels.http_probe import HttpProbe, HttpResult, Json
from bot.channels.matrix import doctor_rooms
from bot.channels.matrix.schema import get_object
from bot.channels.matrix.settings import MatrixSettings

CLIENT = "/_matrix/client"
LARGEST_DIFFERENCE = 30.0  # seconds


async def examine(instance: ChannelInstance[MatrixSettings], setup: Examination) -> AsyncIterator[Finding]:
    server = HttpProbe("matrix", instance.settings.homeserver, {"User-Agent": "Concierge"})
    try:
        async for finding in _examine(instance, setup, server):
            yield finding
    finally:
        await server.close()


async def _examine(
    instance: ChannelInstance[MatrixSettings], setup: Examination, server: HttpProbe
) -> AsyncIterator[Finding]:
    answer = await server.get(f"{CLIENT}/versions")
    yield await _homeserver(server, answer)
    yield _clock(setup, answer)
    login, user, device = await _login(instance, setup, server)
    yield login
    if instance.settings.encryption:
        async for finding in _device(server, user, device):
            yield finding
    async for finding in doctor_rooms.examine(instance.settings, setup, server, user):
        yield finding
    if "Synapse" in answer.headers.get("Server", ""):
        yield note("matrix_limits", user=user)


async def _homeserver(server: HttpProbe, answer: HttpResult) -> Finding:
    if answer.listed("versions"):
        return right("matrix_server", url=server.url, newest=str(answer.listed("versions")[-1]))
    if 300 <= answer.status < 400:
        raise Halt(wrong("matrix_elsewhere", url=server.url, other=answer.headers.get("Location", "?")))
    well_known = get_object((await server.get("/.well-known/matrix/client")).body, "m.homeserver")
    if isinstance(well_known.get("base_url"), str):
        raise Halt(wrong("matrix_elsewhere", url=server.url, other=well_known["base_url"]))
    raise Halt(wrong("matrix_no_server", url=server.url, status=answer.status))


def _clock(setup: Examination, answer: HttpResult) -> Finding:
    """By the `Date` header, which counts whole seconds (RFC 9110, 6.6.1)."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return note("matrix_no_clock")
    seconds = (setup.clock() - theirs).total_seconds()
    if abs(seconds) > LARGEST_DIFFERENCE:
        return wrong("matrix_clock", seconds=f"{seconds:+.0f}")
    return right("matrix_clock_right")


async def _login(
    instance: ChannelInstance[MatrixSettings], setup: Examination, server: HttpProbe
) -> tuple[Finding, str, str]:
    """With user id and device. Halts where no token is accepted."""
    wanted, secrets = instance.settings.user, instance.secrets
    for token in filter(None, (_stored_token(setup, wanted), secrets.get("access_token"))):
        server.headers["Authorization"] = f"Bearer {token}"
        answer = await server.get(f"{CLIENT}/v3/account/whoami")
        if answer.ok and isinstance(user := answer.body.get("user_id"), str):
            if not _is_user(wanted, user):
                raise Halt(wrong("matrix_other_user", user=user, wanted=wanted))
            return right("matrix_login", user=user), user, str(answer.body.get("device_id") or "")
    refused = "Authorization" in server.headers
    if "password" in secrets:
        raise Halt(note("matrix_login_ended" if refused else "matrix_login_to_come", user=wanted))
    raise Halt(wrong("matrix_token_refused" if refused else "matrix_no_secret", user=wanted))


def _stored_token(setup: Examination, wanted: str) -> str:
    """The token of the user's login, from the store."""
    try:
        session = json.loads(setup.notes.get("matrix.session", "{}"))
        return str(session["token"]) if _is_user(wanted, str(session["user"])) else ""
    except (ValueError, KeyError, TypeError):
        return ""


def _is_user(wanted: str, user: str) -> bool:
    """`wanted`: a whole user id, or a name alone."""
    return wanted == user or (":" not in wanted and user.startswith(f"@{wanted.lstrip('@')}:"))


async def _device(server: HttpProbe, user: str, device: str) -> AsyncIterator[Finding]:
    if not device:
        yield wrong("matrix_no_device")
        return
    if (await server.get(f"{CLIENT}/v3/devices/{device}")).status == 404:
        yield wrong("matrix_device_gone", device=device)
        return
    keys = await server.post(f"{CLIENT}/v3/keys/query", {"device_keys": {user: []}})
    for finding in _signature(keys.body, user, device):
        yield finding


def _signature(keys: Json, user: str, device: str) -> Iterator[Finding]:
    own = get_object(keys, "device_keys", user, device)
    signers = set(get_object(keys, "self_signing_keys", user, "keys"))
    if not own:
        yield note("matrix_no_keys", device=device)
    elif not signers & set(get_object(own, "signatures", user)):
        yield wrong("matrix_unsigned", device=device)
    else:
        yield right("matrix_signed", device=device)
