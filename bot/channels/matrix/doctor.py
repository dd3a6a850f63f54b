"""The doctor's checks of a homeserver: address, clock, login, device and its signature; rooms are in `doctor_rooms`.

If the bot has no login yet, the doctor logs in with a device of its own, and out again at the end.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from bot.channels.channel_kind import ChannelInstance, Examination
from bot.channels.findings import Finding, Halt, note, right, unseen, wrong
from bot.channels.http_probe import HttpProbe, HttpResult
from bot.channels.matrix import doctor_rooms
from bot.channels.matrix.schema import get_object
from bot.channels.matrix.settings import MatrixSettings
from bot.channels.retry_after import http_date

CLIENT = "/_matrix/client"
LARGEST_DIFFERENCE = 30.0  # seconds between the clocks
DEVICE = "Concierge doctor"  # display name of the doctor's own device


@dataclass(frozen=True, slots=True)
class DoctorLogin:
    """A login. `is_own`: the doctor's, to be ended; else the bot's."""

    finding: Finding
    user: str
    device: str
    is_own: bool = False


async def examine(instance: ChannelInstance[MatrixSettings], setup: Examination) -> AsyncIterator[Finding]:
    matrix = instance.settings
    async with aclosing(HttpProbe("matrix", matrix.homeserver, {"User-Agent": "Concierge"})) as server:
        answer = await server.get(f"{CLIENT}/versions")
        yield await find_server(server, answer)
        yield _clock(setup, answer)
        login = await _login(instance, setup, server)
        yield login.finding
        try:
            if not login.is_own:
                yield await _device(server, login.user, login.device)
            async for finding in doctor_rooms.examine(matrix, setup, server, login.user):
                yield finding
        finally:
            if login.is_own:
                await server.post(f"{CLIENT}/v3/logout", {})
        if "Synapse" in answer.headers.get("Server", ""):
            yield note("matrix_limits", user=login.user)


async def find_server(server: HttpProbe, answer: HttpResult) -> Finding:
    """Check the `answer` to GET /versions. Raises Halt if there is no homeserver."""
    if answer.listed("versions"):
        return right("matrix_server", url=server.url, newest=str(answer.listed("versions")[-1]))
    if 300 <= answer.status < 400:
        raise Halt(wrong("matrix_elsewhere", url=server.url, other=answer.headers.get("Location", "?")))
    well_known = get_object((await server.get("/.well-known/matrix/client")).body, "m.homeserver")
    if isinstance(well_known.get("base_url"), str):
        raise Halt(wrong("matrix_elsewhere", url=server.url, other=well_known["base_url"]))
    raise Halt(wrong("matrix_no_server", url=server.url, status=answer.status))


def _clock(setup: Examination, answer: HttpResult) -> Finding:
    """Compare the clocks, by the `Date` header, which counts whole seconds (RFC 9110, 6.6.1)."""
    theirs = http_date(answer.headers.get("Date"))
    if theirs is None:
        return unseen("matrix_no_clock")
    seconds = (setup.clock() - theirs).total_seconds()
    if abs(seconds) > LARGEST_DIFFERENCE:
        return wrong("matrix_clock", seconds=f"{seconds:+.0f}")
    return right("matrix_clock_right")


async def _login(instance: ChannelInstance[MatrixSettings], setup: Examination, server: HttpProbe) -> DoctorLogin:
    """Log in with a token or the password. Raises Halt if none is accepted."""
    wanted, secrets = instance.settings.user, instance.secrets
    for token in filter(None, (_stored_token(setup, wanted), secrets.get("access_token"))):
        server.headers["Authorization"] = f"Bearer {token}"
        answer = await server.get(f"{CLIENT}/v3/account/whoami")
        if answer.ok and isinstance(user := answer.body.get("user_id"), str):
            if user != wanted:
                raise Halt(wrong("matrix_other_user", user=user, wanted=wanted))
            return DoctorLogin(right("matrix_login", user=user), user, str(answer.body.get("device_id") or ""))
    refused = "Authorization" in server.headers
    if password := secrets.get("password"):
        return await try_password(server, wanted, password, refused)
    raise Halt(wrong("matrix_token_refused" if refused else "matrix_no_secret", user=wanted))


async def try_password(server: HttpProbe, wanted: str, password: str, refused: bool) -> DoctorLogin:
    """Log in (Client-Server API, "Login"). `refused`: the bot had a login, which is no longer accepted.

    Raises Halt if the password is refused.
    """
    server.headers.pop("Authorization", None)
    proof = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": wanted}, "password": password}
    answer = await server.post(f"{CLIENT}/v3/login", proof | {"initial_device_display_name": DEVICE})
    token, user = answer.body.get("access_token"), answer.body.get("user_id")
    if not (answer.ok and isinstance(token, str) and isinstance(user, str)):
        raise Halt(await _refusal(server, wanted, answer))
    server.headers["Authorization"] = f"Bearer {token}"
    found = note("matrix_login_ended", user=user) if refused else right("matrix_password", user=user)
    return DoctorLogin(found, user, str(answer.body.get("device_id") or ""), is_own=True)


async def _refusal(server: HttpProbe, wanted: str, answer: HttpResult) -> Finding:
    """Return why the login was refused: the server has no passwords, or does not accept this one."""
    flows = (await server.get(f"{CLIENT}/v3/login")).listed("flows")
    kinds = [flow.get("type") for flow in flows if isinstance(flow, dict)]
    if kinds and "m.login.password" not in kinds:
        return wrong("matrix_no_passwords", url=server.url)
    return wrong("matrix_password_refused", user=wanted, reason=answer.body.get("error") or answer.status)


def _stored_token(setup: Examination, wanted: str) -> str:
    """Return the token of the user's login from the store, or an empty text."""
    try:
        session = json.loads(setup.notes.get("matrix.session", "{}"))
        return str(session["token"]) if session["user"] == wanted else ""
    except (ValueError, KeyError, TypeError):
        return ""


async def _device(server: HttpProbe, user: str, device: str) -> Finding:
    """Check the bot's device, and the signature on it."""
    if not device:
        return wrong("matrix_no_device")
    if (await server.get(f"{CLIENT}/v3/devices/{device}")).status == 404:
        return wrong("matrix_device_gone", device=device)
    keys = (await server.post(f"{CLIENT}/v3/keys/query", {"device_keys": {user: []}})).body
    own = get_object(keys, "device_keys", user, device)
    if not own:
        return note("matrix_no_keys", device=device)
    is_signed = get_object(keys, "self_signing_keys", user, "keys").keys() & get_object(own, "signatures", user).keys()
    return right("matrix_signed", device=device) if is_signed else wrong("matrix_unsigned", device=device)
