"""An entry that is hidden outside of its rooms: every way on which a word of it could leave them."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.context import Reloaded
from bot.conversation.moderation import actions
from bot.digest.content import note_entries
from bot.digest.publisher import DigestPublisher, DigestTarget
from bot.digest.schedule import Week
from bot.knowledge.models import Entry, Knowledge
from bot.matching.index import Index
from bot.messages import Reply, Venue
from bot.store import LinkState, QuestionClosure
from tests.digest.week import SCHEDULE
from tests.moderation import KEYS, PORTAL, PRIVATE, command, contents, react, shown, told_to
from tests.scene import ASKED, BOB, FICHE, KNOWLEDGE, MODERATION, MODERATOR, OFFERING, SERVICE, Scene, text_of

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
SEEN = KNOWLEDGE.entries["formation-facilitation"].model_copy(update={"see_also": (CODE.id, FICHE.id)})
HIDING = Knowledge({one.id: one for one in (SEEN, FICHE, SERVICE, CODE)}, origins=KNOWLEDGE.origins)


@pytest.fixture(scope="module")
def hiding() -> Index:
    return Index(HIDING)


@pytest.fixture
def office(scene: Scene, hiding: Index) -> Scene:
    async def reload() -> Reloaded:
        return Reloaded(len(HIDING.entries))

    return scene.ruled(index=lambda: hiding, reload=reload)


def leaked(replies: list[Reply]) -> list[str]:
    """The words of the hidden entry in what was said."""
    return [word for word in WORDS for reply in replies if word in reply.text]


def said(scene: Scene, *but: str) -> list[Reply]:
    """All that the bot ever said, but in these rooms."""
    return [out for out in scene.paper.sent.values() if isinstance(out, Reply) and out.room not in but]


ELSEWHERE: tuple[dict[str, Any], ...] = (
    *({}, PRIVATE),
    {"room": "!autre", "venue": Venue(frozenset({"#autre:example.org"}), "another room of the settings")},
)


async def test_it_is_answered_in_its_room_and_nowhere_else_whether_asked_overheard_or_edited(office: Scene) -> None:
    for where in ELSEWHERE:
        replies = await office.say(QUESTION, **where)
        assert replies
        assert not leaked(replies), where
    assert "4711" in text_of(await office.say(QUESTION, **TEAM))
    [short] = await office.say(QUESTION, BOB, **TEAM)  # within the hour
    assert leaked([short])
    assert "4711" not in short.text
    assert not leaked(await office.say(QUESTION, BOB))
    for where in ({}, TEAM):
        await office.say(f"concierge : {ASKED}", **where)
        assert bool(leaked(await office.edit(QUESTION, **where))) is (where is TEAM)
        office.time += timedelta(hours=2)
        assert bool(leaked(await office.overhear("Quel est le code de l’alarme ?", **where))) is (where is TEAM)


async def test_it_is_offered_and_chosen_in_its_room_alone_and_not_once_hidden(office: Scene, hiding: Index) -> None:
    office.ruled(limits=OFFERING)
    assert not leaked(await office.say("concierge : code alarme formation fiche de poste service civique"))
    assert leaked(await office.say(QUESTION, **TEAM))
    assert "4711" in text_of(await office.react("1️⃣", **TEAM))
    await office.say("concierge : code alarme formation fiche de poste", BOB, **TEAM)
    await office.react("❌", BOB, **TEAM)  # hands the question on without a word of it
    assert not leaked(said(office, TEAM["room"]))
    public = Index(Knowledge({one.id: one for one in (FICHE, SERVICE, CODE.model_copy(update={"public": True}))}))
    office.ruled(index=lambda: public)
    await office.say(QUESTION)
    offer = office.last_reply
    office.ruled(index=lambda: hiding)
    assert await office.react("1️⃣", under=offer) == []
    assert not leaked(await office.say("1", reply_to=offer))


@pytest.mark.parametrize("sign", ["emoji", "word"])
async def test_see_also_names_it_and_gives_it_by_its_number_in_its_room_alone(office: Scene, sign: str) -> None:
    for where, title in ((TEAM, CODE.title), ({}, FICHE.title)):
        [reply] = await office.say(f"concierge : {ASKED}", **where)
        assert (title in reply.text, bool(leaked([reply]))) == (True, where is TEAM)
        if sign == "emoji":
            [related] = await office.react("1️⃣", **where)
        else:
            [related] = await office.say("1", reply_to=office.last_reply, **where)
        assert title in related.text


async def test_reports_search_and_why_show_it_in_its_room_and_among_moderators_alone(office: Scene) -> None:
    state = LinkState("https://alarme.example/", "dead", "404", office.time, dead_times=2)
    await office.store.links.note_check([state], office.time, None, office.time)
    for report in ("stats", "liens"):
        assert leaked(await command(office, f"!{report}"))
        assert not leaked(await office.say(f"!concierge {report}", MODERATOR))
    assert not leaked(await office.say("!concierge chercher code alarme"))
    assert not leaked(await office.say("!chercher code alarme", room="!deux", direct=True))
    assert leaked(await office.say("!concierge chercher code alarme", **TEAM))
    assert leaked(await command(office, "!chercher code alarme"))
    await office.say(QUESTION)
    assert not leaked(await office.say("!concierge pourquoi", MODERATOR, reply_to=office.last_reply))
    await office.say(QUESTION, **TEAM)
    assert leaked(await office.say("!concierge pourquoi", MODERATOR, reply_to=office.last_reply, **TEAM))


async def test_what_goes_on_from_it_stays_in_its_room_and_a_dislike_leaves_no_question(office: Scene) -> None:
    """Whether it has an answer is looked up where it was asked."""
    await office.say(QUESTION, **TEAM)
    await office.react("👎", **TEAM)
    assert len(await office.queued()) == 1
    await office.delete(office.paper.written[-1][0].id, room=TEAM["room"])
    assert await office.queued() == []
    assert not leaked(said(office, TEAM["room"], MODERATION))
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


# A question that gets a hidden answer: who may read it is told, nobody else's is taken for answered

HIDDEN = {"title": "Les clés du portail", "questions": ["Qui a les clés du portail ?"], "answer": "Le bar."}
HIDDEN |= {"rooms": ["#equipe:example.org"], "public": "false"}  # type: ignore[dict-item]
SAFE = """\
theme: "Clés"
entries:
  - id: coffre
    title: "Le coffre"
    questions: ["Où est le coffre de l’équipe ?"]
    links: [{title: "Plan", url: "https://accueil.example/plan"}]
    rooms: ["#equipe:example.org"]
    public: false
