"""The Matrix channel in rooms of a real homeserver, with people whose clients are not ours."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.login import SHIPPED_AVATAR, Account
from bot.demo.homeserver import Homeserver
from bot.messages import (
    AuthenticationFailed,
    Edit,
    Joined,
    NetworkRefusal,
    OutgoingReaction,
    Reaction,
    Redaction,
    Removal,
    Reply,
    Venue,
)
from tests.channels.at_work import NewBot, prepare, together
from tests.channels.rooms import alias, becomes
from tests.conftest import NewAccount, NewMember
from tests.member import Member, Raw
from tests.reliability.proxy import Proxy
from tests.waiting import PATIENCE, until


def body(raw: Raw) -> str:
    return str(raw["content"].get("body", ""))


# ------------------------------------------------------------------------------------------------- reading


async def test_edits_reactions_and_deletions_point_to_what_they_change(bot: NewBot, member: NewMember) -> None:
    concierge, ana, room = await together(bot, member)
    root = await ana.say(room, "un fil")
    thread = {"m.relates_to": {"rel_type": "m.thread", "event_id": root}}
    said = await ana.say(room, "Où ce former ?", **thread)
    edited, liked = await ana.edit(room, said, "Où se former ?"), await ana.react(room, said, "👍")
    edit = await concierge.reads(edited)
    assert isinstance(edit, Edit)
    assert (edit.message.id, edit.message.text, edit.message.thread) == (said, "Où se former ?", root)
    deleted = await ana.redact(room, said)
    await concierge.hears(deleted)
    venue = Venue(frozenset({room}))
    assert await concierge.reads(liked) == Reaction("matrix", liked, room, ana.user, said, "👍", venue)
    assert await concierge.reads(deleted) == Redaction("matrix", deleted, room, ana.user, said)
    assert [(await concierge.hears(id)).relates_to for id in (said, edited, liked, deleted)] == [root, said, said, said]


async def test_an_earlier_message_is_fetched_again_in_its_newest_words_until_it_is_gone(
    bot: NewBot, member: NewMember
) -> None:
    concierge, ana, room = await together(bot, member)
    said = await ana.say(room, "Où se former ?")
    assert (await concierge.again(room, said)).text == "Où se former ?"
    await ana.edit(room, said, "Où se loger ?")
    await ana.edit(room, said, "Où travailler ?")
    message = await concierge.again(room, said)
    assert (message.id, message.text) == (said, "Où travailler ?")
    await ana.redact(room, said)
    assert await concierge.again(room, said) is None
    assert await concierge.again(room, "$nothing") is None


# ------------------------------------------------------------------------------------------------- sending


async def test_a_reply_comes_as_one_event_and_is_sent_once_also_after_a_restart(bot: NewBot, member: NewMember) -> None:
    concierge, ana, room = await together(bot, member)
    asked = await ana.say(room, "Où se former ?")
    reply = Reply(room, "Voir **là** : [la page](https://example.org)", to=asked, mentions=(ana.user,))
    first, again = [await concierge.channel.send(reply, "t1") for _ in range(2)]
    await concierge.stop()
    await concierge.start()
    assert first == again == await concierge.channel.send(reply, "t1")
    raw = await ana.wait_for(room, lambda raw: raw["sender"] == concierge.channel.user and bool(body(raw)))
    assert raw["event_id"] == first
    assert raw["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == asked
    assert raw["content"]["m.mentions"] == {"user_ids": [ana.user]}
    assert "https://example.org" in body(raw)
    assert [body(one) for one in await ana.history(room)].count(body(raw)) == 1
    assert concierge.channel.link(room, first) == f"https://matrix.to/#/{room}/{first}?via=localhost"


async def test_a_thread_an_edit_a_mark_and_a_removal_until_the_server_refuses_for_good(
    bot: NewBot, member: NewMember
) -> None:
    concierge, ana, room = await together(bot, member)
    channel, asked = concierge.channel, await ana.say(room, "Où se former ?")
    answer = await channel.send(Reply(room, "là", to=asked, thread=asked, quiet=True), "t1")
    edited = await channel.send(Reply(room, "ici", to=asked, replaces=answer, quiet=True), "t2")
    marked = await channel.send(OutgoingReaction(room, answer, "1️⃣"), "t3")
    removal = [await channel.send(Removal(room, marked), "t4") for _ in range(2)]
    long = await channel.send(Reply(room, "é <b> [x](https://example.org) " * 5000, replaces=answer), "t5")
    assert (await ana.event(room, answer))["content"]["m.relates_to"]["rel_type"] == "m.thread"
    assert (await ana.event(room, answer))["content"]["msgtype"] == "m.notice"
    assert (await ana.event(room, edited))["content"]["m.new_content"]["body"] == "ici"
    assert (await ana.event(room, marked))["content"] == {}
    assert removal[0] == removal[1]
    assert len(body(await ana.event(room, long))) > 1000
    await ana.kick(room, channel.user)
    with pytest.raises(NetworkRefusal):
        await channel.send(Reply(room, "bonjour"), "t6")


# ------------------------------------------------------------------------------------------------- rooms


async def test_it_enters_its_rooms_by_alias_and_says_once_that_it_came(bot: NewBot, member: NewMember) -> None:
    ana = await member("ana")
    name = alias(ana)
    room = await ana.create_room(room_alias_name=name)
    concierge = await bot(f"#{name}:localhost")
    await concierge.until(lambda: any(event.kind == "joined" for event in concierge.events))
    assert await concierge.everything() == [Joined("matrix", concierge.events[0].id, room)]
    await concierge.stop()
    await concierge.start()
    await concierge.hears(await ana.say(room, "fin"))
    assert [event.kind for event in concierge.events] == ["joined", "message"]


async def test_a_room_that_does_not_exist_is_named_and_entered_once_it_does_while_the_others_work(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.matrix.sync._RETRY_ROOMS", 0.1)
    ana = await member("ana")
    room, name = await ana.create_room(), alias(ana)
    concierge = await bot(f"#{name}:localhost", room)
    await concierge.hears(await ana.say(room, "hello"))
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [line for line in warnings if f"#{name}:localhost" in line and "does not exist" in line] == warnings
    later = await ana.create_room(room_alias_name=name)
    await concierge.until(lambda: any((event.kind, event.room) == ("joined", later) for event in concierge.events))


async def test_a_direct_room_offered_while_it_was_down_stays_direct_and_private_with_a_third_person(
    bot: NewBot, member: NewMember
) -> None:
    concierge, ana, _ = await together(bot, member)
    await concierge.stop()
    direct = await ana.create_room(preset="trusted_private_chat", is_direct=True, invite=(concierge.channel.user,))
    await concierge.start()
    for _ in range(2):
        message = await concierge.reads(await ana.say(direct, "Où se former ?"))
        assert (message.direct, message.private) == (True, True)
        await concierge.stop()
        await concierge.start()
    assert not [event for event in concierge.events if event.room == direct and event.kind == "joined"]
    bea = await member("bea")
    await ana.invite(direct, bea.user)
    await bea.join(direct)
    message = await concierge.reads(await bea.say(direct, "Je suis là"))
    assert (message.direct, message.private, message.listen) == (False, True, "mentions")


async def test_any_other_invitation_is_declined_and_the_log_says_it_once(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture
) -> None:
    concierge, ana, _ = await together(bot, member)
    bea = await member("bea")
    invitations: tuple[dict[str, Any], ...] = (
        {"is_direct": False},
        {"is_direct": True, "encrypted": True},  # encryption is switched off in these tests
        {"is_direct": True, "invite": (bea.user, concierge.channel.user)},
    )
    for invitation in invitations:
        given = {"preset": "private_chat", "invite": (concierge.channel.user,)} | invitation
        await becomes("leave", concierge, ana, await ana.create_room(**given))
    stranger = await member("stranger")
    room = await stranger.create_room(preset="private_chat", is_direct=True, invite=(concierge.channel.user,))
    await becomes("leave", concierge, stranger, room)
    await stranger.invite(room, concierge.channel.user)
    await becomes("leave", concierge, stranger, room, 2)
    assert [record.getMessage() for record in caplog.records if room in record.getMessage()] == [
        f"declined the invitation of {stranger.user} to {room}: the inviter is in none of the bot's rooms"
    ]


async def test_where_the_settings_want_no_direct_rooms_they_are_declined(bot: NewBot, member: NewMember) -> None:
    concierge, ana, _ = await together(bot, member, direct=False)
    room = await ana.create_room(preset="private_chat", invite=(concierge.channel.user,), is_direct=True)
    await becomes("leave", concierge, ana, room)


async def test_a_room_it_was_put_into_without_being_asked_is_not_listened_to(
    bot: NewBot, member: NewMember, account: NewAccount, homeserver: Homeserver
) -> None:
    ana, user = await member("ana"), await account("concierge")
    room, other = await ana.create_room(), await ana.create_room()
    async with Member(homeserver.url, user.access_token) as before:
        await before.join(other)
    concierge = await bot(room, user=user)
    said = await ana.say(other, "Où se former ?")
    await concierge.hears(await ana.say(room, "fin"))
    assert said not in [event.id for event in concierge.events]


# ------------------------------------------------------------------------------------------------- gaps


async def say_much(ana: Member, room: str) -> list[str]:
    """More than one sync holds; the ids in the room's own order."""
    said = await asyncio.gather(*(ana.say(room, f"question {number}") for number in range(130)))
    return [raw["event_id"] for raw in await ana.history(room) if raw["event_id"] in said]


