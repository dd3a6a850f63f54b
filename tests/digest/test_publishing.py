"""Each place gets one post a week, whoever publishes it and however often; and nothing of it is private."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from bot.app.digest_settings import surely_asks
from bot.digest.content import note_entries
from bot.digest.publisher import DigestPublisher, DigestTarget
from bot.digest.schedule import Week
from bot.knowledge.models import Entry, Knowledge
from bot.locale import wording
from bot.messages import TOPICS_SEEN, Capabilities, Event, Reply, Topic
from bot.replies import Replies
from bot.store import Dequeue, Outcome, Post, Question, Store
from bot.workers.weekly_jobs import AGAIN, ENTERING, DigestJob
from tests.databases import unsent
from tests.digest.week import BEFORE, LONG_AGO, NOW, SCHEDULE, WEEK, ZONE, Speaking, entry
from tests.paper import Paper

CAPABILITIES = {"matrix": Capabilities(), "discourse": Capabilities(has_topics=True)}


@dataclass
class Desk:
    """A room and a forum on paper; `spots` are those of the settings."""

    store: Store
    knowledge: Knowledge
    networks: dict[str, Speaking]
    spots: tuple[DigestTarget, ...] = (DigestTarget("matrix", "#salon"), DigestTarget("discourse", "annonces"))
    dead: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()  # addresses of topics
    sent: list[tuple[str, Reply]] = field(default_factory=list)  # event id and what it says

    @property
    def publishing(self) -> DigestPublisher:
        knowledge, dead = lambda: self.knowledge, lambda: self.dead
        given = (self.store, knowledge, self.networks, SCHEDULE, self.spots, dead)
        return DigestPublisher(*given, self.still_open, surely_asks)

    async def still_open(self, topics: Sequence[Topic]) -> Sequence[Topic]:
        return [topic for topic in topics if topic.url not in self.closed]

    async def publish(self, now: datetime = NOW, week: Week = WEEK) -> dict[str, str]:
        return {target.name: result for target, result in (await self.publishing.publish(week, now)).items()}

    async def tell(self, now: datetime = NOW, week: Week = WEEK) -> None:
        """Publish, and have it sent; `sent` holds this alone."""
        self.sent.clear()
        await self.publish(now, week)
        await self.deliver()

    def job(self, clock: Callable[[], datetime] = lambda: NOW) -> DigestJob:
        return DigestJob(self.store, self.publishing, SCHEDULE, clock, lambda: None)

    async def withdraw(self, number: int = 0) -> None:
        """A question that waits is deleted; `sent` holds what comes of that alone."""
        event = (await self.store.queue.questions())[number].askings[0].event
        gone = Event("matrix", f"$gone-{event}", "#salon", "@ana:x", "redaction", NOW, "{}", event)
        await self.store.journal.receive("matrix", [gone], "s")
        await self.store.finish(gone, Outcome("a message was deleted").also(Dequeue(event)), NOW)
        self.sent.clear()

    async def know(self, *entries: Entry, now: datetime = LONG_AGO) -> None:
        self.knowledge = Knowledge({entry.id: entry for entry in entries})
        await note_entries(self.store, self.knowledge, now)

    async def ask(
        self, text: str, room: str = "#salon", channel: str = "matrix", private: bool = False, asked: datetime = BEFORE
    ) -> None:
        number = await self.store.queue.reserve_number()
        event = Event(channel, f"$ask{number}", room, "@ana:x", "message", BEFORE, "{}")
        await self.store.journal.receive(channel, [event], "s")
        ask = Question(text, channel, room, event.id, "@ana:x", asked, private, number)
        await self.store.finish(event, Outcome("unknown").also(ask), BEFORE)

    async def answer(self, *entries: str, times: int = 1, private: bool = False) -> None:
        for number in range(times):
            post = Post(Reply("#salon", "Voici."), "answer", entries, private=private)
            await self.store.outbox.post("matrix", post, f"answer {entries} {number}", BEFORE)
        await self.deliver()
        self.sent.clear()

    async def deliver(self) -> None:
        while rows := await self.store.outbox.due(NOW):
            for row in rows:
                await self.store.outbox.begin(row.id, NOW)
                await self.store.outbox.mark_sent(row.id, f"$sent-{row.id}", NOW)
                if isinstance(row.outgoing, Reply):
                    self.sent.append((f"$sent-{row.id}", row.outgoing))

    def texts(self, room: str) -> str:
        return "\n".join(reply.text for _, reply in self.sent if reply.room == room)


@pytest_asyncio.fixture
async def desk(ready_url: str) -> AsyncIterator[Desk]:
    store = await Store.open(ready_url)
    replies = Replies(wording("fr"), "Concierge", "!", ZONE)
    networks = {name: Speaking(Paper(name, can), replies) for name, can in CAPABILITIES.items()}
    desk = Desk(store, Knowledge({}), networks)
    await desk.know(entry("a"), entry("b"), entry("c"))
    yield desk
    await store.close()


async def test_a_week_is_told_in_each_place_with_its_own_open_questions(desk: Desk) -> None:
    await desk.answer("a", times=3)
    await desk.know(entry("a"), entry("b", answer="Là."), entry("c"), entry("d", "Nouvelle"), now=BEFORE)
    await desk.answer("d", times=2)
    await desk.ask("Où trouver une fraiseuse ?")
    await desk.ask("Qui prête un bateau ?", "topic/3", "discourse")
    await desk.ask("Comment soigner mon dos ?", "!direct")
    await desk.ask("Mon salaire est-il bon ?", private=True)
    topic = {"title": "Offre à Brest", "url": "https://forum.example/t/-/9", "posted": BEFORE.isoformat()}
    topics = [topic, topic | {"title": "Vieux", "posted": LONG_AGO.isoformat()}]
    await desk.store.memory.set(TOPICS_SEEN, json.dumps(topics))
    assert await desk.publish() == {"#salon": "new", "annonces": "new"}
    await desk.deliver()
    for place, own, other in (("#salon", "fraiseuse", "bateau"), ("annonces", "bateau", "fraiseuse")):
        text = desk.texts(place)
        for word in ("Nouvelle", "b.example", "3 fois", "Offre", own):
            assert word in text.replace("\u00a0", " ")
        assert text.count("[Nouvelle]") == 1  # though it was asked for
        for word in (other, "dos", "salaire", "Vieux", "ana", "c.example"):
            assert word not in text
    assert all(reply.quiet for _, reply in desk.sent)
    assert [bool(reply.title) for _, reply in sorted(desk.sent, key=lambda one: one[1].room)] == [False, True]


async def test_a_question_counts_once_with_what_answered_it_in_the_end_and_not_if_it_is_private(desk: Desk) -> None:
    for key, entries, replaces in (("1", ("a",), None), ("2", ("b",), "$sent-1"), ("3", ("b",), None)):
        question = "$chosen" if key != "3" else "$other"
        post = Post(Reply("#salon", "Voici.", replaces=replaces), "answer", entries, question)
        await desk.store.outbox.post("matrix", post, key, BEFORE)
        await desk.deliver()
    await desk.answer("a", "c", times=3, private=True)
    assert await desk.store.digests.answers_since(LONG_AGO) == {"b": 2}


async def test_each_title_opens_its_page_or_a_link_that_leads_somewhere_or_is_in_doubt(desk: Desk) -> None:
    two = entry("d", "Deux liens").model_copy(update={"links": (*entry("x").links, *entry("y").links)})
    late = entry("e", "À relire").model_copy(update={"review_by": BEFORE.date()})
    desk.dead = frozenset({"https://x.example/", "https://f.example/"})
    await desk.know(two, late, entry("f", "Un lien mort"), now=BEFORE)
    await desk.tell()
    text = desk.texts("#salon")
    assert "[Deux liens](https://y.example/)\n" in text
    assert "[À relire](https://e.example/) (à vérifier)" in text
    assert "- Un lien mort (à vérifier)" in text
    # but that of an entry that has none, as it is hidden elsewhere
    speaking = desk.networks["matrix"]
    speaking.channel.moderators_room = "!modo"
    pages = Replies(wording("fr"), "Concierge", "!", ZONE, pages="https://lab.example/r/{id}")
    desk.networks["matrix"] = Speaking(speaking.channel, pages)
    hidden = entry("e", "Cachée").model_copy(update={"rooms": ("#salon",), "public": False})
    await desk.know(entry("d", "La fraiseuse"), hidden, now=BEFORE)
    await desk.answer("e")
    await desk.tell()
    assert "[La fraiseuse](https://lab.example/r/d)\n" in desk.texts("#salon")
    assert "[Cachée](https://e.example/)" in desk.texts("#salon")
    assert "**Jamais demandées**\n\n- [La fraiseuse](https://lab.example/r/d)" in desk.texts("!modo")


async def test_a_week_begins_where_the_last_one_was_told(desk: Desk) -> None:
    """Also when that was late, or by hand: nothing is told twice, nothing is left out."""
    await desk.know(entry("d", "Du lundi"), now=BEFORE)
    await desk.publish()
    await desk.know(entry("d", "Du lundi"), entry("e", "Du mardi"), now=NOW + timedelta(days=1))
    assert (await desk.publish(NOW + timedelta(days=1.5)))["#salon"] == "edited"
    await desk.know(entry("d", "Du lundi"), entry("e", "Du mardi"), entry("f", "Du jeudi"), now=NOW + timedelta(days=3))
    await desk.deliver()
    await desk.tell(NOW + timedelta(days=7), WEEK.after)
    text = desk.texts("#salon")
    assert "Du jeudi" in text
    assert "Du mardi" not in text


async def test_a_question_whose_topic_was_closed_meanwhile_is_not_asked_of_everybody(desk: Desk) -> None:
    await desk.ask("Qui prête un bateau ?", "topic/3", "discourse")
    await desk.ask("Qui prête une remorque ?", "topic/4", "discourse")
    first, second = [queued.askings[0].event for queued in await desk.store.queue.questions()]
    desk.closed = frozenset({f"https://paper.example/topic/3/{first}"})
    await desk.tell()
    assert "bateau" not in desk.texts("annonces")
    assert f"https://paper.example/topic/4/{second}" in desk.texts("annonces")


async def test_a_question_that_is_deleted_leaves_each_post_that_quotes_it_within_a_minute(desk: Desk) -> None:
    """Or taken back by who asked it. What nothing is left of says so: it was posted, and stays one post."""
    await desk.ask("Qui prête un bateau ?", asked=BEFORE - timedelta(days=7))
    await desk.publish(NOW - timedelta(days=7), WEEK.before)
    await desk.know(entry("a"), entry("b"), entry("c"), entry("d", "Nouvelle"), now=BEFORE)
    weekly = desk.job()
    await weekly.look(LONG_AGO)
    await desk.deliver()
    assert desk.texts("#salon").count("bateau") == 2
    await weekly.look(LONG_AGO)
    assert await unsent(desk.store) == 0  # as long as it is there, nothing changes
    await desk.withdraw()
    for _ in range(2):
        await weekly.look(LONG_AGO)
        await desk.deliver()
    newest, earlier = [edit for _, edit in desk.sent]
    assert newest.replaces
    assert earlier.replaces
    assert "bateau" not in newest.text + earlier.text
    assert "Nouvelle" in newest.text
    assert "retiré" in earlier.text


async def test_a_question_withdrawn_from_a_digest_that_was_posted_early_goes_at_once(desk: Desk) -> None:
    await desk.answer("a")
    await desk.publish()
    await desk.ask("Qui prête un bateau ?")
    await desk.tell(NOW + timedelta(days=1), WEEK.after)
    assert "bateau" in desk.texts("#salon")
    await desk.withdraw()
    assert await desk.publishing.remove_withdrawn(WEEK, NOW + timedelta(days=1))
    await desk.deliver()
    ((_, edit),) = desk.sent
    assert "bateau" not in edit.text
    assert edit.replaces


async def test_a_question_that_is_too_old_to_be_kept_stays_in_earlier_posts(desk: Desk) -> None:
    await desk.ask("Qui prête un bateau ?")
    await desk.tell(NOW - timedelta(days=7), WEEK.before)
    await desk.store.retention.erase_old(BEFORE + timedelta(days=91), 90)
    assert not await desk.publishing.remove_withdrawn(WEEK, NOW)


async def test_words_that_wait_to_be_sent_are_withdrawn_by_newer_ones(desk: Desk) -> None:
    await desk.answer("a")
    await desk.tell()
    await desk.ask("Qui prête un bateau ?")
    await desk.publish()  # and the room cannot be reached meanwhile
    await desk.withdraw()
    await desk.publishing.remove_withdrawn(WEEK, NOW)
    await desk.deliver()
    assert len(desk.sent) == 1
    assert "bateau" not in desk.texts("#salon")


async def test_members_are_asked_sure_questions_a_day_old_that_moderators_saw_the_evening_before(desk: Desk) -> None:
    desk.networks["matrix"].channel.moderators_room = "!moderation"
    await desk.ask("Où trouver une fraiseuse ?")
    await desk.ask("t’es nul")
    await desk.ask("Qui prête un bateau ?", asked=NOW - timedelta(hours=20))
    job = desk.job(lambda: now)
    for hours in (-16, -15, -14, -13):  # of nine o'clock: 17:00, 18:00 and after
        now = SCHEDULE.moment(WEEK) + timedelta(hours=hours)
        await job.look(LONG_AGO)
        assert bool(await desk.store.outbox.due(NOW)) is (hours == -15)
        await desk.deliver()
    head, question = [reply for _, reply in desk.sent if reply.room == "!moderation"]
    assert "Demain" in head.text
    assert (question.choices, "fraiseuse" in question.text) == (("❌",), True)
    assert "nul" not in desk.texts("!moderation")
    await desk.tell()
    assert [word in desk.texts("#salon") for word in ("fraiseuse", "nul", "bateau")] == [True, False, False]


async def test_moderators_get_their_own_part_and_members_do_not(desk: Desk) -> None:
    """The very first entries are no news, and nothing new is no post."""
    assert await desk.publish() == {"#salon": "empty", "annonces": "empty"}
    desk.networks["matrix"].channel.moderators_room = "!modo"
    await desk.ask("Qui prête un bateau ?", private=True)
    assert await desk.publish() == {"#salon": "empty", "annonces": "empty", "!modo": "new"}
    await desk.deliver()
    assert "depuis 3 j" in desk.texts("!modo").replace("\u00a0", " ")
    assert "bateau" not in desk.texts("!modo")


@pytest.mark.parametrize(("days", "begun", "told"), [(0, -9, True), (1.9, -9, True), (2.1, -9, False), (0.5, 1, False)])
async def test_the_clock_catches_up_for_two_days(desk: Desk, days: float, begun: float, told: bool) -> None:
    """But not before its first start, so many hours later."""
    await desk.answer("a")
    for _ in range(2):  # as after a restart
        weekly = desk.job(lambda: SCHEDULE.moment(WEEK) + timedelta(days=days))
        assert 0 < await weekly.look(NOW + timedelta(hours=begun)) <= 60
    await desk.deliver()
    assert sorted(reply.room for _, reply in desk.sent) == ["#salon", "annonces"] * told


async def test_an_error_of_ours_or_a_room_that_was_not_entered_yet_costs_no_digest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.answer("a")
    weekly = desk.job()
    with monkeypatch.context() as patch:
        patch.setattr(Replies, "digest", lambda *_, **__: 1 / 0)
        assert await weekly.step(LONG_AGO) == AGAIN
    assert "internal error in the digest" in caplog.text
    with monkeypatch.context() as patch:
        patch.setattr(Paper, "room_named", lambda _, name: None if name.startswith("#") else name)
        assert await weekly.look(LONG_AGO) == ENTERING
        await desk.deliver()
        await desk.ask("Qui prête un bateau ?", "topic/3", "discourse")
        assert await weekly.look(LONG_AGO) == ENTERING  # and no new words elsewhere meanwhile
    assert await weekly.look(LONG_AGO) != ENTERING
    await desk.deliver()
    assert sorted(reply.room for _, reply in desk.sent) == ["#salon", "annonces"]


async def test_a_second_process_beside_the_bot_makes_no_second_post(desk: Desk, ready_url: str) -> None:
    await desk.answer("a")
    await desk.publish()
    beside = await Store.open(ready_url, lock=False)
    try:
        other = DigestPublisher(beside, lambda: desk.knowledge, desk.networks, SCHEDULE, desk.spots)
        assert set((await other.publish(WEEK, NOW)).values()) == {"same"}
    finally:
        await beside.close()
    assert await unsent(desk.store) == 2
