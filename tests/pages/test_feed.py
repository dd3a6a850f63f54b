"""What programs read of the pages: feed, site map, robots, previews and structured data."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from bot.knowledge.models import Knowledge
from tests.pages.conftest import DEAD
from tests.reader_site import PUBLIC, ReaderSite, reader_site, showing

ATOM = "{http://www.w3.org/2005/Atom}"
SITES = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


async def test_the_feed_has_dated_answers_newest_first(answers: Knowledge) -> None:
    async with reader_site(showing(answers, DEAD)) as site:
        reply = await site.http.get("/feed.xml")
    feed = ElementTree.fromstring(reply.content)  # noqa: S314 (our own)
    entries = feed.findall(f"{ATOM}entry")
    assert reply.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert [one.findtext(f"{ATOM}updated") for one in entries] == [
        f"2026-{day}T00:00:00+00:00" for day in ("11-20", "10-02", "01-05")
    ]
    assert feed.findtext(f"{ATOM}updated") == "2026-11-20T00:00:00+00:00"
    assert entries[1].find(f"{ATOM}link").attrib["href"] == f"{PUBLIC}/r/formation-facilitation"
    assert str(entries[1].findtext(f"{ATOM}content")).startswith("<p>Une coopérative <strong>forme</strong>")
    assert "lien à vérifier" in str(entries[1].findtext(f"{ATOM}content"))


async def test_entries_keep_their_ids_and_the_site_map_needs_a_public_address(
    site: ReaderSite, answers: Knowledge
) -> None:
    """Robots stay out of what is no page."""
    sitemap = ElementTree.fromstring((await site.http.get("/sitemap.xml")).content)  # noqa: S314
    addresses = [one.findtext(f"{SITES}loc") for one in sitemap]
    assert len(addresses) == 1 + 2 + 4
    assert {f"{PUBLIC}/", f"{PUBLIC}/t/postes", f"{PUBLIC}/r/fiche-de-poste"} <= {*addresses}
    ids = set()
    for public_url, path in ((PUBLIC, ""), (f"{PUBLIC}/faq", "/faq"), (None, "")):
        async with reader_site(showing(answers), public_url=public_url) as other:
            feed = ElementTree.fromstring((await other.http.get("/feed.xml")).content)  # noqa: S314
            ids |= {one.text for one in feed.iter(f"{ATOM}id")}
            rules = (await other.http.get("/robots.txt")).text.splitlines()
            assert ((await other.http.get("/sitemap.xml")).status_code == 404) == (public_url is None)
        assert {"User-agent: *", f"Disallow: {path}/desk", f"Disallow: {path}/api/"} <= {*rules}
        assert (f"Sitemap: {public_url}/sitemap.xml" in rules) == (public_url is not None)
    assert len(ids) == 4
    assert all(str(id).startswith("urn:uuid:") for id in ids)


async def test_an_answer_has_a_preview_and_one_address(site: ReaderSite) -> None:
    page = await site.page("/r/formation-facilitation")
    missing = await site.page("/nope", status=404)
    assert page.meta("og:title") == "Se former à la facilitation de tiers-lieu"
    assert page.meta("og:description") == "Une coopérative forme et certifie. Elle demande deux mois."
    assert page.meta("og:url") == f"{PUBLIC}/r/formation-facilitation"
    canonical = [one["href"] for one in page.named("link") if one["rel"] == "canonical"]
    assert canonical == [f"{PUBLIC}/r/formation-facilitation"]
    assert missing.meta("robots") == "noindex"


async def test_search_engines_read_questions_and_answers(answers: Knowledge) -> None:
    async with reader_site(showing(answers)) as site:
        entry, theme = await site.page("/r/mechante"), await site.page("/t/formations")
        raw = (await site.http.get("/r/mechante")).text
    data, several = json.loads(entry.data), json.loads(theme.data)
    question = data["mainEntity"][0]
    assert (data["@type"], question["@type"]) == ("FAQPage", "Question")
    assert question["name"].startswith("<script>alert('titre')")
    assert "&lt;script&gt;" in question["acceptedAnswer"]["text"]
    assert raw.count("</script>") == 1  # its own end
    assert [one["name"] for one in several["mainEntity"]] == [
        "Se former à la facilitation de tiers-lieu",
        "Se former en Bretagne",
    ]
