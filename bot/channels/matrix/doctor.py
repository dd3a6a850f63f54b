"""The doctor's checks of a homeserver: address, clock, login, device and its signature, and the settings' rooms.

If the bot has no login yet, the doctor logs in with a device of its own, and out again at the end.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import quote

from bot.channels.backoff import http_date
from bot.channels.channel_kind import ChannelInstance, Examination
from bot.channels.findings import Finding, Halt, note, right, unseen, wrong
from bot.channels.http_probe import HttpProbe, HttpResult
from bot.channels.matrix.permissions import compute_power_level, parse_level
from bot.channels.matrix.schema import get_object, get_text
from bot.channels.matrix.settings import MatrixSettings

CLIENT = "/_matrix/client"
V3 = f"{CLIENT}/v3"
LARGEST_DIFFERENCE = 30.0  # seconds between the clocks
DEVICE = "Concierge doctor"  # display name of the doctor's own device
SIGNING = 10  # looks at the bot's device, a second apart: it signs it soon after its login


@dataclass(frozen=True, slots=True)
class DoctorLogin:
    """A login. `is_own`: the doctor's, to be ended; else the bot's."""

    finding: Finding
    user: str
    device: str
    is_own: bool = False


async def examine(instance: ChannelInstance[MatrixSettings], setup: Examination) -> AsyncIterator[Finding]:
    matrix = instance.settings
    async with aclosing(HttpProbe("matrix", matrix.homeserver)) as server:
        found, answer = await find_server(server)
        yield found
        yield _clock(setup, answer)
        login = await _login(instance, setup, server)
        yield login.finding
        try:
            if not login.is_own:
                yield await _device(server, login, tries=SIGNING if "matrix.session" in setup.notes else 1)
            joined = (await server.get(f"{V3}/joined_rooms")).listed("joined_rooms")
            moderators = [(matrix.moderators_room, True)] if matrix.moderators_room else []
            listed = set[str | None]()
            for name, is_moderators_room in [*((name, False) for name in matrix.listening), *moderators]:
                room = await _room_id(server, name, setup.notes)
                if is_moderators_room and room and room in listed:
                    yield note("room_moderators_shared", room=name)
                listed.add(room)
                if room in joined:
                    yield await _inside(server, login.user, name, str(room), is_moderators_room)
                else:
                    yield await _outside(server, login.user, name, room)
        finally:
            if login.is_own:
                await server.post(f"{V3}/logout", {})
        if "Synapse" in answer.headers.get("Server", ""):
            yield note("matrix_limits", user=login.user)


async def find_server(server: HttpProbe) -> tuple[Finding, HttpResult]:
    """Check the answer to GET /versions, and return it as well. Raises Halt if there is no homeserver."""
    answer = await server.get(f"{CLIENT}/versions")
    if versions := answer.listed("versions"):
        return right("matrix_server", url=server.url, newest=str(versions[-1])), answer
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
    session = json.loads(setup.notes.get("matrix.session", "{}"))
    stored = session["token"] if session.get("user") == wanted else None
    for token in filter(None, (stored, secrets.get("access_token"))):
        server.headers["Authorization"] = f"Bearer {token}"
        answer = await server.get(f"{V3}/account/whoami")
        if answer.ok and isinstance(user := answer.body.get("user_id"), str):
            if user != wanted:
                raise Halt(wrong("matrix_other_user", user=user, wanted=wanted))
            return DoctorLogin(right("matrix_login", user=user), user, str(answer.body.get("device_id") or ""))
    if password := secrets.get("password"):
        return await try_password(server, wanted, password)
    raise Halt(wrong("matrix_token_refused" if "Authorization" in server.headers else "matrix_no_secret", user=wanted))


async def try_password(server: HttpProbe, wanted: str, password: str) -> DoctorLogin:
    """Log in (Client-Server API, "Login"). A token of `server` is that of a login which is no longer accepted.

    Raises Halt if the password is refused.
    """
    had_token = server.headers.pop("Authorization", None) is not None
    proof = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": wanted}, "password": password}
    answer = await server.post(f"{V3}/login", proof | {"initial_device_display_name": DEVICE})
    token, user = answer.body.get("access_token"), answer.body.get("user_id")
    if not (answer.ok and isinstance(token, str) and isinstance(user, str)):
        flows = (await server.get(f"{V3}/login")).listed("flows")
        kinds = [flow.get("type") for flow in flows if isinstance(flow, dict)]
        if kinds and "m.login.password" not in kinds:
            raise Halt(wrong("matrix_no_passwords", url=server.url))
        raise Halt(wrong("matrix_password_refused", user=wanted, reason=answer.body.get("error") or answer.status))
    server.headers["Authorization"] = f"Bearer {token}"
    found = note("matrix_login_ended", user=user) if had_token else right("matrix_password", user=user)
    return DoctorLogin(found, user, str(answer.body.get("device_id") or ""), is_own=True)


async def _device(server: HttpProbe, login: DoctorLogin, tries: int) -> Finding:
    """Check the bot's device, and the signature on it, which may be under way."""
    for _ in range(tries - 1):
        found = await _signature(server, login.user, login.device)
        if found.key not in ("matrix_no_keys", "matrix_unsigned"):
            return found
        await asyncio.sleep(1)
    return await _signature(server, login.user, login.device)


