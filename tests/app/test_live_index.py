"""The index in use: words answer at once, meaning joins them when it can, and a change of the files is never lost."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.app.live_index import LiveIndex, LoadEmbeddings, Turn
from bot.encoder import Encoded, EncoderError, Kind
from bot.knowledge.library import Library
from bot.knowledge.models import Entry, Knowledge
from bot.locale import wording
from bot.matching import Match
from bot.matching.embedding_cache import EmbeddingCache, Progress
from tests.fake_encoder import FakeEncoder
from tests.running import ASKED, FORMATION
from tests.waiting import PATIENCE, until

OVEN = """\
theme: "Fours"
entries:
  - id: four-a-pain
    title: "Le four à pain"
    questions: ["Comment allumer le four à pain ?"]
    answer: "Avec du petit bois."
"""
ASKED_OVEN = "Comment allumer le four à pain ?"


class Gate:
    """What a thread waits at until the test lets it through."""

    def __init__(self, is_open: bool = False) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        if is_open:
            self.opened.set()

    def wait(self) -> None:
        self.reached.set()
        assert self.opened.wait(PATIENCE)

    async def arrived(self) -> None:
        await until(self.reached.is_set)


class SlowEncoder(FakeEncoder):
    """Waits at its gate before it encodes anything."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    def encode(self, texts: Sequence[str], kind: Kind) -> list[Encoded]:
        self.gate.wait()
        return super().encode(texts, kind)


def loading(gate: Gate, encoder: FakeEncoder) -> LoadEmbeddings:
    """Waits at the gate before the encoder is there."""

    def load(progress: Progress) -> EmbeddingCache:
        gate.wait()
        return EmbeddingCache(encoder, space=encoder.space(), progress=progress)

    return load


def live(folder: Path, load: LoadEmbeddings | None, **more: Any) -> LiveIndex:
    return LiveIndex(Library(folder), wording("fr"), lambda: date(2026, 11, 24), load_embeddings=load, **more)


async def joined(folder: Path, encoder: FakeEncoder | None = None, **more: Any) -> LiveIndex:
    current = live(folder, loading(Gate(is_open=True), encoder or FakeEncoder()), **more)
    await current.reload()
    await current.join_meaning()
    return current


def best(current: LiveIndex, text: str = ASKED) -> Match:
    return current.index().search(text).matches[0]


def means(current: LiveIndex, text: str = ASKED) -> bool:
    """Whether the best match was found by its meaning too."""
    return best(current, text).evidence.semantic > 0


async def test_words_answer_until_the_meaning_joins_and_no_file_that_changes_meanwhile_is_lost(knowledge: Path) -> None:
    loads, encodes = Gate(), Gate()
    current = live(knowledge, loading(loads, SlowEncoder(encodes)))
    assert not (await current.reload()).errors
    joining = asyncio.create_task(current.join_meaning())
    await loads.arrived()
    assert (best(current).id, means(current)) == ("formation-facilitation", False)
    assert current.waiting_for == "the encoder"
    (knowledge / "fours.yaml").write_text(OVEN, encoding="utf-8")
    await current.reload()
    assert (current.entries, best(current, ASKED_OVEN).id) == (3, "four-a-pain")  # at once
    loads.opened.set()
    await encodes.arrived()
    assert current.waiting_for == "8 texts that are to be encoded"  # titles and phrasings
    fire = OVEN.replace("four-a-pain", "feu").replace("four à pain", "feu de camp")
    (knowledge / "feux.yaml").write_text(fire, encoding="utf-8")
    reloading = asyncio.create_task(current.reload())
    await asyncio.sleep(0.1)
    assert best(current, ASKED_OVEN).id == "four-a-pain"  # the old one goes on
    encodes.opened.set()
    await joining
    await reloading
    asked_fire = ASKED_OVEN.replace("four à pain", "feu de camp")
    for asked, id in ((ASKED, "formation-facilitation"), (ASKED_OVEN, "four-a-pain"), (asked_fire, "feu")):
        assert (best(current, asked).id, means(current, asked)) == (id, True)
    assert current.waiting_for == ""


