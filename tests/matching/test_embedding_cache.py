"""Embeddings on a disk: what was encoded once is not encoded again, and a cache that cannot be used costs only time."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from bot.encoder import Kind
from bot.matching import embedding_cache
from bot.matching.embedding_cache import FILE, EmbeddingCache
from bot.matching.vector_space import VectorSpace
from tests.fake_encoder import FakeEncoder, numbered

NOBODY = 65534
TEXTS = ["une fiche de poste", "où trouver une fiche ?", "où trouver une formation ?"]


def opened(folder: Path | None, encoder: FakeEncoder | None = None, space: VectorSpace | None = None) -> EmbeddingCache:
    encoder = encoder or FakeEncoder()
    return EmbeddingCache(encoder, folder, space=space or encoder.space())


def encoded(cache: EmbeddingCache) -> list[str]:
    assert isinstance(cache.encoder, FakeEncoder)
    return cache.encoder.encoded


def check(cache: EmbeddingCache, texts: list[str] = TEXTS) -> None:
    """The cache has for each text what its encoder says of it."""
    assert isinstance(cache.encoder, FakeEncoder)
    alone = FakeEncoder(cache.encoder.name, cache.encoder.dimensions)

    def placed(kind: Kind) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(one.vector, one.states) for one in (cache.space.place(e, kind) for e in alone.encode(texts, kind))]

    np.testing.assert_allclose(cache.vectors(texts), [vector for vector, _ in placed("query")], atol=1e-3)
    for (vector, words), (own, states) in zip(cache.documents(texts), placed("passage"), strict=True):
        np.testing.assert_allclose(vector, own, atol=1e-3)
        np.testing.assert_allclose(words / 127, states, atol=0.005)


# Once is enough


def test_a_text_is_encoded_once_and_then_never_again(tmp_path: Path) -> None:
    first = opened(tmp_path / "new")
    check(first)
    check(first)
    assert encoded(first) == TEXTS * 2  # as what is asked, and as what answers
    later = opened(tmp_path / "new")
    check(later)
    assert encoded(later) == []


def test_only_what_is_new_is_encoded_and_each_text_once(tmp_path: Path) -> None:
    opened(tmp_path).vectors(["b", "a"])
    cache = opened(tmp_path)
    rows = cache.vectors(["c", "a", "c", "b", "a"])
    assert encoded(cache) == ["c"]
    assert np.array_equal(rows[[1, 3]], opened(None).vectors(["a", "b"]))
    assert np.array_equal(rows[[0, 1]], rows[[2, 4]])


def test_processes_that_begin_together_share_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_cache, "_BATCH", 2)
    texts = [f"question {number}" for number in range(10)]
    first, second = opened(tmp_path), opened(tmp_path)

    def another_begins(done: int, _: int) -> None:
        if done == 4:
            second.vectors(texts)

    first.telling(another_begins).vectors(texts)
    assert len(encoded(first)) == 4
    assert sorted(encoded(first) + encoded(second)) == sorted(texts)


@pytest.mark.parametrize("text", ["", " ", "😀", "\ud800", "a\x00b", "'; DROP TABLE embeddings; --", "x" * 60_000])
def test_any_text_can_be_kept(tmp_path: Path, text: str) -> None:
    check(opened(tmp_path), [text])
    later = opened(tmp_path)
    check(later, [text])
    assert encoded(later) == []


def test_what_people_ask_is_not_kept_and_no_words_of_the_knowledge_are(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    (one,) = cache.questions(["la question d'Anne"])
    assert one.words == ("question", "d'Anne")
    cache.questions(["la question d'Anne"])
    assert encoded(cache) == ["la question d'Anne"]  # while its message is dealt with
    cache.questions([str(number) for number in range(4)])
    cache.questions(["la question d'Anne"])
    assert encoded(cache)[-1] == "la question d'Anne"
    cache.vectors(["où trouver une formation ?"])
    cache.documents(["La Coopérative forme et certifie."])
    with closing(sqlite3.connect(tmp_path / FILE)) as file:
        assert file.execute("SELECT count(*) FROM embeddings").fetchone() == (2,)
    content = (tmp_path / FILE).read_bytes()
    assert not [word for word in ("Anne", "formation", "Coopérative") if word.encode() in content]


# Who shares a folder


def test_encoders_and_their_spaces_share_a_folder_without_mixing(tmp_path: Path) -> None:
    """A new version of the program may compare the same encoder's vectors in another way."""
    for again in (False, True):
        for name, size, version in (("one", 384, ""), ("other", 384, ""), ("another", 768, ""), ("one", 384, ", 2")):
            encoder = FakeEncoder(name, size)
            space = encoder.space(version)
            space.centres["query"][:] = float(bool(version))
            cache = opened(tmp_path, encoder, space)
            check(cache)
            assert encoded(cache) == ([] if again else TEXTS * 2)


