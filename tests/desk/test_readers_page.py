"""What readers said of the answers, on the desk: their words alone, until somebody dealt with them."""

from __future__ import annotations

import html
from datetime import timedelta

from tests.desk.browsing import Browser

WORDS = "Le <lien> ne marche plus."


async def test_moderators_read_the_words_and_put_them_away(inside: Browser) -> None:
    store, now = inside.scene.store, inside.scene.now()
    [entry, *_] = inside.scene.ctx.all_knowledge.entries.values()
    assert "Aucun mot n’attend" in await inside.get("/desk/readers")
    for value, words in ((1, ""), (1, ""), (-1, ""), (0, WORDS), (0, WORDS)):
        assert await store.reader_notes.add(entry.id, value, words, now)
    assert await store.reader_notes.add("retiree", 0, "Une autre.", now)
    page = await inside.get("/desk/readers")
    assert html.escape(WORDS) in page
    assert "2 fois" in page
    assert html.escape(entry.title, quote=False) in html.unescape(page)
    assert "Une réponse retirée (retiree)" in page
    assert "<td>1</td><td>2</td>" in page
    [first, _] = [note.id for note in await store.reader_notes.all() if note.words]
    assert "est effacé" in await inside.send(f"/readers/{first}")
    assert "Une autre" not in inside.page.text


async def test_they_are_erased_after_90_days(inside: Browser) -> None:
    store, now = inside.scene.store, inside.scene.now()
    await store.reader_notes.add("une", 0, WORDS, now)
    await store.retention.erase_old(now + timedelta(days=89), 90)
    assert len(await store.reader_notes.all()) == 1
    await store.retention.erase_old(now + timedelta(days=91), 90)
    assert await store.reader_notes.all() == []


async def test_no_more_are_kept_than_people_can_read(inside: Browser) -> None:
    notes, now = inside.scene.store.reader_notes, inside.scene.now()
    kept = [await notes.add("une", 0, f"mot {number}", now) for number in range(1_010)]
    assert (kept.count(True), kept[-1]) == (1_000, False)
    assert await notes.add("une", 0, "mot 5", now)  # said before
    assert await notes.add("une", -1, "", now)
