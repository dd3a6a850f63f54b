"""Links that died or moved, and answers to be reviewed, on the desk."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.store import LinkState
from tests.desk.browsing import Browser
from tests.moderation import KNOWLEDGE
from tests.scene import START, Scene

DATED = '    updated: 2024-01-15\n    review_by: 2025-01-15\n    links:\n      - title: "La formation"'


async def overdue(scene: Scene, folder: Path) -> Path:
    """One of the answers should have been reviewed long ago; its file."""
    file = folder / "formations.yaml"
    file.write_text(KNOWLEDGE.replace('    links:\n      - title: "La formation"', DATED), encoding="utf-8")
    await scene.ctx.bot.reload()
    return file


async def test_dead_and_moved_links_stand_with_the_answer_to_correct_once_they_were_tried(inside: Browser) -> None:
    page = await inside.get("/desk/links")
    assert "Rien à faire" in page
    assert "n’ont pas encore été essayés" in page
    assert "tous les liens répondent" not in page
    url, long_ago = "https://formation.example/", START - timedelta(days=9)
    dead = LinkState(url, "dead", "404", START, dead_since=long_ago, dead_last=START, dead_times=3)
    await inside.scene.store.links.note_check([dead], START, None, START)
    page = await inside.get("/desk/links")
    assert "Ne mènent plus nulle part" in page
    assert 'href="../desk/e/formation-facilitation"' in page
    assert "24\u00a0novembre 2026" in page
    moved = LinkState(url, "moved", "301", START, moved_to="https://ailleurs.example/")
    await inside.scene.store.links.note_check([moved], START, None, START)
    page = await inside.get("/desk/links")
    assert "Ont changé d’adresse" in page
    assert "https://ailleurs.example/" in page


async def test_an_answer_that_is_still_right_is_dated_in_one_click(inside: Browser, folder: Path) -> None:
    file = await overdue(inside.scene, folder)
    assert "depuis le 15\u00a0janvier 2025" in await inside.get("/desk/links")
    page = await inside.send("/links/formation-facilitation/confirm")
    assert "datée d’aujourd’hui" in page
    assert "Rien à faire" in page
    assert "updated: 2026-11-24" in file.read_text("utf-8")
    assert "review_by: 2027-11-24" in file.read_text("utf-8")
    assert "  # la première" in file.read_text("utf-8")


async def test_an_answer_that_is_gone_cannot_be_dated(inside: Browser, folder: Path) -> None:
    file = await overdue(inside.scene, folder)
    await inside.get("/desk/links")
    file.unlink()
    assert "n’existe plus" in await inside.send("/links/formation-facilitation/confirm")
