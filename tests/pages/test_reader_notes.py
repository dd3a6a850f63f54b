"""What readers say of an answer below it: kept without a trace of them, limited, and given back where it cannot be."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.knowledge.models import Knowledge
from bot.locale import wording
from bot.pages.routes import LONGEST_FORM, LONGEST_NOTE
from bot.pages.static_site import SUFFIX, site_files
from bot.pages.templates import Templates
from tests.reader_site import LOCAL_PROXY, Parsed, ReaderSite, reader_site, showing

PAGE = "/r/formation-bretagne"
WORDS = "Le lien de Rennes <b>ne marche plus</b>, et il manque Brest."
HTTP_FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def site(answers: Knowledge) -> AsyncIterator[ReaderSite]:
    more = {"contact": "Ana, ana@example.org", "proxies": LOCAL_PROXY}
    async with reader_site(showing(answers), takes_notes=True, **more) as site:  # type: ignore[arg-type]
        site.http.follow_redirects = True
        yield site


async def test_yes_no_and_words_are_kept_with_nothing_of_the_reader(site: ReaderSite) -> None:
    page = await site.page(PAGE)
    actions = [one["action"] for one in page.named("form") if one.get("method") == "post"]
    assert actions == ["../r/formation-bretagne"] * 2
    assert [one["value"] for one in page.named("button") if one.get("name") == "helped"] == ["yes", "no"]
    opinions = {"helped": "yes"}, {"helped": "no"}, {"words": WORDS}
    thanked = [await site.http.post(PAGE, data=said) for said in opinions]
    assert site.notes == [("formation-bretagne", *kept) for kept in ((1, ""), (-1, ""), (0, WORDS))]
    for answer, sentence in zip(thanked, ("est utile", "Si vous dites pourquoi", "lira vos mots"), strict=True):
        assert (answer.status_code, answer.history[0].status_code) == (200, 303)
        assert sentence in answer.text
        assert "Set-Cookie" not in answer.headers
        assert WORDS not in answer.text
    assert [bool(Parsed.of(answer.text).named("textarea")) for answer in thanked] == [False, True, False]
    assert "ana@example.org" in thanked[1].text


async def test_a_machine_is_slowed_and_nobody_else_and_its_words_come_back(site: ReaderSite) -> None:
    machine, reader = {"X-Forwarded-For": "203.0.113.5"}, {"X-Forwarded-For": "198.51.100.7"}
    sent = (site.http.post(PAGE, data={"words": WORDS}, headers=machine) for _ in range(20))
    assert [answer.status_code for answer in await asyncio.gather(*sent)].count(429) >= 14
    assert len(site.notes) <= 6  # five at once, then one a minute
    refused = await site.http.post(PAGE, data={"words": WORDS}, headers=machine)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert "Attendez une minute" in refused.text
    assert "&lt;b&gt;ne marche plus&lt;/b&gt;, et il manque Brest." in refused.text
    assert (await site.http.post(PAGE, data={"helped": "yes"}, headers=reader)).status_code == 200
    assert (await site.http.get("/", params={"q": "formation"}, headers=machine)).status_code == 200


async def test_what_is_no_note_is_kept_by_nobody(site: ReaderSite) -> None:
    for path, status, sent in (
        *((PAGE, 400, {"data": {"words": "  "}}), (PAGE, 400, {"data": {"helped": "peut-être"}})),
        (PAGE, 400, {"content": b"words=%ff", "headers": {"Content-Type": HTTP_FORM}}),
        *((PAGE, 413, {"data": {"words": "x" * LONGEST_FORM}}), (PAGE, 415, {"json": {"words": "x"}})),
        (PAGE, 403, {"data": {"helped": "yes"}, "headers": {"Sec-Fetch-Site": "cross-site"}}),
        *((f"/r/{one}", 404, {"data": {"helped": "yes"}}) for one in ("secret-budget", "nowhere")),
    ):
        answer = await site.http.post(path, **sent)  # type: ignore[arg-type]
        assert answer.status_code == status, (path, sent)
        assert "<h1>" in answer.text
    assert site.notes == []


async def test_words_are_one_line_of_sane_length_and_come_back_where_they_cannot_be_kept(site: ReaderSite) -> None:
    await site.http.post(PAGE, data={"words": "un\r\ndeux\0\x1b[31m \u202etrois" + "é" * 2000})
    [(_, _, words)] = site.notes
    assert (words.startswith("un deux"), words.isprintable(), len(words) <= LONGEST_NOTE) == (True, True, True)
    site.keeps_notes = False
    lost = await site.http.post(PAGE, data={"words": "Il manque Brest."})
    assert (lost.status_code, "n’a pas pu être gardé" in lost.text) == (503, True)
    assert "Il manque Brest.</textarea>" in lost.text


async def test_where_nobody_would_read_them_nothing_is_asked(answers: Knowledge) -> None:
    async with reader_site(showing(answers), contact="Ana, ana@example.org") as site:
        page = await site.page(PAGE)
        assert (await site.http.post(PAGE, data={"helped": "yes"})).status_code == 405
        assert (await site.http.get(f"{PAGE}/thanks")).status_code == 404
    templates = Templates(wording("fr"), "C", suffix=SUFFIX, contact="Ana, ana@example.org")
    files = site_files(showing(answers).publication, templates)
    for one in (page, Parsed.of(files["r/formation-bretagne.html"].decode())):
        assert [form for form in one.named("form") if form.get("method") == "post"] == []
        assert "Dites-le à Ana, ana@example.org." in one.text
        assert "mailto:ana@example.org" in one.links
