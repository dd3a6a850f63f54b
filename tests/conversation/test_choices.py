"""What people pick under the bot's posts, by a sign, a reply, or the next message."""

import pytest

from bot.knowledge.models import Knowledge
from bot.matching.decision import Thresholds
from bot.matching.index import Index
from tests.moderation import PRIVATE
from tests.scene import ALL_THREE, ASKED, BOB, FICHE, FORMATION, OFFERING, OTHER, SERVICE, UNSURE, Scene

# Suggestions

CHOICES = [  # what is said, and how many are chosen
    *(("2️⃣", 1), ("2 s’il te plaît", 1), ("oui, la 2 stp", 1), ("concierge : 2", 1), ("n°2", 1), ("La deuxième", 1)),
    *(("1 + 2", 2), ("les deux stp", 2), ("la première et la dernière", 2), ("concierge : toutes !", 2)),
    *(("the second one", 1), ("both", 2), ("le dernier svp", 1)),
]


async def test_the_asker_chooses_by_number_or_a_yes_and_the_suggestions_become_the_answer(scene: Scene) -> None:
    scene.ruled(limits=OFFERING)
    for said, number in CHOICES:
        room = scene.in_a_room()
        await scene.say(ALL_THREE, **room)
        [edit] = await scene.say(said, **room)
        assert edit.replaces == scene.last_reply, said
        assert "❌" not in edit.text, said
        assert sum(f"**{entry.title}**" in edit.text for entry in (FORMATION, FICHE, SERVICE)) == number, said
    await scene.say(ALL_THREE)
    [reply] = await scene.say("concierge : oui")
    assert "Laquelle" in reply.text
    for said in ("plus", "d’autres ?"):
        [reply] = await scene.say(f"concierge : {said}")
        assert reply.text.startswith("Je n’ai rien d’autre à proposer."), said
    only = Index(Knowledge({FORMATION.id: FORMATION}))
    scene.ruled(index=lambda: only)
    for said in ("ouiii", "yes", "d’accord"):
        room = scene.in_a_room()
        await scene.say(f"concierge : {ASKED}", **room)
        [edit] = await scene.say(said, **room)
        assert "Une coopérative forme" in edit.text, said


async def test_a_number_beyond_the_list_is_asked_for_again_and_not_heard_between_people(suggested: Scene) -> None:
    target = suggested.last_reply
    assert await suggested.react("❌", BOB) == []  # who did not ask has no say
    for said in ("3", "2 et 3", "les trois", "celle du milieu"):
        [reply] = await suggested.say(f"concierge : {said}")
        assert "Répondez 1 ou 2" in reply.text, said
    assert await suggested.queued() == []
    [edit] = await suggested.say("1")
    assert edit.replaces == target
    for said, more in (("cinq", {}), ("4 !", {}), ("tous", {}), ("2", {"mentions_others": True})):
        room = suggested.in_a_room()
        await suggested.say(ALL_THREE, **room)
        assert await suggested.say(said, **room, **more) == [], said


async def test_what_had_no_answer_and_talk_about_itself_leave_the_list_as_it_is(scene: Scene) -> None:
    for place in (scene.in_a_room(), scene.in_private()):
        await scene.ruled(limits=OFFERING).say(ALL_THREE, **place)
        target = scene.last_reply
        scene.ruled(limits=UNSURE)
        for said in (OTHER, *["qui es-tu ?"] * 6):
            await scene.say(f"concierge : {said}", **place)
        [edit] = await scene.say("concierge : 2", **place)
        assert edit.replaces == target


@pytest.mark.parametrize(
    ("since", "limits", "told", "heard"),
    [(f"concierge : {OTHER}", UNSURE, "pas reconnu de question", 0), (ALL_THREE, OFFERING, "d’autre à proposer", 1)],
)
async def test_no_older_answer_is_taken_up(wordy: Scene, since: str, limits: Thresholds, told: str, heard: int) -> None:
    await wordy.say("concierge : Où trouver une fiche de poste ?")
    wordy.ruled(limits=limits)
    await wordy.say(since)
    before = await wordy.queued()
    assert [told in reply.text for reply in await wordy.say("plus")] == [True] * heard
    [reply] = await wordy.say("concierge : plus")
    assert told in reply.text
    assert await wordy.queued() == before


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


