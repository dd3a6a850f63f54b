"""Home, themes and answers as readers get them from a real server, and what programs read of them."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from bot.knowledge.models import Knowledge
from bot.pages.publication import most_asked
from tests.pages.conftest import DEAD, HIDDEN, PHRASINGS
from tests.reader_site import PUBLIC, ReaderSite, knowledge_of, reader_site, showing


async def test_the_home_page_leads_to_themes_and_these_to_answers(site: ReaderSite) -> None:
    home, theme = await site.page("/"), await site.page("/t/formations")
    assert "t/formations" in home.links
    assert "2 réponses" in home.text  # of each theme: the hidden one is not counted
    assert [one["name"] for one in home.named("input")] == ["q"]
    assert "../r/formation-bretagne" in theme.links
    assert "Une coopérative forme et certifie" in theme.text
    assert "écrites par des personnes du réseau. Concierge, un programme" in home.text
    assert "Ce qu’on demande le plus" not in home.text


async def test_the_home_page_says_whose_answers_they_are_and_what_is_asked_most(answers: Knowledge) -> None:
    asked = most_asked(Counter({"secret-budget": 9, "gone": 8, "fiche-de-poste": 3, "formation-bretagne": 2}))
    shown = showing(answers)
    shown = replace(shown, publication=replace(shown.publication, most_asked=asked))
    about = "Les réponses de [Tiers-Lieux du Jura](https://jura.example/)."
    async with reader_site(shown, about=about, contact="Ana, ana@example.org") as site:
        home, entry = await site.page("/"), await site.page("/r/fiche-de-poste")
    assert home.text.count("Les réponses de Tiers-Lieux du Jura.") == 1
    assert "Les réponses de Tiers-Lieux du Jura." in entry.text
    assert {"https://jura.example/", "mailto:ana@example.org"} <= {*home.links} & {*entry.links}
    assert home.meta("description") == "Les réponses de Tiers-Lieux du Jura."
    assert "Ce qu’on demande le plus" in home.text
    assert [link for link in home.links if link.startswith("r/")] == ["r/fiche-de-poste"]


async def test_themes_stand_in_the_order_of_their_files_whose_number_is_no_part_of_the_address(tmp_path: Path) -> None:
    names = ("20-associer", "3_ouvrir", "1. former", "2027")
    entry = 'theme: "{0}"\nentries: [{{id: "id-{1}", title: "{0}", questions: ["Pourquoi {0} ?"], answer: "Oui."}}]\n'
    known = knowledge_of(tmp_path / "known", **{name: entry.format(name, at) for at, name in enumerate(names)})
    async with reader_site(showing(known)) as site:
        home = await site.page("/")
        assert "1. former" in (await site.page("/t/former")).text
    assert [link for link in home.links if link.startswith("t/")] == ["t/former", "t/associer", "t/2027", "t/ouvrir"]


def test_each_theme_has_an_address_of_its_own_whatever_the_files_are_called(tmp_path: Path) -> None:
    names = ("formation", "formation-numerique", "1-salle", "2-salle", "salle-2", "10-salle")
    entry = 'theme: "T"\nentries: [{{id: "id-{0}", title: "{0}", questions: ["Pourquoi {0} ?"], answer: "Oui."}}]\n'
    known = knowledge_of(tmp_path / "known", **{name: entry.format(at) for at, name in enumerate(names)})
    addresses = [theme.slug for theme in showing(known).publication.themes]
    assert addresses == ["salle", "salle-2", "salle-3", "formation-numerique", "formation", "salle-2-2"]


async def test_an_answer_says_all_that_the_file_has_and_marks_dead_links(answers: Knowledge) -> None:
    """And where no moderator is told, the pages promise none."""
    path = "/r/formation-facilitation"
    async with reader_site(showing(answers, DEAD), contact="Ana, ana@example.org") as site:
        page, answer = await site.page(path), (await site.http.get(path)).text
    assert "<strong>forme</strong>" in answer
    links = {"https://formation.example/", "https://certifie.example/", "../t/formations", "../r/fiche-de-poste"}
    assert links <= {*page.links}
    for said in (
        *("Qui sait\u00a0: ana, bob", "Mise à jour le 2\u00a0octobre 2026."),
        *("à relire depuis le 1er\u00a0novembre 2026", "L’équipe de modération la corrigera"),
        *("Dites-le à Ana, ana@example.org.", "certifie (lien à vérifier)"),
        "L’ancienne page (ce lien ne mène plus nulle part",
    ):
        assert said in page.text
    assert "La formation (ce lien" not in page.text
    assert page.named("html")[0]["lang"] == "fr"
    async with reader_site(showing(answers), has_team=False) as site:
        for one in (path, "/search?q=tournevis"):
            assert "odération" not in (await site.http.get(one)).text


async def test_an_answer_says_for_whom_it_is_and_is_english_where_the_bot_is(answers: Knowledge) -> None:
    async with reader_site(showing(answers), language="en") as site:
        texts = [(await site.page(f"/r/{name}")).text for name in ("formation-bretagne", "fiche-de-poste")]
        assert (await site.page("/")).named("html")[0]["lang"] == "en"
    assert ["An answer for the region Bretagne" in text for text in texts] == [True, False]
    assert all("Updated on" in text for text in texts)


async def test_what_is_hidden_and_what_members_say_stands_nowhere(site: ReaderSite) -> None:
    texts = await site.everything()
    assert len(texts) == 4 + 2 + 4
    assert "r/mechante" in texts["/t/postes"]
    assert {path for path, text in texts.items() if any(word in text for word in (*HIDDEN, *PHRASINGS))} == set()
    for words in (
        *("budget confidentiel du comité", "Zébulon", "combien reste-t-il dans la caisse noire"),
        *("devenir concierge", "modele pour une annonce", "une page web", "formation Brest"),
    ):
        for path in ("/", "/search", "/api/ask"):
            text = (await site.http.get(path, params={"q": words})).text
            assert [one for one in ("secret-budget", "4321", *PHRASINGS) if one in text] == []
    hidden, absent = await site.http.get("/r/secret-budget"), await site.http.get("/r/never-there")
    assert (hidden.status_code, hidden.text) == (absent.status_code, absent.text)
    assert {**hidden.headers, "date": ""} == {**absent.headers, "date": ""}


async def test_no_text_becomes_a_script(site: ReaderSite) -> None:
    bad = "\"><script>alert(1)</script><img src=x onerror=alert(2)> formation ${7*7} {{ 7*7 }} ' --"
    pages = [await site.page(path) for path in ("/", "/t/postes", "/r/mechante")]
    asked = [await site.page(path, q=q) for q in (bad, "balise script malveillante") for path in ("/", "/search")]
    assert asked[0].named("input")[0]["value"] == bad
    assert "49" not in asked[0].text
    policy = (await site.http.get("/")).headers["content-security-policy"]
    for page in (*pages, *asked):
        scripts = [one for one in page.named("script") if one.get("type") != "application/ld+json"]
        assert [one for one in scripts if "assets/search.js" not in str(one.get("src"))] == []
        assert page.named("img") == []
        assert [one for _, one in page.tags if any(name.startswith("on") or name == "style" for name in one)] == []
        assert [link for link in page.links if link.startswith("javascript")] == []
    assert "<script>alert('titre')</script>" in pages[2].text
    assert "unsafe" not in policy


async def test_a_browser_that_has_the_page_gets_it_not_again(site: ReaderSite) -> None:
    for path in ("/", "/r/fiche-de-poste", "/feed.xml", "/assets/style.css", "/assets/search.js"):
        first = await site.http.get(path)
        assert first.headers["cache-control"] == "no-cache"
        tag = first.headers["etag"]
        for known in (tag, f"W/{tag}", f'"x", {tag}'):
            again = await site.http.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
        assert (await site.http.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_bot_that_is_starting_says_when_to_come_back(answers: Knowledge) -> None:
    async with reader_site(None) as site:
        for path in ("/", "/r/fiche-de-poste", "/?q=fiche", "/search?q=fiche"):
            answer = await site.http.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert "en train de démarrer" in answer.text
        api = await site.http.get("/api/ask", params={"q": "fiche"})
        assert (api.status_code, "démarrer" in api.json()["error"]) == (503, True)
        assert (await site.http.get("/assets/style.css")).status_code == 200
        site.shown = showing(answers)
        assert (await site.http.get("/")).status_code == 200


# What programs read: feed, site map, robots, previews and structured data

ATOM = "{http://www.w3.org/2005/Atom}"
SITES = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


async def test_the_feed_has_dated_answers_newest_first(answers: Knowledge) -> None:
    async with reader_site(showing(answers, DEAD)) as site:
        reply = await site.http.get("/feed.xml")
    feed = ElementTree.fromstring(reply.content)  # noqa: S314 (our own)
    entries = feed.findall(f"{ATOM}entry")
    assert reply.headers["content-type"] == "application/atom+xml; charset=utf-8"
    updated = [one.findtext(f"{ATOM}updated") for one in (feed, *entries)]
    assert updated == [f"2026-{day}T00:00:00+00:00" for day in ("11-20", "11-20", "10-02", "01-05")]
    assert entries[1].find(f"{ATOM}link").attrib["href"] == f"{PUBLIC}/r/formation-facilitation"
    assert str(entries[1].findtext(f"{ATOM}content")).startswith("<p>Une coopérative <strong>forme</strong>")
    assert "lien à vérifier" in str(entries[1].findtext(f"{ATOM}content"))


async def test_ids_stay_and_the_site_map_needs_a_public_address(site: ReaderSite, answers: Knowledge) -> None:
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


async def test_an_answer_has_a_preview_and_one_address_and_search_engines_read_it(site: ReaderSite) -> None:
    page, hostile = [await site.page(f"/r/{name}") for name in ("formation-facilitation", "mechante")]
    assert page.meta("og:title") == "Se former à la facilitation de tiers-lieu"
    assert page.meta("og:description") == "Une coopérative forme et certifie. Elle demande deux mois."
    canonical = [one["href"] for one in page.named("link") if one["rel"] == "canonical"]
    assert [page.meta("og:url"), *canonical] == [f"{PUBLIC}/r/formation-facilitation"] * 2
    assert (await site.page("/nope", status=404)).meta("robots") == "noindex"
    data, several = json.loads(hostile.data), json.loads((await site.page("/t/formations")).data)
    question = data["mainEntity"][0]
    assert (data["@type"], question["@type"]) == ("FAQPage", "Question")
    assert question["name"].startswith("<script>alert('titre')")
    assert "&lt;script&gt;" in question["acceptedAnswer"]["text"]
    assert (await site.http.get("/r/mechante")).text.count("</script>") == 1  # its own end
    titles = ["Se former à la facilitation de tiers-lieu", "Se former en Bretagne"]
    assert [one["name"] for one in several["mainEntity"]] == titles