"""


async def test_those_who_may_read_it_are_told_and_the_others_still_wait(desk: Scene) -> None:
    await desk.say(PORTAL)
    await desk.say(PORTAL, BOB, **TEAM)
    [question] = await desk.store.queue.questions()
    change = replace(await actions.new_entry(desk.ctx, HIDDEN), theme="formations.yaml")
    draft, shown = await actions.propose_change(desk.ctx, MODERATOR, change, question=question.number)
    assert "public: false" in shown.lines
    approval = await actions.approve(desk.ctx, draft, "Cléo")
    told = [post.outgoing for post in approval.outcome.posts if isinstance(post.outgoing, Reply)]
    assert [(reply.room, told_to(reply)) for reply in told] == [("!equipe", (BOB,))]
    assert approval.outcome.find(QuestionClosure).askings == (question.askings[1].id,)
    assert approval.left_open == question.number


async def test_a_reply_with_the_links_of_a_hidden_answer_is_told_to_nobody_outside(desk: Scene, folder: Path) -> None:
    (folder / "cles.yaml").write_text(SAFE, encoding="utf-8")
    await desk.ctx.bot.reload()
    await desk.say(PORTAL)
    await desk.say(KEYS, MODERATOR, reply_to=desk.last_reply)
    await desk.react("📝", MODERATOR, desk.last)
    before = len(desk.paper.sent)
    [note] = await react(desk, shown(desk), "✅")
    assert note.room == MODERATION
    assert "reste ouverte" in note.text
    assert len(desk.paper.sent) == before + 1
    assert len(await desk.store.queue.questions()) == 1


async def test_rooms_and_public_are_typed_and_changed_from_chat_like_any_part(desk: Scene, folder: Path) -> None:
    lines = "id: code\ntitle: Le code\nquestions: [Quel est le code du garage ?]\nanswer: 4711\npublic: no"
    await command(desk, f"!ajouter\n{lines}\nrooms: ['#equipe:example.org']")
    await react(desk, shown(desk), "✅")
    assert any("public: false" in text for text in contents(folder).values())
    for where, is_said in (({}, False), (TEAM, True)):
        [reply, *_] = await desk.say("concierge : quel est le code du garage ?", **where)
        assert ("4711" in reply.text) is is_said
    await command(desk, '!modifier malle-robotique\nrooms: ["#equipe:example.org"]\npublic: false')
    await react(desk, shown(desk), "✅")
    assert 'rooms: ["#equipe:example.org"]\n    public: false\n' in contents(folder)["materiel.yaml"]
    question = "concierge : Comment emprunter la malle robotique ?"
    assert "planning" in (await desk.say(question, **TEAM))[0].text
    assert "planning" not in (await desk.say(question))[0].text
    assert "il n’y en a aucun" in text_of(await command(desk, "!modifier malle-robotique\nrooms:"))
    await command(desk, "!phrase malle-robotique qui prête des robots ?")
    await react(desk, shown(desk), "✅")
    assert "public: false" in contents(folder)["materiel.yaml"]
    await command(desk, "!modifier malle-robotique\nrooms:\npublic:")
    await react(desk, shown(desk), "✅")
    assert "planning" in (await desk.say(question))[0].text
