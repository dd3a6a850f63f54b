"""The bot as it runs, in rooms of a real homeserver, seen by people with plain clients."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import NewBot, NewMember
from tests.member import Raw
from tests.running import ASKED, FORMATION, asked, from_bot
from tests.waiting import until

STRANGE = ["x" * 60_000, "\u200b\u200f\u202e\u200d", "🎉🎉🎉", "\n" * 1000, "?" * 5000, "<b>@room</b>"]


async def test_a_room_gets_escaped_answers_that_ping_nobody_whatever_strange_messages_are_said(
    member: NewMember, new_bot: NewBot, knowledge: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.policy.OVERHEARD_DELAY", timedelta(seconds=1))
    ana = await member("ana")
    room = await ana.create_room()
    running = await new_bot(room, knowledge=knowledge)
    running.database = database
    async with running.up():
        await ana.wait_for(room, from_bot(running))
        for text in STRANGE:
            assert (await running.settled(await ana.say(room, text))).posts == ()
        made_up = f"${random.Random(1).randbytes(9000).hex()}\0"  # no index takes it
        assert (await running.settled(await ana.reply(room, made_up, "hello"))).posts == ()
        question = await ana.say(room, "Où trouver une fiche de poste ?")
        overheard = (await ana.wait_for(room, from_bot(running, question)))["content"]
        answer = await asked(running, ana, room, f"concierge : {ASKED}")
        direct = await ana.direct_room(running.bot.user)
        assert "https://formation.example/" in (await asked(running, ana, direct, ASKED))["body"]
    assert answer["format"] == "org.matrix.custom.html"
    assert "&lt;facilitation&gt;" in answer["formatted_body"]
    assert "<strong>forme</strong>" in answer["formatted_body"]
    assert (answer["m.mentions"], answer["m.relates_to"].keys()) == ({}, {"m.in_reply_to"})
    assert (overheard["msgtype"], overheard["m.mentions"]) == ("m.notice", {})
    thread = {"rel_type": "m.thread", "event_id": question, "is_falling_back": True}
    assert overheard["m.relates_to"] == thread | {"m.in_reply_to": {"event_id": question}}


async def test_a_changed_file_answers_and_moderators_read_once_which_one_is_broken_and_once_that_it_is_mended(
    member: NewMember, new_bot: NewBot, knowledge: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """At a start as at a change, and not again at the next start; also where the bot is invited only later. Nowhere do
    they read where the files lie on the machine.
    """
    ana = await member("ana")
    room, moderators = await ana.create_room(), await ana.create_room(preset="private_chat")
    running = await new_bot(room, knowledge=knowledge, matrix={"moderators_room": moderators})
    other = knowledge / "fiches.yaml"
    broken = FORMATION.replace("title:", "titel:", 1)
    other.write_text(broken.replace("formation-facilitation", "four").replace("fiche-de-poste", "pain"), "utf-8")

    async def noted(*words: str) -> Raw:
        def is_note(raw: Raw) -> bool:
            return from_bot(running)(raw) and all(word in raw["content"]["body"] for word in words)

        return await ana.wait_for(moderators, is_note)

    async with running.up():
        await until(lambda: "cannot enter the room" in caplog.text)
        await ana.wait_for(room, from_bot(running))
        await ana.invite(moderators, running.bot.user)
        note = await noted("leurs réponses manquent", "fiches.yaml:4")
        assert note["content"]["m.mentions"] == {}
        assert "fiches.yaml:4" in caplog.text
    async with running.up():
        assert "https://formation.example/" in (await asked(running, ana, room, f"concierge : {ASKED}"))["body"]
        file = knowledge / "formations.yaml"
        file.write_text(FORMATION.replace("https://formation.example/", "https://nouveau.example/"), encoding="utf-8")
        other.unlink()
        await noted("plus d’erreur", "fiches.yaml")
        assert "https://nouveau.example/" in (await asked(running, ana, room, f"concierge : {ASKED}"))["body"]
        shown = await asked(running, ana, moderators, "!montrer formation-facilitation")
        assert "knowledge/formations.yaml:3" in shown["body"]
        command = await ana.say(moderators, "!retirer fiche-de-poste")
        draft = (await ana.wait_for(moderators, from_bot(running, command)))["event_id"]
        knowledge.chmod(0o500)
        await ana.react(moderators, draft, "✅")
        refusal = await ana.wait_for(moderators, from_bot(running, draft))
        assert "knowledge/formations.yaml: Ce fichier ne peut pas être écrit" in refusal["content"]["body"]
        knowledge.chmod(0o700)
        file.write_text(broken, encoding="utf-8")
        await noted("les réponses d’avant", "formations.yaml:4")
        fiche = await asked(running, ana, room, "concierge : Où trouver une fiche de poste ?")
        assert "https://fiche.example/" in fiche["body"]
    told = await ana.history(moderators)
    assert sum(map(from_bot(running), told)) == 4 + 3  # with its introduction
    assert str(knowledge.parent) not in str(told)
