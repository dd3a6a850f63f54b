"""Rooms and regions at the command line: what is hidden, and what is said to be for others."""

from pathlib import Path

from tests.cli.conftest import ALWAYS_ANSWERS, KNOWLEDGE, Concierge

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


def test_ask_shows_what_is_hidden_in_its_room_alone_and_says_whose_it_is(concierge: Concierge, folder: Path) -> None:
    text = KNOWLEDGE.replace("    title: Une fiche", "    region: Bretagne\n    title: Une fiche")
    (folder / "knowledge" / "formations.yaml").write_text(text + CODE, encoding="utf-8")
    asked = "quel est le code de l’alarme ?"
    for room in ((), ("--room", "#bzh:x.fr")):
        ran = concierge("ask", asked, *room, settings=ROOMS + ALWAYS_ANSWERS)
        assert ran.code == 0
        assert "alarme (" not in ran.out
    assert "Le code de l’alarme (code-alarme)" in concierge("ask", asked, "--room", "#equipe:x.fr").out
    assert all(row["id"] != "code-alarme" for row in concierge("ask", "--json", asked).rows[0]["matches"])
    wrong = concierge("ask", asked, "--room", "#equipes:x.fr")
    assert wrong.code == 2
    assert "existent\u00a0: #equipe:x.fr, #bzh:x.fr" in wrong.err
    asked, says = "avez-vous une fiche de poste de concierge ?", "pour d’autres salons ou une autre région"
    assert says in concierge("ask", asked).out
    assert says not in concierge("ask", asked, "--room", "#bzh:x.fr").out
    assert "il se tait" in concierge("ask", "--overheard", asked).out.replace("\u00a0", " ")
