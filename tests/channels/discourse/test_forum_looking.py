"""What a look brings: what is new on the forum, what was said while the bot was down, what was changed."""

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import web

from bot.channels.discourse import categories
from bot.messages import TOPICS_SEEN, AuthenticationFailed, Redaction, Removal, Reply, Unreachable, Venue
from tests.channels.discourse.conftest import ANSWER, Desk
from tests.forum import Forum
from tests.forum.asking import forbidden
from tests.forum.faults import Answer, dropped, refusing
from tests.forum.state import Category, Post
from tests.waiting import PATIENCE, until

CALLING, OTHER = "@concierge Où trouver une formation ?", "Et combien cela coûte-t-il ?"
NOT_FOR_US = refusing(forbidden())
ALWAYS = 1000  # times
NOT_PUBLIC: dict[str, Callable[[Desk], object]] = {
    "it is read with an account only": lambda bot: setattr(bot.forum.site, "login_required", True),
    "it does not say so": lambda bot: bot.forum.fail_next("GET /site", NOT_FOR_US, ALWAYS),
    "it shows no categories": lambda bot: bot.forum.fail_next("GET /categories", NOT_FOR_US, ALWAYS),
}


@pytest.fixture
async def bot(desk: Desk) -> Desk:
    """It listens, on a forum with two topics."""
    desk.forum.say("ben", "annonces", "Voici une annonce pour tout le monde.", title="Une annonce, et laquelle")
    await desk.listen()
    return desk


def topic(bot: Desk, text: str = "Où trouver une formation ?", where: str = "formations") -> Post:
    """The first post of a new topic."""
    return bot.forum.say("ana", where, text, title=f"Encore une question, la {len(bot.forum.board.topics)}")


async def answered(bot: Desk, post: Post) -> str:
    """As the core does: read the question, post the reply, whose event is returned."""
    (event,) = await bot.look()
    await bot.channel.read(event)
    return await bot.channel.send(Reply(event.room, ANSWER, to=bot.event(post)), bot.event(post))


async def test_a_new_topic_is_not_overheard_when_it_is_older_than_the_bot_by_a_quarter_of_an_hour(bot: Desk) -> None:
    await bot.down()
    for seconds in (10 * 60, 6 * 60):
        topic(bot)
        bot.wait(seconds)
    await bot.start()
    await bot.listen()
    first, second = [await bot.channel.read(event) for event in await bot.look()]
    assert (first.listen, second.listen) == ("mentions", "questions")
    topic(bot)
    bot.wait(30 * 60)  # a slow forum
    (event,) = await bot.look()
    assert (await bot.channel.read(event)).listen == "questions"


async def test_a_mention_that_is_not_listed_is_heard_once_by_its_notification(desk: Desk) -> None:
    desk.forum.say("ben", desk.question.topic, CALLING)
    await desk.listen()
    desk.forum.message("ana", "concierge", CALLING)
    assert await desk.look() == []  # from before the first start, and what the settings do not let it read
    topic(desk).topic.visible = False
    desk.forum.say("ana", max(desk.forum.board.topics), CALLING)
    (event,) = await desk.look()
    assert (await desk.channel.read(event)).mentions_bot
    assert await desk.look() == []
    post = desk.forum.say("ana", desk.question.topic, "Bonjour à toutes et tous.")
    await desk.look()
    desk.forum.edit(post, "@concierge où ça ?")
    (event,) = await desk.look()
    edit = await desk.channel.read(event)
    assert (event.kind, edit.message.id, edit.message.mentions_bot) == ("edit", desk.event(post), True)
    assert edit.message.text == "où ça ?"


def moved(bot: Desk, post: Post) -> None:
    post.topic.posts.remove(post)
    post.topic = bot.forum.board.topics[max(bot.forum.board.topics)]
    post.number = len(post.topic.posts) + 1
    post.topic.posts.append(post)


