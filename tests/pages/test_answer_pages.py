"""Home, themes and answers as readers get them from a real server."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bot.demo.homeserver import free_port
from bot.knowledge.models import Entry, Knowledge
from bot.pages.publication import most_asked
from bot.pages.templates import described
from tests.pages.conftest import DEAD, HIDDEN, PHRASINGS
from tests.reader_site import Parsed, ReaderSite, knowledge_of, reader_site, showing
from tests.waiting import PATIENCE
from tests.web import answering, running


async def test_the_home_page_leads_to_themes_and_these_to_answers(answers: Knowledge) -> None:
    async with reader_site(showing(answers)) as site:
        home, theme = await site.page("/"), await site.page("/t/formations")
    assert "t/formations" in home.links
    assert "2 réponses" in home.text  # of each theme: the hidden one is not counted
    assert [one["name"] for one in home.named("input")] == ["q"]
    assert "../r/formation-bretagne" in theme.links
    assert "Une coopérative forme et certifie" in theme.text


async def test_the_home_page_says_whose_answers_they_are_and_what_is_asked_most(answers: Knowledge) -> None:
    shown = showing(answers)
    asked = ["secret-budget", "gone", "fiche-de-poste"]
    shown = replace(shown, publication=replace(shown.publication, most_asked=asked))
    about = "Les réponses de [Tiers-Lieux du Jura](https://jura.example/)."
    async with reader_site(shown, about=about, contact="Ana, ana@example.org") as site:
        home, entry = await site.page("/"), await site.page("/r/fiche-de-poste")
    async with reader_site(showing(answers)) as site:
        plain = await site.page("/")
    assert home.text.count("Les réponses de Tiers-Lieux du Jura.") == 1
    assert "Les réponses de Tiers-Lieux du Jura." in entry.text
    assert {"https://jura.example/", "mailto:ana@example.org"} <= {*home.links} & {*entry.links}
    assert home.meta("description") == "Les réponses de Tiers-Lieux du Jura."
    assert "Ce qu’on demande le plus" in home.text
    assert [link for link in home.links if link.startswith("r/")] == ["r/fiche-de-poste"]
    assert "écrites par des personnes du réseau. Concierge, un programme" in plain.text
    assert "Ce qu’on demande le plus" not in plain.text


async def test_themes_stand_in_the_order_of_their_files_whose_number_is_no_part_of_the_address(tmp_path: Path) -> None:
    names = ("20-associer", "3_ouvrir", "1. former", "2027")
    entry = 'theme: "{0}"\nentries: [{{id: "id-{1}", title: "{0}", questions: ["Pourquoi {0} ?"], answer: "Oui."}}]\n'
    known = knowledge_of(tmp_path / "known", **{name: entry.format(name, at) for at, name in enumerate(names)})
    async with reader_site(showing(known)) as site:
        home = await site.page("/")
        assert "1. former" in (await site.page("/t/former")).text
    assert [link for link in home.links if link.startswith("t/")] == ["t/former", "t/associer", "t/2027", "t/ouvrir"]


def test_what_is_asked_most_was_asked_more_than_once_or_twice() -> None:
    assert most_asked(Counter(une=2, deux=3, trois=9)) == ["trois", "deux"]


async def test_an_answer_says_all_that_the_file_has(answers: Knowledge) -> None:
    async with reader_site(showing(answers), contact="Ana, ana@example.org") as site:
        page = await site.page("/r/formation-facilitation")
        answer = (await site.http.get("/r/formation-facilitation")).text
    assert "<strong>forme</strong>" in answer
    assert {"https://formation.example/", "https://certifie.example/", "../t/formations", "../r/fiche-de-poste"} <= {
        *page.links
    }
    assert "Qui sait\u00a0: ana, bob" in page.text
    assert "Mise à jour le 2\u00a0octobre 2026." in page.text
    assert "à relire depuis le 1er\u00a0novembre 2026" in page.text
    assert "Dites-le à Ana, ana@example.org." in page.text
    assert "L’équipe de modération la corrigera" in page.text
    assert page.named("html")[0]["lang"] == "fr"


async def test_dead_links_are_marked_in_the_list_and_in_the_text(answers: Knowledge) -> None:
    """And where no moderator is told, the pages promise none."""
    async with reader_site(showing(answers, DEAD), has_team=False) as site:
        text = (await site.page("/r/formation-facilitation")).text
        for path in ("/r/formation-facilitation", "/search?q=tournevis"):
            assert "odération" not in (await site.http.get(path)).text
    assert "L’ancienne page (ce lien ne mène plus nulle part" in text
    assert "certifie (lien à vérifier)" in text
    assert "La formation (ce lien" not in text


async def test_an_answer_says_for_whom_it_is_and_is_english_where_the_bot_is(
    site: ReaderSite, answers: Knowledge
) -> None:
    assert "Réponse pour la région Bretagne" in (await site.page("/r/formation-bretagne")).text
    assert "Réponse pour" not in (await site.page("/r/fiche-de-poste")).text
    async with reader_site(showing(answers), language="en") as english:
        page = await english.page("/r/formation-facilitation")
    assert page.named("html")[0]["lang"] == "en"
    assert "Updated on" in page.text


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
    paths = ["/", "/t/postes", "/r/mechante", "/?q=balise script malveillante", "/search?q=balise script"]
    pages = [await site.page(path) for path in paths]
    policy = (await site.http.get("/")).headers["content-security-policy"]
    for page in pages:
        scripts = [one for one in page.named("script") if one.get("type") != "application/ld+json"]
        assert [one for one in scripts if "assets/search.js" not in str(one.get("src"))] == []
        assert page.named("img") == []
        assert [one for _, one in page.tags if any(name.startswith("on") or name == "style" for name in one)] == []
        assert [link for link in page.links if link.startswith("javascript")] == []
    assert "<script>alert('titre')</script>" in pages[2].text
    assert "unsafe" not in policy


async def test_a_title_of_ten_thousand_characters_is_cut(tmp_path: Path) -> None:
    title = "Très long " * 1_000
    entry = f'{{id: long, title: "{title}", questions: ["Quoi ?"], answer: "Oui."}}'
    known = knowledge_of(tmp_path / "k", long=f"theme: Longs\nentries:\n  - {entry}\n")
    async with reader_site(showing(known)) as site:
        for path in ("/", "/t/long", "/r/long", "/?q=long", "/feed.xml"):
            answer = await site.http.get(path)
            assert answer.status_code == 200
            assert len(answer.content) < 8_000


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


async def test_a_page_that_is_not_there_is_friendly(site: ReaderSite) -> None:
    for path in ("/nope", "/r/", "/r/a/b", "/t/nope", "/R/fiche-de-poste", "/assets/nope", "/r/é"):
        page = await site.page(path, status=404)
        assert "Cette page n’existe pas" in page.text
        assert "nope" not in page.text
        assert page.named("form")


async def test_a_changed_file_is_shown(tmp_path: Path, knowledge: Path) -> None:
    port, file = free_port(), knowledge / "formations.yaml"
    matrix = {"homeserver": f"http://127.0.0.1:{free_port()}", "user": "@c:localhost", "rooms": ["!r:localhost"]}
    async with running(tmp_path, knowledge, port, web={"address": port, "pages": True}, matrix=matrix) as http:
        await answering(http)

        async def shows(words: str) -> None:
            async with asyncio.timeout(PATIENCE):
                while words not in (await http.get("/r/fiche-de-poste")).text:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)

        await shows("Modèles de fiche de poste")
        changed = file.read_text(encoding="utf-8").replace("Modèles de fiche de poste", "Fiches toutes neuves")
        file.write_text(changed, encoding="utf-8")
        await shows("Fiches toutes neuves")
        assert "Fiches toutes neuves" in Parsed.of((await http.get("/", params={"q": "fiche de poste"})).text).text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" ".join(["coopérative"] * 40), f"{' '.join(['coopérative'] * 13)}\u00a0…"),  # ends with a word
        ("Il faut :\n\n- un lieu [ici](https://a.example/x)\n- du temps", "Il faut : un lieu ici du temps"),
    ],
)
def test_an_answer_is_described_by_its_start_in_plain_words(text: str, shown: str) -> None:
    assert described(Entry(id="un", title="Un", questions=("Un ?",), answer=text)) == shown
