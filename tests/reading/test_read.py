"""One message read: acts, what stood before them, what asks beside, and what is no text at all."""

from __future__ import annotations

import io
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index
from bot.reading import Act, Pick, Said
from bot.reading.examples import ExampleError, nearest, read, shipped
from bot.reading.model import ReadingError, read_model, shipped_model
from bot.reading.picks import is_number, picked
from bot.reading.read import Reader, is_courtesy
from tests.fake_encoder import FakeEncoder
from tests.scene import KNOWLEDGE


@pytest.fixture(params=["encoder", "n-grams"])
def reader(request: pytest.FixtureRequest, embeddings: EmbeddingCache) -> Reader:
    return embeddings.reader if request.param == "encoder" else Reader(shipped_model(), None)


@pytest.mark.parametrize(
    ("text", "said", "act"),
    [
        ("oui", "confirm", "agree"),
        ("OK !", "offer", "agree"),
        ("non merci", "offer", "refuse"),
        ("la 2", "offer", "pick"),
        ("merci beaucoup", "answer", "thanks"),
        ("MERCI BEAUCOUP", "answer", "thanks"),
        ("bonjour", "nothing", "greet"),
        ("who are you?", "nothing", "about_bot"),
        ("dis-m’en plus", "answer", "more"),
        ("le lien est cassé", "answer", "dead_link"),
        ("c’est quoi ta source ?", "answer", "sources"),
        ("", "nothing", "greet"),
    ],
)
def test_an_act_is_read_as_what_it_is(reader: Reader, text: str, said: Said, act: Act) -> None:
    assert reader.read(text, said).act == act


@pytest.mark.parametrize(
    "text", ["merci mais et le salaire ?", "Où trouver une formation de facilitateur ?", "fiche de poste fabmanager"]
)
@pytest.mark.parametrize("said", ["nothing", "answer", "offer", "confirm", "unknown"])
def test_a_question_is_none_whatever_stood_before(reader: Reader, text: str, said: Said) -> None:
    reading = reader.read(text, said)
    assert reading.act is None
    assert reading.asks > 0.5


@pytest.mark.parametrize(
    "text", ["😀🎉", "   \n ", "как дела", "你好", "x" * 60_000, "pourquoi " * 7_000, "\ud800", "a\x00b", "? ? ?", "…"]
)
@pytest.mark.parametrize("said", ["nothing", "offer"])
def test_any_text_can_be_read(reader: Reader, text: str, said: Said) -> None:
    reading = reader.read(text, said)
    assert 0 <= reading.certainty <= 1
    assert 0 <= reading.asks <= 1


def test_an_encoder_that_nothing_was_learned_with_leaves_it_to_n_grams() -> None:
    encoder = FakeEncoder()
    index = Index(KNOWLEDGE, embeddings=EmbeddingCache(encoder, space=encoder.space()))
    encoder.encoded.clear()
    assert index.reader.read("merci beaucoup", "answer").act == "thanks"
    assert encoder.encoded == []


@pytest.mark.parametrize("raw", [b"", b"no archive", b"PK\x03\x04 half"])
def test_a_broken_file_of_weights_says_so(raw: bytes) -> None:
    with pytest.raises(ReadingError, match="not a file of weights"):
        read_model(io.BytesIO(raw))


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    model = shipped_model()
    values = {one.name: getattr(model, one.name) for one in fields(model) if one.name != "encoder"}
    values["calls"] = values["calls"][:-1]
    np.savez(tmp_path / "weights.npz", encoder=np.array(model.encoder), **values)
    with (tmp_path / "weights.npz").open("rb") as file, pytest.raises(ReadingError, match=r"calls: .* are needed"):
        read_model(file)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "x.jsonl:1: no example"),
        ('{"text": "merci"}', "x.jsonl:1: no example"),
        ('{"text": "merci", "label": "joy"}', "x.jsonl:1: the label 'joy' is none of agree"),
        ('{"text": "merci", "label": "thanks", "before": "rain"}', "x.jsonl:1: before: 'rain' is none of nothing"),
    ],
)
def test_a_line_that_is_no_example_is_named(tmp_path: Path, line: str, wrong: str) -> None:
    (tmp_path / "x.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(ExampleError) as refused:
        read(tmp_path / "x.jsonl")
    assert wrong in str(refused.value)


def test_the_nearest_examples_show_why() -> None:
    assert {one.label for one in nearest("merci bcp !!", shipped())} == {"thanks"}


@pytest.mark.parametrize(
    ("text", "pick"),
    [
        ("2", Pick((1,))),
        ("la 1 et la 3", Pick((0, 2))),
        ("n°2", Pick((1,))),
        ("la deuxième", Pick((1,))),
        ("the second one", Pick((1,))),
        ("le dernier svp", Pick((-1,))),
        ("les deux", Pick((0, 1), of=2)),
        ("les trois", Pick((), of=3)),
        ("both", Pick((0, 1), of=2)),
        ("toutes", Pick(())),
        ("celle du milieu", Pick((1,), of=3)),
        ("le repair café", None),
        ("une autre formation", None),
    ],
)
def test_the_numbers_that_a_choice_names(text: str, pick: Pick | None) -> None:
    assert picked(text) == pick


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("2", True), ("la 1 et la 3", True), ("toutes", True), ("+1", False), ("2 ?", False), ("2024", False),
     ("la 2 parle de quoi", False), ("", False)],
)  # fmt: skip
def test_what_says_nothing_but_a_number(text: str, is_one: bool) -> None:
    assert is_number(text) is is_one


@pytest.mark.parametrize(
    ("text", "is_nothing_else"),
    [
        *((text, True) for text in ("merci beaucoup, c'est parfait", "Bonjour à tous !", "🙏 !!", "", "thanks a lot!")),
        *((text, False) for text in ("как стать фабменеджером", "quelle assurance ?", "le bail est signé")),
    ],
)
def test_courtesy_is_told_from_what_says_something(text: str, is_nothing_else: bool) -> None:
    assert is_courtesy(text) is is_nothing_else