async def _signature(server: HttpProbe, user: str, device: str) -> Finding:
    if not device:
        return wrong("matrix_no_device")
    if (await server.get(f"{V3}/devices/{device}")).status == 404:
        return wrong("matrix_device_gone", device=device)
    keys = (await server.post(f"{V3}/keys/query", {"device_keys": {user: []}})).body
    own = get_object(keys, "device_keys", user, device)
    if not own:
        return note("matrix_no_keys", device=device)
    is_signed = get_object(keys, "self_signing_keys", user, "keys").keys() & get_object(own, "signatures", user).keys()
    return right("matrix_signed", device=device) if is_signed else wrong("matrix_unsigned", device=device)


# Rooms


async def check_entry(server: HttpProbe, user: str, name: str) -> Finding | None:
    """Check whether the bot can enter a room; None if it is inside. A server far away may not answer."""
    try:
        room = await _room_id(server, name, {})
        joined = (await server.get(f"{V3}/joined_rooms")).listed("joined_rooms")
        return None if room in joined else await _outside(server, user, name, room)
    except Halt as halt:
        return halt.finding


async def _room_id(server: HttpProbe, name: str, notes: Mapping[str, str]) -> str | None:
    """Return the room's present id; None if the alias has no room.

    If a room was replaced, the bot is in the new one; the settings may name the old.
    """
    room: str | None = name
    if name.startswith("#"):
        room = get_text((await server.get(f"{V3}/directory/room/{_quoted(name)}")).body, "room_id")
    moved: dict[str, str] = json.loads(notes.get("matrix.moved", "{}"))
    while room in moved:
        room = moved[room]
    return room


async def _inside(server: HttpProbe, user: str, name: str, room: str, is_moderators_room: bool) -> Finding:
    encrypted = (await server.get(f"{V3}/rooms/{_quoted(room)}/state/m.room.encryption")).ok
    if is_moderators_room:
        return right("room_moderators", room=name) if encrypted else note("room_moderators_open", room=name)
    # "m.room.power_levels": the bot's level, and the one that messages require.
    creation = await server.get(f"{V3}/rooms/{_quoted(room)}/state/m.room.create", format="event")
    answer = await server.get(f"{V3}/rooms/{_quoted(room)}/state/m.room.power_levels")
    levels = answer.body if answer.ok else {}
    power = compute_power_level(creation.body, levels if answer.ok else None, user)
    needed = parse_level(get_object(levels, "events").get("m.room.message", levels.get("events_default")), 0)
    if power < needed:
        return wrong("room_mute", room=name, power=power, needed=needed)
    return right("room_encrypted" if encrypted else "room", room=name, power=power)


async def _outside(server: HttpProbe, user: str, name: str, room: str | None) -> Finding:
    """Check a room in which the bot is not; `run` joins public rooms.

    A server shows the summary of others only to those who may join (Client-Server API, "Room Summaries"), and tells
    nobody that they are banned.
    """
    if room is None:
        return wrong("room_unknown", room=name)
    summary = await server.get(f"{CLIENT}/v1/room_summary/{_quoted(room)}")
    if not summary.ok:  # until Matrix 1.15
        summary = await server.get(f"{CLIENT}/unstable/im.nheko.summary/rooms/{_quoted(room)}/summary")
    # "join": it entered while we looked, as a bot that runs does with a new network.
    open_to_us = summary.body.get("join_rule") == "public" or summary.body.get("membership") in ("invite", "join")
    return note("room_to_enter", room=name) if open_to_us else wrong("room_closed", room=name, user=user)


def _quoted(name: str) -> str:
    return quote(name, safe="")
