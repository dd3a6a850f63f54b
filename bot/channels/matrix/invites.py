"""Invitations: a room of the settings or a direct room of somebody we know is entered, any other is declined."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bot.channels.matrix.client import MatrixClient, MatrixNotFound
from bot.channels.matrix.event_parser import Raw
from bot.channels.matrix.login import Account
from bot.channels.matrix.permissions import is_member
from bot.channels.matrix.rooms import JOIN_TIMEOUT, Rooms, fetch_summary
from bot.messages import Memory, NetworkRefusal

log = logging.getLogger(__name__)

CROWD = "there are more than the two of us in it"
_INVITATIONS = "matrix.invitations"


@dataclass(frozen=True, slots=True)
class Invitation:
    inviter: str
    direct: bool
    encrypted: bool


def parse_invitation(data: Raw, us: str) -> Invitation | None:
    """From the `invite_state` of a sync, which also holds the inviter's own member event. Pure."""
    events: list[Raw] = data["invite_state"]["events"]
    encrypted = any(raw.get("type") == "m.room.encryption" for raw in events)
    for raw in events:
        content, inviter = raw["content"], raw.get("sender")
        ours = (raw.get("type"), raw.get("state_key"), content.get("membership")) == ("m.room.member", us, "invite")
        if ours and isinstance(inviter, str):
            return Invitation(inviter, content.get("is_direct") is True, encrypted)
    return None


def is_crowd(seen: Raw | None) -> bool:
    """Whether more than the one who invites are seen in a room, where anything is seen of it. Pure."""
    return seen is not None and seen.get("num_joined_members") != 1


async def has_two_members(server: MatrixClient, room: str) -> bool:
    """Whether the bot shares the room with one other, who is there or invited."""
    members = await server.call("GET", "rooms", room, "members", query={"not_membership": "leave"})
    there = [raw for raw in members.get("chunk", ()) if raw["content"].get("membership") in ("join", "invite")]
    return len(there) == 2


class Invitations:
    """A sync tells of each invitation once: they are kept in the memory until they are answered."""

    def __init__(self, account: Account, server: MatrixClient, memory: Memory, rooms: Rooms, us: str) -> None:
        self._account, self._server, self._memory, self._rooms, self._us = account, server, memory, rooms, us
        self._waiting: dict[str, Invitation] = {}  # by room id
        self._declined: set[str] = set()

    async def open(self) -> None:
        kept = json.loads(await self._memory.recall(_INVITATIONS) or "{}")
        self._wait_for({room: Invitation(**one) for room, one in kept.items()})

    async def take(self, rooms: Mapping[str, Raw]) -> bool:
        """Note those of a sync's `rooms`; True when there are new ones to answer."""
        found = {room: parse_invitation(data, self._us) for room, data in rooms.get("invite", {}).items()}
        new = {room: one for room, one in found.items() if one and self._waiting.get(room) != one}
        gone = self._waiting.keys() & (rooms.get("leave", {}).keys() | rooms.get("join", {}).keys())
        if new or gone:
            await self._keep({room: one for room, one in self._waiting.items() if room not in gone} | new)
        return bool(new)

    async def answer(self) -> None:
        """Answer all that wait. Raises Unreachable or TooFast: the rest waits on."""
        for room, one in list(self._waiting.items()):
            if self._rooms.is_unsure(room):
                continue  # it is said to replace one of ours: `Upgrades` enters it, or leaves it to us
            try:
                await self._answer(room, one)
            except NetworkRefusal as refusal:
                log.warning("the invitation to %s came to nothing: %s", room, refusal)
                await self._rooms.set_direct(room, None)
            await self._keep({id: other for id, other in self._waiting.items() if id != room})

    async def _answer(self, room: str, one: Invitation) -> None:
        place = self._rooms.place(room)
        if place and not place.private:
            await self._join(room)
        elif objection := await self._objection(room, one):
            await self._decline(room, one, objection)
        else:
            await self._enter_direct(room, one)

    async def _enter_direct(self, room: str, one: Invitation) -> None:
        # Before joining: what is said right after it may be on its way to us already.
        await self._rooms.set_direct(room, True)
        await self._join(room)
        if await has_two_members(self._server, room):
            log.info("in a direct room with %s: %s", one.inviter, room)
        else:
            await self._decline(room, one, CROWD)

    async def _objection(self, room: str, one: Invitation) -> str | None:
        account = self._account
        objections = {
            "it is no direct room and not in the settings": not (one.direct or self._rooms.goes_on_from_direct(room)),
            "direct rooms are switched off": not account.direct,
            "it comes from another bot": one.inviter in account.ignore,
            "it is encrypted and encryption is switched off": one.encrypted and not account.encryption,
        }
        if first := next((reason for reason, holds in objections.items() if holds), None):
            return first
        if not await self._is_known(one.inviter):
            return "the inviter is in none of the bot's rooms"
        # Before joining: any member of a public room can call it direct and invite the bot.
        return CROWD if is_crowd(await fetch_summary(self._server, room, one.inviter)) else None

    async def _is_known(self, user: str) -> bool:
        for room in self._rooms.listed:
            if await is_member(self._server, room, user):
                return True
        return False

    async def _join(self, room: str) -> None:
        await self._server.call("POST", "join", room, body={}, patience=JOIN_TIMEOUT)

    async def _decline(self, room: str, one: Invitation, reason: str) -> None:
        await self._rooms.set_direct(room, None)
        if room not in self._declined:
            log.warning("declined the invitation of %s to %s: %s", one.inviter, room, reason)
        self._declined.add(room)
        try:
            await self._server.call("POST", "rooms", room, "leave", body={})
        except MatrixNotFound:
            return

    async def _keep(self, waiting: dict[str, Invitation]) -> None:
        self._wait_for(waiting)
        kept = {room: asdict(one) for room, one in waiting.items()}
        await self._memory.remember(_INVITATIONS, json.dumps(kept) if kept else None)

    def _wait_for(self, waiting: dict[str, Invitation]) -> None:
        self._waiting = waiting
        self._rooms.invited = {room: one.inviter for room, one in waiting.items()}
