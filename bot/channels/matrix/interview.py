"""Interview that sets up Matrix: the account, its homeserver, the password, the rooms. Logs in, and out again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any
from urllib.parse import quote

from bot.channels.findings import Halt, wrong
from bot.channels.http_probe import HttpProbe
from bot.channels.interview import Interview, Option, SectionAnswers
from bot.channels.matrix.doctor import CLIENT, find_server, try_password
from bot.channels.matrix.schema import get_object, sanitize_events

_V3 = f"{CLIENT}/v3"
_ACCOUNT = re.compile(r"@[^\s:@]+:([^\s/@]+)")
_FILTER = (
    '{"room":{"timeline":{"limit":0},"ephemeral":{"types":[]},"account_data":{"types":[]}},"presence":{"types":[]}}'
)


async def interview(ask: Interview) -> SectionAnswers | None:
    """Ask for the section of Matrix; None if the network is not wanted. Raises Abandoned, Halt."""
    user = _account(ask)
    if not user:
        return None
    async with aclosing(await _server(ask, user)) as server:
        password = await _password(ask, server, user)
        try:
            rooms = await _choose_rooms(ask, server)
        finally:
            await server.post(f"{_V3}/logout", {})
    section = {"homeserver": server.url, "user": user, **rooms.section}
    return SectionAnswers(section, {"password": password}, rooms.remarks)


async def _choose_rooms(ask: Interview, server: HttpProbe) -> SectionAnswers:
    options = [*_options(await _rooms(server))]
    ask.tell("rooms_found", number=len(options))
    rooms = ask.choose("rooms", options, least=1)
    left = [option for option in options if option.value not in rooms]
    moderators = ask.choose("moderators_room", left, most=1)
    section: dict[str, str | Sequence[str]] = {"rooms": rooms}
    section |= {"moderators_room": moderators[0]} if moderators else {}
    return SectionAnswers(section, {}, {option.value: option.label for option in options})


def _account(ask: Interview) -> str:
    while (user := ask.text("account", "")) and not _ACCOUNT.fullmatch(user):
        ask.reject(wrong("account_form", user=user))
    return user


async def _server(ask: Interview, user: str) -> HttpProbe:
    """Return the server of the answer, else that of the account's domain (Client-Server API, "Well-known URI")."""
    while True:
        address = ask.text("homeserver", await _well_known(user.partition(":")[2]))
        server = HttpProbe("matrix", address, {"User-Agent": "Concierge"})
        try:
            await find_server(server, await server.get(f"{CLIENT}/versions"))
        except Halt as halt:
            await server.aclose()
            ask.reject(halt.finding)
        else:
            return server


async def _well_known(domain: str) -> str:
    address = f"https://{domain}"
    async with aclosing(HttpProbe("matrix", address, {"User-Agent": "Concierge"})) as probe:
        with suppress(Halt):
            answer = await probe.get("/.well-known/matrix/client")
            base = get_object(answer.body, "m.homeserver").get("base_url")
            return base.rstrip("/") if isinstance(base, str) else address
    return address


async def _password(ask: Interview, server: HttpProbe, user: str) -> str:
    while True:
        password = ask.secret("password")
        try:
            login = await try_password(server, user, password, refused=False)
        except Halt as halt:
            ask.reject(halt.finding)
        else:
            ask.tell("logged_in", user=login.user)
            return password


async def _rooms(server: HttpProbe) -> Mapping[str, Any]:
    """Return joined rooms and invitations with their state, by id ("Syncing")."""
    states: dict[str, Any] = {}
    for room in (await server.get(f"{_V3}/joined_rooms")).listed("joined_rooms"):
        path = f"{_V3}/rooms/{quote(str(room), safe='')}/state"
        kinds = ("m.room.name", "m.room.canonical_alias", "m.room.create")
        states[str(room)] = [{"type": kind, "content": (await server.get(f"{path}/{kind}")).body} for kind in kinds]
    news = await server.get(f"{_V3}/sync", filter=_FILTER, timeout="0")
    invited = get_object(news.body, "rooms", "invite")
    return states | {room: get_object(invited, room, "invite_state").get("events") for room in invited}


def _options(rooms: Mapping[str, Any]) -> Iterator[Option]:
    """Yield the rooms, by alias if they have one; spaces are no rooms to talk in."""
    for id, state in rooms.items():
        contents = {str(event.get("type")): event["content"] for event in sanitize_events(state)}
        if get_object(contents, "m.room.create").get("type") == "m.space":
            continue
        alias = get_object(contents, "m.room.canonical_alias").get("alias")
        name = get_object(contents, "m.room.name").get("name")
        value = alias if isinstance(alias, str) else id
        yield Option(value, " ".join(name.split())[:60] if isinstance(name, str) else value)