@pytest.mark.parametrize("since", ["known", "never"])
async def test_a_burst_right_after_it_joined_is_heard_whole_and_in_order(
    bot: NewBot, member: NewMember, since: str
) -> None:
    ana = await member("ana")
    room = await ana.create_room(preset="private_chat")
    before = await ana.say(room, "avant")
    concierge = await bot(room)
    if since == "known":
        await concierge.synced()
    await concierge.stop()
    await ana.invite(room, concierge.channel.user)
    async with concierge.itself() as itself:
        await itself.join(room)
    burst = await say_much(ana, room)
    concierge.position = concierge.position if since == "known" else None
    await concierge.start()
    await concierge.hears(burst[-1])
    assert [event.id for event in concierge.events if event.kind == "message"] == burst
    assert [event.kind for event in concierge.events].count("joined") == 1
    assert before not in [event.id for event in concierge.events]


async def test_what_was_said_while_it_was_down_is_heard_whole(bot: NewBot, member: NewMember) -> None:
    concierge, ana, room = await together(bot, member)
    await concierge.hears(await ana.say(room, "avant"))
    await concierge.stop()
    missed = await say_much(ana, room)
    await concierge.start()
    await concierge.hears(missed[-1])
    assert [event.id for event in concierge.events if event.kind == "message"][1:] == missed


