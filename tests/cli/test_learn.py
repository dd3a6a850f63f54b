"""`concierge learn` on a made-up network: what is learned, what is refused, and that the bot then uses it."""

from __future__ import annotations

import json
import logging
import math
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config.learned import VERSION
from bot.config.loading import load
from bot.demo.homeserver import free_port
from tests.cli.conftest import ASKED, FORUM, KNOWLEDGE, Concierge
from tests.web import answering, running

WORDS_ALONE = "matching: {semantic: false}\n"
NOISE = """il faut bien savoir comment faire avec notre atelier chez nous samedi matin pour les adhérents du quartier
merci vraiment hier encore toujours machine projet dossier mairie jardin vélo""".split()
PHRASINGS = [text for entry in yaml.safe_load(KNOWLEDGE)["entries"] for text in entry["questions"]]
Row = dict[str, Any]
judged: list[Row] = []
"""What the program, which has learned nothing, says of the messages: of all networks the same, and so asked once."""


def messages(count: int) -> list[str]:
    """Some words of a phrasing among others: of every confidence."""
    chance = random.Random(1)
    return [_message(chance) for _ in range(count)]


def _message(chance: random.Random) -> str:
    words, kept = chance.choice(PHRASINGS).rstrip(" ?").split(), chance.choice((0.1, 0.2, 0.3, 0.5))
    said = [word for word in words if chance.random() < kept] + chance.sample(NOISE, chance.randrange(2, 9))
    chance.shuffle(said)
    return " ".join(said) + " ?"


def network(concierge: Concierge, count: int, slope: float, offset: float) -> list[Row]:
    """Labelled messages of a network where the confidence, so corrected, is the probability of being right."""
    chance, rows = random.Random(2), []
    Path("config.yaml").write_text(FORUM + WORDS_ALONE, encoding="utf-8")
    if not judged:
        lines = "\n".join(json.dumps({"text": text}) for text in messages(2000))
        judged.extend(concierge("ask", "--jsonl", stdin=lines).rows)
    for row in judged[:count]:
        best = row["matches"][0] if row["matches"] else {"id": None, "confidence": 0.0001}
        p = min(max(best["confidence"], 0.0001), 0.9999)
        is_right = chance.random() < 1 / (1 + math.exp(-slope * math.log(p / (1 - p)) - offset))
        rows.append({"text": row["text"], "expect": best["id"] if is_right else None})
    return rows


MODEST, BOLD = (1.3, 2.2), (0.6, -0.5)


def written(folder: Path, rows: list[Row], name: str = "labelled.jsonl") -> str:
    (folder / name).write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return name


def learned(folder: Path) -> Row:
    raw: Row = json.loads((folder / "config.learned.json").read_text(encoding="utf-8"))
    return raw


def measured(concierge: Concierge, folder: Path, rows: list[Row], *more: str) -> Row:
    return concierge("eval", "--json", written(folder, rows, "others.jsonl"), *more).rows[0]


# What is learned


@pytest.mark.soak
def test_a_confidence_that_is_too_modest_answers_more_and_keeps_its_promise(concierge: Concierge, folder: Path) -> None:
    rows = network(concierge, 2000, *MODEST)
    before = measured(concierge, folder, rows[1000:])
    ran = concierge("learn", written(folder, rows[:1000]))
    assert ran.code == 0
    assert "trop modeste" in ran.out
    assert "Quand on lui parle, il répondra plus souvent" in ran.out
    assert learned(folder)["correction"]["offset"] > 0.5
    after = measured(concierge, folder, rows[1000:])
    assert after["in_scope"] > before["in_scope"] + 0.05
    assert after["precision"] > 0.88


@pytest.mark.soak
def test_a_confidence_that_is_too_bold_answers_less_and_is_right_more_often(concierge: Concierge, folder: Path) -> None:
    rows = network(concierge, 2000, *BOLD)
    before = [measured(concierge, folder, rows[1000:], *more) for more in ((), ("--overheard",))]
    ran = concierge("learn", written(folder, rows[:1000]))
    assert "trop hardie" in ran.out
    assert "Quand on lui parle, il répondra moins souvent" in ran.out
    after = [measured(concierge, folder, rows[1000:], *more) for more in ((), ("--overheard",))]
    for earlier, later in zip(before, after, strict=True):
        assert later["precision"] > earlier["precision"] + 0.02
        assert later["brier"] < earlier["brier"]


def test_a_small_sample_never_answers_more(concierge: Concierge, folder: Path) -> None:
    """Though nine of ten would be right at a lower limit: of so few messages that is not sure enough."""
    rows = network(concierge, 360, 1.0, 0.6)
    before = measured(concierge, folder, rows)
    for start in range(0, 360, 120):
        (folder / "config.learned.json").unlink(missing_ok=True)
        ran = concierge("learn", written(folder, rows[start : start + 120]))
        assert "il répondra plus souvent" not in ran.out
        assert measured(concierge, folder, rows)["answered"] <= before["answered"]


