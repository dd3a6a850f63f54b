"""What people pick under the bot's posts, by a sign, a reply, or the next message."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.knowledge.models import Knowledge
from bot.matching.decision import Thresholds
from bot.matching.index import Index
from bot.messages import Reaction, Removal
from tests.moderation import PRIVATE
from tests.scene import ANA, ASKED, BOB, FICHE, FORMATION, MODERATION, MODERATOR, OTHER, ROOM, SERVICE, Scene

DIRECT = {"room": "!deux", "direct": True, "private": True}
ALL_THREE = "concierge : formation fiche de poste service civique"


async def reacts(scene: Scene, key: str, sender: str = ANA, room: str = ROOM) -> list[Any]:
    return await scene.bring(Reaction("paper", f"$r{next(scene.ids)}", room, sender, scene.last_reply, key))


async def queued(scene: Scene) -> list[str]:
    return [text for question in await scene.store.queue.questions() for text in question.open_texts]


# Suggestions


@pytest.mark.parametrize(
    "said",
    ["2", "2️⃣", "concierge : 2", "2 s’il te plaît", "La deuxième", "oui le 2", "oui, la 2 stp", "the second one", "n°2"],
)
@pytest.mark.parametrize("is_reply", [False, True])
async def test_the_asker_chooses_and_the_suggestions_become_the_answer(
    suggested: Scene, said: str, is_reply: bool
) -> None:
    target = suggested.last_reply
    [edit] = await suggested.say(said, reply_to=target if is_reply else None)
    assert edit.replaces == target
    assert "❌" not in edit.text


@pytest.mark.parametrize(
    ("said", "titles"),
    [
        *(("La 1 et la 2, merci", 2), ("1 + 2", 2), ("les deux stp", 2), ("la première et la dernière", 2)),
        *(("concierge : toutes !", 2), ("la dernière", 1)),
    ],
)
async def test_several_are_chosen_together(suggested: Scene, said: str, titles: int) -> None:
    offered = [entry.title for entry in (FORMATION, FICHE, SERVICE)]
    [edit] = await suggested.say(said)
    assert edit.replaces == suggested.last_reply
    assert sum(f"**{title}**" in edit.text for title in offered) == titles


@pytest.mark.parametrize("said", ["3", "2 et 3", "les trois", "celle du milieu"])
async def test_a_number_beyond_the_list_is_asked_for_again_and_not_passed_on(suggested: Scene, said: str) -> None:
    target = suggested.last_reply
    [reply] = await suggested.say(f"concierge : {said}")
    assert "Répondez 1 ou 2" in reply.text
    assert await queued(suggested) == []
    [edit] = await suggested.say("1")
    assert edit.replaces == target


@pytest.mark.parametrize("said", ["celle du milieu", "the middle one"])
async def test_the_middle_is_the_second_of_three(scene: Scene, said: str) -> None:
    titles = ["Le prix de la salle", "Le prix du camion", "Le prix des vis"]
    entries = {id: SERVICE.model_copy(update={"id": id, "title": id, "questions": ()}) for id in titles}
    index = Index(Knowledge(entries))
    scene.ruled(index=lambda: index, limits=Thresholds(confident=1.1, suggest=0.01))
    [offer] = await scene.say("concierge : le prix ?")
    [edit] = await scene.say(said)
    second = sorted(titles, key=offer.text.index)[1]
    assert [title for title in titles if f"**{title}**" in edit.text] == [second]


@pytest.mark.parametrize("said", ["cinq", "4 !", "tous"])
async def test_what_people_say_to_each_other_is_no_choice_unless_they_call_it(suggested: Scene, said: str) -> None:
    assert await suggested.say(said) == []
    assert await suggested.say("2", mentions_others=True) == []


async def test_who_calls_it_about_somebody_else_s_list_gets_a_reply(suggested: Scene) -> None:
    target = suggested.last_reply
    [reply] = await suggested.say("concierge : 2", BOB, reply_to=target)
    assert "pas reconnu de question" in reply.text
    assert await suggested.say("2", BOB, reply_to=target) == []


async def test_what_had_no_answer_and_talk_about_itself_leave_the_list_as_it_is(suggested: Scene) -> None:
    target = suggested.last_reply
    suggested.ruled(limits=Thresholds(confident=1.1, suggest=1.1))
    for said in (OTHER, *["qui es-tu ?"] * 6):
        await suggested.say(f"concierge : {said}")
    [edit] = await suggested.say("concierge : 2")
    assert edit.replaces == target


async def test_a_number_after_a_question_to_pass_on_in_private_is_of_the_list_before(scene: Scene) -> None:
    scene.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    await scene.say(ALL_THREE, **DIRECT)
    target = scene.last_reply
    scene.ruled(limits=Thresholds(confident=1.1, suggest=1.1))
    await scene.say(OTHER, **DIRECT)
    [edit] = await scene.say("2", **DIRECT)
    assert edit.replaces == target


@pytest.mark.parametrize(("since", "suggest"), [(f"concierge : {OTHER}", 1.1), (ALL_THREE, 0.01)])
async def test_no_older_answer_is_taken_up(wordy: Scene, since: str, suggest: float) -> None:
    await wordy.say("concierge : Où trouver une fiche de poste ?")
    wordy.ruled(limits=Thresholds(confident=1.1, suggest=suggest))
    await wordy.say(since)
    before = await queued(wordy)
    assert await wordy.say("plus") == []
    [reply] = await wordy.say("concierge : plus")
    assert "pas reconnu de question" in reply.text
    assert await queued(wordy) == before


async def test_words_that_choose_what_was_not_offered_are_a_new_question(scene: Scene) -> None:
    rent = SERVICE.model_copy(update={"id": "bail", "title": "Signer un bail", "questions": ("Quel bail ?",)})
    offered, whole = [
        Index(Knowledge({one.id: one for one in (rent, *more)})) for more in ([SERVICE], [SERVICE, FICHE])
    ]
    for said, replaced, found in (
        ("celle sur le service civique", True, SERVICE.answer),
        ("je veu la fiche de post", False, FICHE.answer),
    ):
        scene.ruled(index=lambda: offered, limits=Thresholds(confident=1.1, suggest=0.001))
        [offer] = await scene.say("concierge : bail ou service ?")
        assert "**2.**" in offer.text
        scene.ruled(index=lambda: whole, limits=Thresholds())
        [reply] = await scene.say(f"concierge : {said}")
        assert (reply.replaces is not None, found in reply.text) == (replaced, True)


async def test_nobody_else_chooses_but_a_moderator(suggested: Scene) -> None:
    assert await reacts(suggested, "❌", BOB) == []
    assert await queued(suggested) == []
    assert await reacts(suggested, "1️⃣", BOB) == []
    assert await suggested.say("1", BOB) == []
    [edit] = await reacts(suggested, "1️⃣", MODERATOR)
    assert edit.replaces == suggested.last_reply


async def test_a_choice_is_made_once_and_within_a_day(suggested: Scene) -> None:
    suggested.time += timedelta(hours=25)
    assert await reacts(suggested, "1️⃣") == []
    suggested.time -= timedelta(hours=2)
    assert len(await reacts(suggested, "1️⃣")) == 1
    assert await reacts(suggested, "2️⃣") == []


async def test_a_number_that_is_not_right_behind_the_offer_is_no_choice(suggested: Scene) -> None:
    target = suggested.last_reply
    await suggested.say("moi j’y étais en mai", BOB)
    assert await suggested.say("2") == []
    [reply] = await suggested.say("concierge : oui")
    assert "Laquelle" in reply.text
    [edit] = await suggested.say("concierge : 2", reply_to=target)
    assert edit.replaces == target


@pytest.mark.parametrize("said", ["ouiii", "yes", "d’accord"])
async def test_a_yes_takes_the_only_suggestion(scene: Scene, said: str) -> None:
    only = Index(Knowledge({FORMATION.id: FORMATION}))
    scene.ruled(limits=Thresholds(confident=1.1, suggest=0.01), index=lambda: only)
    await scene.say(f"concierge : {ASKED}")
    [edit] = await scene.say(said)
    assert "Une coopérative forme" in edit.text


# None of them


@pytest.mark.parametrize(
    "said",
    ["Aucune des trois.", "❌", "none of these", "Non, rien de tout cela.", "nn pas sa"],
)
async def test_whoever_finds_none_of_them_right_is_passed_on(suggested: Scene, said: str) -> None:
    edit, note = await suggested.say(said)
    assert edit.replaces == suggested.last_reply
    assert "je la transmets" in edit.text
    assert note.room == MODERATION
    assert await queued(suggested) == ["formation fiche de poste service civique"]


async def test_a_no_to_being_passed_on_is_about_that_question_and_no_older_offer(scene: Scene) -> None:
    scene.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    await scene.say(ALL_THREE, **DIRECT)
    scene.ruled(limits=Thresholds(confident=1.1, suggest=1.1))
    await scene.say("qui a les clés du portail bleu ?", **DIRECT)
    [edit] = await scene.say("non merci", **DIRECT)
    assert edit.replaces == scene.last_reply
    assert edit.text == "Je n’ai pas de réponse à cette question."
    assert edit.choices == ()
    assert await scene.store.queue.questions() == []
    passed, _ = await scene.say("euh si, oui", **DIRECT)
    assert (passed.replaces, "je la transmets" in passed.text) == (scene.last_reply, True)
    note = next(id for id, out in scene.paper.sent.items() if getattr(out, "room", "") == MODERATION)
    [edit] = await scene.say("en fait non", **DIRECT)
    assert "C’est retiré" in edit.text
    assert Removal(MODERATION, note) in scene.paper.sent.values()
    assert await scene.store.queue.questions() == []


async def test_an_ok_is_a_yes_to_what_was_said_last_and_to_nothing_before(scene: Scene) -> None:
    await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    await scene.say(ASKED, **PRIVATE)
    assert await scene.say("ok", **PRIVATE) == []
    assert await queued(scene) == []
    await scene.say("qui a les clés du portail vert ?", **PRIVATE)
    passed, _ = await scene.say("d’accord !", **PRIVATE)
    assert "je la transmets" in passed.text


# The rest of an answer, and related ones


LONG = FICHE.model_copy(update={"answer": "Un modèle existe. Il est libre. " + "Adaptez-le à votre lieu. " * 10})
LINKED = FORMATION.model_copy(update={"see_also": (SERVICE.id, FICHE.id)})


@pytest.fixture
def wordy(scene: Scene) -> Scene:
    index = Index(Knowledge({entry.id: entry for entry in (LINKED, LONG, SERVICE)}))
    return scene.ruled(index=lambda: index)


@pytest.mark.parametrize("sign", ["la suite", "➕"])
async def test_the_rest_of_a_long_answer_comes_on_request_once(wordy: Scene, sign: str) -> None:
    [reply] = await wordy.say("concierge : Où trouver une fiche de poste ?")
    assert "Adaptez-le" not in reply.text
    assert reply.choices[0] == "➕"
    [edit] = await reacts(wordy, "➕", BOB) if sign == "➕" else await wordy.say(sign)
    assert edit.replaces == wordy.last_reply
    assert "Adaptez-le" in edit.text
    assert await reacts(wordy, "➕") == []


async def test_a_long_answer_that_is_chosen_fits_a_phone_and_its_rest_comes_on_request(wordy: Scene) -> None:
    wordy.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    [offer] = await wordy.say("concierge : Où trouver une fiche de poste ?")
    number = next(n for n, sign in enumerate(offer.choices, 1) if f"**{n}.** **{LONG.title}**" in offer.text)
    [chosen] = await reacts(wordy, offer.choices[number - 1])
    assert "Adaptez-le" not in chosen.text
    assert chosen.choices == ("➕",)
    [edit] = await reacts(wordy, "➕")
    assert "Adaptez-le" in edit.text
    assert await reacts(wordy, "➕") == []


async def test_where_nothing_more_is_left_it_says_so(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    [reply] = await scene.say("concierge : plus")
    assert "toute la réponse" in reply.text


async def test_an_overheard_answer_is_short_too_and_stays_quiet_when_it_grows(wordy: Scene) -> None:
    await wordy.say("Où trouver une fiche de poste ?")
    [reply] = await wordy.later(timedelta(seconds=20))
    assert "Adaptez-le" not in reply.text
    [edit] = await reacts(wordy, "➕")
    assert "Adaptez-le" in edit.text
    assert (edit.quiet, edit.mentions) == (True, ())


async def test_what_see_also_names_comes_by_its_number(wordy: Scene) -> None:
    [reply] = await wordy.say(f"concierge : {ASKED}")
    assert "**1.** Accueillir un service civique · **2.** Modèles de fiche de poste" in reply.text
    answer = wordy.last_reply
    [related] = await wordy.say("1")
    assert "Il faut un agrément" in related.text
    assert related.to == answer
    [other] = await wordy.say("2", reply_to=answer)
    assert "Un modèle existe" in other.text
    assert "Un modèle existe" not in "".join(one.text for one in await wordy.say("2", BOB, reply_to=answer))


async def test_a_number_that_see_also_does_not_have_gets_the_ones_there_are(wordy: Scene) -> None:
    for _ in range(2):  # in full, then short
        await wordy.say(f"concierge : {ASKED}")
    [which] = await wordy.say("concierge : la 3ème")
    assert "Répondez 1 ou 2" in which.text
    [related] = await wordy.say("concierge : la 2")
    assert "Un modèle existe" in related.text
