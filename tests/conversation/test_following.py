"""Where a message goes on from an answer, and where it does not."""

from datetime import timedelta

import pytest

from bot.knowledge.models import Entry, Knowledge
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index
from tests.fake_encoder import FakeEncoder
from tests.moderation import PRIVATE
from tests.scene import ANA, ASKED, BOB, FICHE, FORMATION, OFFERING, SERVICE, Scene, text_of

FIELDS = {"id": "cout-formation", "title": "Prix de la formation à la facilitation", "answer": "Elle coûte 2 000 €."}
COST = Entry.model_validate(FIELDS | {"questions": ["Combien coûte la formation ?"]})
TRAINING = FORMATION.model_copy(update={"see_also": (COST.id, SERVICE.id)})
PRICE = "et combien ça coûte ?"


@pytest.fixture
def related(scene: Scene) -> Scene:
    index = Index(Knowledge({entry.id: entry for entry in (TRAINING, COST, FICHE, SERVICE)}))
    return scene.ruled(index=lambda: index)


class Reader(FakeEncoder):
    """Finds a passage the likelier, the more words it shares with the question."""

    def relevance(self, question: str, passage: str) -> float:
        return float(len(set(question.lower().split()) & set(passage.lower().split())))


async def test_what_is_in_the_answer_just_given_comes_as_its_sentence_and_not_as_an_offer_of_it(scene: Scene) -> None:
    encoder, sentences = Reader(), "Une coopérative forme. La certification dure six mois. On commence en janvier."
    known = Knowledge({one.id: one for one in (FORMATION.model_copy(update={"answer": sentences}), FICHE, SERVICE)})
    index = Index(known, embeddings=EmbeddingCache(encoder, space=encoder.space()))
    scene.ruled(index=lambda: index)
    await scene.say(FORMATION.title, **PRIVATE)
    [reply] = await scene.say("et la certification, elle dure combien ?", **PRIVATE)
    assert "La certification dure six mois." in reply.text
    assert "janvier" not in reply.text
    assert "plus haut" in reply.text
    assert reply.choices == ()


async def test_a_question_goes_on_from_an_offer_and_in_the_thread_of_an_overheard_answer(related: Scene) -> None:
    limits = related.ctx.settings.limits
    await related.say("Où trouver une fiche de poste ?", **PRIVATE)
    related.ruled(limits=OFFERING)
    await related.say(ASKED, **PRIVATE)
    related.ruled(limits=limits)
    assert "2 000 €" in text_of(await related.say(PRICE, **PRIVATE))
    assert "fiche de poste" not in text_of(await related.say("et le parking ?", **PRIVATE))
    await related.say(ASKED, **PRIVATE)
    related.time += timedelta(minutes=31)  # it stands for itself again
    reply, *_ = await related.say(PRICE, **PRIVATE)
    assert "À propos" not in reply.text
    await related.overhear(ASKED)
    question = related.last
    assert await related.say(PRICE, BOB, thread=question) == []
    [reply] = await related.say(PRICE, thread=question)
    assert "2 000 €" in reply.text
    assert reply.thread == question
    await related.say("moi je l’ai faite, demande-moi", BOB, reply_to=question)
    assert await related.say(PRICE, thread=question) == []


@pytest.mark.parametrize("between", ["nothing", "others", "minutes", "mention", "another asker"])
async def test_what_its_asker_says_next_follows_it_unless_something_came_between(related: Scene, between: str) -> None:
    await related.say(f"concierge : {ASKED}")
    if between == "others":
        await related.say("moi je l’ai faite", BOB)
    related.time += timedelta(minutes=11 if between == "minutes" else 1)
    sender = BOB if between == "another asker" else ANA
    replies = await related.say(PRICE, sender, mentions_others=between == "mention")
    assert ["2 000 €" in reply.text for reply in replies] == ([True] if between == "nothing" else [])


@pytest.mark.parametrize("said", ["concierge chez nous quel syndicat choisir ?", "et le parking ?"])
@pytest.mark.parametrize("between", ["nothing", "others"])
async def test_what_may_call_or_surely_asks_is_for_the_bot_in_a_talk(scene: Scene, between: str, said: str) -> None:
    await scene.say(f"concierge : {ASKED}")
    if between == "others":
        await scene.say("moi je l’ai faite", BOB)
    replies = await scene.say(said)
    assert ["pas encore de réponse" in reply.text for reply in replies[:1]] == ([True] if between == "nothing" else [])
    assert len(await scene.queued()) == len(replies[:1])
    assert await scene.say("j’ai fait le DU l’an dernier") == []
