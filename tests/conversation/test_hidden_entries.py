"""An entry that is hidden outside of its rooms: every way on which a word of it could leave them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.conversation.context import Reloaded
from bot.digest.content import note_entries
from bot.digest.publisher import DigestPublisher, DigestTarget
from bot.digest.schedule import Week
from bot.knowledge.models import Entry, Knowledge
from bot.matching.decision import Thresholds
from bot.matching.index import Index
from bot.messages import Edit, Message, Reaction, Redaction, Reply, Venue
from bot.store import LinkState
from tests.digest.week import SCHEDULE
from tests.moderation import command, react
from tests.scene import ANA, ASKED, BOB, FICHE, FORMATION, KNOWLEDGE, MODERATION, MODERATOR, ROOM, SERVICE, Scene

TEAM: dict[str, Any] = {"room": "!equipe", "venue": Venue(frozenset({"#equipe:example.org"}))}
CODE = Entry.model_validate(
    {
        "id": "code-alarme",
        "title": "Le code de l’alarme",
        "questions": ["Quel est le code de l’alarme ?", "comment couper l’alarme"],
        "answer": "C’est le 4711, quatre chiffres.",
        "links": [{"title": "Le plan secret", "url": "https://alarme.example/"}],
        "rooms": ["#equipe:example.org"],
        "public": "false",
    }
)
WORDS = ("4711", "alarme.example", "code-alarme", CODE.title, "plan secret")
QUESTION = "concierge : quel est le code de l’alarme ?"
SEEN = FORMATION.model_copy(update={"see_also": (CODE.id, FICHE.id)})
HIDING = Knowledge({one.id: one for one in (SEEN, FICHE, SERVICE, CODE)}, origins=KNOWLEDGE.origins)
INDEX = Index(HIDING)


@pytest.fixture
def office(scene: Scene) -> Scene:
    async def reload() -> Reloaded:
        return Reloaded(len(HIDING.entries))

    return scene.ruled(index=lambda: INDEX, reload=reload)


def leaked(replies: list[Reply]) -> list[str]:
    """The words of the hidden entry in what was said."""
    return [word for word in WORDS for reply in replies if word in reply.text]


def said(scene: Scene, *but: str) -> list[Reply]:
    """All that the bot ever said, but in these rooms."""
    return [out for out in scene.paper.sent.values() if isinstance(out, Reply) and out.room not in but]


async def test_it_is_answered_in_its_room(office: Scene) -> None:
    [reply] = await office.say(QUESTION, **TEAM)
    assert "4711" in reply.text


@pytest.mark.parametrize(
    "where",
    [{}, {"room": "!deux", "direct": True, "private": True}, {"venue": Venue(frozenset({"#autre:example.org"}), "X")}],
    ids=["a room", "a direct room", "another room of the settings"],
)
async def test_it_is_answered_nowhere_else(office: Scene, where: dict[str, Any]) -> None:
    replies = await office.say(QUESTION, **where)
    assert replies
    assert not leaked(replies)


async def test_what_is_overheard_elsewhere_is_not_answered_with_it(office: Scene) -> None:
    await office.say("Quel est le code de l’alarme ?")
    assert await office.later(timedelta(seconds=21)) == []
    await office.say("Quel est le code de l’alarme ?", **TEAM)
    assert leaked(await office.later(timedelta(seconds=21)))


async def test_it_is_among_the_suggestions_of_its_room_alone(office: Scene) -> None:
    office.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    text = "concierge : code alarme formation fiche de poste service civique"
    assert leaked(await office.say(text, **TEAM))
    assert not leaked(await office.say(text))


async def test_it_is_chosen_by_number_where_it_was_offered(office: Scene) -> None:
    office.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    await office.say(QUESTION, **TEAM)
    [chosen] = await react(office, office.last_reply, "1️⃣", ANA, **TEAM)
    assert "4711" in chosen.text


async def test_a_number_chooses_nothing_that_was_hidden_meanwhile(office: Scene) -> None:
    shown = CODE.model_copy(update={"public": True})
    public = Index(Knowledge({one.id: one for one in (FICHE, SERVICE, shown)}))
    office.ruled(limits=Thresholds(confident=1.1, suggest=0.01), index=lambda: public)
    await office.say(QUESTION)
    offer = office.last_reply
    office.ruled(index=lambda: INDEX)
    assert await react(office, offer, "1️⃣", ANA, ROOM) == []
    assert not leaked(await office.say("1", ANA, reply_to=offer))


async def test_see_also_names_it_in_its_room_alone(office: Scene) -> None:
    [inside] = await office.say(f"concierge : {ASKED}", **TEAM)
    [outside] = await office.say(f"concierge : {ASKED}")
    assert CODE.title in inside.text
    assert not leaked([outside])
    assert FICHE.title in outside.text


@pytest.mark.parametrize("sign", ["emoji", "word"])
async def test_what_is_read_by_its_number_is_it_in_its_room_alone(office: Scene, sign: str) -> None:
    for where, title in ((TEAM, CODE.title), ({"room": ROOM}, FICHE.title)):
        await office.say(f"concierge : {ASKED}", **where)
        answer = office.last_reply
        if sign == "emoji":
            [related] = await react(office, answer, "1️⃣", ANA, **where)
        else:
            [related] = await office.say("1", ANA, reply_to=answer, **where)
        assert title in related.text


async def test_none_of_the_suggestions_hands_the_question_on_without_a_word_of_it(office: Scene) -> None:
    office.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    await office.say("concierge : code alarme formation fiche de poste", **TEAM)
    await react(office, office.last_reply, "❌", ANA, **TEAM)
    assert not leaked(said(office, TEAM["room"]))


async def test_the_short_answer_within_the_hour_stays_where_the_long_one_is(office: Scene) -> None:
    await office.say(QUESTION, **TEAM)
    [short] = await office.say(QUESTION, BOB, **TEAM)
    assert leaked([short])
    assert "4711" not in short.text
    assert not leaked(await office.say(QUESTION, BOB))


async def test_an_edit_brings_it_into_its_room_alone(office: Scene) -> None:
    for where in ({"room": ROOM}, TEAM):
        await office.say(f"concierge : {ASKED}", **where)
        message = Message("paper", office.last, where["room"], ANA, QUESTION, office.time)
        message = replace(message, venue=where.get("venue", Venue()))
        edited = await office.bring(Edit(f"$e{where['room']}", message))
        assert bool(leaked(edited)) is (where is TEAM)


async def test_search_and_why_find_it_in_its_room_and_among_moderators_alone(office: Scene) -> None:
    assert not leaked(await office.say("!concierge chercher code alarme"))
    assert not leaked(await office.say("!chercher code alarme", room="!deux", direct=True))
    assert leaked(await office.say("!concierge chercher code alarme", **TEAM))
    assert leaked(await command(office, "!chercher code alarme"))
    await office.say(QUESTION)
    assert not leaked(await office.say("!concierge pourquoi", MODERATOR, reply_to=office.last_reply))
    await office.say(QUESTION, **TEAM)
    assert leaked(await office.say("!concierge pourquoi", MODERATOR, reply_to=office.last_reply, **TEAM))


async def test_a_dislike_that_is_taken_back_leaves_no_question(office: Scene) -> None:
    """Whether it has an answer is looked up where it was asked."""
    await office.say(QUESTION, **TEAM)
    await react(office, office.last_reply, "👎", ANA, **TEAM)
    assert len(await office.store.queue.questions()) == 1
    reaction = next(value.id for _, value in reversed(office.paper.written) if isinstance(value, Reaction))
    await office.bring(Redaction("paper", "$x", TEAM["room"], ANA, reaction))
    assert await office.store.queue.questions() == []
    assert not leaked(said(office, TEAM["room"], MODERATION))


async def test_what_goes_on_from_it_stays_in_its_room(office: Scene) -> None:
    words: list[str] = []

    async def search(rare: Any) -> Any:
        words.extend(rare)
        return ()

    office.ruled(search_forum=search)
    await office.say("concierge : qui coupe l’alarme du frigo ?", BOB)
    assert words
    assert set(words) <= {"qui", "coupe", "alarme", "frigo", "du", "l"}
    await office.say(QUESTION, **TEAM)
    replies = await office.say("concierge : et qui le change ?", **TEAM)
    assert not leaked([reply for reply in replies if reply.room not in (TEAM["room"], MODERATION)])
    _, question = await office.store.queue.questions()
    assert not leaked([Reply("", " ".join([*question.open_texts, *words]))])
    await office.say(f"concierge : {ASKED}")
    assert not leaked(await office.say("concierge : et le code de l’alarme ?"))


async def test_moderators_see_it_in_their_reports(office: Scene) -> None:
    assert leaked(await command(office, "!stats"))
    assert not leaked(await office.say("!concierge stats", MODERATOR))


async def test_the_digest_tells_of_it_in_its_own_room_and_to_moderators(office: Scene) -> None:
    week = Week(2026, 48)
    start = SCHEDULE.moment(week) - timedelta(days=3)
    await note_entries(office.store, KNOWLEDGE, start - timedelta(days=30))
    await note_entries(office.store, HIDING, start)
    targets = tuple(DigestTarget("paper", name) for name in ("#equipe:example.org", "#salon:example.org"))
    overdue = CODE.model_copy(update={"review_by": date(2026, 1, 1)})
    knowledge = replace(HIDING, entries={**HIDING.entries, CODE.id: overdue})
    publisher = DigestPublisher(office.store, lambda: knowledge, {"paper": office.ctx}, SCHEDULE, targets)
    texts = {target.name: await publisher.text(target, week, start) for target in publisher.targets()}
    assert CODE.title in texts["#equipe:example.org"]
    assert not leaked([Reply("", texts["#salon:example.org"])])
    assert CODE.title in texts[MODERATION]


async def test_its_dead_links_are_shown_to_moderators_alone(office: Scene) -> None:
    state = LinkState("https://alarme.example/", "dead", "404", office.time, dead_times=2)
    await office.store.links.note_check([state], office.time, None, office.time)
    assert leaked(await command(office, "!liens"))
    assert not leaked(await office.say("!concierge liens", MODERATOR))
    assert office.ctx.moderation
    assert office.ctx.moderation[1] == MODERATION  # where the weekly note goes
