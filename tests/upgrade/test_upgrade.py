"""What a bot of an old version left, in the hands of this one: nothing is lost, and nothing answered twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from bot.backup import back_up, restore
from bot.channels.matrix.crypto.sealed_keys import open_keys
from bot.channels.matrix.login import MatrixSession
from bot.config.loading import load
from bot.matching.decision import Thresholds
from bot.store import Store
from tests.channels.at_work import Rows
from tests.databases import execute
from tests.member import Member, Raw
from tests.reliability.harness import history, is_edit, is_said_by, one_reply_each
from tests.store.test_migrations import differences
from tests.upgrade.replay import OLD, Recording, Replay, put_backup, put_store, replay, write_postgresql, write_sqlite

SQLITE = Recording("sqlite")
OPEN = {
    1: ("comment réparer une imprimante Prusa qui fume ?",),
    2: (
        "Le tournevis, on se le demande\n\noù est rangé le tournevis cruciforme ?",
        "où est rangé le tournevis cruciforme ?",
    ),
    3: ("qui arrose les tomates du toit ?",),
}
here = pytest.mark.asyncio(loop_scope="session")


def put(url: str, path: Path) -> None:
    """The store as the old version left it in a database of that kind."""
    if url.startswith("sqlite"):
        write_sqlite(SQLITE.store(), path)
    else:
        write_postgresql(Recording("postgresql").store(), url)


async def check_content(url: str) -> None:
    store = await Store.open(url)
    try:
        assert await store.read(differences) == []
        questions = {one.number: tuple(sorted(one.open_texts)) for one in await store.queue.questions()}
        assert questions == OPEN
    finally:
        await store.close()
    assert execute(url, "SELECT number FROM drafts WHERE state = 'open' ORDER BY number") == [(4,), (5,)]
    assert execute(url, "SELECT state FROM links ORDER BY state") == [("dead",), ("right",), ("unsure",)]
    assert execute(url, "SELECT entry, value FROM feedback") == [("formation-facilitation", 1)]
    for table in ("forgotten", "hushes"):
        assert execute(url, f"SELECT count(*) FROM {table}") == [(1,)]  # noqa: S608


async def test_an_old_store_opens_with_all_that_it_held(url: str, sqlite_path: Path) -> None:
    put(url, sqlite_path)
    await check_content(url)
    assert execute(url, "SELECT count(*) FROM outbox WHERE closed IS NULL") == [(2,)]
    assert execute(url, "SELECT count(*) FROM journal WHERE done_at IS NULL") == [(2,)]


async def test_an_old_backup_and_one_of_an_old_store_come_back_in_either_database(url: str, tmp_path: Path) -> None:
    done = restore(url, tmp_path / "keys", SQLITE.folder / "backup.zip")
    assert (done.manifest.revision, done.keys) == ("0011", 1)
    await check_content(url)
    write_sqlite(SQLITE.store(), tmp_path / "old.db")
    back_up(f"sqlite:///{tmp_path}/old.db", tmp_path / "none", tmp_path / "new.zip")
    restored = f"sqlite:///{tmp_path}/restored.db"
    assert restore(restored, tmp_path / "none", tmp_path / "new.zip").manifest.revision == "0011"
    await check_content(restored)


@pytest.mark.parametrize("secret", [None, "a secret of the operator"])
async def test_old_keys_are_the_same_device_also_in_the_store(tmp_path: Path, secret: str | None) -> None:
    SQLITE.write_keys(tmp_path / "keys")
    login, rows = MatrixSession(SQLITE.user, SQLITE.device, "token"), Rows()
    opened = await open_keys(login, secret, tmp_path / "keys", rows)
    await opened.flush()
    again = await open_keys(login, secret, tmp_path / "keys", rows)
    keys = SQLITE.transcript["device"][SQLITE.device]["keys"]
    for held in (opened, again):
        account = held.client.olm.account
        assert {f"{name}:{SQLITE.device}": key for name, key in account.identity_keys.items()} == keys
        held.close()


def test_old_settings_mean_what_they_meant() -> None:
    """In both ways to write them; tests/config/test_config.py has each key that is gone."""
    for name in ("config.yaml", "config.json"):
        settings = load(OLD / name, {})
        matrix, forum, digest, web = *settings.channels.values(), settings.digest, settings.web
        assert matrix.listening == {"#fabmanagers:example.org": "questions", "#cafe:example.org": "mentions"}
        assert matrix.regions["#cafe:example.org"] == "Bretagne"
        assert [one.category for one in forum.categories] == ["formations", "emploi"]
        assert (digest.day, digest.at.hour) == ("monday", 9)
        assert digest.places == {"matrix": ("#fabmanagers:example.org",), "discourse": ("annonces",)}
        assert settings.limits == Thresholds(0.7, 0.85, 0.3)
        assert (web.host, web.port, web.pages, web.public_url) == (
            "127.0.0.1",
            8080,
            True,
            "https://reponses.example.org",
        )
        assert settings.store.get_secret_value() == f"sqlite:///{OLD}/var/concierge.db"
        assert (settings.language, settings.knowledge) == ("fr", OLD / "knowledge")


class Room:
    """What the tests read and say."""

    def __init__(self, replayed: Replay, is_restored: bool) -> None:
        self.is_restored, self.replayed, self.bot = is_restored, replayed, replayed.recording.user
        self.ana, self.sacha = replayed.people["ana-r1"], replayed.people["sacha-r1"]
        self.room, self.moderation = replayed.room("room"), replayed.room("moderation")

    async def said(self, member: Member, room: str, words: str) -> Raw:
        return await member.wait_for(
            room, lambda raw: is_said_by(raw, self.bot) and words in raw["content"].get("body", "")
        )

    async def one_reply_each(self, *names: str) -> None:
        await one_reply_each(self.ana, self.room, self.bot, *map(self.replayed.event, names))

    async def one_reply_each_on_the_forum(self) -> None:
        asked = [post for post in self.replayed.forum.board.posts.values() if post.user.username == "ben"]
        assert len(asked) == 2
        await self.replayed.forum_scene.one_reply_each(*asked)

    async def choose(self) -> None:
        offer = self.replayed.event("offered reply")
        await self.ana.reply(self.room, offer, "2")
        chosen = await self.ana.wait_for(
            self.room, lambda raw: raw["content"].get("m.relates_to", {}).get("event_id") == offer and is_edit(raw)
        )
        assert "https://fiche.example/" in chosen["content"]["m.new_content"]["body"]

    async def approve(self) -> None:
        """What was proposed, what was drafted from an answer, and what could become a draft."""
        file = self.replayed.concierge.folder / "knowledge" / "formations.yaml"
        await self.sacha.react(self.moderation, self.replayed.event("proposal"), "✅")
        draft = self.replayed.event("draft")
        await self.sacha.react(self.moderation, draft, "✅")
        await self.sacha.wait_for(
            self.moderation,
            lambda raw: (
                is_said_by(raw, self.bot)
                and raw["content"].get("m.relates_to", {}).get("m.in_reply_to") == {"event_id": draft}
            ),
        )
        text = file.read_text(encoding="utf-8")
        assert "emprunter-la-malle-robotique" in text
        assert "qui-arrose-les-tomates-du-toit" in text
        await self.sacha.react(self.room, self.replayed.event("to keep answer"), "📝")
        await self.said(self.sacha, self.moderation, "tournevis cruciforme ?")

    async def answer_the_open_question(self) -> None:
        await self.sacha.say(self.moderation, "!repondre 1 Débranchez-la et appelez l’équipe.")
        told = await self.said(self.ana, self.room, "Débranchez-la")
        assert told["content"]["m.relates_to"]["m.in_reply_to"] == {"event_id": self.replayed.event("open")}
        said = [
            raw["content"].get("body", "") for raw in await history(self.ana, self.room) if is_said_by(raw, self.bot)
        ]
        assert not [body for body in said if "maintenant une réponse" in body]  # the draft’s asker has it from a person

    async def pass_on_what_was_private(self) -> None:
        await self.ana.react(self.replayed.room("direct"), self.replayed.event("private reply"), "✅")
        await self.said(self.sacha, self.moderation, "portail bleu")

    async def publish_again(self) -> None:
        """The digest of this week stands already; it may get other words, and no second post."""
        await self.replayed.concierge.by_hand("digest", "--publish")
        await self.one_reply_each()
        said = await history(self.ana, self.room)
        digests = [raw for raw in said if "semaine du" in raw["content"].get("body", "").casefold()]
        assert len([raw for raw in digests if not is_edit(raw)]) == 1
        assert len([post for post in self.replayed.forum.posts_of("concierge") if post.number == 1]) == 1


KINDS = ["sqlite", *(pytest.param(kind, marks=pytest.mark.soak) for kind in ("postgresql", "backup"))]


@pytest_asyncio.fixture(loop_scope="session", params=KINDS)
async def old(request: pytest.FixtureRequest, nest: Path, tmp_path: Path) -> AsyncIterator[Room]:
    kind = str(request.param)
    database = request.getfixturevalue("postgres_url") if kind == "postgresql" else ""
    recording = Recording("postgresql" if database else "sqlite")
    async with AsyncExitStack() as stack:
        replayed = await replay(stack, recording, tmp_path, nest)
        (put_backup if kind == "backup" else put_store)(replayed, database)
        yield Room(replayed, kind == "backup")


@here
async def test_the_bot_goes_on_where_the_old_one_stopped(old: Room) -> None:
    """What was answered is not answered again, though each event comes once more; what waited is sent once."""
    answered = ["answered", "offered", "open", "to keep", "drafted", "forgotten"]
    waited = ["lost", "waiting", "journalled"] + ([] if old.is_restored else ["overheard"])
    async with old.replayed.concierge.up():
        await old.one_reply_each(*answered, *waited)
        await old.one_reply_each_on_the_forum()
        await old.choose()
        await old.approve()
        await old.answer_the_open_question()
        await old.pass_on_what_was_private()
        await old.publish_again()
        keys = await old.ana.call("POST", "keys", "query", body={"device_keys": {old.bot: []}})
    kept, device = old.replayed.recording.transcript["device"], old.replayed.recording.device
    assert keys["device_keys"][old.bot][device]["keys"] == kept[device]["keys"]
