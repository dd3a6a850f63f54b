"""Embeddings on a disk: what was put there is found again, whatever else was put there since, by whichever encoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.matching import embedding_cache
from bot.matching.embedding_cache import EmbeddingCache


class FakeEncoder:
    """Another vector for each text and name."""

    def __init__(self, name: str = "fake-1", dimensions: int = 512) -> None:
        self.name, self.dimensions = name, dimensions
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.encoded += texts
        rows = [np.full(self.dimensions, hash((self.name, text)) % 1000) for text in texts]
        return np.array(rows, np.float32).reshape(-1, self.dimensions)

    encode_words = encode

    def log_probability(self, word: str) -> float:
        return float("-inf")


FAKE = FakeEncoder()


def opened(folder: Path | None) -> EmbeddingCache:
    return EmbeddingCache(folder, FAKE)


def keep(place: EmbeddingCache, *texts: str, kind: str = "") -> None:
    place.keep(list(texts), FAKE.encode(texts).astype(np.float16), kind)


def there(place: EmbeddingCache, *texts: str, kind: str = "") -> list[str]:
    """Which of the texts are found; with their own vectors."""
    found, missing = place.look_up(list(texts), kind)
    known = [number for number in range(len(texts)) if number not in missing]
    assert np.array_equal(found[known], FAKE.encode([texts[number] for number in known]))
    return [texts[number] for number in known]


@pytest.mark.parametrize("sizes", [(512, 512), (512, 384)])
def test_two_encoders_share_a_folder_without_mixing(tmp_path: Path, sizes: tuple[int, int]) -> None:
    texts = ["a", "b", "c"]
    for _ in range(2):  # computed, then read again
        for name, size in zip(("one", "other"), sizes, strict=True):
            cache = EmbeddingCache(tmp_path, FakeEncoder(name, size))
            assert np.array_equal(cache.encode(texts), FakeEncoder(name, size).encode(texts))
            assert np.array_equal(cache.encode_words(texts[:1]), FakeEncoder(name, size).encode(texts[:1]))
            assert cache.solution("test", b"problem", lambda name=name: np.array([name])).tolist() == [name]
    assert EmbeddingCache(tmp_path, again := FakeEncoder("other", sizes[1])).encode(["a", "new"]).shape == (2, sizes[1])
    assert again.encoded == ["new"]


def test_what_was_kept_is_found_by_another_process(tmp_path: Path) -> None:
    keep(opened(tmp_path / "new"), "b", "a")
    keep(opened(tmp_path / "new"), "c", "a")
    assert there(opened(tmp_path / "new"), "c", "x", "a", "b") == ["c", "a", "b"]
    assert there(opened(tmp_path / "new"), "a", kind="word") == []


def test_the_small_file_goes_into_the_large_one_when_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_cache, "MAX_NEW", 3)
    monkeypatch.setattr(embedding_cache, "_BLOCK", 4)
    texts = [f"text {number}" for number in range(20)]
    for start in range(0, 20, 2):
        keep(opened(tmp_path), *texts[start : start + 2])
    assert there(opened(tmp_path), *texts, "another") == texts
    sizes = sorted(file.stat().st_size for file in tmp_path.iterdir())
    assert len(sizes) == 2
    assert sizes[0] < sizes[1] / 4


def test_of_too_many_some_are_forgotten_and_never_the_new_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_cache, "MAX_NEW", 0)
    monkeypatch.setattr(embedding_cache, "MAX_ROWS", 5)
    for start in range(0, 20, 2):
        keep(opened(tmp_path), *(f"text {number}" for number in (start, start + 1)))
    assert len(there(opened(tmp_path), *(f"text {number}" for number in range(20)))) == 7
    assert there(opened(tmp_path), "text 18", "text 19") == ["text 18", "text 19"]


@pytest.mark.parametrize("left", [0, 5, 8, 200])
def test_a_file_that_is_cut_short_holds_nothing(tmp_path: Path, left: int) -> None:
    keep(opened(tmp_path), "a", "b")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:left])
    assert there(opened(tmp_path), "a") == []
    keep(opened(tmp_path), "a")
    assert there(opened(tmp_path), "a") == ["a"]


def test_without_a_folder_nothing_is_kept() -> None:
    keep(opened(None), "a")
    assert there(opened(None), "a") == []