async def test_a_server_that_forgot_our_position_is_read_again(bot: NewBot, member: NewMember) -> None:
    concierge, ana, room = await together(bot, member)
    await concierge.stop()
    said = await ana.say(room, "Où se former ?")
    concierge.position = "nonsense"
    await concierge.start()
    await concierge.hears(said)


# ------------------------------------------------------------------------------------------------- account


async def test_it_logs_in_once_and_gives_the_account_a_name_and_a_picture_that_lack(
    bot: NewBot, member: NewMember
) -> None:
    concierge, ana, _ = await together(bot, member, avatar=SHIPPED_AVATAR)
    concierge.account = replace(concierge.account, password=None)
    async with concierge.itself() as itself:
        for own in (None, "mxc://localhost/anothers"):
            if own:
                await itself.call("PUT", "profile", itself.user, "avatar_url", body={"avatar_url": own})
            await concierge.stop()
            await concierge.start()
            profile = await ana.call("GET", "profile", itself.user)
            assert profile["displayname"] == "Concierge"
            assert profile["avatar_url"] == own if own else profile["avatar_url"].startswith("mxc://")
        devices = (await itself.call("GET", "devices"))["devices"]
    assert [device.get("display_name") for device in devices].count("Concierge") == 1


async def test_a_login_that_was_ended_from_outside_is_made_anew(bot: NewBot, member: NewMember) -> None:
    concierge, ana, room = await together(bot, member)
    async with concierge.itself() as itself:
        await itself.call("POST", "logout", body={})
    await concierge.ends(AuthenticationFailed)
    await concierge.stop()
    await concierge.start()
    await concierge.hears(await ana.say(room, "hello"))


