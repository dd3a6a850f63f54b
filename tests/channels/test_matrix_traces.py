"""What the bot sent and does not know of is found in the room, deleted or not: on a real homeserver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from bot.channels.matrix.backfill import drop_answered
from bot.messages import NetworkRefusal, OutgoingReaction, Removal, Reply
from tests.channels.at_work import Bot, NewBot
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


@pytest_asyncio.fixture(params=[False])
async def scene(bot: NewBot, account: NewAccount, member: NewMember, request: pytest.FixtureRequest) -> Scene:
    """`params`: whether the room is encrypted."""
    ana, login, begun = await member("ana"), await account("concierge"), datetime.now(UTC)
    room = await ana.create_room(encrypted=request.param)
    start = partial(bot, room, login=login)
    return Scene(ana, room, await ana.say(room, "Où se former ?"), await start(), start, begun)


@pytest.mark.parametrize("scene", [False, True], indirect=True)
async def test_a_reply_is_found_from_another_device_by_what_it_answers(scene: Scene) -> None:
    await scene.ana.reply(scene.room, scene.question, "Par là !")
    assert await scene.bot.channel.find_sent(scene.reply(), "t", scene.begun) == []
    other = await scene.ana.say(scene.room, "Et la fiche ?")
    await scene.bot.channel.send(Reply(scene.room, "Autre.", to=other), "other")
    sent = await scene.bot.channel.send(scene.reply(), "t")
    anew = await scene.anew()
    assert await anew.channel.find_sent(scene.reply(), "t", scene.begun) == [sent]


async def test_its_own_device_tells_its_posts_apart_even_when_they_were_deleted(scene: Scene) -> None:
    channel = scene.bot.channel
    first, second = [await channel.send(scene.reply(), transaction) for transaction in ("1", "2")]
    for sent in (first, second):
        await scene.ana.redact(scene.room, sent)
    assert await channel.find_sent(scene.reply(), "1", scene.begun) == [first]
    assert set(await channel.find_sent(scene.reply(), "1", scene.begun, "2")) == {first, second}
    assert await channel.find_sent(scene.reply(), "", scene.begun) == []
    anew = await scene.anew()
    assert set(await anew.channel.find_sent(scene.reply(), "1", scene.begun)) == {first, second}


async def test_each_kind_of_post_is_told_from_the_others_and_marks_and_removals_may_be_sent_again(scene: Scene) -> None:
    send = scene.bot.channel.send
    plain = await send(scene.reply(), "plain")
    posts = {
        "edit": scene.reply("Mieux.", replaces=plain),
        "thread": scene.reply(thread=scene.question),
        "note": Reply(scene.room, "Bilan."),
    }
    sent = {"plain": plain} | {name: await send(post, name) for name, post in posts.items()}
    mark = OutgoingReaction(scene.room, plain, "1️⃣")
    removal = Removal(scene.room, await send(mark, "once"))
    anew = (await scene.anew()).channel
    for name, post in (posts | {"plain": scene.reply()}).items():
        assert await anew.find_sent(post, name, scene.begun) == [sent[name]]
    with pytest.raises(NetworkRefusal, match="same reaction twice"):
        await anew.send(mark, "once")
    for transaction in ("once", "again"):
        await anew.send(removal, transaction)
    for outgoing in (mark, removal):
        assert await anew.find_sent(outgoing, "once", scene.begun) == []


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
