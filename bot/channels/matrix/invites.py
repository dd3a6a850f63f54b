"""Invitations: a room of the settings or a direct room of somebody we know is entered, any other is declined.

Client-Server API, "Room membership" and "Direct Messaging" (`is_direct`); a sync shows them as `invite_state`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from bot.channels.matrix.client import MatrixClient, MatrixNotFound
from bot.channels.matrix.event_parser import has_membership
from bot.channels.matrix.permissions import is_member
from bot.channels.matrix.rooms import JOIN_TIMEOUT, Rooms, fetch_summary
from bot.channels.matrix.schema import Raw
from bot.channels.matrix.settings import MatrixSettings
from bot.messages import Memory, NetworkRefusal

log = logging.getLogger(__name__)

_CROWD = "there are more than the two of us in it"
_INVITATIONS = "matrix.invitations"  # in the store's memory


@dataclass(frozen=True, slots=True)
class Invitation:
    inviter: str
    direct: bool


def parse_invitation(data: Raw, bot_id: str) -> Invitation | None:
    """Parse the `invite_state` of a sync, which also holds the inviter's own member event. Pure."""
    for raw in data["invite_state"]["events"]:
        inviter = raw.get("sender")
        if has_membership(raw, bot_id, "invite") and isinstance(inviter, str):
            return Invitation(inviter, raw["content"].get("is_direct") is True)
    return None


class Invitations:
    """Invitations, stored until they are answered: a sync shows each once."""

    def __init__(
        self, settings: MatrixSettings, server: MatrixClient, memory: Memory, rooms: Rooms, bot_id: str
    ) -> None:
        self._settings, self._server, self._memory, self._rooms, self._bot_id = settings, server, memory, rooms, bot_id
        self._pending: dict[str, Invitation] = {}  # by room id
        rooms.invited = self._pending.keys()
        self._declined: set[str] = set()

    async def load(self) -> None:
        stored = json.loads(await self._memory.get(_INVITATIONS) or "{}")
        self._pending |= {room: Invitation(one["inviter"], one["direct"]) for room, one in stored.items()}

    async def apply_sync(self, rooms: Mapping[str, Raw]) -> bool:
        """Store the invitations in a sync's `rooms`. Returns True when there are new ones to answer."""
        current = {room: parse_invitation(data, self._bot_id) for room, data in rooms.get("invite", {}).items()}
        new = {room: one for room, one in current.items() if one and self._pending.get(room) != one}
        gone = self._pending.keys() & (rooms.get("leave", {}).keys() | rooms.get("join", {}).keys())
        for room in gone:
            del self._pending[room]
        self._pending |= new
        if new or gone:
            await self._save()
        return bool(new)

    async def answer_all(self) -> None:
        """Answer all invitations. Raises Unreachable or RateLimited: those not answered yet stay pending."""
        for room, invitation in list(self._pending.items()):
            if self._rooms.is_unverified(room):
                continue  # it claims to replace one of ours: `RoomUpgrades` enters it, or leaves it to us
            try:
                await self._answer(room, invitation)
            except NetworkRefusal as refusal:
                log.warning("the invitation to %s cannot be answered: %s", room, refusal)
                await self._rooms.set_direct(room, None)
            self._pending.pop(room, None)
            await self._save()

    async def _answer(self, room: str, invitation: Invitation) -> None:
        role = self._rooms.get_role(room)
        if role and not role.private:
            await self._join(room)
            return
        objection = await self._find_objection(room, invitation)
        if objection is None:
            # Before joining: a sync may bring the first messages before the answer comes.
            await self._rooms.set_direct(room, True)
            await self._join(room)
            answer = await self._server.call("GET", "rooms", room, "members", query={"not_membership": "leave"})
            memberships = [raw["content"].get("membership") for raw in answer.get("chunk", ())]
            if memberships.count("join") + memberships.count("invite") == 2:
                log.info("in a direct room with %s: %s", invitation.inviter, room)
                return
            objection = _CROWD
        await self._rooms.set_direct(room, None)
        if room not in self._declined:
            log.warning("declined the invitation of %s to %s: %s", invitation.inviter, room, objection)
        self._declined.add(room)
        with suppress(MatrixNotFound):
            await self._server.call("POST", "rooms", room, "leave", body={})

    async def _find_objection(self, room: str, invitation: Invitation) -> str | None:
        if not (invitation.direct or self._rooms.is_after_direct(room)):
            return "it is no direct room and not in the settings"
        if not self._settings.direct:
            return "direct rooms are switched off"
        if invitation.inviter in self._settings.ignore:
            return "it comes from another bot"
        if not any([await is_member(self._server, listed, invitation.inviter) for listed in self._rooms.listed]):
            return "the inviter is in none of the bot's rooms"
        # Before joining: any member of a public room can call it direct and invite the bot.
        summary = await fetch_summary(self._server, room, invitation.inviter)
        return _CROWD if summary is not None and summary.get("num_joined_members") != 1 else None

    async def _join(self, room: str) -> None:
        await self._server.call("POST", "join", room, body={}, seconds=JOIN_TIMEOUT)

    async def _save(self) -> None:
        fields = {room: asdict(invitation) for room, invitation in self._pending.items()}
        await self._memory.set(_INVITATIONS, json.dumps(fields) if fields else None)
