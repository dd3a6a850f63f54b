"""The weekly post in a real room and on a forum: one in each, whatever ends, fails or publishes it again."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from bot.demo.homeserver import Homeserver
from bot.digest.material import content
from bot.library import Library
from bot.store import Store
from bot.store.digests import BEGUN
from tests.forum.state import Post
from tests.member import Raw
from tests.reliability.doors import UNKNOWN, Doors, open_doors
from tests.reliability.dying import DIGEST
from tests.reliability.forum import BOT
from tests.reliability.harness import ASKED, history, is_edit

OTHER = "concierge : un modele de fiche de poste svp"
STRANGE = "concierge : qui sait réparer une vieille moissonneuse à vapeur ?"
NewDoors = Callable[[], Awaitable[Doors]]


@pytest_asyncio.fixture
async def new_doors(homeserver: Homeserver, nest: Path, tmp_path: Path) -> AsyncIterator[NewDoors]:
    async with AsyncExitStack() as stack:

        async def new() -> Doors:
            doors = await open_doors(stack, homeserver, tmp_path, nest)
            doors.forum.forum.category("annonces")
            return doors

        yield new


async def after_a_week(doors: Doors) -> None:
    """Three questions answered, two not, one entry changed; then the digest's moment comes: midnight of today."""
    await remember(doors)
    doors.room.concierge.configure(doors.room.proxy.url, doors.room.room, **settings(doors))
    async with doors.room.concierge.up():
        await doors.room.introduced()
        asked = [await doors.room.ana.say(doors.room.room, text) for text in (ASKED, OTHER, UNKNOWN)]
        asked += [await doors.room.bob.say(doors.room.room, text) for text in (ASKED, STRANGE)]
        await doors.room.until_answered(*asked)
    await remember(doors, BEGUN)


def settings(doors: Doors) -> dict[str, object]:
    today = datetime.now(ZoneInfo("Europe/Paris")).strftime("%A").lower()
    digest = {"day": today, "at": "00:00", "rooms": [doors.room.room], "category": "annonces"}
    forum = {"url": doors.forum.forum.url, "username": BOT, "categories": ["formations"], "poll": 0.3, "pace": 50}
    return {"discourse": forum, "digest": digest}


async def remember(doors: Doors, begun: str | None = None) -> None:
    """What the store would know, had the bot run for a month: then one entry was another."""
    folder = doors.room.concierge.folder
    store = await Store.open(f"sqlite:///{folder}/var/concierge.db")
    try:
        month = datetime.now(UTC) - timedelta(days=30)
        if begun:
            await store.remember(begun, month.isoformat())
        else:
            entries = Library(folder / "knowledge").load(month.date()).knowledge.entries
            known = {id: content(entry) for id, entry in entries.items()}
            await store.note_known(known | {"fiche-de-poste": "other words"}, month)
    finally:
        await store.close()


async def in_the_room(doors: Doors) -> list[Raw]:
    """The digests there, without edits."""
    said = await history(doors.room.ana, doors.room.room)
    return [raw for raw in said if "La semaine du" in raw["content"].get("body", "") and not is_edit(raw)]


def on_the_forum(doors: Doors) -> list[Post]:
    return [post for post in doors.forum.forum.posts_of(BOT, deleted=True) if "Réponses mises à jour" in post.raw]


async def until_posted(doors: Doors) -> None:
    async with asyncio.timeout(60):
        while not (await in_the_room(doors) and on_the_forum(doors)):  # noqa: ASYNC110 (neither tells)
            await asyncio.sleep(0.2)


async def by_hand(doors: Doors) -> str:
    program = doors.room.concierge
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "digest", "--publish", "--config", str(program.settings)),
        env=program.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_the_clock_posts_a_week_and_by_hand_it_stays_one_post_in_each_place(new_doors: NewDoors) -> None:
    doors = await new_doors()
    await after_a_week(doors)
    async with doors.room.concierge.process():
        await until_posted(doors)
        shown = [await by_hand(doors)]
        question = await doors.room.ana.say(doors.room.room, OTHER)
        await doors.room.until_answered(question)
        shown += [await by_hand(doors), await by_hand(doors)]
        await doors.room.ana.wait_for(
            doors.room.room, lambda raw: is_edit(raw) and "La semaine du" in raw["content"]["body"], 30
        )
    assert "Déjà publiée, sans rien de nouveau" in shown[0]
    (notice,) = await in_the_room(doors)
    (post,) = on_the_forum(doors)
    assert notice["content"]["msgtype"] == "m.notice"
    assert notice["content"]["m.mentions"] == {}
    assert "moissonneuse" in notice["content"]["body"]
    assert "Modèles de fiche de poste" in post.raw
    assert "moissonneuse" not in post.raw
    assert post.topic.title.startswith("La semaine du Concierge")


@pytest.mark.parametrize("point", DIGEST)
async def test_killed_at_any_step_one_post_is_in_each_place(new_doors: NewDoors, point: str) -> None:
    doors = await new_doors()
    await after_a_week(doors)
    killed = await doors.room.concierge.start(point)
    assert await asyncio.wait_for(killed.wait(), 60) < 0
    async with doors.room.concierge.process():
        await until_posted(doors)
    assert (len(await in_the_room(doors)), len(on_the_forum(doors))) == (1, 1)


async def test_a_forum_that_is_down_gets_its_post_when_it_is_back(new_doors: NewDoors) -> None:
    doors = await new_doors()
    await after_a_week(doors)
    doors.forum.forum.down = True
    async with doors.room.concierge.process():
        async with asyncio.timeout(60):
            while not await in_the_room(doors):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        assert on_the_forum(doors) == []
        doors.forum.forum.heal()
        await until_posted(doors)
    assert (len(await in_the_room(doors)), len(on_the_forum(doors))) == (1, 1)
