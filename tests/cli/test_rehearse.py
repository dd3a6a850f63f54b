"""`concierge rehearse`: one file, of a room or a list, that names nobody; what cannot be read is said."""

import html
import json
import re
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.cli.conftest import ASKED, Concierge
from tests.rehearsal.past import BOT, SETTINGS, START, event, export

WORDS_ALONE = f"{SETTINGS}matching: {{encoder: false}}\n"
ANA, BOB = "@ana.durand:example.org", "@bob:example.org"
REPORT = "repetition.html"


def written(folder: Path, *events: dict[str, Any]) -> str:
    (folder / "export.json").write_text(json.dumps(export(events)), encoding="utf-8")
    return "export.json"


def page_of(folder: Path, name: str = REPORT) -> str:
    return (folder / name).read_text(encoding="utf-8")


def test_a_room_becomes_one_file_for_its_owner_alone_that_asks_no_host(concierge: Concierge, folder: Path) -> None:
    asked = [event(number, ANA, ASKED, START + timedelta(days=number)) for number in range(3)]
    ran = concierge("rehearse", written(folder, *asked, event(9, BOT, "Au fond.", START)), settings=WORDS_ALONE)
    assert (ran.code, ran.err) == (0, "")
    assert "Messages rejoués\u00a0: 3." in ran.out
    assert stat.S_IMODE((folder / REPORT).stat().st_mode) == 0o600
    page = page_of(folder)
    assert "effacer après usage" in page.splitlines()[0]
    assert re.search(r"""(?:src|href)=["'](?!#|data:)""", page) is None
    assert page.count("<svg") > 1
    assert f"<blockquote>{html.escape(ASKED)}</blockquote>" in page
    assert "<code>formation-facilitateur</code>" in page
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    data = json.loads(found)
    assert [draw["times"] for card in data["cards"] for draw in card["draws"]] == [3, 3]
    assert [band["answers"] for band in data["bands"]] == [3, 3]


def test_nobody_is_named(concierge: Concierge, folder: Path) -> None:
    text = f"{BOB}: {ASKED} écrire à ana.durand@example.org, 06 12 34 56 78"
    concierge("rehearse", written(folder, event(77123, ANA, text, START)), settings=WORDS_ALONE)
    page = page_of(folder)
    for secret in ("durand", "bob", "77123", "06 12", "example.org"):
        assert secret not in page.lower()
    assert "quelqu’un" in page


def test_a_past_without_a_word_gives_a_report_that_says_so(concierge: Concierge, folder: Path) -> None:
    for events in ([], [event(1, BOT, "Bonjour", START)], [event(1, ANA, "x", START) | {"origin_server_ts": -1}]):
        (folder / REPORT).unlink(missing_ok=True)
        assert concierge("rehearse", written(folder, *events), settings=WORDS_ALONE).code == 0
        assert "Rien à juger" in page_of(folder)


def test_no_file_is_replaced_and_it_speaks_english_where_the_settings_do(concierge: Concierge, folder: Path) -> None:
    (folder / REPORT).write_text("mine", encoding="utf-8")
    ran = concierge("rehearse", written(folder, event(1, ANA, ASKED, START)), settings=WORDS_ALONE)
    assert (ran.code, page_of(folder)) == (1, "mine")
    assert "--output" in ran.err
    assert concierge("rehearse", "export.json", "--output", "autre.html").code == 0
    assert ASKED in page_of(folder, "autre.html")
    ran = concierge("rehearse", "export.json", settings=f"{WORDS_ALONE}language: en\n")
    assert "Written: rehearsal.html" in ran.out
    assert page_of(folder, "rehearsal.html").startswith("<!-- Delete this after use")


def test_only_what_was_said_since_that_day_counts(concierge: Concierge, folder: Path) -> None:
    events = [event(number, ANA, f"{ASKED} {number}", START + timedelta(days=number)) for number in range(4)]
    undated = event(9, ANA, ASKED, START) | {"origin_server_ts": None}
    day = f"{START + timedelta(days=2):%Y-%m-%d}"
    ran = concierge("rehearse", written(folder, *events, undated), "--since", day, settings=WORDS_ALONE)
    assert "Messages rejoués\u00a0: 2." in ran.out
    assert re.search(r"sans date\u00a0: 3$", ran.out, re.MULTILINE)
