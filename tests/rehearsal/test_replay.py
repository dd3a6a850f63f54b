"""A past goes through the conversation's own rules, and what is drawn from it stands for all of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.knowledge.library import Library
from bot.matching.decision import Thresholds
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index
from bot.messages import NOWHERE, UNDATED, Message
from bot.reading.model import shipped_model
from bot.reading.read import Reader
from bot.rehearsal.replay import PastUtterance, utterances, verdicts, without_people
from bot.rehearsal.tally import DRAWN, WEEKS, AnswerCandidate, Tally, bands
from tests.cli.conftest import ASKED, KNOWLEDGE
from tests.fake_encoder import FakeEncoder

START = datetime(2026, 5, 4, 9, tzinfo=UTC)  # a Monday
UNKNOWN = "qui a les clés du portail bleu ?"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Words alone."""
    folder = tmp_path_factory.mktemp("knowledge")
    (folder / "formations.yaml").write_text(KNOWLEDGE, encoding="utf-8")
    return Index(Library(folder).load(START.date()).knowledge)


READER = Reader(shipped_model(), None)


def said(text: str, number: int = 1, sender: str = "ana", seconds: float = 0, **more: Any) -> Message:
    return Message("paper", f"${number}", "room", sender, text, START + timedelta(seconds=seconds), **more)


def heard(*messages: Message) -> list[PastUtterance]:
    return list(utterances(messages, ("Concierge",), "!", "X", READER))


def tally(index: Index, *messages: Message) -> Tally:
    past = heard(*messages)
    return Tally(past, verdicts(index, past, Thresholds(), NOWHERE, lambda done, of: None), UTC)


def test_each_message_is_heard_as_the_policy_has_it() -> None:
    assert heard(said("!concierge aide"), said("concierge : aide"), said("  ")) == []  # a command asks nothing
    (one,) = heard(said(f"Concierge, {ASKED} @zoe:example.org le sait"))
    assert (one.text, one.called, hasattr(one, "sender")) == (f"{ASKED} X le sait", True, False)
    for message, overheard, askable in (
        *((said(ASKED), True, True), (said(ASKED, mentions_others=True), False, True)),
        *((said(ASKED, reply_to="$0"), False, True), (said(ASKED, thread="$0"), False, True)),
        (said(ASKED, listen="mentions"), False, True),
        *((said(text), False, True) for text in (f"concierge : {ASKED}", "et combien ça coûte ?")),
        *((said(text), True, False) for text in ("merci beaucoup", "👍", "qui es-tu ?", "aide")),
    ):
        (one,) = heard(message)
        assert (one.overheard, one.askable) == (overheard, askable), message


def test_a_person_who_is_faster_goes_first() -> None:
    for reply, overheard in (
        (said("Au fond.", 2, "bob", 10, reply_to="$1"), False),
        (said("Au fond.", 2, "bob", 10, thread="$1"), False),
        (said("Au fond.", 2, "bob", 30, reply_to="$1"), True),
        (said("Personne ?", 2, "ana", 10, reply_to="$1"), True),
        (said("Au fond.", 2, "bob", 10), True),
    ):
        assert heard(said(ASKED), reply)[0].overheard == overheard, reply


def test_what_it_would_have_done_is_counted(index: Index) -> None:
    called = said(f"concierge, {UNKNOWN}", 5)
    found = tally(index, said(ASKED), said(ASKED, 2), said(UNKNOWN, 3), said("merci", 4), called)
    assert len(found.overheard_answers) == 2
    assert (found.count("answer"), found.count("silent")) == (2, 2)
    assert found.by_entry() == [("formation-facilitateur", 2, 2)]
    assert found.open_questions() == [(UNKNOWN, 2)]
    assert [dict(counts) for _, counts in found.weeks()] == [{"overheard": 2, "answer": 2, "silent": 2}]
    assert sum(answered for _, answered, _ in found.by_confidence(addressed=True)) == 2
    assert tally(index).weeks() == []


