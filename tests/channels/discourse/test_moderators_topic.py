"""The private message to the moderators' group: begun once, found again, and the only one that is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.discourse.channel import DiscourseChannel
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.site import Site
from bot.messages import Message, NetworkRefusal, Removal, Reply, Unreachable
from tests.channels.discourse.paper import QUICK, Notebook, listening
from tests.forum import Forum
from tests.forum.faults import dropped, lost
from tests.forum.state import Post, Topic
from tests.waiting import until

ROOM = "group/equipe"
OPENING = ("Pour la modération", "Ici arrivent les questions.")
NOTE, OTHER = Reply(ROOM, "Nouvelle question : qui a les clés ?"), Reply(ROOM, "Nouvelle question : et le portail ?")


@dataclass
class House:
    forum: Forum
    memory: Notebook = field(default_factory=Notebook)
    opened: list[DiscourseChannel] = field(default_factory=list)

    async def channel(self, opening: tuple[str, str] | None = OPENING) -> DiscourseChannel:
        """As after a start."""
        site = Site(url=self.forum.url, username="concierge", moderators_group="equipe", **QUICK)
        client = DiscourseClient(self.forum.url, "concierge", self.forum.key, 1000)
        channel = DiscourseChannel(site, client, self.memory, moderators_opening=opening)
        await channel.start()
        self.opened.append(channel)
        return channel

    def written(self) -> list[Post]:
        """But for first posts."""
        return [post for post in self.forum.posts_of("concierge") if post.number > 1]

    def begun(self) -> list[Topic]:
        return [post.topic for post in self.forum.posts_of("concierge") if post.number == 1]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with Forum() as forum:
        forum.group("equipe", "moda")
        forum.user("ana")
        house = House(forum)
        yield house
        for channel in house.opened:
            await channel.stop()


async def test_it_is_begun_once_and_known_after_a_restart_also_to_a_store_that_is_empty(house: House) -> None:
    await (await house.channel()).send(NOTE, "t1")
    await (await house.channel()).send(OTHER, "t2")
    house.memory = Notebook()
    await (await house.channel()).send(Reply(ROOM, "Une troisième question, par ici."), "t3")
    (topic,) = house.begun()
    assert [post.topic for post in house.written()] == [topic] * 3
    assert (topic.title, topic.groups) == ("Pour la modération", {"equipe"})


async def test_a_receipt_that_was_lost_begins_no_second_one(house: House) -> None:
    channel = await house.channel()
    house.forum.fail_next("POST /posts", lost(dropped))
    with pytest.raises(Unreachable):
        await channel.send(NOTE, "t1")
    channel = await house.channel()
    assert await channel.find_sent(NOTE, "t1", datetime.now(UTC) - timedelta(minutes=1)) == []
    await channel.send(NOTE, "t1")
    assert len(house.begun()) == len(house.written()) == 1


async def test_its_first_note_can_be_taken_away_when_people_have_replied(house: House) -> None:
    channel = await house.channel()
    note = await channel.send(NOTE, "t1")
    house.forum.say("moda", house.begun()[0], "Je regarde.")
    await channel.send(Removal(ROOM, note), "t2")
    assert house.written() == []


async def test_a_note_whose_receipt_was_lost_is_found_in_it(house: House) -> None:
    channel = await house.channel()
    await channel.send(NOTE, "t1")
    house.forum.fail_next("POST /posts", lost(dropped))
    with pytest.raises(Unreachable):
        await channel.send(OTHER, "t2")
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert await channel.find_sent(OTHER, "t2", since) == [f"{house.begun()[0].id}/3"]
    assert await channel.find_sent(Reply(ROOM, "Autre chose encore"), "t3", since) == []


async def test_what_is_answered_there_is_answered_in_its_own_message(house: House) -> None:
    channel = await house.channel()
    first = await channel.send(NOTE, "t1")
    house.begun()[0].archived = True
    await channel.send(OTHER, "t2")
    assert len(house.begun()) == 2
    house.begun()[0].archived = False
    answer = await channel.send(Reply(ROOM, "La question n° 1 est close.", to=first), "t3")
    assert answer.startswith(first.partition("/")[0] + "/")
    assert house.written()[-1].reply_to == 2


async def test_a_group_that_takes_no_messages_is_a_refusal(house: House) -> None:
    house.forum.board.messageable.clear()
    with pytest.raises(NetworkRefusal, match="the group equipe"):
        await (await house.channel()).send(NOTE, "t1")


async def test_it_is_the_only_private_message_that_is_read(house: House) -> None:
    channel = await house.channel()
    async with listening(channel, house.memory):
        await channel.send(NOTE, "t1")
        house.forum.message("ana", "concierge", "Un secret pour le robot", title="Un secret")
        reply = house.forum.say("moda", house.begun()[0], "Elles sont chez Sacha.", reply_to=house.written()[0])
        await until(lambda: f"{reply.topic.id}/{reply.number}" in house.memory.events)
    (event,) = house.memory.events.values()
    assert event.room == ROOM
    message = await channel.read(event)
    assert isinstance(message, Message)
    assert (message.moderators_room, message.direct, message.private) == (True, False, True)
    assert message.reply_to == f"{house.begun()[0].id}/2"
    fetched = await channel.fetch(ROOM, event.id)
    assert fetched is not None
    assert fetched.room == ROOM


async def test_its_room_is_no_other_room(house: House) -> None:
    channel = await house.channel()
    assert channel.is_same_room(ROOM, ROOM)
    assert not channel.is_same_room("topic/3", ROOM)
    assert channel.is_same_room("topic/3", "topic/4")  # posts may be moved
    assert (await house.channel(None)).moderators_room is None  # they have a room elsewhere
