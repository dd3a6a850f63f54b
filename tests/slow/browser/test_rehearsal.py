"""A room’s export of thousands of messages, replayed; its report in a real browser; its judgements, learned from."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Browser, Page, expect

from bot.quality.fitting import LEAST, lowest_limit, share
from tests.browser import LOOKS, check_page, open_page
from tests.rehearsal.past import KNOWLEDGE, SETTINGS, START, event, past_of_a_room, write_export
from tests.waiting import PATIENCE

DISK = "file://"
MESSAGES, DIFFERENT = 4_000, 300  # as in real rooms, most of it was said before: a text is decided once
Data = Mapping[str, Any]


def concierge(folder: Path, cache: Path, *arguments: str) -> str:
    environ = os.environ | {"XDG_CACHE_HOME": str(cache.parent)}
    command = [sys.executable, "-m", "bot", *arguments, "--knowledge", str(KNOWLEDGE)]
    environ["PYTHONPATH"] = str(KNOWLEDGE.parent)
    return subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True, text=True).stdout  # noqa: S603


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """With the report of such a past in it."""
    folder = tmp_path_factory.mktemp("rehearsal")
    (folder / "config.yaml").write_text(f"{SETTINGS}matching: {{semantic: false}}\n", encoding="utf-8")
    write_export(folder / "export.json", [*past_of_a_room(MESSAGES, DIFFERENT)])
    said = concierge(folder, cache, "rehearse", "export.json")
    assert f"Messages rejoués\u00a0: {MESSAGES}." in said
    return folder


async def opened(page: Page, folder: Path) -> Data:
    await page.goto(f"{DISK}{folder}/repetition.html")
    await expect(page.locator("#judging")).to_be_visible()
    raw: Data = json.loads(await page.locator("#data").text_content() or "")
    return raw


async def judge(page: Page, answers: Sequence[bool]) -> None:
    """The first ones in their order."""
    for at, is_right in enumerate(answers):
        await page.locator(f'[data-card="{at}"][data-right="{str(is_right).lower()}"]').click()


async def judge_for_good(page: Page, answers: Sequence[bool]) -> None:
    """Again where they were forgotten: on a busy machine Chromium loses what a page has stored about one time in
    thirty, a page of ten lines too, also with half a second before it is left.
    """
    async with asyncio.timeout(PATIENCE):
        while await page.locator("#count").inner_text() == "0":
            await judge(page, answers)
            await page.reload()
    await expect(page.locator("#count")).to_have_text(str(len(answers)))


async def saved(page: Page, file: Path) -> list[dict[str, Any]]:
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Enregistrer les jugements").click()
    assert (await download.value).suggested_filename == "reponses-jugees.jsonl"
    await (await download.value).save_as(file)
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


async def test_everybody_can_use_the_report(browser: Browser, folder: Path) -> None:
    for width, dark in LOOKS:
        async with open_page(browser, DISK, width=width, dark=dark) as page:
            await opened(page, folder)
            assert await page.locator("figure.plot > svg").count() == 5
            assert await page.locator("figure.plot rect.bar").count() > 40
            await expect(page.locator("main > p").first).to_contain_text("effacer après usage")
            await judge(page, [True, False])
            await page.evaluate("document.querySelectorAll('#cards > *:nth-child(n + 9)').forEach(one => one.remove())")
            await check_page(page, prose=False)


async def test_judgements_are_weighed_saved_and_learned_from(browser: Browser, folder: Path, cache: Path) -> None:
    async with open_page(browser, DISK) as page:
        data = await opened(page, folder)
        answers = [at % 9 != 0 for at in range(len(data["cards"]))]
        await judge(page, answers)
        rows = await saved(page, folder / "judged.jsonl")
        limit = await page.locator('[data-way="addressed"] .lowest').inner_text()
    assert len({row["text"] for row in rows}) == len(answers) > 100
    assert all(row.keys() == {"text", "addressed", "entry", "right", "weight"} for row in rows)
    for addressed in (False, True):
        whole = sum(band["answers"] for band in data["bands"] if band["addressed"] == addressed)
        assert sum(row["weight"] for row in rows if row["addressed"] == addressed) == pytest.approx(whole)
    expected_limit(data, rows, limit)
    said = concierge(folder, cache, "learn", "judged.jsonl", "--dry-run")
    assert f"Messages dont il apprend\u00a0: {len(answers)}" in said
    assert "laissées de côté" not in said


def expected_limit(data: Data, rows: Sequence[Mapping[str, Any]], shown: str) -> None:
    """The page says what `concierge learn` would reckon."""
    draws = [(card["text"], draw) for card in data["cards"] for draw in card["draws"]]
    scores = {(text, data["bands"][draw["band"]]["addressed"]): draw["score"] for text, draw in draws}
    own = [row for row in rows if row["addressed"]]
    score = np.array([scores[row["text"], True] for row in own])
    right, weight = np.array([row["right"] for row in own]), np.array([row["weight"] for row in own])
    limit = lowest_limit(score, right, weight, data["precision"], 0.0)
    if limit is None:
        assert "aucun" in shown
        return
    kept = share(right[score >= limit], weight[score >= limit])
    assert kept.count > 0
    assert (score >= limit).sum() >= LEAST
    for number in (f"{limit:.2f}".replace(".", ","), f"{round(kept.low * 100)} et {round(kept.high * 100)}"):
        assert number in shown


async def test_judgements_outlast_the_page_and_can_be_taken_back(browser: Browser, folder: Path) -> None:
    async with open_page(browser, DISK) as page:
        await opened(page, folder)
        await judge_for_good(page, [True, True, False])
        await judge(page, [True, False])  # the first one again, the second one otherwise
        await expect(page.locator("#count")).to_have_text("2")
        await page.get_by_role("button", name="Tout oublier").click()
        await expect(page.locator("#count")).to_have_text("0")
        await page.reload()
        await expect(page.locator("#count")).to_have_text("0")


async def test_a_browser_that_keeps_nothing_still_saves(browser: Browser, folder: Path, tmp_path: Path) -> None:
    async with open_page(browser, DISK) as page:
        refuse = (
            "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"
        )
        await page.add_init_script(refuse)
        await opened(page, folder)
        await judge(page, [True])
        await expect(page.locator("#kept")).to_contain_text("ne garde rien")
        assert len(await saved(page, tmp_path / "judged.jsonl")) >= 1


async def test_hostile_messages_are_shown_judged_and_saved_as_they_are(
    browser: Browser, tmp_path: Path, cache: Path
) -> None:
    asked = "Combien rapporte un poste Fonjep par an, quel est le montant de l’aide Fonjep ?"
    texts = [
        f"{asked} </script><script>alert(1)</script>",
        f"{asked} <img src=x onerror=alert(2)>",
        f"{asked} \u2028\\",
    ]
    events = [event(number, "@ana:example.org", text, START) for number, text in enumerate(texts)]
    (tmp_path / "config.yaml").write_text(f"{SETTINGS}matching: {{semantic: false}}\n", encoding="utf-8")
    write_export(tmp_path / "export.json", events)
    concierge(tmp_path, cache, "rehearse", "export.json")
    async with open_page(browser, DISK) as page:
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        data = await opened(page, tmp_path)
        await judge(page, [True] * len(data["cards"]))
        rows = await saved(page, tmp_path / "judged.jsonl")
        assert await page.locator("#cards img, #cards script").count() == 0
    assert {row["text"] for row in rows} == set(texts)
