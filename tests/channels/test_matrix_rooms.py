"""What becomes of rooms: they are replaced, the bot is put out of them. And who would lead it into a room of others."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from bot.channels.matrix.invites import RoomUpgrade, parse_tombstone
from bot.channels.matrix.schema import sanitize_sync
from bot.demo.homeserver import Homeserver
from bot.messages import Joined, Venue
from tests.channels.at_work import Bot, NewBot, alias, becomes, direct, goes_on_in, past, together, upgraded, warnings
from tests.conftest import NewMember
from tests.member import Member
from tests.reliability.proxy import Proxy, saying

SEEN_BY_ALL = {"type": "m.room.history_visibility", "content": {"history_visibility": "world_readable"}}
STONE = {"type": "m.room.tombstone", "state_key": "", "sender": "@a:b", "content": {"replacement_room": "!new"}}
NO_ADDRESSES: list[object] = [{}, None, *({"replacement_room": room} for room in ("#alias:b", "!" * 60_000, "!\ud800"))]


async def test_it_follows_rooms_that_are_replaced_and_introduces_itself_once(bot: NewBot, member: NewMember) -> None:
    ana = await member("ana")
    name, other = f"#{alias(ana)}:localhost", await ana.create_room(room_version="10")
    rooms = {name: await ana.create_room(room_version="10", room_alias_name=alias(ana)), other: other}
    concierge = await bot(*rooms, listen="mentions", moderators_room=name)
    for room in rooms.values():
        await concierge.joins(room)
    new = {name: await upgraded(ana, rooms[name])}
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


async def test_a_message_says_by_which_names_and_region_its_room_is_known(bot: NewBot, member: NewMember) -> None:
    ana = await member("ana")
    named = f"#{alias(ana)}:localhost"
    room = await ana.create_room(room_version="10", room_alias_name=alias(ana))
    concierge = await bot({"room": named, "region": "Bretagne"}, room)
    venue = Venue(frozenset({named, room}), "Bretagne")
    await concierge.joins(room)
    said = await ana.say(room, "Où se former ?")
    for event in (said, await ana.react(room, said, "👍"), await ana.edit(room, said, "Où se former à Rennes ?")):
        value = await concierge.reads(event)
        assert getattr(value, "message", value).venue == venue
    private = await ana.create_room(preset="trusted_private_chat", is_direct=True, invite=(concierge.channel.user,))
    assert (await concierge.reads(await ana.say(private, "Où se former ?"))).venue == Venue()
    new = await upgraded(ana, room)
    await goes_on_in(concierge, new)
    assert (await concierge.reads(await ana.say(new, "Où se former ?"))).venue == venue


@pytest.mark.parametrize("part", ["state", "timeline"])
def test_a_replacement_is_read_from_the_state_event_alone(part: str) -> None:
    def read(*events: object) -> RoomUpgrade | None:
        sync = sanitize_sync({"rooms": {"join": {"!old": {part: {"events": [*events]}}}}})
        return parse_tombstone(sync["rooms"]["join"]["!old"])

    earlier = STONE | {"content": {"replacement_room": "!no"}}
    assert read(STONE) == read(earlier, STONE) == RoomUpgrade("!new", "@a:b")
    message = {key: STONE[key] for key in STONE if key != "state_key"}
    for events in ([], [message], *([STONE | {"content": content}] for content in NO_ADDRESSES)):
        assert read(*events) is None, events


async def test_a_room_without_an_alias_is_named_as_people_see_it(bot: NewBot, member: NewMember) -> None:
    ana = await member("ana")
    room, nameless = await ana.create_room(name="Le salon"), await ana.create_room()
    concierge = await bot(room, nameless)
    for joined in (room, nameless):
        await concierge.joins(joined)
    names = [await concierge.channel.name_of(one) for one in (room, nameless, "#salon:localhost")]
    assert names == ["Le salon", nameless, "#salon:localhost"]


async def test_put_out_of_a_room_it_says_so_stays_out_and_goes_on_in_the_others(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.matrix.sync._RETRY_ROOMS", 0.05)
    ana = await member("ana")
    removed, banned, other = [await ana.create_room() for _ in range(3)]
    concierge = await bot(removed, banned, other)
    us = concierge.channel.user
    for room, act in ((removed, "kick"), (banned, "ban")):
        await ana.call("POST", "rooms", room, act, body={"user_id": us})
        await concierge.until(lambda room=room: bool(warnings(caplog, room)))
    await asyncio.sleep(0.3)  # six tries, if there were any
    await concierge.hears(await ana.say(other, "hello"))
    for room, act, membership in ((removed, "removed", "leave"), (banned, "banned", "ban")):
        [line] = warnings(caplog, room)
        assert f"{ana.user} has {act} the bot from the room {room}" in line
        assert (await ana.state(room, "m.room.member", us))["membership"] == membership
    await ana.invite(removed, us)
    await becomes("join", concierge, ana, removed)
    await concierge.hears(await ana.say(removed, "hello again"))


async def public_room(member: NewMember, invite: int = 0, **settings: Any) -> tuple[Member, str]:
    """Who owns it, and the room: of people who have nothing to do with the bot; who has that power may invite."""
    owner, guest = await member("owner"), await member("guest")
    room = await owner.create_room(power_level_content_override={"invite": invite}, **settings)
    await guest.join(room)
    return owner, room


async def replace(somebody: Member, old: str, new: str) -> None:
    await somebody.set_state(old, "m.room.tombstone", {"body": "", "replacement_room": new})


async def answers_still(concierge: Bot, ana: Member, room: str) -> None:
    assert (await concierge.reads(await ana.say(room, "Où se former ?"))).text == "Où se former ?"


async def test_no_one_without_power_leads_it(bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture) -> None:
    ana, mallory = await member("ana"), await member("mallory")
    free = {"state_default": 0}, {"users_default": 50, "state_default": 50}
    rooms = [await ana.create_room(power_level_content_override=levels | {"events": {}}) for levels in free]
    concierge = await bot(*rooms)
    for room in rooms:
        owner, trap = await public_room(member)
        await mallory.join(room)
        await mallory.join(trap)
        await replace(mallory, room, trap)
        await concierge.until(lambda trap=trap: bool(warnings(caplog, trap)))
        said = f"{mallory.user} says that {trap} replaces {room}, but has no power to say so: not followed"
        assert warnings(caplog, trap) == [said]
        await answers_still(concierge, ana, room)
        assert await past(owner, trap, concierge.channel.user) == []


async def test_no_direct_room_leads_elsewhere(bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture) -> None:
    concierge, mallory, room = await together(bot, member)
    owner, trap = await public_room(member)
    await mallory.join(trap)
    await replace(mallory, await direct(concierge, mallory), trap)
    await concierge.until(lambda: bool(warnings(caplog, trap)))
    assert await past(owner, trap, concierge.channel.user) == []
    await mallory.invite(trap, concierge.channel.user)
    await becomes("leave", concierge, owner, trap)
    await answers_still(concierge, mallory, room)
    calling = {"membership": "invite", "is_direct": True}  # as any client can
    await mallory.set_state(trap, "m.room.member", calling, concierge.channel.user)
    await becomes("leave", concierge, owner, trap, 2)
    assert await past(owner, trap, concierge.channel.user) == ["invite", "leave"] * 2
    assert "there are more than the two of us in it" in warnings(caplog, trap)[-1]


async def test_a_room_that_the_homeserver_cannot_show_yet_is_looked_into_after_joining_or_after_an_invitation(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture, homeserver: Homeserver
) -> None:
    async def known_once_joined(proxy: Proxy, request: web.Request) -> web.StreamResponse:
        """As a homeserver that has nobody in a room yet, and so none of its state."""
        inside = any(method == "POST" and "/join/" in path for method, path, _ in proxy.requests)
        forbidden = saying(403, {"errcode": "M_FORBIDDEN", "error": "Room is unknown"})
        return await (proxy.forward(request) if inside else forbidden(proxy, request))

    async with Proxy(homeserver.url) as proxy:
        ana = await member("ana")
        seen = await ana.create_room(room_version="10", initial_state=[SEEN_BY_ALL])
        unseen = await ana.create_room(room_version="10")
        concierge = await bot(seen, unseen, homeserver=proxy.url)
        for room in (seen, unseen):
            await concierge.joins(room)
        await concierge.stop()
        proxy.requests.clear()
        new = await upgraded(ana, seen)
        proxy.fail(f"/rooms/{new}/state/", known_once_joined, 1000)
        await concierge.start()
        await goes_on_in(concierge, new)
        await answers_still(concierge, ana, new)
        proxy.fail("/room_summary/", saying(404, {"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"}), 1000)
        new = await upgraded(ana, unseen)
        await concierge.until(lambda: bool(warnings(caplog, new)))
        await answers_still(concierge, ana, unseen)
        assert await past(ana, new, concierge.channel.user) == []
        await ana.invite(new, concierge.channel.user)
        await goes_on_in(concierge, new)
        assert ["invite it" in line for line in warnings(caplog, new)] == [True]
        assert (await concierge.reads(await ana.say(await direct(concierge, ana), "Bonjour"))).direct
        await concierge.stop()


async def test_it_leaves_where_a_look_objects(bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture) -> None:
    concierge, ana, room = await together(bot, member)
    silent, unfriendly = "that room does not say so itself", "may not invite there"
    for invite, state, why, was in (
        (0, [SEEN_BY_ALL], silent, []),
        (0, [], silent, ["join", "leave"]),
        (50, [], unfriendly, ["join", "leave"]),
    ):
        owner, trap = await public_room(member, invite, initial_state=state)
        await ana.join(trap)
        await replace(ana, room, trap)
        await concierge.until(lambda trap=trap: bool(warnings(caplog, trap)))
        if was:
            await becomes("leave", concierge, owner, trap)
        assert warnings(caplog, trap) == [f"{ana.user} says that {trap} replaces {room}, but {why}: not followed"]
        await answers_still(concierge, ana, room)
        assert await past(owner, trap, concierge.channel.user) == was


async def test_direct_rooms_that_name_each_other_or_anothers_change_nothing(bot: NewBot, member: NewMember) -> None:
    concierge, mallory, room = await together(bot, member)
    ana = await member("ana")
    await ana.join(room)
    anas, one, other = await direct(concierge, ana), await direct(concierge, mallory), await direct(concierge, mallory)
    third = await direct(concierge, mallory)
    await concierge.stop()
    for old, new in ((one, other), (other, one), (third, anas)):
        await replace(mallory, old, new)
    await concierge.start()
    for owner, place in ((mallory, one), (mallory, other), (ana, anas), (ana, room)):
        await answers_still(concierge, owner, place)
    assert await past(ana, anas, concierge.channel.user) == ["invite", "join"]


@pytest.mark.parametrize("inside", [True, False])
async def test_an_alias_that_leads_elsewhere_takes_it_along_only_from_a_room_that_it_is_no_longer_in(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture, inside: bool
) -> None:
    ana, mallory = await member("ana"), await member("mallory")
    name, room, other = f"#{alias(ana)}:localhost", await ana.create_room(), await mallory.create_room()
    await ana.call("PUT", "directory", "room", name, body={"room_id": room})
    concierge = await bot(name, moderators_room=name)
    if not inside:
        await ana.kick(room, concierge.channel.user)
    await concierge.stop()
    await ana.call("DELETE", "directory", "room", name)
    await mallory.call("PUT", "directory", "room", name, body={"room_id": other})
    await concierge.start()
    await answers_still(concierge, *((ana, room) if inside else (mallory, other)))
    assert concierge.channel.moderators_room == (room if inside else other)
    assert ["put the id of the new room" in line for line in warnings(caplog, other)] == [True] * inside
    assert len(await past(mallory, other, concierge.channel.user)) == (0 if inside else 1)
