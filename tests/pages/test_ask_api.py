"""The search for other sites: JSON that any page may ask for."""

from __future__ import annotations

from bot.knowledge.models import Knowledge
from tests.pages.conftest import DEAD
from tests.reader_site import PUBLIC, reader_site, showing

SURE = "Où trouver une formation de facilitateur ?"


async def test_an_answer_with_all_that_a_box_needs(answers: Knowledge) -> None:
    async with reader_site(showing(answers, DEAD)) as site:
        reply = await site.http.get("/api/ask", params={"q": SURE}, headers={"Origin": "https://tiers-lieux.example"})
    said = reply.json()
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["cache-control"] == "no-store"
    assert "set-cookie" not in reply.headers
    assert (said["decision"], said["confidence"] > 0.65) == ("answer", True)
    first = said["answers"][0]
    assert (first["id"], first["url"]) == ("formation-facilitation", f"{PUBLIC}/r/formation-facilitation")
    assert first["title"] == "Se former à la facilitation de tiers-lieu"
    assert first["html"].startswith("<p>Une coopérative <strong>forme</strong>")
    assert first["answer"].startswith("Une coopérative **forme**")
    assert [link["dead"] for link in first["links"]] == [False, True]
    assert first["updated"] == "2026-10-02"


async def test_without_a_public_address_the_answer_is_beside_the_api(answers: Knowledge) -> None:
    async with reader_site(showing(answers), public_url=None) as site:
        said = (await site.http.get("/api/ask", params={"q": SURE})).json()
        where = site.http.base_url.join("/api/ask").join(said["answers"][0]["url"])
        assert (await site.http.get(where)).status_code == 200


async def test_what_it_does_not_know(answers: Knowledge) -> None:
    async with reader_site(showing(answers)) as site:
        said = (await site.http.get("/api/ask", params={"q": "xylophone quantique"})).json()
    assert said == {"decision": "none", "confidence": said["confidence"], "answers": [], "others": []}


async def test_without_a_question_it_says_what_is_missing(answers: Knowledge) -> None:
    async with reader_site(showing(answers)) as site:
        for path in ("/api/ask", "/api/ask?q=", "/api/ask?question=formation"):
            reply = await site.http.get(path)
            assert reply.status_code == 400
            assert reply.headers["access-control-allow-origin"] == "*"
            assert "Il manque la question" in reply.json()["error"]


async def test_html_of_an_answer_holds_no_script(answers: Knowledge) -> None:
    async with reader_site(showing(answers)) as site:
        said = (await site.http.get("/api/ask", params={"q": "comment attaquer une page web ?"})).json()
    html = next(one["html"] for one in said["answers"] if one["id"] == "mechante")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