def test_learning_twice_gives_the_same(concierge: Concierge, folder: Path) -> None:
    """The fit is on the confidence without the correction that is in use."""
    file = written(folder, network(concierge, 600, *MODEST))
    first, once = concierge("learn", file), learned(folder)
    second = concierge("learn", file)
    assert (first.out, once) == (second.out, learned(folder))
    assert once["correction"] != {"slope": 1, "offset": 0}


def test_the_order_of_the_lines_changes_nothing(concierge: Concierge, folder: Path) -> None:
    rows = network(concierge, 300, *MODEST)
    concierge("learn", written(folder, rows))
    once = learned(folder)
    concierge("learn", written(folder, rows[::-1]))
    assert learned(folder)["thresholds"] == once["thresholds"]
    assert learned(folder)["correction"]["slope"] == pytest.approx(once["correction"]["slope"])


def test_judged_answers_and_expectations_may_be_mixed(concierge: Concierge, folder: Path) -> None:
    rows = network(concierge, 600, *BOLD)
    judged = [judgement(row, addressed=True) for row in rows[:400] if row["expect"]]
    strange = [row | {"entry": "une-autre"} for row in judged[:7]]
    ran = concierge("learn", written(folder, [*judged[7:], *strange, *rows[400:]]))
    assert ran.code == 0
    assert "est une autre aujourd’hui : 7" in ran.out.replace("\u00a0", " ")
    assert learned(folder)["messages"] == len(judged) - 7 + 200


def test_a_limit_that_few_messages_tell_of_stays(concierge: Concierge, folder: Path) -> None:
    rows = network(concierge, 400, *BOLD)
    known = [judgement(row, addressed=True) for row in rows if row["expect"]]
    ran = concierge("learn", written(folder, [*known, *rows[:50]]))
    said = ran.out.replace("\u00a0", " ")
    assert "Quand personne ne lui parle, il ne répondra pas plus souvent : 50 messages" in said


def judgement(row: Row, *, addressed: bool) -> Row:
    return {"text": row["text"], "addressed": addressed, "entry": row["expect"], "right": True, "weight": 2.5}


# What is refused


def test_ninety_nine_messages_are_too_few(concierge: Concierge, folder: Path) -> None:
    rows = [{"text": f"{ASKED} {number}", "expect": "formation-facilitateur"} for number in range(100)]
    ran = concierge("learn", written(folder, rows[:99]), settings=WORDS_ALONE)
    assert (ran.code, ran.out) == (2, "")
    assert "au moins 100 messages étiquetés" in ran.err
    assert "99" in ran.err
    assert not (folder / "config.learned.json").exists()
    assert concierge("learn", written(folder, rows)).code == 0


def test_judged_answers_are_for_the_eyes_of_their_owner_alone(concierge: Concierge, folder: Path) -> None:
    """A browser saved them, which gives everybody the right to read them."""
    name = written(folder, [GOOD])
    (folder / name).chmod(0o644)
    assert f"{name} contient ce que des gens ont dit" in concierge("learn", name).out
    assert (folder / name).stat().st_mode & 0o777 == 0o600
    assert "contient" not in concierge("learn", name).out


def test_judged_answers_that_concern_another_entry_are_not_counted(concierge: Concierge, folder: Path) -> None:
    row = judgement({"text": ASKED, "expect": "assurance"}, addressed=False)
    ran = concierge("learn", written(folder, [row] * 120), settings=WORDS_ALONE)
    assert ran.code == 2
    assert "est une autre aujourd’hui : 120" in ran.err.replace("\u00a0", " ")


GOOD = {"text": "x", "addressed": True, "entry": "a", "right": True, "weight": 1}


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "3",
        '"expect"',
        '["text", "expect"]',
        '{"text": "x"}',
        '{"text": "x", "expect": 3}',
        *(
            json.dumps(GOOD | {name: value})
            for name, value in [("weight", 0), ("weight", -1), ("weight", True), ("weight", 10**400)]
        ),
        *(json.dumps(GOOD | {name: value}) for name, value in [("right", 1), ("entry", None), ("addressed", "yes")]),
        json.dumps(GOOD).replace(": 1}", ": Infinity}"),
        "[" * 100_000,
    ],
    ids=lambda bad: bad[:60],
)
def test_a_bad_line_is_named(concierge: Concierge, folder: Path, bad: str) -> None:
    (folder / "l.jsonl").write_text(f"{json.dumps(GOOD)}\n\n{bad}\n", encoding="utf-8")
    ran = concierge("learn", "l.jsonl")
    assert (ran.code, ran.out) == (2, "")
    assert "l.jsonl:3" in ran.err
    assert "Traceback" not in ran.err