def test_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    """They also make the file at once."""
    spans = [(0, 80), (40, 120), (120, 200)]
    command = [sys.executable, "-m", "tests.fake_encoder", str(tmp_path / "new")]
    started = [subprocess.Popen([*command, str(first), str(last)]) for first, last in spans]  # noqa: S603 (ourselves)
    assert [process.wait() for process in started] == [0, 0, 0]
    later = opened(tmp_path / "new")
    later.vectors(numbered(0, 200))
    assert encoded(later) == []


def test_of_too_many_those_that_came_first_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_cache, "MAX_ROWS", 5)
    for start in range(0, 20, 2):
        opened(tmp_path).vectors(numbered(start, start + 2))
    with closing(sqlite3.connect(tmp_path / FILE)) as file:
        assert file.execute("SELECT count(*) FROM embeddings").fetchone() == (5,)
    cache = opened(tmp_path)
    cache.vectors(numbered(15, 20))
    assert encoded(cache) == []
    assert len(opened(tmp_path).vectors(numbered(0, 20))) == 20


# What cannot be used


def _with_a_hole(file: Path) -> None:
    opened(file.parent).vectors(numbered(0, 200))
    content = bytearray(file.read_bytes())
    content[4096 : len(content) - 4096] = b"\xff" * (len(content) - 8192)
    file.write_bytes(content)


BROKEN: dict[str, tuple[Callable[[Path], object], bool]] = {  # and whether another one takes its place
    "empty": (lambda file: file.write_bytes(b""), False),  # it is filled
    "a text": (lambda file: file.write_text("no database at all, and long enough to be seen as none" * 20), True),
    "a folder": (Path.mkdir, False),
    "with a hole": (_with_a_hole, True),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_left_or_made_anew(tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    breaks, is_made_anew = BROKEN[kind]
    breaks(tmp_path / FILE)
    cache, texts = opened(tmp_path), [*TEXTS, *numbered(0, 200)]
    check(cache, texts)
    before = len(encoded(cache))
    check(cache, texts)
    assert len(encoded(cache)) == before
    assert (len(caplog.messages) == 1 and caplog.messages[0].endswith("it is made anew")) == is_made_anew
    if is_made_anew:
        later = opened(tmp_path)
        check(later, texts)
        assert encoded(later) == []


@pytest.mark.parametrize("folder", [None, "/proc", "file/below"])
def test_without_a_folder_all_is_in_memory(folder: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    cache = opened(Path(folder) if folder else None)
    check(cache)
    check(cache)
    assert encoded(cache) == TEXTS * 2
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


# Who waits


def test_who_waits_is_told_how_many_texts_are_done(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    encoder = FakeEncoder()
    cache = EmbeddingCache(encoder, tmp_path, space=encoder.space(), progress=lambda *pair: told.append(pair))
    cache.vectors(numbered(0, 200))
    assert told == sorted({*told, (0, 200), (200, 200)})
    assert len(told) > 2
    told.clear()
    cache.questions(["une question"])
    cache.vectors(numbered(1, 201))
    assert told == [(0, 1), (1, 1)]
