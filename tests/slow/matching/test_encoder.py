"""What the encoder says of single words, which its own sentences do not show."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from bot.matching.use_encoder import UniversalSentenceEncoder


@pytest.fixture(scope="module")
def encoder() -> UniversalSentenceEncoder:
    return UniversalSentenceEncoder()


def test_words_that_it_knows_only_within_words_do_not_all_mean_the_same(encoder: UniversalSentenceEncoder) -> None:
    words = ["melon", "franche", "immobilier", "dresser", "aménagement"]
    rows = encoder.encode_words(words)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    for one, other in combinations(range(len(words)), 2):
        assert rows[one] @ rows[other] < 0.5, (words[one], words[other])


@pytest.mark.parametrize(("word", "typo"), [("melon", "melno"), ("dresser", "dressser"), ("éviter", "évitter")])
def test_a_word_is_more_familiar_than_its_typo(encoder: UniversalSentenceEncoder, word: str, typo: str) -> None:
    assert encoder.log_probability(word) > encoder.log_probability(typo)
