"""Topics of the bot's own: each opened once, in a category of the settings; and those of people, noted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.discourse import event_parser
from bot.channels.discourse.channel import DiscourseChannel
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.event_parser import JournalledPost
from bot.channels.discourse.search import ForumSearch
from bot.channels.discourse.site import Site
from bot.messages import TOPICS_SEEN, Event, NetworkRefusal, Reply, Unreachable
from bot.messages import Topic as Seen
from tests.channels.discourse.paper import QUICK, SITE, Notebook, listening
from tests.forum import Forum
from tests.forum.faults import dropped, lost
from tests.forum.state import Post, Topic
from tests.waiting import until

TITLE, TEXT = "La semaine du Concierge, 23 novembre 2026", "**Nouvelles réponses**\n\n- [Le DU](https://du.example/)"
NEWS = Reply("category/annonces", TEXT, quiet=True, title=TITLE)


@dataclass
class Desk:
    forum: Forum
    channel: DiscourseChannel
    client: DiscourseClient
    memory: Notebook

    async def event(self, post: Post) -> Event:
        (found,) = [one for one in await self.client.latest_posts() if one.id == post.id]
        return event_parser.message_event(JournalledPost(found, direct=False), SITE)

    async def seen(self) -> list[str]:
        return [one["title"] for one in json.loads(await self.memory.get(TOPICS_SEEN) or "[]")]


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with Forum() as forum:
        forum.category("annonces")
        forum.category("formations")
        client, memory = DiscourseClient(forum.url, "concierge", forum.key, 1000), Notebook()
        channel = DiscourseChannel(
            Site(url=forum.url, username="concierge", categories=("formations",), **QUICK), client, memory
        )
        await channel.start()
        yield Desk(forum, channel, client, memory)
        await channel.stop()


async def test_a_titled_reply_to_a_category_is_a_topic_there(desk: Desk) -> None:
    assert desk.channel.room_named("annonces") == NEWS.room
    event = await desk.channel.send(NEWS, "t1")
    (post,) = desk.forum.posts_of("concierge")
    assert event == f"{post.topic.id}/1"
    assert (post.topic.title, post.topic.external_id) == (TITLE, "concierge-t1")
    assert post.topic.category == desk.forum.board.category("annonces")
    await desk.channel.send(Reply(NEWS.room, f"{TEXT}\n- encore une", replaces=event), "t2")
    assert "encore une" in post.raw
    with pytest.raises(NetworkRefusal, match="no category 'rien'"):
        await desk.channel.send(Reply("category/rien", TEXT, title=TITLE), "t1")


async def test_a_topic_whose_receipt_was_lost_is_found_again(desk: Desk) -> None:
    assert await desk.channel.find_sent(NEWS, "t1", datetime.now(UTC)) == []
    desk.forum.fail_next("POST /posts", lost(dropped))
    with pytest.raises(Unreachable):
        await desk.channel.send(NEWS, "t1")
    (found,) = await desk.channel.find_sent(NEWS, "t1", datetime.now(UTC) - timedelta(minutes=1))
    assert found == f"{desk.forum.posts_of('concierge')[0].topic.id}/1"
    assert await desk.channel.send(NEWS, "t1") == found  # whoever does not look is told by the forum
    assert len(desk.forum.posts_of("concierge")) == 1


@pytest.mark.parametrize("lost_receipt", [False, True])
async def test_a_topic_that_waited_for_a_moderator_is_known_as_ours_when_it_appears(
    desk: Desk, lost_receipt: bool
) -> None:
    desk.forum.site.review = True
    if lost_receipt:
        desk.forum.fail_next("POST /posts", lost(dropped))
        with pytest.raises(Unreachable):
            await desk.channel.send(NEWS, "t1")
        (held,) = await desk.channel.find_sent(NEWS, "t1", datetime.now(UTC) - timedelta(minutes=1))
    else:
        held = await desk.channel.send(NEWS, "t1")
    async with listening(desk.channel, desk.memory):
        post = desk.forum.approve()
        other = desk.forum.say("ana", "annonces", TEXT, title="Une autre semaine que celle-ci")
        await until(lambda: f"{other.topic.id}/1" in desk.memory.heard)
    (event,) = [event for event in desk.memory.events.values() if event.kind == "appeared"]
    assert (event.id, event.relates_to) == (f"{post.topic.id}/1", held)


async def test_public_topics_are_noted_until_they_are_deleted(desk: Desk) -> None:
    posts = [
        desk.forum.say("ana", "formations", "Voici une formation à Brest.", title="Une formation à Brest"),
        desk.forum.say("ben", "annonces", "Voici autre chose que cela.", title="Hors des catégories suivies"),
    ]
    posts.append(desk.forum.say("ben", posts[0].topic, "Merci, c’est noté pour moi."))
    for post in posts:
        await desk.channel.read(await desk.event(post))
    assert await desk.seen() == ["Une formation à Brest"]
    gone = event_parser.redaction_event(posts[0].topic.id, 1, "", datetime.now(UTC), SITE)
    await desk.channel.read(gone)
    assert await desk.seen() == []


CHANGES: dict[str, Callable[[Forum, Topic], None]] = {
    "closed": lambda _, topic: setattr(topic, "closed", True),
    "archived": lambda _, topic: setattr(topic, "archived", True),
    "unlisted": lambda _, topic: setattr(topic, "visible", False),
    "moved where few may read": lambda forum, topic: setattr(topic, "category", forum.category("equipe", "staff")),
    "deleted by a moderator": lambda forum, topic: forum.delete(topic.posts[0], by=forum.user("moda", moderator=True)),
    "deleted by its author": lambda forum, topic: forum.delete(topic.posts[0]),
}


@pytest.fixture
async def visitor(desk: Desk) -> AsyncIterator[ForumSearch]:
    """As the channel has one, but its tries follow each other at once."""
    client = DiscourseClient(desk.forum.url, pace=1000, beside=desk.client, sleep=lambda _: asyncio.sleep(0))
    search = ForumSearch(client, desk.forum.url, categories=("formations",))
    yield search
    await search.close()


def seen(desk: Desk, *titles: str) -> list[tuple[Seen, Topic]]:
    posts = [desk.forum.say("ana", "formations", "Voici une formation à Brest.", title=title) for title in titles]
    return [(Seen(post.topic.title, f"{desk.forum.url}/t/-/{post.topic.id}/1"), post.topic) for post in posts]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_topic_that_is_no_longer_open_to_everybody_is_not_told_of(
    desk: Desk, visitor: ForumSearch, change: str
) -> None:
    (kept, there), (left, topic) = seen(desk, "Une formation à Brest", "Une formation à Dole")
    there.title = "Une formation à Brest, en mai"
    CHANGES[change](desk.forum, topic)
    assert await visitor.still_open([left, kept]) == [Seen(there.title, kept.url)]
    assert all(asked.user is None for asked in desk.forum.requests)  # as somebody without an account


def solved(desk: Desk, title: str, where: str = "formations") -> Topic:
    """A topic whose second post is the solution."""
    topic = desk.forum.say("ana", where, "Qui saurait me le dire, svp ?", title=title).topic
    topic.accepted = desk.forum.say("ben", topic, "C’est ainsi, et pas autrement.").number
    return topic


async def test_solved_topics_of_the_listed_categories_are_found_once(desk: Desk, visitor: ForumSearch) -> None:
    desk.forum.category("equipe", "staff")
    first, second = solved(desk, "Une formation à Brest ?"), solved(desk, "Une formation à Dole ?")
    solved(desk, "Une annonce résolue", "annonces")
    solved(desk, "Un secret de l’équipe", "equipe")
    seen(desk, "Une formation à Lens, sans réponse")
    today = datetime.now(UTC).date()
    found = await visitor.solved(today, (), 5)
    both = {(f"topic/{one.id}", f"{one.id}/1", f"{one.id}/2") for one in (first, second)}
    assert {(one.room, one.question, one.answer) for one in found} == both
    assert len(await visitor.solved(today, (), 1)) == 1
    [left] = await visitor.solved(today, [f"topic/{first.id}"], 5)
    assert left.room == f"topic/{second.id}"
    assert await visitor.solved(today + timedelta(days=1), (), 5) == []


async def test_while_the_forum_is_down_no_topic_is_told_of_and_none_is_found(desk: Desk, visitor: ForumSearch) -> None:
    (one, _), (two, _) = seen(desk, "Une formation à Brest", "Une formation à Dole")
    solved(desk, "Une formation à Brest ?")
    for path in ("GET /t/", "GET /search"):
        desk.forum.fail_next(path, dropped, times=3)
    assert await visitor.solved(datetime.now(UTC).date(), (), 5) == []
    assert await visitor.still_open([one, two]) == []
    assert await visitor.still_open([one, two]) == [one, two]
