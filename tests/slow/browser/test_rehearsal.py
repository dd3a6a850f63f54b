"""A room’s export of thousands of messages, replayed; its report in a real browser; the limits by its judgements."""

import asyncio
import json
import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.async_api import Browser, Page, expect

from bot.config.loading import load
from bot.matching.decision import Thresholds
from tests.browser import check_looks, open_page
from tests.rehearsal.past import KNOWLEDGE, SETTINGS, START, Raw, event, export, past_of_a_room
from tests.waiting import PATIENCE

DISK = "file://"
MESSAGES, DIFFERENT = 4_000, 900  # as in real rooms, most of it was said before: a text is decided once
Data = Mapping[str, Any]


def rehearsed(folder: Path, cache: Path, events: Sequence[Raw]) -> str:
    """What the program says of a past of these events, whose report is then in the folder."""
    (folder / "config.yaml").write_text(f"{SETTINGS}matching: {{encoder: false}}\n", encoding="utf-8")
    (folder / "export.json").write_text(json.dumps(export(events)), encoding="utf-8")
    command = [sys.executable, "-m", "bot", "rehearse", "export.json", "--knowledge", str(KNOWLEDGE)]
    environ = os.environ | {"XDG_CACHE_HOME": str(cache.parent), "PYTHONPATH": str(KNOWLEDGE.parent)}
    return subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True, text=True).stdout  # noqa: S603


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    folder = tmp_path_factory.mktemp("rehearsal")
    said = rehearsed(folder, cache, [*past_of_a_room(MESSAGES, DIFFERENT)])
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


async def judge_at_once(page: Page, answers: Sequence[bool]) -> None:
    click = "([at, right]) => document.querySelector(`[data-card='${at}'][data-right='${right}']`).click()"
    await page.evaluate(f"answers => [...answers.entries()].forEach({click})", list(answers))


async def judge_for_good(page: Page, answers: Sequence[bool]) -> None:
    """Again where they were forgotten: a busy Chromium loses what a page has stored one time in thirty."""
    async with asyncio.timeout(PATIENCE):
        while await page.locator("#count").inner_text() == "0":
            await judge(page, answers)
            await page.reload()
    await expect(page.locator("#count")).to_have_text(str(len(answers)))


async def test_everybody_can_use_the_report(browser: Browser, folder: Path) -> None:
    async with open_page(browser, DISK) as page:
        await opened(page, folder)
        assert await page.locator("figure.plot > svg").count() == 5
        assert await page.locator("figure.plot rect.bar").count() > 40
        await expect(page.locator("main > p").first).to_contain_text("effacer après usage")
        await judge(page, [True, False])
        await page.evaluate("document.querySelectorAll('#cards > *:nth-child(n + 9)').forEach(one => one.remove())")
        await check_looks(page, prose=False)


NOW = Thresholds()
PROMISES = {"overheard": 0.95, "confident": 0.9}
ADVICE = {"overheard": "Ne le laissez pas parler sans qu’on l’appelle", "confident": "Corrigez les réponses fausses"}


@pytest.mark.parametrize(
    ("is_right", "moved"),
    [
        (lambda at, score: True, {"overheard": "lower", "confident": "lower"}),
        (lambda at, score: at % 25 > 0, {"overheard": "kept", "confident": "kept"}),
        (lambda at, score: score > 0.85, {"overheard": "higher", "confident": "higher"}),
        (lambda at, score: False, {"overheard": "none", "confident": "none"}),
    ],
    ids=["all are right", "some are wrong", "the surest are right", "all are wrong"],
)
async def test_limits_that_keep_the_promises_can_be_pasted_into_the_settings(
    browser: Browser, folder: Path, is_right: Callable[[int, float], bool], moved: Mapping[str, str]
) -> None:
    async with open_page(browser, DISK) as page:
        data = await opened(page, folder)
        answers = [is_right(at, card["draws"][-1]["score"]) for at, card in enumerate(data["cards"])]
        await judge_at_once(page, answers)
        pasted = await page.locator("#settings").text_content() or ""
        said = {name: await page.locator(f"[data-limit={name}] .keeps").inner_text() for name in PROMISES}
        assert await page.locator("#to-paste").is_visible() == (set(moved.values()) != {"none"})
    given = yaml.safe_load(pasted)["answers"] or {}
    for name, promise in PROMISES.items():
        limit, now = given.get(name), getattr(NOW, name)
        if limit is None:
            assert (moved[name], f"aucun, d’après ces jugements. {ADVICE[name]}" in said[name]) == ("none", True)
            continue
        assert moved[name] == ("lower" if limit < now else "higher" if limit > now else "kept")
        share, low, high = share_of_right(data, answers, name, limit)
        assert (low if limit < now else share) >= promise
        assert limit in (0.5, now) or share_of_right(data, answers, name, limit - 0.01)[limit < now] < promise
        percents = f"{share * 100:.0f} % justes, entre {low * 100:.0f} et {high * 100:.0f} %"
        assert f"{limit:.2f} ({percents})".replace(".", ",") in said[name].replace("\u00a0", " ")
        assert f"{name}: {limit}  # {share * 100:.0f} % ({low * 100:.0f}-{high * 100:.0f} %)" in pasted
    (folder / "pasted.yaml").write_text(f"{SETTINGS}{pasted if given else ''}\n", encoding="utf-8")
    limits = load(folder / "pasted.yaml", {}).limits
    assert {name: getattr(limits, name) for name in given} == given