async def test_a_no_to_being_passed_on_is_about_that_question_and_no_older_offer(scene: Scene) -> None:
    scene.ruled(limits=OFFERING)
    await scene.say(ALL_THREE, **PRIVATE)
    scene.ruled(limits=UNSURE)
    await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    [edit] = await scene.say("non merci", **PRIVATE)
    assert edit.replaces == scene.last_reply
    assert edit.text == "Je n’ai pas de réponse à cette question."
    assert edit.choices == ()
    assert await scene.queued() == []
    passed, _ = await scene.say("euh si, oui", **PRIVATE)
    assert (passed.replaces, "je la transmets" in passed.text) == (scene.last_reply, True)
    note = scene.post("en privé")
    [edit] = await scene.say("en fait non", **PRIVATE)
    assert "C’est retiré" in edit.text
    assert note in scene.removed
    await scene.say("qui a les clés du portail vert ?", **PRIVATE)
    await scene.ruled(limits=Thresholds()).say(ASKED, **PRIVATE)
    assert await scene.say("ok", **PRIVATE) == []  # is about what was said last
    assert await scene.queued() == []


# The rest of an answer, and related ones


LINKED = FORMATION.model_copy(update={"see_also": (SERVICE.id, FICHE.id)})
LONG = FICHE.model_copy(
    update={"answer": "Un modèle existe. Il est libre. " + "Adaptez-le à votre lieu. " * 10, "see_also": (SERVICE.id,)}
)


@pytest.fixture
def wordy(scene: Scene) -> Scene:
    index = Index(Knowledge({entry.id: entry for entry in (LINKED, LONG, SERVICE)}))
    return scene.ruled(index=lambda: index)


async def test_a_long_answer_overheard_or_chosen_fits_a_phone_and_its_rest_comes_on_request_once(wordy: Scene) -> None:
    [reply] = await wordy.overhear("Où trouver une fiche de poste ?")
    assert "Adaptez-le" not in reply.text
    [edit] = await wordy.react("➕")
    assert "Adaptez-le" in edit.text
    assert (edit.quiet, edit.mentions) == (True, ())
    wordy.ruled(limits=OFFERING)
    [offer] = await wordy.say("concierge : Où trouver une fiche de poste ?")
    number = next(n for n, sign in enumerate(offer.choices, 1) if f"**{n}.** **{LONG.title}**" in offer.text)
    [chosen] = await wordy.react(offer.choices[number - 1])
    assert "Adaptez-le" not in chosen.text
    assert chosen.choices == ("➕",)
    [edit] = await wordy.react("➕", BOB)
    assert edit.replaces == wordy.last_reply
    assert "Adaptez-le" in edit.text
    assert await wordy.react("➕") == []
    [reply] = await wordy.say("concierge : plus")
    assert "toute la réponse" in reply.text


async def test_a_shortened_answer_names_nothing_to_choose_from_before_its_rest_is_shown(wordy: Scene) -> None:
    await wordy.say("concierge : Où trouver une fiche de poste ?")
    answer = wordy.last_reply
    [reply] = await wordy.say("la 1", reply_to=answer)
    assert SERVICE.title not in reply.text
    await wordy.react("➕", under=answer)
    [related] = await wordy.say("la 1", reply_to=answer)
    assert SERVICE.title in related.text


async def test_what_see_also_names_comes_by_its_number_to_its_asker_and_no_number_beyond(wordy: Scene) -> None:
    for _ in range(2):  # in full, then short
        await wordy.say(f"concierge : {ASKED}")
    answer = wordy.last_reply
    [which] = await wordy.say("concierge : la 3ème")
    assert "Répondez 1 ou 2" in which.text
    [related] = await wordy.say("concierge : la 2")
    assert "Un modèle existe" in related.text
    assert related.to == answer
    assert "Un modèle existe" not in "".join(one.text for one in await wordy.say("2", BOB, reply_to=answer))
