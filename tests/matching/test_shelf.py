"""Embeddings on a disk: what was put there is found again, whatever else was put there since."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.matching import embedding_cache
from bot.matching.embedding_cache import DIMENSIONS, EmbeddingCache


def vectors(texts: list[str]) -> np.ndarray:
    """Another one for each text."""
    return np.array([np.full(DIMENSIONS, hash(text) % 1000) for text in texts], np.float16).reshape(-1, DIMENSIONS)


def keep(place: EmbeddingCache, *texts: str, kind: str = "") -> None:
    place.keep(list(texts), vectors(list(texts)), kind)


def there(place: EmbeddingCache, *texts: str, kind: str = "") -> list[str]:
    """Which of the texts are found; with their own vectors."""
    found, missing = place.look_up(list(texts), kind)
    known = [number for number in range(len(texts)) if number not in missing]
    assert np.array_equal(found[known], vectors([texts[number] for number in known]))
    return [texts[number] for number in known]


def test_what_was_kept_is_found_by_another_process(tmp_path: Path) -> None:
    keep(EmbeddingCache(tmp_path / "new"), "b", "a")
    keep(EmbeddingCache(tmp_path / "new"), "c", "a")
    assert there(EmbeddingCache(tmp_path / "new"), "c", "x", "a", "b") == ["c", "a", "b"]
    assert there(EmbeddingCache(tmp_path / "new"), "a", kind="word") == []


def test_the_small_file_goes_into_the_large_one_when_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_cache, "MOST_NEW", 3)
    monkeypatch.setattr(embedding_cache, "_AT_ONCE", 4)
    texts = [f"text {number}" for number in range(20)]
    for start in range(0, 20, 2):
        keep(EmbeddingCache(tmp_path), *texts[start : start + 2])
    assert there(EmbeddingCache(tmp_path), *texts, "another") == texts
    sizes = sorted(file.stat().st_size for file in tmp_path.iterdir())
    assert len(sizes) == 2
    assert sizes[0] < sizes[1] / 4


def test_of_too_many_some_are_forgotten_and_never_the_new_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_cache, "MOST_NEW", 0)
    monkeypatch.setattr(embedding_cache, "MOST_KEPT", 5)
    for start in range(0, 20, 2):
        keep(EmbeddingCache(tmp_path), *(f"text {number}" for number in (start, start + 1)))
    assert len(there(EmbeddingCache(tmp_path), *(f"text {number}" for number in range(20)))) == 7
    assert there(EmbeddingCache(tmp_path), "text 18", "text 19") == ["text 18", "text 19"]


@pytest.mark.parametrize("left", [0, 5, 8, 200])
def test_a_file_that_is_cut_short_holds_nothing(tmp_path: Path, left: int) -> None:
    keep(EmbeddingCache(tmp_path), "a", "b")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:left])
    assert there(EmbeddingCache(tmp_path), "a") == []
    keep(EmbeddingCache(tmp_path), "a")
    assert there(EmbeddingCache(tmp_path), "a") == ["a"]


def test_without_a_folder_nothing_is_kept() -> None:
    keep(EmbeddingCache(None), "a")
    assert there(EmbeddingCache(None), "a") == []
