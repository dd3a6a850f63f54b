"""An encrypted room with a running bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.encryption.members import Person
from tests.member import Member, Raw
from tests.running import ASKED, Running

QUESTION = f"concierge : {ASKED}"


@dataclass(frozen=True)
class Scene:
    """An encrypted room and its owner, who holds no keys and sees from outside what goes over the wire."""

    owner: Member
    room: str
    moderation: str  # an open room
    running: Running

    async def enter(self, person: Person) -> Person:
        await person.do("join", room=self.room)
        return person

    async def introduced(self, person: Person) -> None:
        """Until the bot is there: what was said before is not for it."""
        await self.heard(person, "Je suis Concierge")

    async def ask(self, person: Person) -> str:
        return str(await person.do("say", room=self.room, text=QUESTION))

    async def answer(self, person: Person, question: str) -> Any:
        """The bot's answer to the question, as this device decrypts it."""
        answer = await person.do("reply", room=self.room, to=question)
        assert answer["encrypted"]
        assert "https://formation.example/" in answer["content"]["body"]

    async def heard(self, person: Person, words: str) -> Any:
        return await person.do("reply", room=self.room, sender=self.running.bot.user, words=words)

    async def trust(self, person: Person) -> dict[str, bool]:
        """The bot's devices, and whether each is signed by its owner."""
        devices: dict[str, bool] = await person.do("trust", user=self.running.bot.user)
        return devices

    async def said(self) -> list[Raw]:
        sealed = [raw for raw in await self.owner.history(self.room) if raw["sender"] == self.running.bot.user]
        return [raw for raw in sealed if raw["type"] in ("m.room.encrypted", "m.room.message")]

    async def replies(self, question: str) -> int:
        return sum(question in str(raw["content"].get("m.relates_to")) for raw in await self.said())
