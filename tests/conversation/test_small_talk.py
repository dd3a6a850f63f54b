"""What people say to the bot that is no question: about itself, thanks, and what they want it to do."""

from datetime import timedelta

import pytest

from bot.matching.decision import Thresholds
from bot.messages import OutgoingReaction
from tests.moderation import PORTAL, PRIVATE
from tests.scene import ASKED, BOB, FORMATION, MODERATION, MODERATOR, Scene, text_of


def nods(scene: Scene) -> list[str]:
    """The messages under which the bot put a smile."""
    reactions = [out for out in scene.paper.sent.values() if isinstance(out, OutgoingReaction)]
    return [out.target for out in reactions if out.key == "🙂"]


ABOUT_ITSELF = {  # more of it in tests/play/piece.md, scene 2
    "un programme qui répond": ("What can you do?",),
    "Je n’invente rien": ("Tu es ChatGPT ?", "t’es sûr ?"),
    "Désolé": ("nn pas sa", "je comprends rien", "vous vous trompez"),
    "De quelle réponse": ("le lien marche pas",),
    "Posez-moi une question": ("je peux te poser une question ?", "🎉"),
    "pas reconnu de question": ("c’est quand ?", "hier on a bien rigolé à l’atelier", "2"),
    "oublie-moi": ("efface tout ce que tu sais de moi", "who reads this?", "stop, ne réponds plus"),
    "": ("ya qqun ?",),
}


async def test_what_is_said_about_itself_its_data_or_its_silence_gets_its_own_answer(scene: Scene) -> None:
    for heard, said in ((heard, said) for heard, some in ABOUT_ITSELF.items() for said in some):
        assert heard in text_of(await scene.say(f"concierge : {said}", **scene.in_a_room())), said
        assert heard in text_of(await scene.say(said, **scene.in_private())), said
    assert await scene.queued() == []


async def test_what_wants_no_words_gets_a_nod_and_is_not_passed_on(scene: Scene) -> None:
    for said in (
        *("ok", "non mais laisse tomber", "mdr ok", "c’est bon j’ai trouvé", "Bonne journée !", "super"),
        *("👌", "👍🏻", "merciiii"),
    ):
        room = scene.in_private()
        await scene.say(ASKED, **room)
        assert await scene.say(said, **room) == []
        assert nods(scene)[-1] == scene.last, said
    assert await scene.queued() == []


STATEMENT = "dac je leur ecris"


async def test_a_plain_statement_right_after_an_answer_gets_a_nod_and_files_one_sentence(scene: Scene) -> None:
    await scene.say(ASKED, **PRIVATE)
    assert await scene.say(STATEMENT, **PRIVATE) == []
    assert nods(scene) == [scene.last]
    scene.time += timedelta(minutes=11)
    assert "pas reconnu de question" in text_of(await scene.say(STATEMENT, **PRIVATE))
    assert "Je ne lis que les messages écrits" in text_of(await scene.say("", **PRIVATE, is_file=True))
    assert await scene.say("", **PRIVATE, is_file=True) == []
    assert FORMATION.title in text_of(await scene.say(ASKED, **PRIVATE))
    scene.time += timedelta(minutes=11)
    assert len(await scene.say("", **PRIVATE, is_file=True)) == 1
    assert await scene.store.queue.questions() == []


async def test_after_an_offer_it_gets_words_since_nothing_is_chosen(suggested: Scene) -> None:
    suggested.ruled(limits=Thresholds())
    assert "pas reconnu de question" in text_of(await suggested.say(f"concierge : {STATEMENT}"))


async def test_a_remark_on_its_answer_gets_no_message_in_the_room(scene: Scene) -> None:
    assert await scene.say("merci !") == []  # thanks to nobody
    assert nods(scene) == []
    await scene.say(f"concierge : {ASKED}")
    answer = scene.last_reply
    for said in ("hier on a bien rigolé à l’atelier", "trop bien", "+1"):
        assert await scene.say(said, BOB, reply_to=answer, mentions_bot=True) == []
        assert nods(scene)[-1] == scene.last, said
    for said in ("c’est quand ?", "cinq", "les deux"):
        assert await scene.say(said, BOB, reply_to=answer) == [], said
    assert await scene.queued() == []


async def test_what_only_looks_like_a_question_is_not_passed_on_but_one_of_small_words_is(scene: Scene) -> None:
    for said in ("ok ?!", "quand même !", "pourquoi pas", "ou pas", "tu sais quoi", "comment dire"):
        room = scene.in_private()
        await scene.say(ASKED, **room)
        await scene.say(said, **room)
        room = scene.in_a_room()
        await scene.say(f"concierge : {ASKED}", **room)
        await scene.say(said, reply_to=scene.last_reply, **room)
        assert await scene.queued() == [], said
    for said in ("où ?", "c’est quand ?", "combien par an"):
        room = scene.in_a_room()
        await scene.say(f"concierge : {ASKED}", **room)
        reply, *_ = await scene.say(said, reply_to=scene.last_reply, **room)
        assert "À propos de" in reply.text, said
        assert f"Se former à la facilitation de tiers-lieu : {said}" in await scene.queued()


