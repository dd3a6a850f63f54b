"""A week of questions in a room and news on a forum, and the digest of it in both places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.digest.schedule import Schedule, Week
from bot.store import Store
from tests.forum.state import Post
from tests.member import Raw
from tests.reliability.doors import UNKNOWN, Doors
from tests.reliability.forum import BOT
from tests.reliability.harness import ASKED, Concierge, history, is_edit
from tests.waiting import eventually

TITLE = "Modèles de fiche de poste"
PLACE = "annonces"
PARIS = ZoneInfo("Europe/Paris")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass
class Digest:
    """Its moment lies two days ahead, at nine in the morning in Paris."""

    doors: Doors
    moment: datetime

    @classmethod
    def set_up(cls, doors: Doors) -> Digest:
        day = (datetime.now(PARIS) + timedelta(days=2)).date()
        doors.forum.forum.category(PLACE)
        when = f"{DAYS[day.weekday()]} 09:00"
        doors.room.concierge.add("digest", rooms=[doors.room.room], category=PLACE, when=when)
        return cls(doors, Schedule(day.weekday(), time(9), PARIS).moment(Week.of(day)))

    @property
    def bot(self) -> Concierge:
        return self.doors.room.concierge

    async def pass_the_week(self) -> None:
        """One question answered, one not, one entry changed. The bot runs."""
        room = self.doors.room
        await room.introduced()
        await self.doors.forum.marked()
        await room.until_answered(*[await room.ana.say(room.room, text) for text in (ASKED, UNKNOWN)])
        self.retitle(f"{TITLE}, version 2")
        store = await Store.open(self.bot.url, lock=False)

        async def noted() -> list[str]:
            return (await store.digests.entries_since(datetime.now(UTC) - timedelta(hours=1)))[1]

        await eventually(noted)
        await store.close()

    def retitle(self, title: str) -> None:
        file = self.bot.folder / "knowledge" / "formations.yaml"
        lines = [f'    title: "{title}"' if TITLE in line else line for line in file.read_text("utf-8").splitlines()]
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")

    async def until_posted(self, each: int = 1) -> None:

        async def posted() -> bool:
            return min(await self.posts()) >= each

        await eventually(posted)

    async def posts(self) -> tuple[int, int]:
        """How many in the room, without edits, and on the forum, also deleted ones."""
        said = await history(self.doors.room.ana, self.doors.room.room)
        in_the_room = [raw for raw in said if "Semaine du" in raw["content"].get("body", "") and not is_edit(raw)]
        return len(in_the_room), len(self.on_the_forum())

    async def edits(self) -> list[Raw]:
        """In the room."""
        return [raw for raw in await history(self.doors.room.ana, self.doors.room.room) if is_edit(raw)]

    def on_the_forum(self) -> list[Post]:
        return [post for post in self.doors.forum.forum.posts_of(BOT, deleted=True) if "mises à jour" in post.raw]

    async def by_hand(self, ahead: timedelta) -> str:
        """What the command prints, on one line, when it is run so much later."""
        return await self.bot.by_hand("digest", "--publish", ahead=ahead.total_seconds())
