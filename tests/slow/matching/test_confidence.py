"""How good the whole is on the labelled sets, where they are here."""

import pytest

from benchmarks import sets
from bot.matching.decision import Thresholds
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index
from bot.quality.evaluation import judge, measures


@pytest.mark.soak
@pytest.mark.skipif(not sets.there("tierslieux"), reason="the labelled sets are not here")
def test_the_fields_own_questions_are_found_and_the_room_is_left_in_peace(embeddings: EmbeddingCache) -> None:
    """Floors well below what `docs/matching.md` reports: a change that falls through them broke something."""
    field = sets.read("tierslieux")
    index = Index(field.knowledge, embeddings=embeddings)
    questions = field.questions[::8]  # all of them: `make bench`
    found = [index.search(question.text) for question in questions]
    addressed = measures(judge(questions, found, Thresholds(), True))
    overheard = measures(judge(questions, found, Thresholds(), False))
    assert addressed["top1"] >= 0.72
    assert addressed["top3"] >= 0.86
    assert addressed["precision"] >= 0.85
    assert overheard["false_answers"] <= 0.05
