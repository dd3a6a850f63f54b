"""Topics: the bot's own in a category and among moderators, each opened once; and those of people, noted."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.search import ForumSearch
from bot.messages import TOPICS_SEEN, NetworkRefusal, Removal, Reply, Unreachable
from bot.messages import Topic as Seen
from tests.channels.discourse.conftest import Desk, Notebook
from tests.forum.faults import dropped, lost
from tests.forum.state import Post, Topic

TITLE, TEXT = "La semaine du Concierge, 23 novembre 2026", "**Nouvelles réponses**\n\n- [Le DU](https://du.example/)"
NEWS = Reply("category/annonces", TEXT, quiet=True, title=TITLE)
ROOM = "group/equipe"
OPENING = ("Pour la modération", "Ici arrivent les questions.")
NOTE, OTHER = Reply(ROOM, "Nouvelle question : qui a les clés ?"), Reply(ROOM, "Nouvelle question : et le portail ?")
CHANGES: dict[str, Callable[[Desk, Topic], None]] = {
    "closed": lambda _, topic: setattr(topic, "closed", True),
    "archived": lambda _, topic: setattr(topic, "archived", True),
    "unlisted": lambda _, topic: setattr(topic, "visible", False),
    "moved where few may read": lambda desk, topic: setattr(topic, "category", desk.forum.category("equipe", "staff")),
    "deleted by a moderator": lambda desk, topic: desk.delete(topic.posts[0]),
    "deleted by its author": lambda desk, topic: desk.forum.delete(topic.posts[0]),
}


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
async def test_a_topic_that_waited_for_a_moderator_is_known_when_it_appears(desk: Desk, lost_receipt: bool) -> None:
    desk.forum.site.review = True
    if lost_receipt:
        desk.forum.fail_next("POST /posts", lost(dropped))
        with pytest.raises(Unreachable):
            await desk.channel.send(NEWS, "t1")
        (held,) = await desk.channel.find_sent(NEWS, "t1", datetime.now(UTC) - timedelta(minutes=1))
    else:
        held = await desk.channel.send(NEWS, "t1")
    await desk.listen()
    post = desk.forum.approve()
    desk.forum.say("ana", "annonces", TEXT, title="Une autre semaine que celle-ci")
    event, other = await desk.look()
    assert (event.kind, other.kind) == ("appeared", "message")
    assert (event.id, event.relates_to) == (f"{post.topic.id}/1", held)


async def test_public_topics_are_noted_until_they_are_deleted(desk: Desk) -> None:
    async def noted() -> list[str]:
        for event in await desk.look():
            await desk.channel.read(event)
        return [one["title"] for one in json.loads(await desk.memory.get(TOPICS_SEEN) or "[]")]

    await desk.listen()
    first = desk.forum.say("ana", "formations", "Voici une formation à Brest.", title="Une formation à Brest")
    desk.forum.say("ben", "annonces", "Voici autre chose que cela.", title="Hors des catégories suivies")
    desk.forum.say("ben", first.topic, "Merci, c’est noté pour moi.")
    assert await noted() == ["Une formation à Brest"]
    desk.delete(first)
    desk.wait(11)
    assert await noted() == []


@pytest.fixture
async def visitor(desk: Desk) -> AsyncIterator[ForumSearch]:
    """As the channel has one, but its tries follow each other at once."""
    client = DiscourseClient(desk.forum.url, pace=1000, beside=desk.client, sleep=lambda _: asyncio.sleep(0))
    search = ForumSearch(client, desk.forum.url, categories=("formations",))
    yield search
    await client.aclose()


def seen(desk: Desk, *titles: str) -> list[tuple[Seen, Topic]]:
    posts = [desk.forum.say("ana", "formations", "Voici une formation à Brest.", title=title) for title in titles]
    return [(Seen(post.topic.title, f"{desk.forum.url}/t/-/{post.topic.id}/1"), post.topic) for post in posts]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_topic_no_longer_open_to_all_is_not_told_of(desk: Desk, visitor: ForumSearch, change: str) -> None:
    (kept, there), (left, topic) = seen(desk, "Une formation à Brest", "Une formation à Dole")
    there.title = "Une formation à Brest, en mai"
    CHANGES[change](desk, topic)
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
    assert await desk.client.search("a") == []  # too short a word for the forum


async def test_while_the_forum_is_down_no_topic_is_told_of_and_none_is_found(desk: Desk, visitor: ForumSearch) -> None:
    (one, _), (two, _) = seen(desk, "Une formation à Brest", "Une formation à Dole")
    solved(desk, "Une formation à Brest ?")
    for path in ("GET /t/", "GET /search"):
        desk.forum.fail_next(path, dropped, times=3)
    assert await visitor.solved(datetime.now(UTC).date(), (), 5) == []
    assert await visitor.still_open([one, two]) == []
    assert await visitor.still_open([one, two]) == [one, two]


@pytest.fixture
def house(desk: Desk) -> Desk:
    """Whose moderators have a private message to their group."""
    desk.forum.group("equipe", "moda")
    return desk


def written(house: Desk) -> list[Post]:
    """But for first posts."""
    return [post for post in house.ours if post.number > 1]


def begun(house: Desk) -> list[Topic]:
    return [post.topic for post in house.ours if post.number == 1]


async def test_it_is_begun_once_and_known_after_a_restart_also_to_a_store_that_is_empty(house: Desk) -> None:
    channel = await house.start(OPENING)
    house.forum.fail_next("POST /posts", lost(dropped))
    with pytest.raises(Unreachable):
        await channel.send(NOTE, "t1")
    channel, since = await house.start(OPENING), datetime.now(UTC) - timedelta(minutes=1)
    assert await channel.find_sent(NOTE, "t1", since) == []
    await channel.send(NOTE, "t1")
    house.forum.fail_next("POST /posts", lost(dropped))
    with pytest.raises(Unreachable):
        await channel.send(OTHER, "t2")
    assert await channel.find_sent(OTHER, "t2", since) == [f"{begun(house)[0].id}/3"]
    assert await channel.find_sent(Reply(ROOM, "Autre chose encore"), "t3", since) == []
    house.memory = Notebook()
    await (await house.start(OPENING)).send(Reply(ROOM, "Une troisième question, par ici."), "t3")
    (topic,) = begun(house)
    assert [post.topic for post in written(house)] == [topic] * 3
    assert (topic.title, topic.groups) == ("Pour la modération", {"equipe"})


async def test_what_is_answered_there_is_answered_in_its_own_message_and_a_note_can_be_taken_away(house: Desk) -> None:
    channel = await house.start(OPENING)
    first = await channel.send(NOTE, "t1")
    begun(house)[0].archived = True
    await channel.send(OTHER, "t2")
    assert len(begun(house)) == 2
    begun(house)[0].archived = False
    answer = await channel.send(Reply(ROOM, "La question n° 1 est close.", to=first), "t3")
    assert answer.startswith(first.partition("/")[0] + "/")
    assert written(house)[-1].reply_to == 2
    await channel.send(Removal(ROOM, first), "t4")
    assert NOTE.text not in [post.raw for post in written(house)]


async def test_a_group_that_takes_no_messages_is_a_refusal(house: Desk) -> None:
    house.forum.board.messageable.clear()
    with pytest.raises(NetworkRefusal, match="the group equipe"):
        await (await house.start(OPENING)).send(NOTE, "t1")


async def test_its_room_is_no_other_and_the_only_private_message_that_is_read(house: Desk) -> None:
    channel = await house.start(OPENING)
    assert not channel.is_same_room("topic/3", ROOM)
    assert channel.is_same_room("topic/3", "topic/4")  # posts may be moved
    await house.listen()
    await channel.send(NOTE, "t1")
    secret = house.forum.message("ana", "concierge", "Un secret pour le robot", title="Un secret")
    house.forum.say("moda", begun(house)[0], "Elles sont chez Sacha.", reply_to=written(house)[0])
    (event,) = await house.look()
    assert event.room == ROOM
    message = await channel.read(event)
    assert (message.moderators_room, message.direct, message.private) == (True, False, True)
    assert message.reply_to == f"{begun(house)[0].id}/2"
    fetched = await channel.fetch(ROOM, event.id)
    assert fetched
    assert fetched.room == ROOM
    private = await channel.fetch(f"topic/{secret.topic.id}", house.event(secret))
    assert private
    assert await channel.read(private) is None
    for nothing in (f"{house.question.topic.id}/9", "held/3"):
        assert await channel.fetch(house.room, nothing) is None
    assert (await house.start()).moderators_room is None  # they have a room elsewhere
