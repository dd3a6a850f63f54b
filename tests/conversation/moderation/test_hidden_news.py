"""A question that gets a hidden answer: who may read it is told, and nobody else's question is taken for answered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.conversation.moderation import actions
from bot.messages import Reply, Venue
from bot.store import QuestionClosure
from tests.moderation import KEYS, PORTAL, command, contents, react, shown, told_to
from tests.scene import ANA, BOB, MODERATION, MODERATOR, ROOM, Scene

TEAM: dict[str, Any] = {"room": "!equipe", "venue": Venue(frozenset({"#equipe:example.org"}))}
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
    await desk.say(PORTAL, ANA)
    await desk.say(PORTAL, BOB, **TEAM)
    [question] = await desk.store.queue.questions()
    change = replace(await actions.new_entry(desk.ctx, HIDDEN), theme="formations.yaml")
    draft, shown = await actions.propose_change(desk.ctx, MODERATOR, change, question=question.number)
    assert "public: false" in shown.lines
    approval = await actions.approve(desk.ctx, draft, "Cléo")
    told = [post.outgoing for post in approval.outcome.posts if isinstance(post.outgoing, Reply)]
    assert [(reply.room, told_to(reply)) for reply in told] == [("!equipe", (BOB,))]
    closure = approval.outcome.find(QuestionClosure)
    assert closure
    assert closure.askings == (question.askings[1].id,)
    assert approval.left_open == question.number


async def test_a_reply_with_the_links_of_a_hidden_answer_is_told_to_nobody_outside(desk: Scene, folder: Path) -> None:
    (folder / "cles.yaml").write_text(SAFE, encoding="utf-8")
    await desk.ctx.bot.reload()
    await desk.say(PORTAL)
    await desk.say(KEYS, MODERATOR, reply_to=desk.last_reply)
    await react(desk, desk.last, "📝", room=ROOM)
    before = len(desk.paper.sent)
    [note] = await react(desk, shown(desk), "✅")
    assert note.room == MODERATION
    assert "reste ouverte" in note.text
    assert len(desk.paper.sent) == before + 1
    assert len(await desk.store.queue.questions()) == 1


async def test_rooms_and_public_are_changed_from_chat_like_any_part(desk: Scene, folder: Path) -> None:
    await command(desk, '!modifier malle-robotique\nrooms: ["#equipe:example.org"]\npublic: false')
    await react(desk, shown(desk), "✅")
    assert 'rooms: ["#equipe:example.org"]\n    public: false\n' in contents(folder)["materiel.yaml"]
    question = "concierge : Comment emprunter la malle robotique ?"
    assert "planning" in (await desk.say(question, **TEAM))[0].text
    assert "planning" not in (await desk.say(question))[0].text
    [refused] = await command(desk, "!modifier malle-robotique\nrooms:")
    assert "il n’y en a aucun" in refused.text
    await command(desk, "!phrase malle-robotique qui prête des robots ?")
    await react(desk, shown(desk), "✅")
    assert "public: false" in contents(folder)["materiel.yaml"]
    await command(desk, "!modifier malle-robotique\nrooms:\npublic:")
    await react(desk, shown(desk), "✅")
    assert "planning" in (await desk.say(question))[0].text


async def test_a_typed_entry_stays_hidden(desk: Scene, folder: Path) -> None:
    lines = "id: code\ntitle: Le code\nquestions: [Quel est le code du garage ?]\nanswer: 4711\npublic: no"
    await command(desk, f"!ajouter\n{lines}\nrooms: ['#equipe:example.org']")
    await react(desk, shown(desk), "✅")
    assert any("public: false" in text for text in contents(folder).values())
    assert "4711" not in (await desk.say("concierge : quel est le code du garage ?"))[0].text
    assert "4711" in (await desk.say("concierge : quel est le code du garage ?", **TEAM))[0].text
