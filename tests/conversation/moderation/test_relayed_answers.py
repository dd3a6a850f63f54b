"""A moderator's reply to the note about a question is the answer, wherever it was asked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.messages import Edit as EditOf
from bot.messages import Message, OutgoingReaction, Redaction, Removal, Reply
from tests.moderation import KEYS, PORTAL, PRIVATE, command, contents, react, shown
from tests.scene import ANA, BOB, MODERATION, MODERATOR, ROOM, Scene


def note(scene: Scene) -> str:
    """The id of the note about the question."""
    return next(
        id for id, out in scene.paper.sent.items() if isinstance(out, Reply) and "Nouvelle question" in out.text
    )


def report(scene: Scene) -> str:
    """The id of what says where the answer went."""
    return next(id for id, out in scene.paper.sent.items() if isinstance(out, Reply) and out.choices == ("❌",)
                and "part là où elle a été posée" in out.text)  # fmt: skip


def standing(scene: Scene, room: str = ROOM) -> list[str]:
    """What members read there now of an answer."""
    gone = {out.target for out in scene.paper.sent.values() if isinstance(out, Removal)}
    texts = {id: out for id, out in scene.paper.sent.items() if isinstance(out, Reply) and out.room == room}
    words = {out.replaces or id: out.text for id, out in texts.items() if (out.replaces or id) not in gone}
    return [text for text in words.values() if "voici la réponse" in text]


async def answered(desk: Scene, text: str = KEYS, sender: str = MODERATOR, **more: Any) -> list[Reply]:
    await desk.say(PORTAL)
    return await command(desk, text, sender, reply_to=note(desk), **more)


async def test_the_note_says_how_and_has_its_sign(scene: Scene) -> None:
    await scene.say(PORTAL)
    assert "votre réponse part là où la question a été posée" in scene.paper.replies[-1].text
    assert OutgoingReaction(MODERATION, note(scene), "❌") in scene.paper.sent.values()
    await react(scene, note(scene), "❌")
    assert await scene.store.queue.questions() == []


async def test_a_reply_to_the_note_goes_where_it_was_asked_and_is_offered_as_a_draft(desk: Scene, folder: Path) -> None:
    desk.paper.names = {ANA: "Ana"}
    told, report, draft = await answered(desk, mentions_bot=True)
    question = next(
        event.id for event, value in desk.paper.written if isinstance(value, Message) and value.sender == ANA
    )
    assert (told.to, told.mentions) == (question, ())
    assert told.text.startswith("Ana, voici la réponse")
    assert "https://accueil.example/plan" in told.text
    assert "question n°\u00a01" in report.text
    assert f"(https://paper.example/{ROOM}/{question})" in report.text
    assert report.quiet
    assert "Elles sont à l’accueil." in draft.text
    assert await desk.store.queue.questions() == []
    assert len(standing(desk)) == 1


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("on sait où elles sont ?", {}),
        ("ce serait à Camille de répondre", {"mentions_others": True}),
        ("merci beaucoup à tous", {}),
        ("aucune idée de mon côté", {}),
        ("vous avez vu https://accueil.example/plan ?", {}),
    ],
)
async def test_talk_among_moderators_goes_nowhere(desk: Scene, text: str, more: dict[str, Any]) -> None:
    assert await answered(desk, text, mentions_bot=True, **more) == []
    assert len(await desk.store.queue.questions()) == 1


async def test_what_may_be_a_question_can_be_kept_by_hand(desk: Scene) -> None:
    assert await answered(desk, "comment on fait pour répondre à ça") == []
    assert standing(desk) == []
    assert (await react(desk, desk.last, "📝"))[0].room == MODERATION


async def test_who_moderates_no_more_answers_nobody(desk: Scene) -> None:
    desk.paper.powers[MODERATION, MODERATOR] = 0
    assert await answered(desk) == []
    assert standing(desk) == []


async def test_in_the_thread_of_the_note_an_answer_is_one_and_talk_is_talk(desk: Scene) -> None:
    await desk.say(PORTAL)
    for talk in ("on sait où elles sont ?", "aucune idée de mon côté", "bonne idée"):
        assert await command(desk, talk, thread=note(desk)) == []
    said = desk.last
    assert await command(desk, "Demande plutôt à Camille demain.", thread=note(desk), reply_to=said) == []
    told, report, draft = await command(desk, KEYS, thread=note(desk))
    assert "https://accueil.example/plan" in told.text
    assert (told.room, told.thread) == (ROOM, None)
    assert {report.thread, draft.thread} == {note(desk)}
    [refused] = await command(desk, "Elles sont chez Paul maintenant.", thread=note(desk))
    assert "rien n’est parti" in refused.text
    assert len(standing(desk)) == 1


@pytest.mark.parametrize("how", ["❌", "deletion"])
async def test_an_answer_is_taken_back(desk: Scene, how: str) -> None:
    await answered(desk)
    message, draft = desk.last, shown(desk)
    desk.time += timedelta(minutes=1)
    if how == "❌":
        await react(desk, report(desk), "❌")
        assert "de nouveau ouverte" in desk.paper.replies[-1].text
    else:
        await desk.bring(Redaction("paper", "$x", MODERATION, MODERATOR, message))
    assert standing(desk) == []
    [queued] = await desk.store.queue.questions()
    assert (queued.number, queued.open_texts) == (1, ("qui a les clés du portail bleu ?",))
    assert await react(desk, draft, "✅") == []
    assert await react(desk, report(desk), "❌") == []
    await command(desk, "Elles sont chez Paul maintenant.", reply_to=note(desk))
    assert len(standing(desk)) == 1


async def test_only_moderators_take_it_back(desk: Scene) -> None:
    await answered(desk)
    assert await react(desk, report(desk), "❌", BOB) == []
    assert len(standing(desk)) == 1


async def test_an_edit_goes_along(desk: Scene, folder: Path) -> None:
    await answered(desk)
    message = desk.last
    other = "Elles sont chez Paul maintenant."
    await desk.bring(
        EditOf("$e", Message("paper", message, MODERATION, MODERATOR, other, desk.time, moderators_room=True))
    )
    [text] = standing(desk)
    assert "chez Paul" in text
    await command(desk, "!theme 2 materiel")
    await react(desk, shown(desk), "✅")
    assert "chez" in "".join(contents(folder).values())
    assert "accueil" not in "".join(contents(folder).values())


async def test_what_was_kept_of_an_answer_stays(desk: Scene) -> None:
    await answered(desk, "https://accueil.example/plan?etage=1")  # a link alone is an answer
    assert len(standing(desk)) == 1
    await command(desk, "!theme 2 materiel")
    assert [reply.room for reply in await react(desk, shown(desk), "✅")] == [MODERATION]  # Ana has it already
    await react(desk, report(desk), "❌")
    assert standing(desk) == []
    assert await desk.store.queue.questions() == []
    assert "reste dans les réponses" in desk.paper.replies[-1].text


async def test_a_private_question_is_answered_there_and_no_link_leads_there(desk: Scene) -> None:
    await desk.say("qui a les clés du portail bleu ?", **PRIVATE)
    await react(desk, desk.last_reply, "✅", ANA, "!deux")
    replies = await command(desk, KEYS, reply_to=note(desk))
    assert len(standing(desk, "!deux")) == 1
    [told] = [reply for reply in replies if "part là où" in reply.text]
    assert "en privé" in told.text
    assert "!deux" not in told.text
