"""A moderator's reply to the note about a question is the answer, wherever it was asked."""

from datetime import timedelta
from typing import Any

import pytest

from bot.messages import Reply
from tests.moderation import KEYS, PORTAL, PRIVATE, command, react, shown
from tests.scene import ANA, BOB, MODERATION, MODERATOR, ROOM, Scene

NOTE, REPORT = "Nouvelle question", "part là où elle a été posée"


def standing(scene: Scene, room: str = ROOM) -> list[str]:
    """What members read there now of an answer."""
    posts = [(out.replaces or id, out) for id, out in scene.paper.sent.items() if isinstance(out, Reply)]
    words = {id: out.text for id, out in posts if out.room == room and id not in scene.removed}
    return [text for text in words.values() if "voici la réponse" in text]


async def answered(desk: Scene, text: str = KEYS, sender: str = MODERATOR, **more: Any) -> list[Reply]:
    await desk.say(PORTAL)
    return await command(desk, text, sender, reply_to=desk.post(NOTE), **more)


async def test_talk_among_moderators_goes_nowhere_but_can_be_kept_by_hand(desk: Scene) -> None:
    for text in ("merci à tous", "vous avez vu https://accueil.example/plan ?", "comment on fait pour répondre à ça"):
        assert await answered(desk, text, mentions_bot=True) == [], text
    kept = desk.last
    desk.paper.powers[MODERATION, MODERATOR] = 0  # who moderates no more answers nobody
    assert await answered(desk) == []
    desk.paper.powers[MODERATION, MODERATOR] = 50
    assert len(await desk.store.queue.questions()) == 1
    assert standing(desk) == []
    assert (await react(desk, kept, "📝"))[0].room == MODERATION


async def test_in_the_thread_of_the_note_an_answer_is_one_and_talk_is_talk(desk: Scene) -> None:
    await desk.say(PORTAL)
    for talk in ("on sait où elles sont ?", "aucune idée de mon côté", "bonne idée"):
        assert await command(desk, talk, thread=desk.post(NOTE)) == []
    assert await command(desk, "Demande plutôt à Camille demain.", thread=desk.post(NOTE), reply_to=desk.last) == []
    told, report, draft = await command(desk, KEYS, thread=desk.post(NOTE))
    assert "https://accueil.example/plan" in told.text
    assert (told.room, told.thread) == (ROOM, None)
    assert {report.thread, draft.thread} == {desk.post(NOTE)}
    [refused] = await command(desk, "Elles sont chez Paul maintenant.", thread=desk.post(NOTE))
    assert "rien n’est parti" in refused.text
    assert len(standing(desk)) == 1


@pytest.mark.parametrize("how", ["❌", "deletion"])
async def test_an_answer_is_taken_back_by_moderators_alone(desk: Scene, how: str) -> None:
    await answered(desk)
    message, draft, report = desk.last, shown(desk), desk.post(REPORT)
    desk.time += timedelta(minutes=1)
    assert await react(desk, report, "❌", BOB) == []
    assert len(standing(desk)) == 1
    if how == "❌":
        await react(desk, report, "❌")
        assert "de nouveau ouverte" in desk.paper.replies[-1].text
    else:
        await desk.delete(message, MODERATOR, MODERATION)
    assert standing(desk) == []
    [queued] = await desk.store.queue.questions()
    assert (queued.number, queued.open_texts) == (1, ("qui a les clés du portail bleu ?",))
    assert await react(desk, draft, "✅") == []
    assert await react(desk, report, "❌") == []
    await command(desk, "Elles sont chez Paul maintenant.", reply_to=desk.post(NOTE))
    assert len(standing(desk)) == 1


async def test_what_was_kept_of_an_answer_stays(desk: Scene) -> None:
    await answered(desk, "https://accueil.example/plan?etage=1")  # a link alone is an answer
    assert len(standing(desk)) == 1
    await command(desk, "!theme 2 materiel")
    assert [reply.room for reply in await react(desk, shown(desk), "✅")] == [MODERATION]  # Ana has it already
    await react(desk, desk.post(REPORT), "❌")
    assert standing(desk) == []
    assert await desk.store.queue.questions() == []
    assert "reste dans les réponses" in desk.paper.replies[-1].text


async def test_a_private_question_is_answered_there_and_no_link_leads_there(desk: Scene) -> None:
    await desk.say("qui a les clés du portail bleu ?", **PRIVATE)
    await react(desk, desk.last_reply, "✅", ANA, "!deux")
    replies = await command(desk, KEYS, reply_to=desk.post(NOTE))
    assert len(standing(desk, "!deux")) == 1
    [told] = [reply for reply in replies if "part là où" in reply.text]
    assert ("en privé" in told.text, "!deux" in told.text) == (True, False)
