"""The loop as moderators live it, on a real homeserver: asked, not known, answered once, kept, told, known for ever."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

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
        return (raw["type"], raw["sender"], relates.get("event_id"), relates.get("key")) == (
            *("m.reaction", running.bot.user),
            *(target, key),
        )

    return wanted


def saying(running: Running, words: str) -> Wanted:
    return lambda raw: from_bot(running)(raw) and words in raw["content"]["body"]


async def kept(running: Running, sacha: Member, room: str, moderation: str, question: str) -> str:
    """The moderator replies to the question, sets the sign and says yes; the id of the draft."""
    reply = await sacha.reply(room, question, REPLY)
    await sacha.wait_for(room, mark(running, reply, "📝"))
    await sacha.react(room, reply, "📝")
    draft = await sacha.wait_for(moderation, saying(running, "Brouillon"))
    for key in ("✅", "❌"):
        await sacha.wait_for(moderation, mark(running, draft["event_id"], key))
    await sacha.react(moderation, draft["event_id"], "✅")
    return str(draft["event_id"])


def repository(folder: Path) -> Callable[..., str]:
    """A repository of the folder, with all of it committed."""

    def git(*arguments: str) -> str:
        author = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
        command = ("git", *author, *arguments)
        run = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
        return run.stdout

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "Les réponses")
    return git


async def test_what_a_moderator_answers_once_is_kept_told_and_known(
    member: NewMember, new_bot: NewBot, knowledge: Path, database: str
) -> None:
    ana, bob, sacha = await member("ana"), await member("bob"), await member("sacha")
    room, moderation = await sacha.create_room(), await sacha.create_room()
    for person in (ana, bob):
        await person.join(room)
    git = repository(knowledge)
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
        await kept(running, sacha, room, moderation, question)
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
    name = sacha.user[1:].partition(":")[0]
    assert git("log", "--format=%an", "-1").strip() == name
    assert all(line.startswith("+") for line in git("diff", "HEAD~1", "--unified=0", "--no-prefix").splitlines()[4:]
               if not line.startswith("@@"))  # fmt: skip


async def test_a_reply_to_the_note_goes_where_it_was_asked_follows_its_edit_and_can_be_taken_back(
    member: NewMember, new_bot: NewBot, knowledge: Path
) -> None:
    ana, sacha = await member("ana"), await member("sacha")
    room, moderation = await sacha.create_room(), await sacha.create_room()
    await ana.join(room)
    running = await new_bot(room, knowledge=knowledge, matrix={"moderators_room": moderation}, **FAST)
    async with running.up():
        await ana.wait_for(room, from_bot(running))
        question = await ana.say(room, UNKNOWN)
        note = await sacha.wait_for(moderation, saying(running, "Nouvelle question"))
        await sacha.wait_for(moderation, mark(running, note["event_id"], "❌"))
        reply = await sacha.reply(moderation, note["event_id"], REPLY)
        told = await ana.wait_for(room, saying(running, "voici la réponse"))
        assert told["content"]["m.mentions"] == {}  # else Element shows all of it in red
        assert told["content"]["m.relates_to"]["m.in_reply_to"] == {"event_id": question}
        report = await sacha.wait_for(moderation, saying(running, "part là où elle a été posée"))
        await sacha.wait_for(moderation, saying(running, "Brouillon"))
        await sacha.edit(moderation, reply, "Elles sont chez Paul maintenant.")
        edited = await ana.wait_for(room, saying(running, "chez Paul"))
        assert edited["content"]["m.relates_to"]["event_id"] == told["event_id"]
        await sacha.react(moderation, report["event_id"], "❌")
        await sacha.wait_for(moderation, saying(running, "de nouveau ouverte"))
        async with asyncio.timeout(PATIENCE):
            while any("accueil" in json.dumps(raw) for raw in await ana.history(room)):  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def test_no_word_of_a_question_that_is_withdrawn_can_be_read_among_moderators(
    member: NewMember, new_bot: NewBot, knowledge: Path, database: str
) -> None:
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


async def test_nobody_but_a_moderator_changes_anything(member: NewMember, new_bot: NewBot, knowledge: Path) -> None:
    ana, sacha = await member("ana"), await member("sacha")
    room, moderation = await ana.create_room(), await sacha.create_room()
    await sacha.join(room)
    await ana.join(moderation)  # in the room, and without power there
    running = await new_bot(room, knowledge=knowledge, matrix={"moderators_room": moderation}, **FAST)
    before = (knowledge / "formations.yaml").read_text(encoding="utf-8")
    async with running.up():
        await ana.wait_for(room, from_bot(running))
        direct = await ana.direct_room(running.bot.user)
        for where in (moderation, direct, room):  # the owner of a listed room, and of a direct one
            said = await ana.say(where, "!concierge ajouter Piège\nhttps://mal.example/")
            refusal = await ana.wait_for(where, from_bot(running, said))
            assert "réservée à l’équipe" in refusal["content"]["body"]
        question = await ana.say(room, UNKNOWN)
        await ana.wait_for(room, from_bot(running, question))
        own = await ana.reply(room, question, REPLY)
        sign = await ana.react(room, own, "📝")
        assert (await running.settled(sign)).posts == ()
        reply = await sacha.reply(room, question, REPLY)
        await sacha.wait_for(room, mark(running, reply, "📝"))
        await sacha.react(room, reply, "📝")
        draft = await ana.wait_for(moderation, saying(running, "Brouillon"))
        yes = await ana.react(moderation, draft["event_id"], "✅")
        assert (await running.settled(yes)).posts == ()
    assert (knowledge / "formations.yaml").read_text(encoding="utf-8") == before


async def test_who_asked_in_a_room_that_was_replaced_since_is_told_in_the_new_one(
    member: NewMember, new_bot: NewBot, knowledge: Path
) -> None:
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