def share_of_right(data: Data, answers: Sequence[bool], name: str, limit: float) -> tuple[float, float, float]:
    """Return the share and the ends of its interval, by E. B. Wilson's formula of 1927."""
    drawn = [
        (draw, right)
        for card, right in zip(data["cards"], answers, strict=True)
        for draw in card["draws"]
        if data["bands"][draw["band"]]["addressed"] == (name == "confident")
    ]
    judged = Counter[int]()
    for draw, _ in drawn:
        judged[draw["band"]] += draw["times"]
    stands_for = [
        (draw["times"] * data["bands"][draw["band"]]["answers"] / judged[draw["band"]], right)
        for draw, right in drawn
        if draw["score"] >= limit
    ]
    total = sum(weight for weight, _ in stands_for)
    p, n = sum(weight for weight, right in stands_for if right) / total, total**2 / sum(w * w for w, _ in stands_for)
    z = 1.6449
    reach = z * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    low, high = ((p + z * z / (2 * n) + side * reach) / (1 + z * z / n) for side in (-1, 1))
    return p, low, min(1.0, high)


async def test_judgements_outlast_the_page_can_be_taken_back_and_must_be_many(browser: Browser, folder: Path) -> None:
    async with open_page(browser, DISK) as page:
        await opened(page, folder)
        await judge_for_good(page, [True, True, False])
        await judge(page, [True, False])  # the first one again, the second one otherwise
        await expect(page.locator("#count")).to_have_text("2")
        await page.get_by_role("button", name="Tout oublier").click()
        await expect(page.locator("#count")).to_have_text("0")
        await page.reload()
        await expect(page.locator("#count")).to_have_text("0")
        await judge_at_once(page, [True] * 60)
        for name in PROMISES:
            said = await page.locator(f"[data-limit={name}] .keeps").inner_text()
            assert "on ne sait pas encore. Il faut 100 messages jugés" in said
        await expect(page.locator("#to-paste")).to_be_hidden()


async def test_a_browser_that_keeps_nothing_still_counts(browser: Browser, folder: Path) -> None:
    no_storage = "get() { throw new DOMException('no', 'SecurityError'); }"
    async with open_page(browser, DISK) as page:
        await page.add_init_script(f"Object.defineProperty(window, 'localStorage', {{{no_storage}}})")
        await opened(page, folder)
        await judge(page, [True])
        await expect(page.locator("#kept")).to_contain_text("ne garde rien")
        await expect(page.locator("#count")).to_have_text("1")


async def test_hostile_messages_are_shown_and_judged_as_they_are(browser: Browser, tmp_path: Path, cache: Path) -> None:
    asked = "Combien rapporte un poste Fonjep par an, quel est le montant de l’aide Fonjep ?"
    ends = ("</script><script>alert(1)</script>", "<img src=x onerror=alert(2)>", "\u2028\\")
    texts = [f"{asked} {end}" for end in ends]
    events = [event(number, "@ana:example.org", text, START) for number, text in enumerate(texts)]
    rehearsed(tmp_path, cache, events)
    async with open_page(browser, DISK) as page:
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        data = await opened(page, tmp_path)
        await judge(page, [True] * len(data["cards"]))
        await expect(page.locator("#count")).to_have_text("3")
        assert await page.locator("#cards img, #cards script").count() == 0
        assert {*await page.locator("#cards blockquote").all_text_contents()} == {*texts}
