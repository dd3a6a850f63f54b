"""The loop as moderators live it, on a real homeserver: asked, not known, answered once, kept, told, known for ever."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from bot.knowledge.git import git
from tests.conftest import NewBot, NewMember
from tests.member import Member, Raw
from tests.running import Running, from_bot
from tests.waiting import PATIENCE

UNKNOWN = "concierge : qui a les clés du portail bleu ?"
REPLY = "Elles sont à l’accueil.\nLe plan : https://accueil.example/plan"
Wanted = Callable[[Raw], bool]
FAST = {"matching": {"encoder": False}}


def mark(running: Running, target: str, key: str) -> Wanted:
    """The bot's own emoji under an event."""

    def wanted(raw: Raw) -> bool:
        relates = raw["content"].get("m.relates_to", {})
        is_ours = (raw["type"], raw["sender"]) == ("m.reaction", running.bot.user)
        return is_ours and (relates.get("event_id"), relates.get("key")) == (target, key)

    return wanted


def saying(running: Running, words: str) -> Wanted:
    return lambda raw: from_bot(running)(raw) and words in raw["content"]["body"]


async def test_an_answer_is_kept_and_told(member: NewMember, new_bot: NewBot, knowledge: Path, database: str) -> None:
    ana, bob, sacha = await member("ana"), await member("bob"), await member("sacha")
    room, moderation = await sacha.create_room(), await sacha.create_room()
    for person in (ana, bob):
        await person.join(room)
    git(knowledge, "init", "--quiet")
    settings = {"knowledge_git": True, "matrix": {"moderators_room": moderation}} | FAST
    running = await new_bot(room, knowledge=knowledge, **settings)
    running.database = database
    before = (knowledge / "formations.yaml").read_text(encoding="utf-8")
    async with running.up():
        await ana.wait_for(room, from_bot(running))
        question = await ana.say(room, UNKNOWN)
        unknown = await ana.wait_for(room, from_bot(running, question))
        assert "je la transmets" in unknown["content"]["body"]
        note = await sacha.wait_for(moderation, saying(running, "Nouvelle question"))
        assert note["content"]["msgtype"] == "m.notice"
        bobs = await bob.say(room, UNKNOWN)
        await bob.wait_for(room, from_bot(running, bobs))
        reply = await sacha.reply(room, question, REPLY)
        await sacha.wait_for(room, mark(running, reply, "📝"))
        await sacha.react(room, reply, "📝")
        draft = (await sacha.wait_for(moderation, saying(running, "Brouillon")))["event_id"]
        for key in ("✅", "❌"):
            await sacha.wait_for(moderation, mark(running, draft, key))
        await sacha.react(moderation, draft, "✅")
        news = await ana.wait_for(room, saying(running, "j’ai maintenant une réponse"))
        assert news["content"]["m.mentions"] == {}
        assert news["content"]["body"].startswith("bob")  # ana has sacha's reply
        assert news["content"]["m.relates_to"]["m.in_reply_to"] == {"event_id": bobs}
        assert "https://accueil.example/plan" in news["content"]["body"]
        again = await bob.say(room, "concierge : les clés du portail bleu, qui les a ?")
        answer = await bob.wait_for(room, from_bot(running, again))
        assert "https://accueil.example/plan" in answer["content"]["body"]
    after = (knowledge / "formations.yaml").read_text(encoding="utf-8")
    assert after.startswith(before)
    assert "id: qui-a-les-cles-du-portail-bleu" in after
    told = [raw for raw in await ana.history(room) if saying(running, "j’ai maintenant")(raw)]
    assert len(told) == 1
    assert git(knowledge, "log", "--format=%an", "-1").strip() == sacha.user[1:].partition(":")[0]


async def test_a_withdrawn_question_is_gone(member: NewMember, new_bot: NewBot, knowledge: Path, database: str) -> None:
    ana, sacha = await member("ana"), await member("sacha")
    room, moderation = await sacha.create_room(), await sacha.create_room()
    await ana.join(room)
    running = await new_bot(room, knowledge=knowledge, matrix={"moderators_room": moderation}, **FAST)
    running.database = database
    async with running.up():
        await ana.wait_for(room, from_bot(running))
        question = await ana.say(room, UNKNOWN)
        await sacha.wait_for(moderation, saying(running, "Nouvelle question"))
        listed = await sacha.say(moderation, "!questions")
        await sacha.wait_for(moderation, from_bot(running, listed))
        reply = await sacha.reply(room, question, REPLY)
        await sacha.wait_for(room, mark(running, reply, "📝"))
        await sacha.react(room, reply, "📝")
        draft = await sacha.wait_for(moderation, saying(running, "Brouillon"))
        assert len(await quoting(sacha, moderation)) == 3  # the note, the list, the draft
        await ana.say(room, "!concierge oublie-moi")  # a deletion does the same: test_withdrawals.py
        why = await sacha.wait_for(moderation, saying(running, "Brouillon n°\u00a02 retiré"))
        async with asyncio.timeout(PATIENCE):
            while await quoting(sacha, moderation):  # noqa: ASYNC110 (a room tells nobody)
                await asyncio.sleep(0.1)
        assert why["content"]["msgtype"] == "m.notice"
        yes = await sacha.react(moderation, draft["event_id"], "✅")
        assert (await running.settled(yes)).posts == ()
    assert "portail" not in (knowledge / "formations.yaml").read_text(encoding="utf-8")


async def quoting(moderator: Member, room: str) -> list[Raw]:
    """The events there in which the moderator can read a word of the question."""
    return [raw for raw in await moderator.history(room) if "portail" in json.dumps(raw)]


async def test_in_a_replaced_room_who_asked_is_told(member: NewMember, new_bot: NewBot, knowledge: Path) -> None:
    ana, sacha = await member("ana"), await member("sacha")
    room, moderation = await ana.create_room(room_version="11"), await sacha.create_room()
    running = await new_bot(room, knowledge=knowledge, matrix={"moderators_room": moderation}, **FAST)
    async with running.up():
        await ana.wait_for(room, from_bot(running))
        asked = await ana.say(room, UNKNOWN)
        await ana.wait_for(room, from_bot(running, asked))
        new = (await ana.call("POST", "rooms", room, "upgrade", body={"new_version": "12"}))["replacement_room"]
        await ana.wait_for(new, lambda raw: raw.get("state_key") == running.bot.user)
        heard = await ana.say(new, "concierge : bonjour")
        await ana.wait_for(new, from_bot(running, heard))
        await sacha.say(moderation, "!repondre 1 Elles sont à l’accueil.")
        told = await ana.wait_for(new, saying(running, "l’accueil"))
    assert told["content"]["body"].startswith("ana")
    assert "m.relates_to" not in told["content"]
