"""The Matrix channel in rooms of a real homeserver, with people whose clients are not ours."""

import asyncio
from typing import Any

import pytest

from bot.channels.matrix.login import Account
from bot.channels.matrix.settings import MatrixSettings
from bot.messages import AuthenticationFailed, Edit, Reaction, Redaction, Reply, Venue
from tests.channels.at_work import NewBot, alias, becomes, together, upgraded, warnings
from tests.conftest import NewAccount, NewMember
from tests.member import Member


async def test_it_reads_edits_reactions_deletions_and_the_newest_words(bot: NewBot, member: NewMember) -> None:
    concierge, ana, room = await together(bot, member)
    root = await ana.say(room, "un fil")
    thread = {"m.relates_to": {"rel_type": "m.thread", "event_id": root}}
    said = await ana.say(room, "Où ce former ?", **thread)
    assert (await concierge.again(room, said)).text == "Où ce former ?"
    edited, liked = await ana.edit(room, said, "Où se former ?"), await ana.react(room, said, "👍")
    edit = await concierge.reads(edited)
    assert isinstance(edit, Edit)
    assert (edit.message.id, edit.message.text, edit.message.thread) == (said, "Où se former ?", root)
    await ana.edit(room, said, "Où travailler ?")
    message = await concierge.again(room, said)
    assert (message.id, message.text) == (said, "Où travailler ?")
    deleted = await ana.redact(room, said)
    await concierge.hears(deleted)
    venue = Venue(frozenset({room}))
    assert await concierge.reads(liked) == Reaction("matrix", liked, room, ana.user, said, "👍", venue)
    assert await concierge.reads(deleted) == Redaction("matrix", deleted, room, ana.user, said)
    assert [(await concierge.hears(id)).relates_to for id in (said, edited, liked, deleted)] == [root, said, said, said]
    assert await concierge.again(room, said) is None
    assert await concierge.again(room, "$nothing") is None


async def test_a_reply_is_sent_once_also_when_the_server_forgot_our_position(bot: NewBot, member: NewMember) -> None:
    concierge, ana, room = await together(bot, member)
    asked = await ana.say(room, "Où se former ?")
    reply = Reply(room, "Voir **là** : [la page](https://example.org)", to=asked, mentions=(ana.user,))
    first, again = [await concierge.channel.send(reply, "t1") for _ in range(2)]
    await concierge.stop()
    said = await ana.say(room, "Où se former ?")
    concierge.position = "nonsense"
    await concierge.start()
    await concierge.hears(said)
    assert first == again == await concierge.channel.send(reply, "t1")
    raw = await ana.event(room, first)
    bodies = [one["content"].get("body") for one in await ana.history(room)]
    assert bodies.count(raw["content"]["body"]) == 1
    assert concierge.channel.link(room, first) == f"https://matrix.to/#/{room}/{first}?via=localhost"
    long = await concierge.channel.send(Reply(room, "é <b> [x](https://example.org) " * 5000, replaces=first), "t2")
    assert len((await ana.event(room, long))["content"]["body"]) > 1000


