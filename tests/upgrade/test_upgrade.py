"""What a bot of an old version left, in the hands of this one: nothing is lost, and nothing answered twice."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.backup import back_up, restore
from bot.channels.matrix.crypto.sealed_keys import open_keys
from bot.channels.matrix.login import MatrixSession
from bot.config.loading import load
from bot.matching.decision import Thresholds
from bot.store import Store
from tests.channels.at_work import Rows
from tests.databases import execute
from tests.member import Member, Raw
from tests.reliability.harness import answered, history, is_edit, is_said_by, one_reply_each
from tests.store.test_migrations import differences
from tests.upgrade.replay import OLD, Recording, put_backup, put_store, replay, write_postgresql, write_sqlite

SQLITE = Recording("sqlite")
SCREWDRIVER = "où est rangé le tournevis cruciforme ?"
OPEN = {
    1: ("comment réparer une imprimante Prusa qui fume ?",),
    2: (f"Le tournevis, on se le demande\n\n{SCREWDRIVER}", SCREWDRIVER),
    3: ("qui arrose les tomates du toit ?",),
}


async def check_content(url: str) -> None:
    store = await Store.open(url)
    try:
        assert await store.read(differences) == []
        assert {one.number: tuple(sorted(one.open_texts)) for one in await store.queue.questions()} == OPEN
    finally:
        await store.close()
    assert execute(url, "SELECT number FROM drafts WHERE state = 'open' ORDER BY number") == [(4,), (5,)]
    assert execute(url, "SELECT state FROM links ORDER BY state") == [("dead",), ("right",), ("unsure",)]
    assert execute(url, "SELECT entry, value FROM feedback") == [("formation-facilitation", 1)]
    for table in ("forgotten", "hushes"):
        assert execute(url, f"SELECT count(*) FROM {table}") == [(1,)]  # noqa: S608


async def test_an_old_store_opens_with_all_that_it_held(url: str, sqlite_path: Path) -> None:
    if url.startswith("sqlite"):
        write_sqlite(SQLITE.store(), sqlite_path)
    else:
        write_postgresql(Recording("postgresql").store(), url)
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
        assert digest.when == "monday 09:00"
        assert digest.places == {"matrix": ("#fabmanagers:example.org",), "discourse": ("annonces",)}
        assert settings.limits == Thresholds(0.7, 0.85, 0.3)
        public = (web.host, web.port, web.pages, web.public_url)
        assert public == ("127.0.0.1", 8080, True, "https://reponses.example.org")
        assert settings.store.get_secret_value() == f"sqlite:///{OLD}/var/concierge.db"
        assert (settings.language, settings.knowledge) == ("fr", OLD / "knowledge")


KINDS = ["sqlite", *(pytest.param(kind, marks=pytest.mark.soak) for kind in ("postgresql", "backup"))]


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("kind", KINDS)
async def test_the_bot_goes_on_where_the_old_one_stopped(
    request: pytest.FixtureRequest, exits: AsyncExitStack, nest: Path, tmp_path: Path, kind: str
) -> None:
    """What was answered is not answered again, though each event comes once more; what waited is sent once."""
    database = request.getfixturevalue("postgres_url") if kind == "postgresql" else ""
    recording = Recording("postgresql" if database else "sqlite")
    old = await replay(exits, recording, tmp_path, nest)
    (put_backup if kind == "backup" else put_store)(old, database)
    bot, ana, sacha = recording.user, old.people["ana-r1"], old.people["sacha-r1"]
    room, moderation = old.room("room"), old.room("moderation")

    async def told(person: Member, where: str, words: str, *, to: str = "") -> Raw:
        def is_meant(raw: Raw) -> bool:
            return is_said_by(raw, bot) and words in raw["content"].get("body", "") and to in (answered(raw) or "")

        return await person.wait_for(where, is_meant)

    async with old.concierge.up():
        questions = ["answered", "offered", "open", "to keep", "drafted", "forgotten", "lost", "waiting", "journalled"]
        questions += [] if kind == "backup" else ["overheard"]
        await one_reply_each(ana, room, bot, *map(old.event, questions))
        posts = [post for post in old.forum.board.posts.values() if post.user.username == "ben"]
        assert len(posts) == 2
        await old.forum_scene.one_reply_each(*posts)

        # A choice
        offer = old.event("offered reply")
        await ana.reply(room, offer, "2")
        chosen = await ana.wait_for(room, lambda raw: is_edit(raw) and offer in str(raw["content"]["m.relates_to"]))
        assert "https://fiche.example/" in chosen["content"]["m.new_content"]["body"]

        # What was proposed, what was drafted from an answer, and what could become a draft
        await sacha.react(moderation, old.event("proposal"), "✅")
        await sacha.react(moderation, old.event("draft"), "✅")
        await told(sacha, moderation, "", to=old.event("draft"))
        text = (old.concierge.folder / "knowledge" / "formations.yaml").read_text(encoding="utf-8")
        assert "emprunter-la-malle-robotique" in text
        assert "qui-arrose-les-tomates-du-toit" in text
        await sacha.react(room, old.event("to keep answer"), "📝")
        await told(sacha, moderation, "tournevis cruciforme ?")

        # An open question, and one that was asked in private
        await sacha.say(moderation, "!repondre 1 Débranchez-la et appelez l’équipe.")
        await told(ana, room, "Débranchez-la", to=old.event("open"))
        said = [raw["content"].get("body", "") for raw in await history(ana, room) if is_said_by(raw, bot)]
        assert not [body for body in said if "maintenant une réponse" in body]  # the draft’s asker has it from a person
        await ana.react(old.room("direct"), old.event("private reply"), "✅")
        await told(sacha, moderation, "portail bleu")

        # The digest of this week stands already; it may get other words, and no second post
        await old.concierge.by_hand("digest", "--publish")
        await one_reply_each(ana, room, bot)
        found = await history(ana, room)
        digests = [raw for raw in found if "semaine du" in raw["content"].get("body", "").casefold()]
        assert len([raw for raw in digests if not is_edit(raw)]) == 1
        assert len([post for post in old.forum.posts_of("concierge") if post.number == 1]) == 1
        keys = await ana.call("POST", "keys", "query", body={"device_keys": {bot: []}})
    kept, device = recording.transcript["device"], recording.device
    assert keys["device_keys"][bot][device]["keys"] == kept[device]["keys"]
