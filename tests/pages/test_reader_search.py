"""The search: what the bot would say, with a little why; and how often it may be asked."""

import asyncio
import logging
import threading
from ipaddress import ip_network
from typing import Any

import pytest

from bot.knowledge.models import Knowledge
from bot.matching import SearchResult
from bot.matching.decision import Thresholds
from bot.matching.index import Index
from bot.pages.publication import Publication
from bot.pages.reader_search import search
from bot.pages.routes import SEARCHES, Shown, VisitorLimits, visitor
from tests.pages.conftest import DEAD
from tests.reader_site import LOCAL_PROXY, PUBLIC, TODAY, Parsed, ReaderSite, reader_site, showing

SURE = "Où trouver une formation de facilitateur ?"


async def test_a_sure_answer_stands_first_and_in_full_and_words_of_the_question_are_marked(site: ReaderSite) -> None:
    html = (await site.http.get("/", params={"q": SURE})).text
    page = await site.page("/", q=SURE)
    assert "Une coopérative <strong>forme</strong>" in html
    assert page.links.index("r/formation-facilitation") == page.links.index("https://certifie.example/") - 1
    assert "https://formation.example/" in page.links
    assert page.named("input")[0]["value"] == SURE
    assert page.meta("robots") == "noindex"
    part = (await site.http.get("/search", params={"q": "formatoin facilitation Bretagne"})).text
    assert "Se former à la <mark>facilitation</mark>" in part
    assert "<mark>Bretagne</mark>" in part
    assert "<html" not in part


async def test_a_sure_answer_that_stands_alone_has_its_neighbours_after_it(answers: Knowledge) -> None:
    sure = "mon chef veut que je devienne concierge mais comment"
    found = search(Index(answers), Thresholds(), sure)
    assert [hit.entry.id for hit in found.answers] == ["formation-facilitation"]
    assert [hit.entry.id for hit in found.others] == ["fiche-de-poste"]  # see also, without the hidden one
    async with reader_site(showing(answers), contact="Ana, ana@example.org") as site:
        page = await site.page("/search", q=sure)
    assert "Ce n’est pas ça\u00a0?" in page.text
    assert page.links.index("https://formation.example/") < page.links.index("r/fiche-de-poste")
    assert page.links[-1] == "mailto:ana@example.org"


async def test_where_it_hesitates_it_offers(answers: Knowledge) -> None:
    found = search(Index(answers), Thresholds(confident=1.0), "une formation de facilitateur")
    assert (found.decision, [*found.answers]) == ("suggest", [])
    assert found.offers[0].entry.id == "formation-facilitation"
    shown = Shown(Publication(answers, frozenset(), TODAY), Index(answers), Thresholds(confident=1.0))
    async with reader_site(shown) as site:
        page = await site.page("/", q="une formation de facilitateur")
    assert "Est-ce l’une de ces réponses que vous cherchez" in page.text
    assert "https://formation.example/" not in page.links


async def test_nothing_found_says_where_to_ask(answers: Knowledge) -> None:
    async with reader_site(showing(answers), contact="Ana") as site:
        text = (await site.page("/", q="xylophone quantique")).text
        said = (await site.http.get("/api/ask", params={"q": "xylophone quantique"})).json()
    assert said == {"decision": "none", "confidence": said["confidence"], "answers": [], "others": []}
    help = ("posez la question là où Concierge répond", "Vous pouvez aussi joindre Ana.")
    assert [words for words in ("Aucune réponse trouvée.", *help) if words not in text] == []


async def test_a_pasted_letter_gets_a_page_and_a_blank_question_the_first_one(site: ReaderSite) -> None:
    home = (await site.http.get("/")).content
    for query in ("", "   ", "\u202e\x00"):
        assert (await site.http.get("/", params={"q": query})).content == home
    for path in ("/", "/search"):
        assert "réponse" in (await site.page(path, q=f"{SURE} {'é' * 6000}")).text


async def test_no_text_of_a_question_is_logged(site: ReaderSite, caplog: pytest.LogCaptureFixture) -> None:
    words = "zanzibar" * 3
    with caplog.at_level(logging.DEBUG):
        for path in ("/", "/search", "/api/ask"):
            await site.http.get(path, params={"q": words})
    for record in [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]:
        assert words not in record.getMessage() + str(record.args)


