"""Two rooms of a real homeserver, two regions, and an answer that only one of the rooms may read."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.conftest import NewBot, NewMember
from tests.running import from_bot

KNOWLEDGE = """\
theme: "Réseaux"
entries:
  - id: reseau-bretagne
    title: "Le réseau breton"
    questions: ["Qui anime le réseau régional ?", "contact du réseau régional"]
    answer: "Bretagne-Lab."
    region: Bretagne
  - id: reseau-normandie
    title: "Le réseau normand"
    questions: ["Qui anime le réseau régional ?", "contact du réseau régional"]
    answer: "Normandie-Lab."
    region: Normandie
  - id: code-alarme
    title: "Le code de l’alarme"
    questions: ["Quel est le code de l’alarme ?", "comment couper l’alarme de l’atelier"]
    answer: "Tapez 4711"
    rooms: ["{room}"]
    public: false
  - id: horaires
    title: "Les horaires"
    questions: ["Quand est-ce ouvert ?"]
    answer: "Tous les jours."
    see_also: [code-alarme]
"""


async def test_each_room_gets_what_is_for_it(
    member: NewMember, new_bot: NewBot, knowledge: Path, unused_tcp_port: int
) -> None:
    ana = await member("ana")
    rooms = {"Bretagne": await ana.create_room(), "Normandie": await ana.create_room()}
    text = KNOWLEDGE.replace("{room}", rooms["Bretagne"])
    (knowledge / "formations.yaml").write_text(text, encoding="utf-8")
    listed = [{"room": room, "region": region} for region, room in rooms.items()]
    web = {"address": unused_tcp_port}
    running = await new_bot(knowledge=knowledge, matrix={"rooms": listed}, web=web)
    async with running.up():
        for region, room in rooms.items():
            await ana.wait_for(room, from_bot(running))  # it introduces itself
            bodies = []
            for asked in ("Qui anime le réseau régional ?", "Quel est le code de l’alarme ?", "Quand est-ce ouvert ?"):
                question = await ana.say(room, f"concierge : {asked}")
                bodies.append((await ana.wait_for(room, from_bot(running, question)))["content"]["body"])
            assert f"{region}-Lab." in bodies[0]
            assert "Réponse pour" not in bodies[0]
            hidden = "4711" in bodies[1], "Le code de l’alarme" in bodies[2]
            assert hidden == ((True, True) if region == "Bretagne" else (False, False))
        async with httpx.AsyncClient() as http:
            for page in ("metrics", "ready", "health"):
                assert "alarme" not in (await http.get(f"http://127.0.0.1:{unused_tcp_port}/{page}")).text