def test_weeks_have_no_gaps_and_a_stray_date_or_none_makes_no_thousand_of_them(index: Index) -> None:
    messages = [said(ASKED, number, seconds=second) for number, second in enumerate([0, 600, 3599, 3600, 9000])]
    undated = [Message("paper", f"$u{number}", "room", "ana", ASKED, UNDATED) for number in range(9)]
    week = 7 * 86400
    found = tally(index, *messages, *undated, said(ASKED, 9, seconds=3 * week))
    assert (found.busiest_hour(), len(found.overheard_answers)) == (3, 15)
    assert [counts["overheard"] for _, counts in found.weeks()] == [5, 0, 0, 1]
    assert len(tally(index, said(ASKED, seconds=-900 * week), said(ASKED, 2)).weeks()) == WEEKS


def candidate(number: int, score: float, times: int = 1) -> AnswerCandidate:
    return AnswerCandidate(f"texte {number}", "fiche", score, times, addressed=False)


def test_a_band_is_drawn_at_random_and_says_how_many_it_stands_for() -> None:
    many = [candidate(number, 0.95) for number in range(1000)]
    few = [candidate(number, 0.35, times=3) for number in range(4)]
    sure, unsure = bands([*many, *few, candidate(9, 0.1)])
    assert (sure.answers, len(sure.drawn)) == (1000, DRAWN)
    assert (unsure.answers, len(unsure.drawn)) == (12, 4)
    assert [*sure.drawn] != many[:DRAWN]
    assert bands([*many[::-1], *few]) == bands([*few, *many])
    overheard, addressed = bands([*many, *(replace(one, addressed=True) for one in many)])
    assert [one.text for one in overheard.drawn] == [one.text for one in addressed.drawn]  # judged once for both


def test_nothing_of_it_reaches_the_cache(tmp_path: Path) -> None:
    encoder = FakeEncoder()
    embeddings = EmbeddingCache(encoder, tmp_path / "cache", space=encoder.space())
    (tmp_path / "formations.yaml").write_text(KNOWLEDGE, encoding="utf-8")
    index = Index(Library(tmp_path).load(START.date()).knowledge, embeddings=embeddings)
    before = (tmp_path / "cache" / "embeddings.sqlite").read_bytes()
    tally(index, said(UNKNOWN), said(ASKED, 2)).open_questions()
    assert any("portail" in text for text in encoder.encoded)
    assert (tmp_path / "cache" / "embeddings.sqlite").read_bytes() == before


# Nobody is named by an address, an id or a mention in what a rehearsal keeps

NOBODY = (  # dates, prices and addresses of pages
    *("le 01/05/2026 à 10h30, salle 12", "rendez-vous de 10 h à 12 h 30", "RS5142 et 45 000 € en 2026", "@ seul"),
    *("https://example.org/formation?id=12", "une imprimante à 1 200 €"),
)


def test_people_become_one_word_and_nothing_else_does() -> None:
    for text, left in (
        *(("@ana:example.org tu viens ?", "X tu viens ?"), ("@ana:example.org: tu viens ?", "X: tu viens ?")),
        ("merci @Ana_D, @bob.m et @zoé !", "merci X, X et X !"),
        *(("écrivez à ana.durand+lab@fab-lab.example.org.", "écrivez à X."), ("mailto:ana@example.org", "X")),
        ("ana [at] example.org ou bob (arobase) example.org", "X ou X"),
        ("appelle le 06 12 34 56 78 ou le +33 (0)1 23 45 67 89", "appelle le X ou le X"),
        ("0612345678, 06.12.34.56.78, 06-12-34-56-78", "X, X, X"),
        ("voir https://matrix.to/#/@ana:example.org et https://forum.example.org/u/ana/summary", "voir X et X"),
        *(("https://social.example/@ana/1", "X"), ("demi \ud800 caractère", "demi ? caractère")),
        *[(text, text) for text in NOBODY],
    ):
        assert without_people(text, "X") == left
