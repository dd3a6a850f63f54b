"""Words about the bot itself, thanks, and what is no question: answered, and never in the moderators' queue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.matching.decision import Thresholds
from bot.messages import OutgoingReaction, Reaction
from tests.moderation import PRIVATE
from tests.scene import ANA, ASKED, BOB, FORMATION, ROOM, Scene


def nods(scene: Scene) -> list[str]:
    """The messages under which the bot put a smile."""
    reactions = [out for out in scene.paper.sent.values() if isinstance(out, OutgoingReaction)]
    return [out.target for out in reactions if out.key == "🙂"]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("qui es-tu ?", "un programme qui répond"),
        ("What can you do?", "un programme qui répond"),
        ("Tu es ChatGPT ?", "Je n’invente rien"),
        ("qui t’a fait ?", "équipe de modération"),
        ("Je veux parler à un humain !", "équipe de modération"),
        ("t nul", "Désolé"),
        ("nn pas sa", "Désolé"),
        ("je comprends rien", "Désolé"),
        ("le lien marche pas", "De quelle réponse"),
        ("vous vous trompez", "Désolé"),
        ("je peux te poser une question ?", "Posez-moi une question"),
        ("c’est quand ?", "pas reconnu de question"),
        ("t’es sûr ?", "Je n’invente rien"),
        ("bonjour", "Posez-moi une question"),
        ("ya qqun ?", None),
        ("hier on a bien rigolé à l’atelier", "pas reconnu de question"),
        ("2", "pas reconnu de question"),
    ],
)
async def test_what_is_said_about_itself_gets_its_own_answer(scene: Scene, said: str, heard: str | None) -> None:
    for how in ({"text": f"concierge : {said}"}, {"text": said, "direct": True, "private": True, "room": "!deux"}):
        [reply] = await scene.say(**how)
        assert heard is None or heard in reply.text
    assert await scene.store.queue.questions() == []


@pytest.mark.parametrize(
    "said",
    ["merci !", "un grand merci 🙏", "ok je vais voir ça merci bcp !!"],
)
async def test_thanks_get_a_reaction_and_no_message(scene: Scene, said: str) -> None:
    await scene.say(f"concierge : {ASKED}")
    assert await scene.say(said, reply_to=scene.last_reply) == []
    thanked = scene.last
    assert [out.key for out in scene.paper.sent.values() if getattr(out, "target", "") == thanked] == ["🙂"]


@pytest.mark.parametrize(
    "said",
    [
        "ok",
        "non mais laisse tomber",
        "mdr ok",
        "c’est bon j’ai trouvé",
        "Bonne journée !",
        "super",
        "👌",
        "👍🏻",
        "merciiii",
    ],
)
async def test_what_wants_no_words_gets_a_nod_and_is_not_passed_on(scene: Scene, said: str) -> None:
    await scene.say(ASKED, **PRIVATE)
    assert await scene.say(said, **PRIVATE) == []
    assert nods(scene) == [scene.last]
    assert await scene.store.queue.questions() == []


STATEMENT = "dac je leur ecris"


async def test_a_plain_statement_right_after_an_answer_gets_a_nod(scene: Scene) -> None:
    await scene.say(ASKED, **PRIVATE)
    assert await scene.say(STATEMENT, **PRIVATE) == []
    assert nods(scene) == [scene.last]
    scene.time += timedelta(minutes=11)
    [reply] = await scene.say(STATEMENT, **PRIVATE)
    assert "pas reconnu de question" in reply.text


async def test_after_an_offer_it_gets_words_since_nothing_is_chosen(suggested: Scene) -> None:
    suggested.ruled(limits=Thresholds())
    [reply] = await suggested.say(f"concierge : {STATEMENT}")
    assert "pas reconnu de question" in reply.text


async def test_files_get_one_sentence_and_words_their_answer(scene: Scene) -> None:
    [reply] = await scene.say("", **PRIVATE, is_file=True)
    assert "Je ne lis que les messages écrits" in reply.text
    assert await scene.say("", **PRIVATE, is_file=True) == []
    [answer] = await scene.say(ASKED, **PRIVATE)
    assert FORMATION.title in answer.text
    scene.time += timedelta(minutes=11)
    assert len(await scene.say("", **PRIVATE, is_file=True)) == 1
    assert await scene.store.queue.questions() == []


@pytest.mark.parametrize("said", ["hier on a bien rigolé à l’atelier", "trop bien", "+1"])
async def test_a_remark_on_its_answer_gets_no_message_in_the_room(scene: Scene, said: str) -> None:
    await scene.say(f"concierge : {ASKED}")
    assert await scene.say(said, BOB, reply_to=scene.last_reply, mentions_bot=True) == []
    assert nods(scene) == [scene.last]
    assert await scene.store.queue.questions() == []


@pytest.mark.parametrize("said", ["ok ?!", "quand même !", "pourquoi pas", "ou pas", "tu sais quoi", "comment dire"])
async def test_what_only_looks_like_a_question_is_not_passed_on(scene: Scene, said: str) -> None:
    await scene.say(ASKED, **PRIVATE)
    await scene.say(said, **PRIVATE)
    await scene.say(f"concierge : {ASKED}")
    await scene.say(said, reply_to=scene.last_reply)
    assert await scene.store.queue.questions() == []


@pytest.mark.parametrize("said", ["c’est quand ?", "cinq", "les deux"])
async def test_nor_what_another_person_says_under_its_answer(scene: Scene, said: str) -> None:
    await scene.say(f"concierge : {ASKED}")
    assert await scene.say(said, BOB, reply_to=scene.last_reply) == []
    assert await scene.store.queue.questions() == []


@pytest.mark.parametrize("said", ["où ?", "c’est quand ?", "combien par an"])
async def test_a_question_of_small_words_is_about_the_answer_and_passed_on_with_it(scene: Scene, said: str) -> None:
    await scene.say(f"concierge : {ASKED}")
    reply, _ = await scene.say(said, reply_to=scene.last_reply)
    assert "À propos de" in reply.text
    [queued] = await scene.store.queue.questions()
    assert queued.open_texts == (f"Se former à la facilitation de tiers-lieu : {said}",)


async def test_who_answers_another_person_under_its_post_asks_nothing(scene: Scene) -> None:
    await scene.say("concierge : où est rangée la clé bleue du four à pain ?")
    answer = "Dans le tiroir du bas, sous la caisse."
    assert await scene.say(answer, BOB, reply_to=scene.last_reply, mentions_bot=True) == []
    assert len(await scene.store.queue.questions()) == 1
    [reply] = await scene.say("un modele de fiche de poste svp", BOB, reply_to=scene.last_reply)
    assert "Un modèle est en ligne" in reply.text


async def test_whoever_shows_its_answer_to_another_person_does_not_speak_to_it(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    answer = scene.last_reply
    more = {"reply_to": answer, "mentions_bot": True, "mentions_others": True}
    assert await scene.say("@ana regarde, c’est ce que tu cherchais", BOB, **more) == []
    assert nods(scene) == []
    [reply] = await scene.say("@ana attends. Concierge : un modele de fiche de poste svp", BOB, **more)
    assert "Un modèle est en ligne" in reply.text


async def test_thanks_to_nobody_are_left_alone(scene: Scene) -> None:
    assert await scene.say("merci !") == []
    assert not [out for out in scene.paper.sent.values() if isinstance(out, OutgoingReaction)]


@pytest.mark.parametrize(
    "said",
    ["je cherche les clés du portail bleu", "clés portail"],
)
async def test_a_question_without_a_mark_still_reaches_the_moderators(scene: Scene, said: str) -> None:
    await scene.say(f"concierge : {said}")
    assert len(await scene.store.queue.questions()) == 1


@pytest.mark.parametrize("said", ["bonjour", "qui es-tu ?", "!aide"])
async def test_thumbs_down_under_what_was_no_question_queues_none(scene: Scene, said: str) -> None:
    await scene.say(f"concierge : {said}")
    await scene.bring(Reaction("paper", "$down", ROOM, ANA, scene.last_reply, "👎"))
    assert await scene.store.queue.questions() == []