async def test_without_an_encoder_words_go_on_and_it_is_said(knowledge: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken(progress: Progress) -> EmbeddingCache:
        raise EncoderError("the file model.onnx is missing")

    for load, waits_for in ((None, ""), (broken, "an encoder: words alone answer")):
        current = live(knowledge, load)
        await current.reload()
        await current.join_meaning()
        assert (best(current).id, means(current)) == ("formation-facilitation", False)
        assert current.waiting_for == waits_for
    (knowledge / "fours.yaml").write_text(OVEN, encoding="utf-8")
    await current.reload()
    assert (best(current, ASKED_OVEN).id, current.waiting_for) == ("four-a-pain", waits_for)
    warnings = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert warnings == ["no sentence encoder, words alone answer: the file model.onnx is missing"]


async def test_unsaved_and_new_entries_are_found_by_meaning_and_a_broken_file_changes_nothing(knowledge: Path) -> None:
    encoder = FakeEncoder()
    current = await joined(knowledge, encoder)
    unsaved = Entry(id="braises", title="Les braises", questions=("Que faire des braises ?",), answer="Un barbecue.")
    found = (await current.trial(unsaved)).search("Que faire des braises ?").matches[0]
    assert (found.id, found.evidence.semantic > 0) == ("braises", True)
    assert "braises" not in current.index().knowledge.entries
    before = len(encoder.encoded)
    (knowledge / "fours.yaml").write_text(OVEN, encoding="utf-8")
    await current.reload()
    assert 0 < len(encoder.encoded) - before <= 3  # what is new alone
    assert (best(current, ASKED_OVEN).id, means(current, ASKED_OVEN)) == ("four-a-pain", True)
    assert current.waiting_for == ""
    (knowledge / "formations.yaml").write_text("entries: [", encoding="utf-8")
    assert (await current.reload()).errors
    assert (best(current).id, means(current)) == ("formation-facilitation", True)


async def test_who_notes_the_knowledge_is_told_of_each_once(knowledge: Path) -> None:
    """That the meaning joins is no news of the knowledge."""
    noted: list[int] = []

    async def note(used: Knowledge) -> None:
        noted.append(len(used.entries))

    current = await joined(knowledge, on_use=note)
    await current.reload()
    (knowledge / "formations.yaml").write_text(FORMATION + OVEN.partition("entries:\n")[2], encoding="utf-8")
    await current.reload()
    assert noted == [2, 3]


async def test_who_stops_it_does_not_wait_until_all_texts_are_encoded(knowledge: Path) -> None:
    """At the first start with large knowledge that would be minutes; a service is killed before."""
    texts = [f"    questions: [{', '.join(f'une question {number} {n}' for n in range(9))}]" for number in range(60)]
    entries = [f"  - id: e{n}\n    title: titre {n}\n{text}\n    answer: Oui." for n, text in enumerate(texts)]
    (knowledge / "formations.yaml").write_text("theme: T\nentries:\n" + "\n".join(entries), encoding="utf-8")
    encoder = SlowEncoder(Gate())
    current = live(knowledge, loading(Gate(is_open=True), encoder))
    await current.reload()
    joining = asyncio.create_task(current.join_meaning())
    await encoder.gate.arrived()
    joining.cancel()
    encoder.gate.opened.set()
    with pytest.raises(asyncio.CancelledError):
        await joining
    await asyncio.get_running_loop().shutdown_default_executor()  # as the end of the program does
    assert len(encoder.encoded) < 200


async def test_the_first_index_of_each_network_is_built_before_any_is_made_better() -> None:
    turn, built = Turn(), list[str]()

    async def build(name: str, *, is_first: bool) -> None:
        async with turn.take(is_first=is_first):
            built.append(name)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks, turn.take(is_first=True):
        for name in ("better", "first", "better", "first"):
            tasks.create_task(build(name, is_first=name == "first"))
            await asyncio.sleep(0)
    assert built == ["first", "first", "better", "better"]
