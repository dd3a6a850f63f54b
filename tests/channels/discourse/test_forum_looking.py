"""What a look brings, on a forum on paper: what is new, what was said while the bot was down, what was changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from bot.channels.discourse import event_parser
from bot.channels.discourse.channel import DiscourseChannel
from bot.channels.discourse.http import Forbidden
from bot.channels.discourse.models import DiscoursePost, Notification
from bot.channels.discourse.poller import Poller
from bot.channels.discourse.rate_limit import PostLimits
from bot.channels.discourse.site import Site
from bot.channels.discourse.watchlist import Watchlist
from bot.messages import (
    TOPICS_SEEN,
    AuthenticationFailed,
    ChannelError,
    Event,
    Message,
    NetworkRefusal,
    Redaction,
    Removal,
    Reply,
    Unreachable,
    Venue,
)
from tests.channels.discourse.paper import ELSEWHERE, SITE, Notebook, Paper, called
from tests.waiting import PATIENCE, until

OPEN_FOR_MESSAGES = Site(url=SITE.url, username=SITE.username, categories=SITE.categories, direct=True)


class Rounds:
    """The forum on paper as one bot asks it, whose next round waits to be let go on."""

    def __init__(self, paper: Paper) -> None:
        self._paper, self.waiting, self.may_go_on = paper, asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._paper, name)

    async def latest_posts(self, before: int | None = None) -> list[DiscoursePost]:
        """The first request of a round, and those for further pages."""
        if before is None:
            self.waiting.set()
            await self.may_go_on.wait()
            self.may_go_on.clear()
        return await self._paper.latest_posts(before)

    async def turn(self) -> None:
        """One round, until the next one waits."""
        async with asyncio.timeout(PATIENCE):
            await self.waiting.wait()
            self.waiting.clear()
            self.may_go_on.set()
            await self.waiting.wait()


class Bot:
    """A channel that looks when it is told to; killed and started again with `begin`."""

    def __init__(self, paper: Paper, site: Site = SITE, poll: float = 0.001) -> None:
        self.paper, self.notebook = paper, Notebook()
        self.site = site.model_copy(update={"poll": poll})
        self.listening: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        if self.listening:
            self.listening.cancel()
        self.rounds = Rounds(self.paper)
        self.channel = DiscourseChannel(self.site, self.rounds, self.notebook, self.paper.clock)  # type: ignore[arg-type]
        await self.channel.start()
        self.listening = asyncio.create_task(self.channel.listen(self.notebook.receive, self.notebook.position))
        if self.notebook.position is None:
            await self.rounds.turn()
        else:
            await self.rounds.waiting.wait()

    async def look(self) -> list[Event]:
        """The events that are new in the journal."""
        before = set(self.notebook.events)
        await self.rounds.turn()
        return [event for id, event in self.notebook.events.items() if id not in before]

    async def read(self, event: Event) -> Any:
        return await self.channel.read(event)

    async def answer(self, event: Event, text: str = "> Où ?\n\nIci, voyez la fiche.") -> str:
        """As the core would: read the question, post the reply."""
        await self.read(event)
        return await self.channel.send(Reply(event.room, text, to=event.id), "t")


@pytest.fixture
async def bot() -> Bot:
    bot = Bot(Paper())
    bot.paper.add(number=1)
    await bot.begin()
    return bot


def note(id: int, post: DiscoursePost, kind: int = 1) -> Notification:
    shape = {"id": id, "notification_type": kind, "topic_id": post.topic_id, "post_number": post.post_number}
    return Notification.model_validate(shape | {"created_at": post.created_at, "data": {"original_post_id": post.id}})


async def test_the_very_first_request_is_for_the_newest_posts_and_its_answer_is_kept_first() -> None:
    bot = Bot(Paper())
    bot.paper.add(number=1)
    kept: list[list[str]] = []

    class Recording(Notebook):
        async def receive(self, events: Sequence[Event], position: str) -> None:
            kept.append(list(bot.paper.asked))
            await super().receive(events, position)

    bot.notebook = Recording()
    await bot.begin()
    assert kept == [["latest_posts"]]
    assert bot.notebook.heard == []


async def test_a_new_topic_is_not_overheard_when_it_is_older_than_the_bot_by_a_quarter_of_an_hour(bot: Bot) -> None:
    bot.paper.add(topic=50, number=1)
    bot.paper.wait(10 * 60)
    bot.paper.add(topic=51, number=1)
    bot.paper.wait(6 * 60)
    await bot.begin()
    first, second = [await bot.read(event) for event in await bot.look()]
    assert (first.listen, second.listen) == ("mentions", "questions")
    bot.paper.add(topic=52, number=1)
    bot.paper.wait(30 * 60)  # a slow forum
    (event,) = await bot.look()
    assert (await bot.read(event)).listen == "questions"


async def test_private_messages_are_heard_only_where_the_settings_say_so(bot: Bot) -> None:
    post = bot.paper.add(private=True, topic=60, number=1, category_id=None, cooked=called())
    bot.paper.notes.append(note(1, post))
    assert await bot.look() == []
    talking = Bot(bot.paper, OPEN_FOR_MESSAGES)
    talking.notebook.position = bot.notebook.position
    talking.paper.add(private=True, topic=61, number=1, category_id=None)
    await talking.begin()
    message = await talking.read((await talking.look())[-1])
    assert (message.room, message.direct, message.private, message.listen) == ("topic/61", True, True, "mentions")


async def test_a_mention_in_an_unlisted_topic_is_heard_by_its_notification(bot: Bot) -> None:
    post = bot.paper.add(topic=50, number=3, cooked=called())
    bot.paper.unseen.add(post.id)
    bot.paper.notes.append(note(1, post))
    (event,) = await bot.look()
    assert (await bot.read(event)).mentions_bot
    assert await bot.look() == []


async def test_what_the_list_brought_is_not_asked_for_again_because_of_its_notification(bot: Bot) -> None:
    post = bot.paper.add(number=3, cooked=called())
    bot.paper.notes += [note(1, post), note(2, bot.paper.add(number=4, reply_to_post_number=3), kind=2)]
    assert [event.id for event in await bot.look()] == ["45/3", "45/4"]
    assert bot.paper.asked == ["latest_posts", "check_key", "latest_posts", "notifications"]


async def test_a_mention_that_is_edited_in_is_heard_as_an_edit(bot: Bot) -> None:
    post = bot.paper.add(number=3)
    await bot.look()
    bot.paper.change(post, raw="@concierge où ça ?", cooked=called())
    bot.paper.notes.append(note(1, post))
    (event,) = await bot.look()
    edit = await bot.read(event)
    assert (event.kind, edit.message.id, edit.message.mentions_bot) == ("edit", "45/3", True)
    assert edit.message.text == "où ça ?"


async def test_nothing_from_before_the_first_start_is_heard_by_its_notification(bot: Bot) -> None:
    bot.paper.change(bot.paper.posts[0], cooked=called())
    bot.paper.notes += [note(kind, bot.paper.posts[0], kind) for kind in (1, 2)]
    assert await bot.look() == []


async def answered(bot: Bot) -> DiscoursePost:
    """A question to which the bot has replied, some two minutes ago."""
    post = bot.paper.add(number=3, cooked=called())
    (event,) = await bot.look()
    await bot.answer(event)
    return post


CHANGES: dict[str, tuple[Callable[[Paper, DiscoursePost], None], list[str]]] = {
    "edited": (lambda paper, post: paper.change(post, raw="Et combien cela coûte-t-il ?"), ["edit"]),  # same version
    "removed": (lambda paper, post: paper.remove(post), ["redaction"]),
    "deleted by its author": (lambda paper, post: paper.change(post, user_deleted=True), ["redaction"]),
    "flagged": (lambda paper, post: paper.change(post, hidden=True), ["redaction"]),
    "moved": (lambda paper, post: paper.change(post, topic_id=70, post_number=2), []),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_what_becomes_of_a_question_is_seen_once_and_not_at_each_look(bot: Bot, name: str) -> None:
    change, kinds = CHANGES[name]
    change(bot.paper, await answered(bot))
    assert await bot.look() == []
    bot.paper.wait(130)
    seen = await bot.look()
    assert [(event.kind, event.relates_to) for event in seen] == [(kind, "45/3") for kind in kinds]
    for read in [await bot.read(event) for event in seen]:
        if isinstance(read, Redaction):
            assert read == Redaction("discourse", "45/3/deleted", "topic/45", "", "45/3")
        else:
            assert read.message.text == "Et combien cela coûte-t-il ?"
    bot.paper.wait(130)
    assert await bot.look() == []


async def test_a_new_title_is_an_edit_of_the_first_post_and_a_topic_that_is_gone_takes_all_with_it(bot: Bot) -> None:
    bot.paper.add(topic=50, number=1)
    (event,) = await bot.look()
    await bot.answer(event)
    bot.paper.title = "Un tout autre titre"
    bot.paper.wait(130)
    (edited,) = await bot.look()
    assert (await bot.read(edited)).message.text.startswith("Un tout autre titre")
    bot.paper.posts = [post for post in bot.paper.posts if post.topic_id != 50]
    bot.paper.wait(130)
    assert [event.id for event in await bot.look()] == ["50/1/deleted"]


async def test_a_reply_that_somebody_deletes_is_a_redaction_and_our_own_deletion_is_not(bot: Bot) -> None:
    bot.paper.add(number=3, cooked=called())
    bot.paper.add(number=4, cooked=called())
    first, second = await bot.look()
    ours, other = await bot.answer(first), await bot.answer(second)
    bot.paper.remove(next(post for post in bot.paper.posts if f"45/{post.post_number}" == ours))
    await bot.channel.send(Removal("topic/45", other), "t2")
    bot.paper.wait(130)
    (gone,) = await bot.look()
    assert (await bot.read(gone)).target == ours


async def test_what_is_watched_outlives_a_restart_and_ends_after_a_day(bot: Bot) -> None:
    post = await answered(bot)
    await bot.begin()
    bot.paper.change(post, raw="Et combien cela coûte-t-il ?")
    bot.paper.wait(130)
    assert [event.kind for event in await bot.look()] == ["edit"]
    bot.paper.wait(24 * 3600)
    bot.paper.asked.clear()
    assert await bot.look() == []
    assert "topic" not in bot.paper.asked
    assert bot.notebook.memory["discourse.watched"] == "{}"


async def test_told_by_the_forum_it_looks_at_once_for_what_was_edited(bot: Bot) -> None:
    bot.paper.change(await answered(bot), raw="Et combien cela coûte-t-il ?")
    bot.paper.wait(11)
    assert await bot.look() == []
    bot.channel.poll_now()
    assert await bot.look() == []  # the round that had begun
    assert [event.kind for event in await bot.look()] == ["edit"]


async def test_a_topic_that_waits_to_be_answered_is_looked_at_once_more_before() -> None:
    class Slow(Paper):
        """Takes its time over one request: a new topic has waited nearly long enough after a round."""

        async def notifications(self) -> list[Notification]:
            self.wait(14.8)
            return await super().notifications()

    bot = Bot(Slow(), poll=3600)
    bot.paper.add(number=1)
    await bot.begin()
    post = bot.paper.add(topic=50, number=1)
    clock = asyncio.get_running_loop().time
    begun = clock()
    await bot.look()
    assert clock() - begun > 0.15
    bot.paper.remove(post)
    bot.rounds.may_go_on.set()
    await until(lambda: "50/1/deleted" in bot.notebook.events)


@pytest.mark.parametrize("refused", ["notifications", "private_posts"])
@pytest.mark.parametrize("error", [Forbidden("no", 403), Unreachable("down")])
async def test_what_the_key_may_not_ask_is_left_alone_and_what_fails_keeps_it_from_nothing_else(
    bot: Bot, refused: str, error: ChannelError
) -> None:
    talking = Bot(bot.paper, OPEN_FOR_MESSAGES)
    await talking.begin()
    bot.paper.failing[refused] = error
    bot.paper.add(number=3)
    assert len(await talking.look()) == 1
    bot.paper.asked.clear()
    await talking.look()
    assert (refused in bot.paper.asked) is isinstance(error, Unreachable)


def polling(paper: Paper, notebook: Notebook, **settings: float) -> Poller:
    watched = Watchlist(SITE, paper, notebook, paper.clock)  # type: ignore[arg-type]
    site = SITE.model_copy(update=settings)
    return Poller(site, paper, watched, PostLimits(), ELSEWHERE, paper.clock)  # type: ignore[arg-type]


async def test_a_wrong_key_ends_a_bot_that_starts_and_not_one_that_runs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    paper, notebook, quick = Paper(trouble=[Forbidden("no", 403)] * 2), Notebook(), {"poll": 0.01}
    paper.failing["check_key"] = AuthenticationFailed("the key is not accepted")
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(AuthenticationFailed):
            await polling(paper, notebook, **quick).run(notebook.receive, None)
    paper = Paper(trouble=[None, None, Forbidden("no", 403)])
    running = asyncio.create_task(polling(paper, notebook, **quick).run(notebook.receive, notebook.position))
    await until(lambda: running.done() or "all right again" in caplog.text)
    assert not running.done()
    running.cancel()
    assert "global:read" in caplog.text


async def test_however_often_it_rings_the_forum_is_asked_at_the_pace_of_the_settings() -> None:
    paper, notebook = Paper(), Notebook()
    poller = polling(paper, notebook, poll=0.1)

    async def ring() -> None:
        while True:
            poller.poll_now()
            await asyncio.sleep(0.001)

    clock, tasks = asyncio.get_running_loop().time, [asyncio.create_task(ring())]
    begun = clock()
    tasks.append(asyncio.create_task(poller.run(notebook.receive, notebook.position)))
    await until(lambda: paper.asked.count("notifications") >= 10)
    took = clock() - begun
    for task in tasks:
        task.cancel()
    assert took > 0.85  # ten times a second


async def test_who_moderates_is_asked_each_time_and_nearly_the_name_of_a_moderator_is_none(bot: Bot) -> None:
    site = Site(url=SITE.url, username=SITE.username, moderators_group="moderateurs")
    channel = DiscourseChannel(site, bot.paper, bot.notebook)  # type: ignore[arg-type]
    names = ("moda", "GROß", "Gross", "groß ", "ana")
    assert [await channel.moderates(name) for name in names] == [True, True, False, False, False]
    assert await channel.power("topic/45", "ana") == 0
    assert bot.paper.asked.count("group_members") == 6
    assert not await bot.channel.moderates("moda")
    links = {event: channel.link("topic/45", event) for event in ("45/3", "45/3/v2", "held/7")}
    assert [link.removeprefix("https://forum.example/f/t/-/45/") for link in links.values()] == ["3", "3", "1"]


async def test_categories_decide_who_may_know(bot: Bot) -> None:
    posts = [bot.paper.add(topic=70 + (number or 0), number=1, category_id=number) for number in (5, 6, 7, 8, None)]
    found = {event.room: await bot.read(event) for event in await bot.look()}
    messages = [found[f"topic/{post.topic_id}"] for post in posts]
    assert all(isinstance(message, Message) for message in messages)
    assert [message.listen for message in messages] == ["questions", "mentions", "mentions", "mentions", "mentions"]
    assert [message.private for message in messages] == [False, True, False, True, True]
    assert bot.paper.asked.count("categories") == 1


async def test_a_post_says_in_which_listed_category_and_region_it_stands() -> None:
    site = Site(url=SITE.url, username=SITE.username, categories=({"category": "formations", "region": "Bretagne"},))  # type: ignore[arg-type]
    bot = Bot(Paper(), site)
    await bot.begin()
    for number in (5, 6, 7):
        bot.paper.add(topic=70 + number, number=1, category_id=number)
    venues = {event.room: (await bot.read(event)).venue for event in await bot.look()}
    assert venues.pop("topic/75") == Venue(frozenset({"formations"}), "Bretagne")
    assert set(venues.values()) == {Venue()}


NOT_PUBLIC: dict[str, Callable[[Paper], object]] = {
    "it is read with an account only": lambda paper: setattr(paper, "login_required", True),
    "it does not say so": lambda paper: paper.failing.update(basic_info=NetworkRefusal("not for you")),
    "it shows no categories": lambda paper: paper.failing.update(categories=NetworkRefusal("not for you")),
}


@pytest.mark.parametrize("name", NOT_PUBLIC)
async def test_what_the_forum_does_not_say_is_public_is_private(bot: Bot, name: str) -> None:
    NOT_PUBLIC[name](bot.paper)
    for number in (5, 7):
        bot.paper.add(topic=70 + number, number=1, category_id=number)
    messages = [await bot.read(event) for event in await bot.look()]
    assert [(message.listen, message.private) for message in messages] == [("mentions", True)] * 2
    assert await bot.notebook.get(TOPICS_SEEN) is None


async def test_an_earlier_post_is_read_again_with_its_title_and_place(bot: Bot) -> None:
    bot.paper.add(topic=50, number=1, category_id=5)
    event = await bot.channel.fetch("topic/50", "50/1")
    assert event is not None
    assert event_parser.journalled_post(event).post.topic_title == bot.paper.title
    assert await bot.channel.fetch("topic/50", "50/9") is None
    assert await bot.channel.fetch("topic/50", "held/3") is None
    private = bot.paper.add(private=True, topic=60, number=1)
    again = await bot.channel.fetch("topic/60", f"60/{private.post_number}")
    assert again is not None
    assert event_parser.journalled_post(again).direct


async def test_trouble_with_one_topic_loses_no_edit_of_another(bot: Bot) -> None:
    posts = [bot.paper.add(topic=topic, number=2, cooked=called()) for topic in (50, 51)]
    for event in await bot.look():
        await bot.answer(event)
    for post in posts:
        bot.paper.change(post, raw="Et combien cela coûte-t-il ?")
    bot.paper.wait(130)
    bot.paper.trouble = [None, None, None, Unreachable("down")]  # posts, notifications, the first topic, the second
    assert [event.relates_to for event in await bot.look()] == ["50/2"]
    assert [event.relates_to for event in await bot.look()] == ["51/2"]


async def test_a_key_that_is_refused_later_does_not_end_the_bot_on_other_networks() -> None:
    site = Site(url=SITE.url, username=SITE.username, moderators_group="moderateurs")
    paper = Paper(failing={"group_members": AuthenticationFailed("the key has a sign that cannot be sent")})
    channel = DiscourseChannel(site, paper, Notebook())  # type: ignore[arg-type]
    with pytest.raises(Unreachable):
        await channel.moderates("moda")