async def test_who_answers_another_person_under_its_post_asks_nothing(scene: Scene) -> None:
    await scene.say("concierge : où est rangée la clé bleue du four à pain ?")
    answer = "Dans le tiroir du bas, sous la caisse."
    assert await scene.say(answer, BOB, reply_to=scene.last_reply, mentions_bot=True) == []
    assert len(await scene.store.queue.questions()) == 1
    [reply] = await scene.say("un modele de fiche de poste svp", BOB, reply_to=scene.last_reply)
    assert "Un modèle est en ligne" in reply.text


async def test_whoever_shows_its_answer_to_another_person_does_not_speak_to_it(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    more = {"reply_to": scene.last_reply, "mentions_bot": True, "mentions_others": True}
    assert await scene.say("@ana regarde, c’est ce que tu cherchais", BOB, **more) == []
    assert nods(scene) == []
    [reply] = await scene.say("@ana attends. Concierge : un modele de fiche de poste svp", BOB, **more)
    assert "Un modèle est en ligne" in reply.text


async def test_a_question_without_a_mark_reaches_the_moderators_and_thumbs_down_no_greeting(scene: Scene) -> None:
    for said in ("je cherche les clés du portail bleu", "clés portail"):
        await scene.say(f"concierge : {said}")
        assert await scene.queued() == [said]
        await scene.delete()
    for said in ("bonjour", "qui es-tu ?", "!aide"):
        await scene.say(f"concierge : {said}")
        await scene.react("👎")
        assert await scene.queued() == [], said


# Taken back, doubted, reported, and what they want of their data


async def test_what_was_passed_on_is_taken_back_by_who_asked_it(scene: Scene) -> None:
    for said in ("finalement non", "annule ma question"):
        await scene.say(PORTAL)
        note = [id for id, out in scene.paper.sent.items() if "portail bleu" in getattr(out, "text", "")][-1]
        assert "C’est retiré" in text_of(await scene.say(said))
        assert note in scene.removed
        assert await scene.queued() == []
    await scene.say(PORTAL)
    await scene.say("annule ma question", BOB, reply_to=scene.last_reply)
    assert len(await scene.queued()) == 1


async def test_who_doubts_gets_the_links_and_a_dead_one_is_told_without_the_words_of_who_reports(scene: Scene) -> None:
    await scene.say(ASKED, **PRIVATE)
    [reply] = await scene.say("source ?", **PRIVATE)
    assert ("https://formation.example/" in reply.text, "personnes du réseau" in reply.text) == (True, True)
    await scene.say(ASKED, **PRIVATE)
    reply, _ = await scene.say("ton lien renvoie une erreur 404", **PRIVATE)
    assert "équipe de modération" in reply.text
    [note] = scene.notes
    assert ("https://formation.example/" in note.text, "404" in note.text) == (True, False)
    for text in ("lien mort", "Où trouver une fiche de poste ?", "lien mort"):
        await scene.say(text, **PRIVATE)
    assert len(scene.notes) == 2  # of each answer once
    [note, _] = [id for id, post in scene.paper.sent.items() if post in scene.notes]
    await scene.react("👍", MODERATOR, note, MODERATION)
    assert await scene.store.feedback.counts() == {}


async def test_what_is_surely_about_its_words_needs_no_call_right_behind_them(scene: Scene) -> None:
    surely = ("c’est quoi ta source ?", "le lien marche pas", "merci beaucoup !", "encore", "tu es un robot ?")
    for said in (*surely, "efface tout ce que tu sais de moi", "stop, ne réponds plus"):
        room = scene.in_a_room()
        await scene.say(f"concierge : {ASKED}", **room)
        before = len(scene.paper.sent)
        await scene.say(said, **room)
        assert len(scene.paper.sent) > before, said
        await scene.say("moi aussi", **room | {"sender": BOB})
        before = len(scene.paper.sent)
        await scene.say(said, **room)
        assert len(scene.paper.sent) == before, said


ACTS = [
    *("oui", "non", "la 2", "encore", "merci", "bonjour", "qui es-tu ?", "c’est faux", "lien mort", "source ?"),
    *("laisse tomber", "annule", "efface mes données", "tais-toi"),
]


@pytest.mark.parametrize("after", [None, ASKED, "qui a les clés du portail bleu ?"])
async def test_in_a_direct_room_silence_meets_nobody(scene: Scene, after: str | None) -> None:
    for said in ACTS:
        room = scene.in_private()
        if after:
            await scene.say(after, **room)
        before = len(scene.paper.sent)
        await scene.say(said, **room)
        assert len(scene.paper.sent) > before, said
