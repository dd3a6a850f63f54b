"""The whole bot at work in this process, with settings and knowledge of its own."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import main
from bot.config.loading import load
from bot.demo.homeserver import Credentials
from bot.messages import Event
from bot.store import Outcome
from tests.member import Member, Raw
from tests.waiting import PATIENCE

FORMATION = """\
theme: "Formations"
entries:
  - id: formation-facilitation
    title: "Se former à la <facilitation>"
    questions:
      - "Où trouver une formation de facilitateur ?"
      - "quelle formation pour devenir concierge"
    answer: "Une coopérative **forme** et certifie. @room"
    links:
      - title: "La formation"
        url: "https://formation.example/"
  - id: fiche-de-poste
    title: "Modèles de fiche de poste"
    questions: ["Où trouver une fiche de poste ?", "un modele de fiche de poste svp"]
    links:
      - title: "Le modèle"
        url: "https://fiche.example/"
"""
ASKED = "Où trouver une formation de facilitateur ?"


@dataclass
class Running:
    """The bot, from its start to its stop, and what it made of each event."""

    settings: Path
    bot: Credentials
    database: str = ""
    secrets: dict[str, str] = field(default_factory=dict)  # beside the password
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    outcomes: dict[str, asyncio.Future[Outcome]] = field(default_factory=dict)

    def observe(self, event: Event, outcome: Outcome) -> None:
        if not self._outcome(event.id).done():
            self._outcome(event.id).set_result(outcome)

    async def settled(self, event: str) -> Outcome:
        """What the bot first made of the event."""
        return await asyncio.wait_for(asyncio.shield(self._outcome(event)), PATIENCE)

    def _outcome(self, event: str) -> asyncio.Future[Outcome]:
        return self.outcomes.setdefault(event, asyncio.get_running_loop().create_future())

    @contextlib.asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        self.stop = asyncio.Event()
        secrets = {"CONCIERGE_MATRIX_PASSWORD": self.bot.password, "CONCIERGE_DATABASE_URL": self.database}
        settings = load(self.settings, secrets | self.secrets)
        task = asyncio.create_task(main.run(settings, stop=self.stop, observe=self.observe))
        try:
            yield
        finally:
            self.stop.set()
            assert await task == 0


def write_network(folder: Path, password: str, answers: str = FORMATION, /, **settings: Any) -> None:
    """One of several networks: its settings, the password of its bot, and a file of answers."""
    for name in ("knowledge", "secrets"):
        (folder / name).mkdir(parents=True)
    (folder / "secrets" / "matrix_password").write_text(password, "utf-8")
    (folder / "knowledge" / "a.yaml").write_text(answers, "utf-8")
    (folder / "config.yaml").write_text(json.dumps({"matching": {"encoder": False}} | settings), "utf-8")


def from_bot(running: Running, to: str | None = None) -> Callable[[Raw], bool]:
    """A message of the bot, in reply to `to`."""

    def wanted(raw: Raw) -> bool:
        related = raw["content"].get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id")
        message = raw["type"] == "m.room.message" and raw["sender"] == running.bot.user
        return message and (to is None or related == to)

    return wanted


async def asked(running: Running, person: Member, room: str, text: str) -> Raw:
    """The content of the bot's reply to what a person says."""
    question = await person.say(room, text)
    content: Raw = (await person.wait_for(room, from_bot(running, question)))["content"]
    return content