class Watched(Index):
    """Notes the threads that search in it; two at once fail."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self.threads, self.alone = list[int](), threading.Lock()

    def search(self, *given: Any, **more: Any) -> SearchResult:
        assert self.alone.acquire(blocking=False)
        self.threads.append(threading.get_ident())
        found = super().search(*given, **more)
        self.alone.release()
        return found


async def test_one_search_at_a_time_and_never_in_the_thread_that_serves(answers: Knowledge) -> None:
    index = Watched(answers)
    async with reader_site(Shown(Publication(answers, frozenset(), TODAY), index, Thresholds())) as site:
        asked = (site.http.get("/search", params={"q": f"formation {n}"}) for n in range(12))
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
    assert len(index.threads) == 12
    assert threading.get_ident() not in index.threads


async def test_who_searches_too_much_is_asked_to_wait(answers: Knowledge) -> None:
    async with reader_site(showing(answers), proxies=LOCAL_PROXY) as site:

        async def refusal(path: str) -> Any:
            ask = {"params": {"q": "formation"}, "headers": {"X-Forwarded-For": "192.0.2.7"}}
            replies = await asyncio.gather(*(site.http.get(path, **ask) for _ in range(60)))
            return next(reply for reply in replies if reply.status_code == 429)

        page, api = await refusal("/"), await refusal("/api/ask")
        assert int(page.headers["retry-after"]) >= 1
        assert "Attendez quelques secondes" in Parsed.of(page.text).text
        assert "Attendez quelques secondes" in api.json()["error"]
        assert (await site.http.get("/")).status_code == 200  # pages are for everybody, always


# For other sites: JSON that any page may ask for


async def test_an_answer_with_all_that_a_box_needs(site: ReaderSite, answers: Knowledge) -> None:
    site.shown = showing(answers, DEAD)
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
    for path in ("/api/ask", "/api/ask?q=", "/api/ask?question=formation"):
        reply = await site.http.get(path)
        assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (400, "*")
        assert "Il manque la question" in reply.json()["error"]


async def test_the_address_of_an_answer_is_beside_the_api_and_its_html_has_no_script(answers: Knowledge) -> None:
    async with reader_site(showing(answers), public_url=None) as site:
        said = (await site.http.get("/api/ask", params={"q": "comment attaquer une page web ?"})).json()
        [bad] = [one for one in said["answers"] if one["id"] == "mechante"]
        assert (await site.http.get(site.http.base_url.join("/api/ask").join(bad["url"]))).status_code == 200
    assert "&lt;script&gt;" in bad["html"]
    assert [tag for tag in ("<script", "<img") if tag in bad["html"]] == []


# Rates on a clock of the test's own, and whom a request counts for


def test_one_visitor_leaves_room_for_others() -> None:
    limits = VisitorLimits(*SEARCHES)
    served = {"ana": 0, "bob": 0}
    for tick in range(600):  # a minute: Ana asks ten times a second, Bob once
        served["ana"] += limits.wait("ana", tick / 10) == 0
        if tick % 10 == 5:
            served["bob"] += limits.wait("bob", tick / 10) == 0
    assert served["bob"] == 60
    assert 2 * 60 <= served["ana"] <= 2 * 60 + 30


def test_only_so_many_visitors_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.pages.routes.MOST_VISITORS", 10)
    limits = VisitorLimits((1.0, 1), (1e9, 1_000_000_000))
    assert [limits.wait(str(number), 0.0) for number in range(11)] == [0] * 11
    assert limits.wait("10", 0.0) > 0
    assert limits.wait("0", 0.0) == 0  # forgotten


PROXIES = tuple(map(ip_network, ("127.0.0.1/32", "10.0.0.0/8", "::1/128")))


def test_whom_a_request_counts_for() -> None:
    for remote, forwarded, expected in (
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),  # no proxy of ours: it may say what it likes
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # made up by the visitor
        ("127.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"),
        *(("127.0.0.1", made_up, "127.0.0.1") for made_up in ("", "unknown", "<script>" * 500)),
        *(("::1", seen, "2001:db8:1:2::/64") for seen in ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::9")),
        *(("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"), ("fe80::1%eth0", "", "fe80::/64"), (None, "", "None")),
    ):
        assert visitor(remote, forwarded, PROXIES) == expected, (remote, forwarded)
