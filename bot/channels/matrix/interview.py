"""Interview that sets up Matrix: the account, its homeserver, the password, the rooms. Logs in, and out again."""

import re
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from bot.channels.channel_kind import ChannelInstance
from bot.channels.findings import Finding, Halt, wrong
from bot.channels.http_probe import HttpProbe, ask_server
from bot.channels.interview import Interview, Option, Options, SectionAnswers
from bot.channels.matrix.doctor import V3, check_entry, find_server, try_password
from bot.channels.matrix.schema import get_object, sanitize_events
from bot.channels.matrix.settings import MatrixSettings, get_server_name

_ACCOUNT = re.compile(r"@[^\s:@]+:([^\s/@]+)")
_FILTER = (
    '{"room":{"timeline":{"limit":0},"ephemeral":{"types":[]},"account_data":{"types":[]}},"presence":{"types":[]}}'
)


async def interview(ask: Interview, before: ChannelInstance[MatrixSettings] | None) -> SectionAnswers | None:
    """Ask for the section of Matrix; None if the network is not wanted. Raises Abandoned, Halt."""
    user, address = (before.settings.user, before.settings.homeserver) if before else ("", "")
    secret = before.secrets.get("password", "") if before else ""
    while typed := ask.text("account", user, _account_fault):
        domain = get_server_name(typed)
        default = address if domain == get_server_name(user) else await _well_known(domain)
        server = await ask_server(ask, "homeserver", default, partial(HttpProbe, "matrix"), find_server)
        if server is None:  # another account is wanted
            continue
        user, address, secret = typed, server.url, secret if typed == user else ""
        async with aclosing(server):
            if not (password := await _password(ask, server, user, secret)):
                continue
            try:
                rooms = await _choose_rooms(ask, server, user, before)
            finally:
                await server.post(f"{V3}/logout", {})
        section = {"homeserver": server.url, "user": user, **rooms.section}
        return replace(rooms, section=section, secrets={"password": password} if password != secret else {})
    return None


async def _password(ask: Interview, server: HttpProbe, user: str, secret: str) -> str:
    """Ask until the password is right; empty if another account is wanted, or this server takes no passwords."""
    while password := ask.secret("password", secret):
        try:
            login = await try_password(server, user, password)
        except Halt as halt:
            ask.reject(halt.finding)
            if halt.finding.key != "matrix_password_refused":
                break
        else:
            ask.tell("logged_in", user=login.user)
            return password
    return ""


async def _choose_rooms(
    ask: Interview, server: HttpProbe, user: str, before: ChannelInstance[MatrixSettings] | None
) -> SectionAnswers:
    options = await _find_rooms(server)
    ask.tell("rooms_found", number=len(options))
    listed = [*before.settings.listening] if before else []
    rooms = await _enterable(ask, server, user, "rooms", options, listed, least=1)
    left = [option for option in options if option.value not in rooms]
    room = before.settings.moderators_room if before else None
    moderators = await _enterable(ask, server, user, "moderators_room", left, [room] if room else [], most=1)
    names = {option.value: option.label for option in options}
    standing = before.digest_places if before else ()
    ids = [place for place in standing if place[0] == "!"]  # may be of rooms listed by their alias
    ours = [Option(room, names.get(room, room)) for room in dict.fromkeys((*rooms, *moderators, *ids))]
    digest = ask.choose("digest_rooms", ours, standing, listed=True)
    return SectionAnswers({"rooms": rooms, "moderators_room": "".join(moderators)}, {}, names, digest)


async def _enterable(
    ask: Interview, server: HttpProbe, user: str, key: str, options: Options, rooms: Sequence[str], **bounds: Any
) -> list[str]:
    """Ask until the bot can enter each new room, or somebody says that it will be invited later."""
    old, domain = rooms, get_server_name(user)
    while True:
        typed = ask.choose(key, options, rooms, **bounds)
        rooms = [room if ":" in room or room[0] == "!" else f"#{room.lstrip('#')}:{domain}" for room in typed]
        found = [await check_entry(server, user, room) for room in rooms if room not in old]
        faults = [finding for finding in found if finding and finding.state == "wrong"]
        for fault in faults:
            ask.reject(fault)
        may_wait = all(fault.key == "room_closed" for fault in faults)
        if not faults or (may_wait and not ask.agrees("room_again", default=True)):
            return rooms


def _account_fault(user: str) -> Finding | None:
    return None if _ACCOUNT.fullmatch(user) else wrong("account_form", user=user)


async def _well_known(domain: str) -> str:
    """Return the address of the domain's homeserver (Client-Server API, "Well-known URI"), else the domain's."""
    address = f"https://{domain}"
    async with aclosing(HttpProbe("matrix", address)) as probe:
        with suppress(Halt):
            answer = await probe.get("/.well-known/matrix/client")
            base = get_object(answer.body, "m.homeserver").get("base_url")
            return base.rstrip("/") if isinstance(base, str) else address
    return address


async def _find_rooms(server: HttpProbe) -> list[Option]:
    """Return joined rooms and invitations ("Syncing"), by alias if they have one; spaces are no rooms to talk in."""
    states: dict[str, Any] = {}
    for room in (await server.get(f"{V3}/joined_rooms")).listed("joined_rooms"):
        path = f"{V3}/rooms/{quote(str(room), safe='')}/state"
        kinds = ("m.room.name", "m.room.canonical_alias", "m.room.create")
        states[str(room)] = [{"type": kind, "content": (await server.get(f"{path}/{kind}")).body} for kind in kinds]
    invited = get_object((await server.get(f"{V3}/sync", filter=_FILTER, timeout="0")).body, "rooms", "invite")
    states |= {room: get_object(invited, room, "invite_state").get("events") for room in invited}
    options = []
    for id, state in states.items():
        contents = {str(event.get("type")): event["content"] for event in sanitize_events(state)}
        if get_object(contents, "m.room.create").get("type") == "m.space":
            continue
        alias = get_object(contents, "m.room.canonical_alias").get("alias")
        name = get_object(contents, "m.room.name").get("name")
        value = alias if isinstance(alias, str) else id
        options.append(Option(value, " ".join(name.split())[:60] if isinstance(name, str) else value))
    return options
