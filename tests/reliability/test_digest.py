"""A bot at work posts the digest of a week whose hour has passed, once."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.digest.content import note_entries
from bot.digest.schedule import Schedule, Week
from bot.knowledge.models import Knowledge
from bot.store import Store
from bot.workers import weekly_jobs
from tests.member import Member
from tests.reliability.harness import history
from tests.reliability.scene import Scene
from tests.reliability.started import NewScene
from tests.scene import FORMATION, SERVICE
from tests.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARIS = ZoneInfo("Europe/Paris")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


async def digests(scene: Scene) -> int:
    """How many messages that answer nobody tell of the new entry."""
    said = [raw["content"] for raw in await history(scene.ana, scene.room) if raw["sender"] == scene.bot]
    return sum("Se former à la facilitation" in str(one.get("body")) and "m.relates_to" not in one for one in said)


async def test_the_digest_of_yesterday_is_posted_once(new_scene: NewScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weekly_jobs, "START", 0.2)
    monkeypatch.setattr(weekly_jobs, "ENTERING", 0.2)
    scene, day = await new_scene(), (datetime.now(PARIS) - timedelta(days=1)).date()
    moment = Schedule(day.weekday(), time(9), PARIS).moment(Week.of(day))
    scene.concierge.add("digest", rooms=[scene.room], when=f"{DAYS[day.weekday()]} 09:00")
    async with Member(scene.homeserver.url, scene.concierge.account.access_token) as bot:
        await bot.join(scene.room)
    store = await Store.open(scene.concierge.url)
    await store.digests.begun_at(moment - timedelta(days=2))
    await note_entries(store, Knowledge({SERVICE.id: SERVICE}), moment - timedelta(days=2))
    await note_entries(store, Knowledge({FORMATION.id: FORMATION}), moment - timedelta(days=1))
    await store.close()
    for _ in range(2):
        async with scene.concierge.up():
            await eventually(lambda: digests(scene))
            await scene.one_reply_each()
    assert await digests(scene) == 1
