"""Knowledge that tests itself: what is hard to find or hard to tell apart is said with both places."""

from datetime import date
from pathlib import Path

import yaml

from bot.knowledge.library import Library, check
from bot.knowledge.models import Knowledge
from bot.locale import wording
from bot.matching.decision import Thresholds
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index
from bot.quality.self_test import SelfTest

TODAY = date(2026, 11, 24)
LIMITS = Thresholds(confident=0.4, overheard=0.45, suggest=0.2)


def entry(line: str, **more: object) -> dict[str, object]:
    id, title, *questions = line.split(" | ")
    return {"id": id, "title": title, "questions": questions, **more}


WRITTEN = """\
formation | Se former | Où se former au métier de facilitateur ? | devenir facilitateur : quelle formation
assurance | Assurer son lieu | Quelle assurance pour un lieu ? | comment assurer notre lieu
statut | Le statut juridique | Quel statut juridique choisir ? | choisir association ou coopérative, quel statut
civique | Le service civique | Comment accueillir un service civique ? | service civique : qui peut accueillir
"""
SOUND = [entry(line) for line in WRITTEN.splitlines()]
CASES = {  # entries beside the sound ones, and what is said: `line key other`
    "sound": ([], []),
    "a phrasing that nothing in its entry is like": (
        [entry("clef | La clef du lieu | La clef est où ? | la formation au statut du civique")],
        ["32 lost statut"],
    ),
    "a phrasing of another entry, which leads there even as it stands": (
        [entry("clef | La clef du lieu | La clef est où ? | où prendre la clef | Quelle assurance pour un lieu ?")],
        ["33 nearer assurance"],
    ),
    "entries that mean the same, said once": (
        [entry("assureur | Le bon contrat | assurer notre lieu, comment | quelle assurance pour notre lieu")],
        ["11 neighbours assureur"],
    ),
    "what should not be answered": (
        [entry("malle | La malle | Emprunter la malle de robots ?", not_questions=["Emprunter une malle de robots"])],
        ["33 answered None"],
    ),
}


def knowledge(folder: Path, *entries: dict[str, object]) -> Knowledge:
    rows = [{"answer": "Oui.", **entry} for entry in entries]
    text = yaml.safe_dump({"theme": "Essai", "entries": rows}, allow_unicode=True, sort_keys=False)
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    return Library(folder).load(TODAY).knowledge


def said(found: Knowledge, embeddings: EmbeddingCache | None = None) -> list[str]:
    problems = [one for row in SelfTest(Index(found, embeddings=embeddings), LIMITS).run() for one in row]
    assert all(one.warning for one in problems)
    return [f"{one.line} {one.key} {one.values.get('other')}" for one in problems]


def test_what_members_would_not_find_is_said_with_its_line(tmp_path: Path) -> None:
    for case, (more, expected) in CASES.items():
        found = said(knowledge(tmp_path, *SOUND, *more))
        # of two neighbours some phrasings may lead to the other as they stand
        assert found[: len(expected)] == expected, case
        assert bool(found) == bool(expected), case


def test_two_phrasings_of_the_same_meaning_are_said_once(tmp_path: Path, embeddings: EmbeddingCache) -> None:
    twins = (
        entry("cle | Les clés | Où sont les clefs de la salle ?"),
        entry("badge | Badges | Où est la clef des salles ?"),
    )
    found = said(knowledge(tmp_path, *SOUND, *twins), embeddings)
    assert [one.split()[1:] for one in found if "twin" in one] == [["twin", "badge"]]


def test_both_places_are_named_and_what_to_do_unless_there_are_none(tmp_path: Path) -> None:
    more, _ = CASES["a phrasing that nothing in its entry is like"]
    found = knowledge(tmp_path, *SOUND, *more)
    ((problem,),) = filter(None, SelfTest(Index(found), LIMITS).run())
    file = tmp_path / "a.yaml"
    for language, mend in (("fr", "mot-clé"), ("en", "keyword")):
        told = problem.say(wording(language))  # type: ignore[arg-type]
        assert told.startswith(f"{file}:32: ")
        assert (f"({file}:17)" in told, mend in told) == (True, True)
    assert said(Knowledge(found.entries)) == []


def test_of_large_knowledge_one_phrasing_in_so_many_is_asked(tmp_path: Path) -> None:
    more, _ = CASES["what should not be answered"]
    index = Index(knowledge(tmp_path, *SOUND, *more))
    whole, part = SelfTest(index, LIMITS), SelfTest(index, LIMITS, most=5)
    assert (whole.searched, whole.total, part.searched, part.total) == (10, 10, 5, 10)
    assert len(list(part.run())) == 5


def test_check_asks_the_sound_files_alone(tmp_path: Path) -> None:
    knowledge(tmp_path, *SOUND)
    (tmp_path / "b.yaml").write_text("theme: B\n", encoding="utf-8")
    asked: list[str] = []
    problems = check(tmp_path, TODAY, lambda sound: asked.extend(sound.entries) or ())
    assert asked == [str(one["id"]) for one in SOUND]
    assert [Path(one.file).name for one in problems] == ["b.yaml"]
