"""Rooms and regions at the command line: what is hidden, what is said to be for others, which names are known."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import ALWAYS_ANSWERS, WORDS_ALONE, Concierge

CODE = """
  - id: code-alarme
    title: Le code de l’alarme
    questions: ["quel est le code de l’alarme ?"]
    answer: C’est le 4711.
    rooms: ["#equipe:x.fr"]
    public: false
"""
ROOMS = """
matrix:
  homeserver: https://matrix.example.org
  user: "@concierge:example.org"
  rooms: ["#equipe:x.fr", {room: "#bzh:x.fr", region: Bretagne}]
"""


def _with_a_secret(folder: Path) -> None:
    file = folder / "knowledge" / "formations.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "    title: Une fiche", "    region: Bretagne\n    title: Une fiche"
    )
    file.write_text(text + CODE, encoding="utf-8")


def test_ask_shows_what_is_hidden_for_its_room_alone(concierge: Concierge, folder: Path) -> None:
    _with_a_secret(folder)
    asked = "quel est le code de l’alarme ?"
    settings = ROOMS + ALWAYS_ANSWERS
    for room in ((), ("--room", "#bzh:x.fr")):
        ran = concierge("ask", asked, *room, settings=settings)
        assert ran.code == 0
        assert "alarme (" not in ran.out
    assert "Le code de l’alarme (code-alarme)" in concierge("ask", asked, "--room", "#equipe:x.fr").out
    assert all(row["id"] != "code-alarme" for row in concierge("ask", "--json", asked).rows[0]["matches"])
    wrong = concierge("ask", asked, "--room", "#equipes:x.fr")
    assert wrong.code == 2
    assert "existent\u00a0: #equipe:x.fr, #bzh:x.fr" in wrong.err


def test_ask_says_whose_answer_it_is(concierge: Concierge, folder: Path) -> None:
    _with_a_secret(folder)
    asked, says = "avez-vous une fiche de poste de concierge ?", "pour d’autres salons ou une autre région"
    settings = ROOMS + ALWAYS_ANSWERS
    assert says in concierge("ask", asked, settings=settings).out
    assert says not in concierge("ask", asked, "--room", "#bzh:x.fr").out
    assert "il se tait" in concierge("ask", "--overheard", asked).out.replace("\u00a0", " ")


def test_check_knows_the_rooms_of_the_settings(concierge: Concierge, folder: Path) -> None:
    _with_a_secret(folder)
    assert "equipe" not in concierge("check").out
    ran = concierge("check", settings=WORDS_ALONE)
    assert "formations.yaml:39: «\u00a0#equipe:x.fr\u00a0» n’est ni un salon ni une catégorie des réglages." in ran.out
    assert "region" not in concierge("check", settings=ROOMS + WORDS_ALONE).out