CHANGES: dict[str, tuple[Callable[[Desk, Post], object], list[str]]] = {
    "edited": (lambda bot, post: bot.forum.edit(post, OTHER), ["edit"]),  # so soon that its version stays
    "removed": (lambda bot, post: bot.delete(post), ["redaction"]),
    "deleted by its author": (lambda bot, post: bot.forum.delete(post), ["redaction"]),
    "flagged": (lambda bot, post: setattr(post, "hidden", True), ["redaction"]),
    "moved": (moved, []),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_what_becomes_of_a_question_is_seen_once_and_not_at_each_look(bot: Desk, name: str) -> None:
    change, kinds = CHANGES[name]
    post = bot.forum.say("ana", bot.question.topic, CALLING)
    question = bot.event(post)
    await answered(bot, post)
    change(bot, post)
    assert await bot.look() == []
    bot.wait(130)
    seen = await bot.look()
    assert [(event.kind, event.relates_to) for event in seen] == [(kind, question) for kind in kinds]
    for read in [await bot.channel.read(event) for event in seen]:
        if isinstance(read, Redaction):
            assert read == Redaction("discourse", f"{question}/deleted", bot.room, "", question)
        else:
            assert read.message.text == OTHER
    bot.wait(130)
    assert await bot.look() == []


async def test_a_new_title_is_an_edit_of_the_first_post_and_a_topic_that_is_gone_takes_all_with_it(bot: Desk) -> None:
    post = topic(bot)
    await answered(bot, post)
    post.topic.title = "Un tout autre titre"
    bot.wait(130)
    (edited,) = await bot.look()
    assert (await bot.channel.read(edited)).message.text.startswith("Un tout autre titre")
    bot.delete(post)
    bot.wait(130)
    assert [event.id for event in await bot.look()] == [f"{bot.event(post)}/deleted"]


async def test_a_reply_that_somebody_deletes_is_a_redaction_and_our_own_deletion_is_not(bot: Desk) -> None:
    ours, other = [await answered(bot, bot.forum.say("ana", bot.question.topic, CALLING)) for _ in range(2)]
    bot.delete(bot.ours[0])
    await bot.channel.send(Removal(bot.room, other), "t2")
    bot.wait(130)
    (gone,) = await bot.look()
    assert (await bot.channel.read(gone)).target == ours


async def test_what_is_watched_outlives_a_restart_and_a_ring_for_a_day(bot: Desk) -> None:
    post = bot.forum.say("ana", bot.question.topic, CALLING)
    await answered(bot, post)
    await bot.start()
    await bot.listen()
    bot.forum.edit(post, OTHER)
    bot.wait(130)
    assert [event.kind for event in await bot.look()] == ["edit"]
    bot.forum.edit(post, "Et à quelle date ?")
    bot.wait(11)
    assert await bot.look() == []
    bot.channel.poll_now()
    assert [event.kind for event in await bot.look()] == ["edit"]
    bot.wait(24 * 3600)
    before = len(bot.forum.requests)
    assert await bot.look() == []
    assert [asked for asked in bot.forum.requests[before:] if asked.path.startswith("/t/")] == []
    assert bot.memory.kept["discourse.watched"] == "{}"


async def test_a_topic_is_looked_at_once_more_before_it_is_answered(bot: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(forum: Forum, request: web.BaseRequest) -> web.StreamResponse:
        """The topic has waited nearly long enough after this; the second time it is gone."""
        forum.clock.advance(14.8)
        if bot.event(post) in bot.memory.events and bot.rounds > before + 1:
            bot.delete(post)
        return await forum.forward(request)

    monkeypatch.setattr("bot.channels.discourse.poller.ROUND", 0.01)  # requests, which it makes one a second
    await bot.start(poll=3600)
    post, before = topic(bot), bot.rounds
    bot.forum.fail_next("GET /notifications", slow, ALWAYS)
    await bot.listen()
    await until(lambda: f"{bot.event(post)}/deleted" in bot.memory.events)


@pytest.mark.parametrize("path", ["/notifications", "/private-posts"])
@pytest.mark.parametrize("answer", [NOT_FOR_US, dropped])
async def test_what_the_key_may_not_ask_is_left_and_faults_stop_nothing(bot: Desk, path: str, answer: Answer) -> None:
    await bot.start(direct=True)
    await bot.listen()
    bot.forum.fail_next(f"GET {path}", answer, ALWAYS)
    bot.forum.say("ana", bot.question.topic, "Bonjour à toutes et tous.")
    assert len(await bot.look()) == 1
    before = len(bot.forum.requests)
    await bot.look()
    assert any(path in asked.path for asked in bot.forum.requests[before:]) is (answer is dropped)


async def test_a_wrong_key_ends_a_starting_bot_but_none_that_runs(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    desk.forum.keys, keys = {}, desk.forum.keys
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(AuthenticationFailed):
            await desk.channel.listen(desk.memory.receive, None)
    desk.forum.keys = keys
    await desk.listen()
    desk.forum.fail_next("GET /posts", NOT_FOR_US)
    await until(lambda: "all right again" in caplog.text)
    assert "global:read" in caplog.text
    await desk.look()


async def test_who_moderates_is_asked_each_time_and_nearly_the_name_of_a_moderator_is_none(desk: Desk) -> None:
    desk.forum.group("moderateurs", "Moda", "Groß")
    channel = await desk.start(moderators_group="moderateurs")
    names = ("moda", "GROß", "Gross", "groß ", "ana")
    assert [await channel.moderates(name) for name in names] == [True, True, False, False, False]
    assert await channel.power(desk.room, "ana") == 0
    assert [asked.path for asked in desk.forum.requests] == ["/groups/moderateurs/members.json"] * 6
    links = [channel.link("topic/45", event) for event in ("45/3", "45/3/v2", "held/7")]
    assert [link.removeprefix(f"{desk.forum.url}/t/-/45/") for link in links] == ["3", "3", "1"]
    assert not await (await desk.start(moderators_group=None)).moderates("moda")
    desk.forum.key = "a sign that cannot be sent\n"
    with pytest.raises(Unreachable):  # it does not end the bot on other networks
        await (await desk.start(moderators_group="moderateurs")).moderates("moda")


async def test_categories_decide_who_may_know_and_say_of_which_region_a_post_is(bot: Desk) -> None:
    bot.forum.group("lecteurs", "concierge")
    bot.forum.category("equipe", "lecteurs")
    posts = [topic(bot, where=slug) for slug in ("formations", "equipe", "annonces", "annonces", "annonces")]
    posts[3].topic.category, posts[4].topic.category = Category(99, "inconnue", "Inconnue"), None
    found = {event.id: await bot.channel.read(event) for event in await bot.look()}
    messages = [found[bot.event(post)] for post in posts]
    assert [message.listen for message in messages] == ["questions", *["mentions"] * 4]
    assert [message.private for message in messages] == [False, True, False, True, True]
    assert sum(asked.path == "/categories.json" for asked in bot.forum.requests) == 1
    await bot.start(categories=({"category": "formations", "region": "Bretagne"},))
    await bot.listen()
    listed, other = topic(bot), topic(bot, where="annonces")
    venues = {event.id: (await bot.channel.read(event)).venue for event in await bot.look()}
    assert venues == {bot.event(listed): Venue(frozenset({"formations"}), "Bretagne"), bot.event(other): Venue()}


async def test_a_category_that_is_not_there_is_said_once_also_after_a_refusal(
    bot: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(categories, "MAX_AGE", -1.0)
    await bot.start(categories=("formations", "formation"))
    await bot.listen()
    bot.forum.fail_next("GET /categories", NOT_FOR_US)
    for _ in range(3):
        topic(bot)
    for event in await bot.look():
        await bot.channel.read(event)
    assert [said for said in caplog.messages if "no such category" in said] == [
        "no such category on the forum, or not for us: formation"
    ]


@pytest.mark.parametrize("name", NOT_PUBLIC)
async def test_what_the_forum_does_not_say_is_public_is_private(bot: Desk, name: str) -> None:
    NOT_PUBLIC[name](bot)
    for slug in ("formations", "annonces"):
        topic(bot, where=slug)
    messages = [await bot.channel.read(event) for event in await bot.look()]
    assert [(message.listen, message.private) for message in messages] == [("mentions", True)] * 2
    assert await bot.memory.get(TOPICS_SEEN) is None


async def test_trouble_with_one_topic_loses_no_edit_of_another(bot: Desk) -> None:
    posts = [topic(bot, CALLING) for _ in range(2)]
    for event in await bot.look():
        await bot.channel.read(event)
        await bot.channel.send(Reply(event.room, ANSWER, to=event.id), event.id)
    for post in posts:
        bot.forum.edit(post, OTHER)
    bot.forum.fail_next(rf"GET /t/{posts[1].topic.id}\.json", dropped, ALWAYS)
    bot.wait(130)
    assert [event.relates_to for event in await bot.look()] == [bot.event(posts[0])]
    bot.forum.heal()
    assert [event.relates_to for event in await bot.look()] == [bot.event(posts[1])]