@pytest.mark.parametrize(
    "settings",
    [
        {"password": "wrong"},
        {"password": None},
        {"password": None, "access_token": "wrong"},
        {"user": "@somebody_else:localhost"},
    ],
)
async def test_wrong_credentials_end_the_start(
    homeserver: Homeserver, account: NewAccount, tmp_path: Path, settings: dict[str, Any]
) -> None:
    user = await account("concierge")
    one = prepare(homeserver.url, user, tmp_path)
    channel = MatrixChannel(replace(one.account, **settings), one.memory, "Concierge")
    with pytest.raises(AuthenticationFailed) as raised:
        await channel.start()
    assert "wrong" not in str(raised.value)
    await channel.stop()


def test_secrets_do_not_show(tmp_path: Path) -> None:
    account = Account("http://localhost", "@c:localhost", (), tmp_path, password="hush-1", access_token="hush-2")
    assert "hush" not in repr(account)


async def test_it_waits_for_a_homeserver_that_is_down_and_outlives_its_restart(
    homeserver: Homeserver,
    account: NewAccount,
    member: NewMember,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.channels.backoff.LONGEST", 0.2)
    ana = await member("ana")
    room = await ana.create_room()
    async with Proxy(homeserver.url) as proxy:
        concierge = prepare(proxy.url, await account("concierge"), tmp_path, room)
        proxy.cut = True
        starting = asyncio.create_task(concierge.start())
        await until(lambda: "does not answer" in caplog.text)
        assert not starting.done()
        proxy.cut = False
        await asyncio.wait_for(starting, PATIENCE)
        await concierge.hears(await ana.say(room, "un"))
        caplog.clear()
        proxy.cut = True
        await concierge.hears(await ana.say(room, "deux"))  # by the sync that was under way
        await until(lambda: "does not answer" in caplog.text)
        missed = await ana.say(room, "trois")
        proxy.cut = False
        await concierge.hears(missed)
        await concierge.stop()


# ------------------------------------------------------------------------------------------------- power


@pytest.mark.parametrize("version", ["11", "12"])
async def test_power_is_read_fresh_and_knows_creators(bot: NewBot, member: NewMember, version: str) -> None:
    ana, bea, gus = await member("ana"), await member("bea"), await member("gus")
    room = await ana.create_room(room_version=version)
    concierge = await bot(room)
    power = concierge.channel.power
    assert await power(room, ana.user) >= 100
    await bea.join(room)
    assert await power(room, bea.user) == 0
    levels = await ana.state(room, "m.room.power_levels")
    await ana.set_state(room, "m.room.power_levels", levels | {"users": levels["users"] | {bea.user: 50}})
    assert await power(room, bea.user) == 50
    await ana.set_state(room, "m.room.power_levels", levels)
    assert await power(room, bea.user) == 0
    assert await power(room, gus.user) == 0
    assert await power("!elsewhere", ana.user) == 0
    if version == "11":  # creators of later versions keep theirs
        await ana.leave(room)
        assert await power(room, ana.user) == 0
