"""What the bot sent and does not know of is found in the room, deleted or not: on a real homeserver."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.channels.matrix.backfill import drop_answered
from bot.demo.homeserver import Homeserver
from bot.messages import NetworkRefusal, Outgoing, OutgoingReaction, Removal, Reply
from tests.channels.at_work import Bot, prepare
from tests.conftest import NewAccount, NewMember
from tests.member import Member


@dataclass
class Scene:
    """A room with a question, and the bot in it. `anew()`: after a new login, which ends the old one."""

    ana: Member
    room: str
    question: str
    bot: Bot
    anew: Callable[[], Awaitable[Bot]]
    begun: datetime

    def reply(self, text: str = "Voici.", **more: str) -> Reply:
        return Reply(self.room, text, to=self.question, thread=more.get("thread"), replaces=more.get("replaces"))


NewScene = Callable[..., Awaitable[Scene]]


@pytest_asyncio.fixture
async def new_scene(
    homeserver: Homeserver, account: NewAccount, member: NewMember, tmp_path: Path
) -> AsyncIterator[NewScene]:
    async with AsyncExitStack() as stack:

        async def new(*, encrypted: bool = False) -> Scene:
            ana, user = await member("ana"), await account("concierge")
            room, begun = await ana.create_room(encrypted=encrypted), datetime.now(UTC)

            async def start(device: str = "new") -> Bot:
                bot = prepare(homeserver.url, user, tmp_path / device, room, encryption=encrypted)
                await bot.start()
                stack.push_async_callback(bot.stop)
                await bot.synced()
                return bot

            return Scene(ana, room, await ana.say(room, "Où se former ?"), await start("old"), start, begun)

        yield new


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_reply_is_found_from_another_device_by_what_it_answers(new_scene: NewScene, encrypted: bool) -> None:
    scene = await new_scene(encrypted=encrypted)
    await scene.ana.reply(scene.room, scene.question, "Par là !")
    assert await scene.bot.channel.find_sent(scene.reply(), "t", scene.begun) == []
    other = await scene.ana.say(scene.room, "Et la fiche ?")
    await scene.bot.channel.send(Reply(scene.room, "Autre.", to=other), "other")
    sent = await scene.bot.channel.send(scene.reply(), "t")
    anew = await scene.anew()
    assert await anew.channel.find_sent(scene.reply(), "t", scene.begun) == [sent]


async def test_its_own_device_tells_its_posts_apart_even_when_they_were_deleted(new_scene: NewScene) -> None:
    scene = await new_scene()
    first, second = [await scene.bot.channel.send(scene.reply(), transaction) for transaction in ("1", "2")]
    for sent in (first, second):
        await scene.ana.redact(scene.room, sent)
    assert await scene.bot.channel.find_sent(scene.reply(), "1", scene.begun) == [first]
    assert set(await scene.bot.channel.find_sent(scene.reply(), "1", scene.begun, "2")) == {first, second}
    assert await scene.bot.channel.find_sent(scene.reply(), "", scene.begun) == []
    anew = await scene.anew()
    assert set(await anew.channel.find_sent(scene.reply(), "1", scene.begun)) == {first, second}


async def test_an_edit_a_threaded_reply_and_a_note_are_no_plain_reply(new_scene: NewScene) -> None:
    scene = await new_scene()
    plain = await scene.bot.channel.send(scene.reply(), "plain")
    kinds = {
        "edit": scene.reply("Mieux.", replaces=plain),
        "thread": scene.reply(thread=scene.question),
        "note": Reply(scene.room, "Bilan."),
    }
    sent = {name: await scene.bot.channel.send(outgoing, name) for name, outgoing in kinds.items()}
    anew = await scene.anew()
    for name, outgoing in kinds.items():
        assert await anew.channel.find_sent(outgoing, name, scene.begun) == [sent[name]]
    assert await anew.channel.find_sent(scene.reply(), "plain", scene.begun) == [plain]


@pytest.mark.parametrize("kind", [OutgoingReaction, Removal])
async def test_marks_and_removals_may_be_sent_again_without_harm(new_scene: NewScene, kind: type[Outgoing]) -> None:
    scene = await new_scene()
    sent = await scene.bot.channel.send(scene.reply(), "t")
    outgoing = OutgoingReaction(scene.room, sent, "1️⃣") if kind is OutgoingReaction else Removal(scene.room, sent)
    await scene.bot.channel.send(outgoing, "once")
    anew = await scene.anew()
    assert await anew.channel.find_sent(outgoing, "once", scene.begun) == []
    try:
        await anew.channel.send(outgoing, "once")
    except NetworkRefusal as refusal:
        assert "same reaction twice" in str(refusal)  # noqa: PT017 (a removal is taken a second time)
    shown = [raw for raw in await scene.ana.history(scene.room) if raw["type"] == "m.reaction"]
    assert len(shown) == (1 if kind is OutgoingReaction else 0)


def raw(id: str, sender: str, content: dict[str, Any], type: str = "m.room.message", **more: Any) -> dict[str, Any]:
    return {"event_id": id, "sender": sender, "type": type, "content": content} | more


US, ANA = "@concierge:example.org", "@ana:example.org"
ANSWERS = {"m.relates_to": {"m.in_reply_to": {"event_id": "$old"}}}
IN_THREAD = {"m.relates_to": {"rel_type": "m.thread", "event_id": "$old", "m.in_reply_to": {"event_id": "$old"}}}
SEALED = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "…"}
COMING = raw("$join", US, {"membership": "join"}, "m.room.member", state_key=US)


@pytest.mark.parametrize(
    "answer",
    [
        raw("$a", US, {"msgtype": "m.text"} | ANSWERS),
        raw("$a", US, {"msgtype": "m.notice"} | IN_THREAD),
        raw("$a", US, SEALED | ANSWERS, "m.room.encrypted"),
    ],
    ids=["a reply", "a notice in a thread", "an encrypted reply"],
)
def test_in_a_room_of_which_nothing_is_kept_only_what_has_no_answer_is_new(answer: dict[str, Any]) -> None:
    edit = {"m.relates_to": {"rel_type": "m.replace", "event_id": "$old"}}
    in_thread = {"m.relates_to": {"rel_type": "m.thread", "event_id": "$old"}}
    happened = [
        COMING,
        raw("$old", ANA, {}),
        raw("$open", ANA, {}),
        raw("$other", ANA, ANSWERS),
        answer,
        raw("$edit", ANA, edit),
        raw("$more", ANA, in_thread),
        raw("$thumb", ANA, {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$a", "key": "👍"}}, "m.reaction"),
    ]
    assert [one["event_id"] for one in drop_answered(happened, US)] == ["$open", "$other", "$a", "$more", "$thumb"]


def test_where_it_has_said_nothing_its_coming_is_new() -> None:
    happened = [raw("$first", ANA, {}), COMING, raw("$second", ANA, {})]
    assert drop_answered(happened, US) == happened
