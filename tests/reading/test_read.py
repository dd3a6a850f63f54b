"""One message read: acts, what stood before them, what asks beside, and what is no text at all."""

from pathlib import Path

import numpy as np
import pytest

from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index
from bot.reading import Said
from bot.reading.calls import cut_call
from bot.reading.examples import ASKING, CALLING, MessageExample, read
from bot.reading.model import shipped_model
from bot.reading.read import Reader
from tests.fake_encoder import FakeEncoder
from tests.scene import KNOWLEDGE

ASKED = (  # these sentences are in no list of examples
    *("Quelles démarches pour ouvrir une épicerie participative ?", "peut on cumuler deux emplois aidés"),
    *("Je cherche un modèle de bail pour une salle partagée", "c koi une scop", "How do we register a charity?"),
    "Est-ce que quelqu'un aurait un exemple de budget prévisionnel ?",
    *("Auriez-vous une liste de formations courtes à Toulouse ?", "Where can I find a template for a lease?"),
)
SAID = (
    *("Merci à tous, c'était une belle soirée !", "On se retrouve à 18 h devant la gare ?", "ok pour moi"),
    *("Tu as pensé à prendre les clés ?", "J'ai terminé le rapport hier soir", "See you tomorrow at the meeting!"),
    "Nous recrutons une animatrice, envoyez vos candidatures avant le 3 mai",
    *("Atelier couture samedi 12 avril, inscriptions ouvertes", "Thanks everyone, great evening"),
)
TO_A_PERSON = {  # what asks, and what only says something to somebody
    "tu peux me dire ce qu’est un rescrit mécénat": "tu peux me rappeler demain matin",
    "tu connais le FDVA ?": "t’as pensé au FDVA ?",
    "tu sais où on déclare un changement de bureau": "tu as laissé le bureau ouvert hier soir",
    "t’as déjà entendu parler des groupements d’employeurs ?": "t’as déjà mangé toi ?",
}


def test_questions_are_heard_and_chat_stories_and_announcements_are_not(encoding_reader: Reader) -> None:
    asks, n_grams = encoding_reader.asks, Reader(shipped_model(), None).asks
    assert [text for text in ASKED if asks(text) <= 0.5] == []
    assert [text for text in SAID if asks(text) >= 0.4] == []
    assert [asked for asked, said in TO_A_PERSON.items() if asks(asked) <= asks(said)] == []
    assert sum(n_grams(asked) > n_grams(said) for asked, said in zip(ASKED, SAID, strict=False)) >= len(ASKED) - 1


def test_a_question_is_none_whatever_stood_before(reader: Reader) -> None:
    situations: tuple[Said, ...] = ("nothing", "answer", "offer", "confirm", "unknown")
    for text in (
        "merci mais et le salaire ?",
        "Où trouver une formation de facilitateur ?",
        "fiche de poste fabmanager",
    ):
        for said in situations:
            reading = reader.read(text, said)
            assert (reading.act, reading.asks > 0.5) == (None, True), (text, said)


def test_a_number_that_no_list_reaches_is_read_as_words(reader: Reader) -> None:
    assert [reader.read(text, "answer").act for text in ("404", "2")] == ["dead_link", "pick"]


@pytest.mark.parametrize(
    "text", ["😀🎉", "   \n ", "как дела", "你好", "x" * 60_000, "pourquoi " * 7_000, "\ud800", "a\x00b", "? ? ?", "…"]
)
def test_any_text_can_be_read(reader: Reader, text: str) -> None:
    reading = reader.read(text, "offer")
    assert 0 <= reading.certainty <= 1
    assert 0 <= reading.asks <= 1


def test_an_encoder_that_nothing_was_learned_with_leaves_it_to_n_grams() -> None:
    encoder = FakeEncoder()
    index = Index(KNOWLEDGE, embeddings=EmbeddingCache(encoder, space=encoder.space()))
    encoder.encoded.clear()
    assert index.reader.read("merci beaucoup", "answer").act == "thanks"
    assert encoder.encoded == []


# People whom the reading never met: the voices in `training/judged` are never learned from

JUDGED = Path(__file__).parents[2] / "training" / "judged"
REPORTED = ("visitors", "strangers")  # nothing was chosen on these


@pytest.fixture(scope="module")
def people() -> list[MessageExample]:
    return [one for voice in REPORTED for one in read(JUDGED / f"{voice}.jsonl")]


def test_acts_are_known_and_questions_stay_questions(encoding_reader: Reader, people: list[MessageExample]) -> None:
    for reader, least in ((encoding_reader, 0.85), (Reader(shipped_model(), None), 0.70)):
        readings = [(one, reader.read(one.text, one.said)) for one in people if one.label not in CALLING]
        assert np.mean([found.act == one.act for one, found in readings if one.act]) >= least
        assert np.mean([found.act is not None for one, found in readings if one.label in ASKING]) <= 0.03


def test_who_knows_and_tells_it_asks_nothing(encoding_reader: Reader, people: list[MessageExample]) -> None:
    """Where nine of ten questions pass, hardly any statement by somebody who knows does."""
    asks = {one.text: encoding_reader.read(one.text, one.said).asks for one in people}
    limit = np.quantile([asks[one.text] for one in people if one.label in ASKING], 0.1)
    assert np.mean([asks[one.text] >= limit for one in people if one.label == "knows"]) <= 0.05


def test_a_name_is_heard_where_it_calls(reader: Reader, people: list[MessageExample]) -> None:
    heard = [(one.label, cut_call(one.text, ["X"], reader=reader)[1]) for one in people if one.label in CALLING]
    assert np.mean([is_heard for label, is_heard in heard if label == "called"]) >= 0.95
    assert np.mean([is_heard for label, is_heard in heard if label == "noun"]) <= 0.10
