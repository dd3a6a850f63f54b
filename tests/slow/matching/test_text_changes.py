"""What a change of the knowledge leaves is taken over, and the outcome is that of building everything anew."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.knowledge.models import Entry, Knowledge
from bot.matching import term_counts
from bot.matching.entry_texts import entry_texts, prepared
from bot.matching.index import Index
from bot.matching.text_changes import TextChanges

QUESTIONS = (
    "une fiche de poste de fabmanager ?",
    "Où trouver une formation de facilitateur de tiers-lieu ?",
    "notre formation de facilitateur d'hier était super",
    "quele assurence pour un atelié partagé",
    "association ou coopérative ? et quelles aides de la région ?",
    "service civique",
    "zzz",
)


def found(index: Index) -> list[tuple[str, str, str, float]]:
    """By question and id: two copies of one entry may come in either order."""
    return sorted(
        (text, match.id, match.evidence.phrasing, match.confidence)
        for text in QUESTIONS
        for match in index.search(text).matches
    )


def alike(one: Index, other: Index) -> bool:
    pairs = zip(found(one), found(other), strict=True)
    return all(a[:3] == b[:3] and a[3] == pytest.approx(b[3], abs=2e-5) for a, b in pairs)


def edited(entries: dict[str, Entry], chance: random.Random) -> dict[str, Entry]:
    """One entry out, one with other phrasings, one twice under another name; sometimes all in another order."""
    names = list(entries)
    chance.shuffle(names) if chance.random() < 0.5 else None
    gone, changed, copied = chance.choices(names, k=3)
    asked = [text for entry in entries.values() for text in entry.questions]
    row = {name: entries[name] for name in names if name != gone or len(names) < 3}
    if changed in row:
        row[changed] = row[changed].model_copy(update={"questions": tuple(chance.sample(asked, 2)), "answer": None})
    new = f"copie-{chance.randrange(1000)}"
    return row | {new: entries[copied].model_copy(update={"id": new, "title": f"La copie de {copied}"})}


@pytest.mark.parametrize("semantic", [True, False])
def test_after_any_edits_it_is_as_if_built_anew(knowledge: Knowledge, cache: Path, semantic: bool) -> None:
    chance, entries = random.Random(4), dict(knowledge.entries)
    index = Index(knowledge, semantic=semantic, cache=cache)
    for _ in range(8):
        entries = edited(entries, chance)
        now = Knowledge(entries, knowledge.synonyms)
        index = Index(now, semantic=semantic, previous=index)
        assert alike(index, Index(now, semantic=semantic, cache=cache))


def test_other_synonyms_count_everything_anew(knowledge: Knowledge, index: Index, cache: Path) -> None:
    now = Knowledge(knowledge.entries, (*knowledge.synonyms, ("assurance", "mutuelle")))
    newer = Index(now, previous=index)
    assert alike(newer, Index(now, cache=cache))
    assert newer.search("quelle mutuelle ?").matches[0].id == "assurance"
    assert alike(Index(knowledge, previous=newer), index)


def test_from_no_entries_and_back(knowledge: Knowledge, index: Index, cache: Path) -> None:
    none = Index(Knowledge({}, knowledge.synonyms), previous=index)
    assert none.search("une fiche ?").matches == ()
    assert alike(Index(knowledge, previous=none), index)


def test_a_second_start_reads_no_text_again(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Index(knowledge, semantic=False, cache=tmp_path)
    monkeypatch.setattr(term_counts, "prepared", lambda text: pytest.fail(f"read again: {text}"))
    assert found(Index(knowledge, semantic=False, cache=tmp_path)) == found(first)


def test_a_start_after_other_knowledge_reads_what_is_new(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Index(knowledge, semantic=False, cache=tmp_path)
    entries, read = dict(knowledge.entries), set[str]()
    entries["assurance"] = entries["assurance"].model_copy(update={"title": "Être assuré"})
    monkeypatch.setattr(term_counts, "prepared", lambda text: read.add(text) or prepared(text))
    now = Knowledge(entries, knowledge.synonyms)
    index = Index(now, semantic=False, cache=tmp_path)
    assert {text for text in read if "assur" not in text.lower()} <= {*entries["assurance"].questions, "La page"}
    assert alike(index, Index(now, semantic=False))


@pytest.mark.parametrize("left", [0, 30, 2000, -3])
def test_counts_that_are_cut_short_are_counted_anew(knowledge: Knowledge, tmp_path: Path, left: int) -> None:
    first = Index(knowledge, semantic=False, cache=tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:left])
    assert found(Index(knowledge, semantic=False, cache=tmp_path)) == found(first)


def test_changes_name_the_new_places(knowledge: Knowledge) -> None:
    a, b, c, d = map(entry_texts, list(knowledge.entries.values())[:4])
    other = b._replace(texts=("Autre chose", *b.texts[1:]))
    changes = TextChanges.between((a, b, c), (c, d, other, a))
    assert changes.entries.tolist() == [3, -1, 0]
    assert changes.phrasings.tolist() == [9, 10, 11, -1, -1, -1, 0, 1, 2]
    assert (changes.gone, changes.new) == ([1], [1, 2])
