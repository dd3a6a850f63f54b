"""Who would lead the bot into a room of others: by a tombstone, an invitation, an alias. It looks before it joins."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from bot.demo.homeserver import Homeserver
from tests.channels.at_work import Bot, NewBot, together
from tests.channels.rooms import alias, becomes, direct, goes_on_in, memberships, upgraded, warnings
from tests.conftest import NewMember
from tests.member import Member
from tests.reliability.proxy import Proxy, saying

FORBIDDEN = {"errcode": "M_FORBIDDEN", "error": "Room is unknown"}


async def public_room(member: NewMember, **settings: Any) -> tuple[Member, str]:
    """Who owns it, and the room: of people who have nothing to do with the bot; any member may invite."""
    owner, guest = await member("owner"), await member("guest")
    room = await owner.create_room(power_level_content_override={"invite": 0}, **settings)
    await guest.join(room)
    return owner, room


async def replace(somebody: Member, old: str, new: str) -> None:
    await somebody.set_state(old, "m.room.tombstone", {"body": "", "replacement_room": new})


async def call_direct(somebody: Member, room: str, user: str) -> None:
    """Invite there with the word of a direct room, as any client can."""
    await somebody.set_state(room, "m.room.member", {"membership": "invite", "is_direct": True}, user)


async def answers_still(concierge: Bot, ana: Member, room: str) -> None:
    assert (await concierge.reads(await ana.say(room, "Où se former ?"))).text == "Où se former ?"


@pytest.mark.parametrize("levels", [{"state_default": 0}, {"users_default": 50, "state_default": 50}])
async def test_no_member_leads_it_on_from_a_room_where_everybody_may_set_state(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture, levels: dict[str, int]
) -> None:
    ana, mallory = await member("ana"), await member("mallory")
    room = await ana.create_room(power_level_content_override=levels | {"events": {}})
    owner, trap = await public_room(member)
    await mallory.join(room)
    await mallory.join(trap)
    concierge = await bot(room)
    await concierge.synced()
    await replace(mallory, room, trap)
    await concierge.until(lambda: bool(warnings(caplog, trap)))
    assert warnings(caplog, trap) == [
        f"{mallory.user} says that {trap} replaces {room}, but has no power to say so: not followed"
    ]
    await answers_still(concierge, ana, room)
    assert await memberships(owner, trap, concierge.channel.user) == []


async def test_nobody_leads_it_from_their_direct_room_into_a_public_one_nor_invites_it_by_calling_that_direct(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture
) -> None:
    concierge, mallory, room = await together(bot, member)
    owner, trap = await public_room(member)
    await mallory.join(trap)
    await replace(mallory, await direct(concierge, mallory), trap)
    await concierge.until(lambda: bool(warnings(caplog, trap)))
    assert await memberships(owner, trap, concierge.channel.user) == []
    await mallory.invite(trap, concierge.channel.user)
    await becomes("leave", concierge, owner, trap)
    await answers_still(concierge, mallory, room)
    await call_direct(mallory, trap, concierge.channel.user)
    await becomes("leave", concierge, owner, trap, 2)
    assert await memberships(owner, trap, concierge.channel.user) == ["invite", "leave"] * 2
    assert "there are more than the two of us in it" in warnings(caplog, trap)[-1]


async def test_what_can_be_read_from_outside_is_read_before_it_joins(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture
) -> None:
    concierge, ana, room = await together(bot, member)
    seen = {"type": "m.room.history_visibility", "content": {"history_visibility": "world_readable"}}
    owner, trap = await public_room(member, initial_state=[seen])
    await ana.join(trap)
    await replace(ana, room, trap)
    await concierge.until(lambda: bool(warnings(caplog, trap)))
    assert ["that room does not say so itself" in line for line in warnings(caplog, trap)] == [True]
    assert await memberships(owner, trap, concierge.channel.user) == []


async def known_once_joined(proxy: Proxy, request: web.Request) -> web.StreamResponse:
    """As a homeserver that has nobody in a room yet, and so none of its state."""
    inside = any(method == "POST" and "/join/" in path for method, path, _ in proxy.requests)
    return await (proxy.forward(request) if inside else saying(403, FORBIDDEN)(proxy, request))


async def test_a_room_for_all_to_read_that_stands_on_another_server_is_looked_into_after_joining(
    bot: NewBot, member: NewMember, homeserver: Homeserver
) -> None:
    async with Proxy(homeserver.url) as proxy:
        ana = await member("ana")
        seen = {"type": "m.room.history_visibility", "content": {"history_visibility": "world_readable"}}
        old = await ana.create_room(room_version="10", initial_state=[seen])
        concierge = await bot(old, server=proxy.url)
        await concierge.until(lambda: any(event.kind == "joined" for event in concierge.events))
        await concierge.stop()
        proxy.requests.clear()
        new = await upgraded(ana, old)
        proxy.fail(f"/rooms/{new}/state/", known_once_joined, 1000)
        await concierge.start()
        await goes_on_in(concierge, new)
        await answers_still(concierge, ana, new)
        await concierge.stop()


async def test_it_does_not_stay_in_a_room_that_does_not_name_the_one_it_is_said_to_replace(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture
) -> None:
    concierge, ana, room = await together(bot, member)
    owner, trap = await public_room(member)
    await ana.join(trap)
    await replace(ana, room, trap)
    await becomes("leave", concierge, owner, trap)
    assert ["that room does not say so itself" in line for line in warnings(caplog, trap)] == [True]
    await answers_still(concierge, ana, room)


async def test_where_the_homeserver_shows_nothing_of_a_room_it_waits_for_an_invitation(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture, homeserver: Homeserver
) -> None:
    async with Proxy(homeserver.url) as proxy:
        proxy.fail("/room_summary/", saying(404, {"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"}), 1000)
        ana = await member("ana")
        old = await ana.create_room(room_version="10")
        concierge = await bot(old, server=proxy.url)
        await concierge.until(lambda: any(event.kind == "joined" for event in concierge.events))
        new = await upgraded(ana, old)
        await concierge.until(lambda: bool(warnings(caplog, new)))
        await answers_still(concierge, ana, old)
        assert await memberships(ana, new, concierge.channel.user) == []
        await ana.invite(new, concierge.channel.user)
        await goes_on_in(concierge, new)
        assert ["invite it" in line for line in warnings(caplog, new)] == [True]
        assert (await concierge.reads(await ana.say(await direct(concierge, ana), "Bonjour"))).direct
        await concierge.stop()


async def test_direct_rooms_that_name_each_other_or_somebody_elses_change_nothing(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture
) -> None:
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
    assert await memberships(ana, anas, concierge.channel.user) == ["invite", "join"]


async def test_an_alias_that_leads_elsewhere_does_not_take_it_along(
    bot: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture
) -> None:
    ana, mallory = await member("ana"), await member("mallory")
    name, room, trap = f"#{alias(ana)}:localhost", await ana.create_room(), await mallory.create_room()
    await ana.call("PUT", "directory", "room", name, body={"room_id": room})
    concierge = await bot(name, moderators_room=name)
    await concierge.synced()
    await concierge.stop()
    await ana.call("DELETE", "directory", "room", name)
    await mallory.call("PUT", "directory", "room", name, body={"room_id": trap})
    await concierge.start()
    await answers_still(concierge, ana, room)
    assert concierge.channel.moderators_room == room
    assert ["put the id of the new room" in line for line in warnings(caplog, trap)] == [True]
    assert await memberships(mallory, trap, concierge.channel.user) == []


async def test_an_alias_leads_it_on_once_it_is_no_longer_in_the_old_room(bot: NewBot, member: NewMember) -> None:
    ana = await member("ana")
    name, old, new = f"#{alias(ana)}:localhost", await ana.create_room(), await ana.create_room()
    await ana.call("PUT", "directory", "room", name, body={"room_id": old})
    concierge = await bot(name)
    await concierge.synced()
    await ana.kick(old, concierge.channel.user)
    await concierge.stop()
    await ana.call("DELETE", "directory", "room", name)
    await ana.call("PUT", "directory", "room", name, body={"room_id": new})
    await concierge.start()
    await answers_still(concierge, ana, new)
