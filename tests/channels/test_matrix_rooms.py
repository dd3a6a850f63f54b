"""What becomes of rooms: they are replaced, the bot is put out of them, an account ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.channels.matrix.room_upgrades import RoomUpgrade, parse_tombstone
from bot.channels.matrix.schema import sanitize_sync
from bot.messages import Joined, Venue
from tests.channels.at_work import Bot, NewBot, together
from tests.channels.rooms import alias, becomes, direct, goes_on_in, upgraded, warnings
from tests.conftest import NewMember
from tests.member import Member

# ------------------------------------------------------------------------------------------------- upgrades


async def named(bot: NewBot, ana: Member) -> tuple[Bot, dict[str, str]]:
    """A bot in two rooms, by the name that its settings give to each: an alias and an id."""
    name = f"#{alias(ana)}:localhost"
    rooms = {name: await ana.create_room(room_version="10", room_alias_name=alias(ana))}
    other = await ana.create_room(room_version="10")
    concierge = await bot((name, "mentions"), (other, "mentions"), moderators_room=name)
    await concierge.until(lambda: {event.kind for event in concierge.events} == {"joined"})
    await concierge.until(lambda: len(concierge.events) == 2)
    return concierge, rooms | {other: other}


async def test_rooms_that_are_replaced_are_followed_also_when_it_was_down_and_without_a_second_introduction(
    bot: NewBot, member: NewMember
) -> None:
    ana = await member("ana")
    concierge, rooms = await named(bot, ana)
    (name, old), (other, _) = rooms.items()
    new = {name: await upgraded(ana, old)}
    await goes_on_in(concierge, new[name])
    await concierge.stop()
    new[other] = await upgraded(ana, other)
    await concierge.start()
    for listed, room in new.items():
        await goes_on_in(concierge, room)
        message = await concierge.reads(await ana.say(room, "Où se former ?"))
        assert (message.listen, message.moderators_room) == ("mentions", listed == name)
        assert concierge.channel.is_same_room(rooms[listed], room)
        assert not concierge.channel.is_same_room(rooms[listed], "!elsewhere")
    assert concierge.channel.moderators_room == new[name]
    assert {one.room for one in await concierge.everything() if isinstance(one, Joined)} <= set(rooms.values())


async def test_a_message_says_by_which_names_and_region_the_settings_know_its_room(
    bot: NewBot, member: NewMember
) -> None:
    ana = await member("ana")
    named = f"#{alias(ana)}:localhost"
    room = await ana.create_room(room_version="10", room_alias_name=alias(ana))
    concierge = await bot(named, room, regions={named: "Bretagne", room: None})
    venue = Venue(frozenset({named, room}), "Bretagne")
    await concierge.until(lambda: any(event.kind == "joined" for event in concierge.events))
    said = await ana.say(room, "Où se former ?")
    for event in (said, await ana.react(room, said, "👍"), await ana.edit(room, said, "Où se former à Rennes ?")):
        value = await concierge.reads(event)
        assert getattr(value, "message", value).venue == venue
    private = await ana.create_room(preset="trusted_private_chat", is_direct=True, invite=(concierge.channel.user,))
    assert (await concierge.reads(await ana.say(private, "Où se former ?"))).venue == Venue()
    new = await upgraded(ana, room)
    await goes_on_in(concierge, new)
    assert (await concierge.reads(await ana.say(new, "Où se former ?"))).venue == venue


async def test_a_room_that_is_closed_to_it_is_followed_once_it_is_invited(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await member("ana")
    old = await ana.create_room(preset="private_chat", room_version="10")
    concierge = await bot(old)
    await concierge.synced()
    await ana.invite(old, concierge.channel.user)
    await concierge.until(lambda: any(event.kind == "joined" for event in concierge.events))
    await concierge.hears(await ana.say(old, "hello"))
    new = await upgraded(ana, old)
    await concierge.until(lambda: bool(warnings(caplog, new)))
    assert ["invite it" in line for line in warnings(caplog, new)] == [True]
    await ana.invite(new, concierge.channel.user)
    await goes_on_in(concierge, new)


async def test_a_direct_room_that_is_replaced_stays_direct(bot: NewBot, member: NewMember) -> None:
    concierge, ana, _ = await together(bot, member)
    new = await upgraded(ana, await direct(concierge, ana))
    await ana.invite(new, concierge.channel.user)  # as clients do after an upgrade: no word of a direct room
    for _ in range(2):
        message = await concierge.reads(await ana.say(new, "Et puis ?"))
        assert (message.direct, message.private, message.listen) == (True, True, "mentions")
        await concierge.stop()
        await concierge.start()
    assert not [event for event in concierge.events if event.room == new and event.kind == "joined"]


async def test_a_room_is_not_followed_where_whoever_says_so_may_not_invite(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture
) -> None:
    concierge, ana, room = await together(bot, member)
    bea = await member("bea")
    trap = await ana.create_room(power_level_content_override={"invite": 50})
    for place in (room, trap):
        await bea.join(place)
    levels = await ana.state(room, "m.room.power_levels")
    await ana.set_state(room, "m.room.power_levels", levels | {"users": levels["users"] | {bea.user: 150}})
    await bea.set_state(room, "m.room.tombstone", {"body": "", "replacement_room": trap})
    await concierge.until(lambda: bool(warnings(caplog, trap)))
    assert warnings(caplog, trap) == [
        f"{bea.user} says that {trap} replaces {room}, but may not invite there: not followed"
    ]
    assert (await concierge.reads(await ana.say(room, "Où se former ?"))).text == "Où se former ?"
    await becomes("leave", concierge, ana, trap)


STONE = {"type": "m.room.tombstone", "state_key": "", "sender": "@a:b", "content": {"replacement_room": "!new"}}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"timeline": {"events": [STONE]}}, RoomUpgrade("!new", "@a:b")),
        ({"state": {"events": [STONE]}, "timeline": {}}, RoomUpgrade("!new", "@a:b")),
        (
            {"timeline": {"events": [STONE | {"content": {"replacement_room": "!no"}}, STONE]}},
            RoomUpgrade("!new", "@a:b"),
        ),
        ({"timeline": {"events": [{key: STONE[key] for key in STONE if key != "state_key"}]}}, None),
        ({"timeline": {"events": [STONE | {"content": {}}]}}, None),
        ({"timeline": {"events": [STONE | {"content": {"replacement_room": "#alias:b"}}]}}, None),
        ({"timeline": {"events": [STONE | {"content": {"replacement_room": "!" * 60_000}}]}}, None),
        ({"timeline": {"events": [STONE | {"content": {"replacement_room": "!\ud800"}}]}}, None),
        ({"timeline": {"events": [STONE | {"content": None}]}}, None),
        ({}, None),
    ],
)
def test_a_replacement_is_read_from_the_state_event_alone(
    data: dict[str, object], expected: RoomUpgrade | None
) -> None:
    sync = sanitize_sync({"rooms": {"join": {"!old": data}}})
    assert parse_tombstone(sync["rooms"]["join"]["!old"]) == expected


# ------------------------------------------------------------------------------------------------- put out


async def ban(owner: Member, room: str, user: str) -> None:
    await owner.call("POST", "rooms", room, "ban", body={"user_id": user})


@pytest.mark.parametrize(("act", "said"), [(Member.kick, "removed"), (ban, "banned")])
async def test_put_out_of_one_room_it_says_so_stays_out_and_goes_on_in_the_others(
    bot: NewBot,
    member: NewMember,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[..., object],
    said: str,
) -> None:
    monkeypatch.setattr("bot.channels.matrix.sync._RETRY_ROOMS", 0.05)
    ana = await member("ana")
    room, other = await ana.create_room(), await ana.create_room()
    concierge = await bot(room, other)
    await concierge.synced()
    await act(ana, room, concierge.channel.user)  # type: ignore[misc]
    await concierge.until(lambda: bool(warnings(caplog, room)))
    await asyncio.sleep(0.3)  # six tries, if there were any
    await concierge.hears(await ana.say(other, "hello"))
    assert [f"{ana.user} has {said} the bot from the room {room}" in line for line in warnings(caplog, room)] == [True]
    assert (await ana.state(room, "m.room.member", concierge.channel.user))["membership"] in ("leave", "ban")
    if said == "removed":
        await ana.invite(room, concierge.channel.user)
        await becomes("join", concierge, ana, room)
        await concierge.hears(await ana.say(room, "hello again"))