def test_a_file_that_is_no_text_is_said(concierge: Concierge, folder: Path) -> None:
    (folder / "l.jsonl").write_bytes(b"\xff\xfe{")
    ran = concierge("learn", "l.jsonl")
    assert (ran.code, "l.jsonl n’est pas un texte en UTF-8" in ran.err) == (2, True)


def test_a_dry_run_writes_nothing(concierge: Concierge, folder: Path) -> None:
    ran = concierge("learn", "--dry-run", written(folder, network(concierge, 200, *MODEST)))
    assert (ran.code, (folder / "config.learned.json").exists()) == (0, False)
    assert "seuil" in ran.out


# Its use


def test_the_file_holds_no_message_and_no_entry(concierge: Concierge, folder: Path) -> None:
    ran = concierge("learn", written(folder, network(concierge, 300, *MODEST)))
    raw = learned(folder)
    assert "config.learned.json" in ran.out
    assert set(raw) == {"version", "encoder", "learned", "messages", "correction", "thresholds", "shares"}
    text = json.dumps(raw)
    assert not [word for word in ("facilitateur", "adhesion", "atelier") if word in text]


def test_deleting_the_file_undoes_it(concierge: Concierge, folder: Path) -> None:
    shipped = decided(concierge)
    concierge("learn", written(folder, network(concierge, 600, *MODEST)))
    assert decided(concierge) != shipped
    (folder / "config.learned.json").unlink()
    assert decided(concierge) == shipped


def decided(concierge: Concierge, settings: str = WORDS_ALONE) -> Row:
    (row,) = concierge("ask", "--json", ASKED, settings=settings).rows
    return {name: value for name, value in row.items() if name != "ms"}


SOUND = {
    "version": VERSION, "encoder": "none", "learned": "2026-11-26", "messages": 512,
    "correction": {"slope": 1.5, "offset": -2.0}, "thresholds": {"confident": 0.61, "overheard": 0.72},
}  # fmt: skip


def test_what_the_settings_name_wins(concierge: Concierge, folder: Path) -> None:
    (folder / "config.learned.json").write_text(json.dumps(SOUND))
    assert decided(concierge)["reason"].endswith("0.61")
    named = decided(concierge, WORDS_ALONE + "answers: {confident: 0.55}\n")
    assert named["reason"].endswith("0.55")
    limits = load(folder / "config.yaml", {}).limits
    assert (limits.confident, limits.overheard) == (0.55, 0.72)


def test_a_limit_of_the_settings_is_not_learned(concierge: Concierge, folder: Path) -> None:
    rows = network(concierge, 600, *BOLD)
    decided(concierge, WORDS_ALONE + "answers: {confident: 0.7}\n")
    ran = concierge("learn", written(folder, rows))
    assert "le seuil reste celui de config.yaml" in ran.out
    assert learned(folder)["thresholds"]["confident"] is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "abîmé"),
        ("[]", "abîmé"),
        ("[" * 100_000, "abîmé"),
        ("\udcff", "abîmé"),
        (json.dumps(SOUND | {"version": VERSION + 1}), "autre version"),
        (json.dumps(SOUND | {"encoder": "another"}), "autre encodeur"),
        (json.dumps(SOUND | {"correction": {"slope": -1, "offset": 0}}), "abîmé"),
        (json.dumps(SOUND | {"correction": {"slope": 1e300, "offset": 0}}), "abîmé"),
        (json.dumps(SOUND).replace("-2.0", "NaN"), "abîmé"),
        (json.dumps(SOUND | {"thresholds": {"confident": 7, "overheard": 0.9}}), "abîmé"),
        (json.dumps(SOUND | {"thresholds": None}), "abîmé"),
        (None, "Impossible de lire"),
    ],
    ids=lambda one: str(one)[:40].encode("ascii", "replace").decode(),
)
def test_a_file_that_cannot_be_used_is_said_and_the_bot_answers_as_shipped(
    concierge: Concierge, folder: Path, content: str | None, said: str
) -> None:
    shipped = decided(concierge)
    file = folder / "config.learned.json"
    file.mkdir() if content is None else file.write_bytes(content.encode(errors="surrogateescape"))
    ran = concierge("ask", "--json", ASKED)
    assert ran.code == 0
    assert "config.learned.json" in ran.err
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert decided(concierge) == shipped
    checked = concierge("check")
    assert checked.code == 0
    assert said in checked.out


async def test_the_log_names_it_at_the_start(tmp_path: Path, knowledge: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    matrix = {"homeserver": "http://127.0.0.1:9", "user": "@concierge:localhost", "rooms": ["!room:localhost"]}
    for content in (json.dumps(SOUND), "{"):
        (tmp_path / "config.learned.json").write_text(content)
        async with running(tmp_path, knowledge, free_port(), matrix=matrix) as http:
            await answering(http)
    told = [record.getMessage() for record in caplog.records if "config.learned.json" in record.getMessage()]
    assert len(told) == 2
    assert "learned on 2026-11-26 from 512 messages" in told[0]
    assert "abîmé" in told[1]