async def test_a_room_that_does_not_exist_is_named_and_entered_once_it_does_while_the_others_work(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.matrix.sync._RETRY_ROOMS", 0.1)
    ana = await member("ana")
    room, name = await ana.create_room(), alias(ana)
    concierge = await bot(f"#{name}:localhost", room)
    await concierge.hears(await ana.say(room, "hello"))
    assert ["does not exist" in line for line in warnings(caplog, f"#{name}:localhost")] == [True]
    assert warnings(caplog, room) == []
    await concierge.joins(await ana.create_room(room_alias_name=name))


async def test_a_replaced_direct_room_stays_direct_and_is_private_with_a_third(bot: NewBot, member: NewMember) -> None:
    concierge, ana, _ = await together(bot, member)
    await concierge.stop()
    direct = await ana.create_room(preset="trusted_private_chat", is_direct=True, invite=(concierge.channel.user,))
    await concierge.start()
    for _ in range(2):
        message = await concierge.reads(await ana.say(direct, "Où se former ?"))
        assert (message.direct, message.private) == (True, True)
        await concierge.restart()
    new = await upgraded(ana, direct)
    await ana.invite(new, concierge.channel.user)  # as clients do after an upgrade: no word of a direct room
    for _ in range(2):
        message = await concierge.reads(await ana.say(new, "Et puis ?"))
        assert (message.direct, message.private, message.listen) == (True, True, "mentions")
        await concierge.restart()
    assert not [event for event in concierge.events if event.room in (direct, new) and event.kind == "joined"]
    bea = await member("bea")
    await ana.invite(new, bea.user)
    await bea.join(new)
    message = await concierge.reads(await bea.say(new, "Je suis là"))
    assert (message.direct, message.private, message.listen) == (False, True, "mentions")


async def test_other_invitations_are_declined(bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture) -> None:
    robot, bea, stranger = await member("robot"), await member("bea"), await member("stranger")
    concierge, ana, listed = await together(bot, member, ignore=(robot.user,))
    us = concierge.channel.user

    async def declines(owner: Member, why: str, **settings: Any) -> None:
        room = await owner.create_room(**{"preset": "private_chat", "invite": (us,), "is_direct": True} | settings)
        await becomes("leave", concierge, owner, room)
        if owner is stranger:
            await owner.invite(room, us)
            await becomes("leave", concierge, owner, room, 2)
        [line] = warnings(caplog, room)
        assert line.startswith(f"declined the invitation of {owner.user} to {room}: ")
        assert why in line

    await declines(ana, "it is no direct room", is_direct=False)
    await declines(ana, "more than the two of us", invite=(bea.user, us))
    await declines(robot, "it comes from another bot")
    await declines(stranger, "in none of the bot's rooms")
    concierge.settings = MatrixSettings(**dict(concierge.settings) | {"direct": False})
    await concierge.restart()
    await declines(ana, "direct rooms are switched off")
    other = await ana.create_room()
    async with concierge.itself() as itself:
        await itself.join(other)  # as somebody puts it into a room without asking
    said = await ana.say(other, "Où se former ?")
    await concierge.hears(await ana.say(listed, "fin"))
    assert said not in [event.id for event in concierge.events]


@pytest.mark.parametrize("since", ["known", "never"])
async def test_a_burst_after_it_joined_is_heard_whole_and_in_order(bot: NewBot, member: NewMember, since: str) -> None:
    ana = await member("ana")
    room = await ana.create_room(preset="private_chat")
    before = await ana.say(room, "avant")
    concierge = await bot(room)
    await concierge.stop()
    await ana.invite(room, concierge.channel.user)
    async with concierge.itself() as itself:
        await itself.join(room)
    said = await asyncio.gather(*(ana.say(room, f"question {number}") for number in range(130)))  # more than one sync
    burst = [raw["event_id"] for raw in await ana.history(room) if raw["event_id"] in said]  # in the room's own order
    concierge.position = concierge.position if since == "known" else None
    await concierge.start()
    await concierge.hears(burst[-1])
    assert [event.id for event in concierge.events if event.kind == "message"] == burst
    assert [event.kind for event in concierge.events].count("joined") == 1
    assert before not in [event.id for event in concierge.events]


async def test_it_logs_in_once_and_gives_itself_the_name_and_picture_it_lacks(bot: NewBot, member: NewMember) -> None:
    concierge, ana, room = await together(bot, member)
    del concierge.secrets["password"]
    async with concierge.itself() as itself:
        for own in (None, "mxc://localhost/anothers"):
            if own:
                await itself.call("PUT", "profile", itself.user, "avatar_url", body={"avatar_url": own})
            await concierge.restart()
            profile = await ana.call("GET", "profile", itself.user)
            assert profile["displayname"] == "Concierge"
            assert profile["avatar_url"] == own if own else profile["avatar_url"].startswith("mxc://")
        devices = (await itself.call("GET", "devices"))["devices"]
    assert [device.get("display_name") for device in devices].count("Concierge") == 1
    await concierge.hears(await ana.say(room, "fin"))
    assert [event.kind for event in concierge.events].count("joined") == 1  # a new name or picture is no coming in


async def test_wrong_credentials_end_the_start_and_no_secret_shows(bot: NewBot, account: NewAccount) -> None:
    shown = repr(Account("@c:localhost", password="hush-1", access_token="hush-2", signing_seed="hush-3"))
    assert "hush" not in shown
    login = await account("concierge")
    token = {"password": None, "access_token": "wrong"}
    for given in ({"password": "wrong"}, {"password": None}, token, {"user": "@somebody_else:localhost"}):
        concierge = await bot(start=False, login=login, **given)
        with pytest.raises(AuthenticationFailed) as raised:
            await concierge.start()
        assert "wrong" not in str(raised.value)


async def test_who_is_not_in_a_room_has_no_power_there(bot: NewBot, member: NewMember) -> None:
    ana, bea, gus = await member("ana"), await member("bea"), await member("gus")
    room = await ana.create_room(room_version="11")  # creators of later versions keep their power
    power = (await bot(room)).channel.power
    await bea.join(room)
    assert [await power(room, one.user) for one in (ana, bea, gus)] == [100, 0, 0]
    assert await power("!elsewhere", ana.user) == 0
    await ana.leave(room)
    assert await power(room, ana.user) == 0
