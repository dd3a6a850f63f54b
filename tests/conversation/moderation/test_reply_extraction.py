"""From a question and a reply to a draft: what may stand in the knowledge, and nothing that names a person."""

from __future__ import annotations

import pytest

from bot.conversation.moderation.extraction import fields_from_reply, phrasing, phrasings, vocabulary
from bot.conversation.moderation.link_extraction import ParsedReply, parse_reply

KNOWN = vocabulary(
    ["Le Service Civique à Pôle Emploi", "certification RS5142", "imprimante 3D", "La Coopérative Tiers-Lieux"]
)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Bonjour à toutes et tous, qui a les clés du portail ?", "qui a les clés du portail ?"),
        ("Bonjour Camille, qui a les clés du portail ? Merci, Paul", "qui a les clés du portail ?"),
        ("Salut ! Je suis Paul Martin.\nQui a les clés du portail ?\nBonne journée", "Qui a les clés du portail ?"),
        ("Où sont les clés ? Mon mail : paul.martin@example.org", "Où sont les clés ?"),
        ("Est-ce que M. Durand a les clés du portail ?", "Est-ce que a les clés du portail ?"),
        ("qui a les clés, @ana:example.org ou @bob ?", "qui a les clés, ou ?"),
        ("qui a les clés (06 12 34 56 78) ?", "qui a les clés ?"),
        ("Quel prix pour 1 600 € ou 12% en 2026 ?", "Quel prix pour ou en ?"),
        ("C’est quoi la RS5142 et l’imprimante 3D ?", "C’est quoi la RS5142 et l’imprimante 3D ?"),
        ("Le Service Civique et Pôle Emploi, qui paie ?", "Le Service Civique et Pôle Emploi, qui paie ?"),
        ("vous avez vu https://example.org/x?y=1 ? C’est où le portail ?", "C’est où le portail ?"),
        ("On cherche les clés du portail. Une idée ?", "On cherche les clés du portail. Une idée ?"),
        ("Est-ce que Zébulon sait où sont les clés ?", "Est-ce que sait où sont les clés ?"),
        ("où sont les clés svp merci d’avance ?", "où sont les clés"),
        ("Où est la salle 12-B, au 3 ou au 4-bis ?", "Où est la salle 12-B, au ou au 4-bis ?"),
        ("x 12-13-a, 7 € ?", "x 12-13-a ?"),
    ],
)
def test_a_phrasing_is_what_was_asked_without_greeting_names_addresses_and_numbers(said: str, kept: str) -> None:
    assert phrasing(said, ["Zébulon"], KNOWN) == kept


def test_each_way_of_asking_is_proposed_once_and_empty_ones_never() -> None:
    asked = ["Qui a les clés ?", "Bonjour, qui a les CLES ?", "merci", "où sont les clés ?", "06 12 34 56 78"]
    assert phrasings(asked) == ["Qui a les clés ?", "où sont les clés ?"]


def test_a_very_long_question_is_cut_at_a_word() -> None:
    [said] = phrasings(["où se trouve " + "tournevis " * 60 + "?"])
    assert len(said) <= 201
    assert said.endswith("tournevis…")


@pytest.mark.parametrize(
    ("said", "text", "links"),
    [
        ("https://a.example/cles", "", [("a.example : cles", "https://a.example/cles")]),
        ("Voir la fiche : https://a.example/cles.", "", [("Voir la fiche", "https://a.example/cles")]),
        (
            "À l’accueil.\nLe plan : https://a.example/plan\n- [Le mode d’emploi](https://b.example/m(1))",
            "À l’accueil.",
            [("Le plan", "https://a.example/plan"), ("Le mode d’emploi", "https://b.example/m(1)")],
        ),
        (
            "Regardez [le plan](https://a.example/) puis demandez.",
            "Regardez le plan puis demandez.",
            [("le plan", "https://a.example/")],
        ),
        (
            "Sur https://a.example/x il y a tout.",
            "Sur https://a.example/x il y a tout.",
            [("a.example : x", "https://a.example/x")],
        ),
        (
            "Pour les clés, passez à l’accueil entre neuf heures et midi, ou demandez à qui tient le bar : https://a.example/",
            "Pour les clés, passez à l’accueil entre neuf heures et midi, ou demandez à qui tient le bar",
            [("a.example", "https://a.example/")],
        ),
        (
            "Oui, demandez à la mairie : https://mairie.example/salles",
            "Oui, demandez à la mairie",
            [("mairie.example : salles", "https://mairie.example/salles")],
        ),
        ("Il faut un badge : https://a.example/", "Il faut un badge", [("a.example", "https://a.example/")]),
        ("Nos locations, chez nous : https://a.example/", "", [("Nos locations, chez nous", "https://a.example/")]),
        ("Voyez avec https://a.example/pret", "", [("a.example : pret", "https://a.example/pret")]),
        ("C'est ici : https://a.example/", "", [("a.example", "https://a.example/")]),
        ("[cliquez](javascript:alert(1)) [ici](file:///etc/passwd)", "cliquez ici", []),
        ("![suivi](https://a.example/pixel.png)", "", [("suivi", "https://a.example/pixel.png")]),
        ("http://169.254.169.254/latest, http://localhost/", "http://169.254.169.254/latest, http://localhost/", []),
        ("http://224.0.0.1/ http://[64:ff9b::10.0.0.1]/", "http://224.0.0.1/ http://[64:ff9b::10.0.0.1]/", []),
        ("voir http://[::1 (ou [là](https://[x))", "voir http://[::1 (ou là)", []),
        ("https://banque.example@mal.example/", "https://banque.example@mal.example/", []),
        ("écrivez à mailto:lab@a.example", "", [("écrivez à", "mailto:lab@a.example")]),
        ("Ana : à l’accueil", "à l’accueil", []),
        ("@ana:example.org: à l’accueil", "à l’accueil", []),
        ("Note : à l’accueil", "Note : à l’accueil", []),  # nobody's name
    ],
)  # fmt: skip
def test_links_are_found_with_what_they_show(said: str, text: str, links: list[tuple[str, str]]) -> None:
    assert parse_reply(said, ["Ana"]) == ParsedReply(text, {url: label for label, url in links})


def test_a_draft_has_title_phrasings_answer_links_day_and_source() -> None:
    asked = phrasings(["Bonjour, qui a les clés du portail ?", "où sont les clés du portail ?"])
    made = fields_from_reply(
        asked, parse_reply("À l’accueil.\nLe plan : https://a.example/plan"), "2026-11-24", "salon"
    )
    assert made == {
        "title": "Qui a les clés du portail ?",
        "questions": ["qui a les clés du portail ?", "où sont les clés du portail ?"],
        "answer": "À l’accueil.",
        "links": [{"title": "Le plan", "url": "https://a.example/plan"}],
        "updated": "2026-11-24",
        "source": "salon",
    }
