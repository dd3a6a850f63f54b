"""Several rooms, several truths: each region gets its own answer first, and another one's is said to be that."""

from typing import Any

import pytest

from bot.knowledge.models import Entry, Knowledge
from bot.matching.decision import Thresholds
from bot.matching.index import Index
from bot.messages import Venue
from tests.moderation import PRIVATE, command
from tests.scene import BOB, KNOWLEDGE, Scene, text_of

BRITTANY: dict[str, Any] = {"room": "!bzh", "venue": Venue(frozenset({"#bzh:example.org"}), "Bretagne")}
NORMANDY: dict[str, Any] = {"room": "!nor", "venue": Venue(frozenset({"#nor:example.org"}), "Normandie")}
ASKED = "Qui anime le réseau régional des tiers-lieux ?"
NAMED = "Qui anime le réseau des tiers-lieux en Normandie ?"


def network(name: str, **more: Any) -> Entry:
    fields = {"id": f"reseau-{name.lower()}", "title": f"Le réseau de {name}", "answer": f"Le {name}-Lab."}
    return Entry.model_validate(fields | {"questions": [ASKED, "contact du réseau régional"], **more})


TWINS = (network("Bretagne", region="Bretagne"), network("Normandie", region="Normandie"))
BADGE = network("Rennes", rooms=["#bzh:example.org", "rennes"], questions=["Comment obtenir le badge du portail ?"])


@pytest.fixture
def regions(scene: Scene) -> Scene:
    index = Index(Knowledge({**KNOWLEDGE.entries, **{one.id: one for one in (*TWINS, BADGE)}}))
    return scene.ruled(index=lambda: index)


async def test_each_region_gets_its_own_answer_and_is_told_if_it_is_anothers(regions: Scene) -> None:
    for where, name in ((BRITTANY, "Bretagne"), (NORMANDY, "Normandie")):
        [reply] = await regions.say(f"concierge : {ASKED}", **where)
        assert (f"**Le réseau de {name}**" in reply.text, "Réponse pour" in reply.text) == (True, False)
    for where in ({}, PRIVATE):  # no region: people choose
        [reply] = await regions.say(f"concierge : {ASKED}", **where)
        assert [f"**{number}.** **Réponse pour la région" in reply.text for number in (1, 2)] == [True, True]
    [reply] = await regions.say(f"concierge : {NAMED}", **BRITTANY)
    assert "**Réponse pour la région Normandie\u00a0: Le réseau de Normandie**" in reply.text
    assert "Le Normandie-Lab." in reply.text
    assert "Réponse pour la région Normandie" in text_of(await regions.say(f"concierge : {NAMED}", BOB, **BRITTANY))
    await regions.say(f"concierge : {ASKED}", BOB, **BRITTANY)
    [edited] = await regions.edit(f"concierge : {NAMED}", sender=BOB, **BRITTANY)
    assert "Réponse pour la région Normandie" in edited.text


async def test_a_room_s_answer_names_its_rooms_elsewhere_and_search_finds_all_of_them(regions: Scene) -> None:
    [reply] = await regions.say("concierge : Comment obtenir le badge du portail ?", **NORMANDY)
    assert "Réponse pour #bzh:example.org, rennes\u00a0: Le réseau de Rennes" in reply.text.replace("**", "")
    [home] = await regions.say("concierge : Comment obtenir le badge du portail ?", **BRITTANY)
    assert "Réponse pour" not in home.text
    [reply] = await regions.say("!concierge chercher réseau régional", **BRITTANY)
    assert "Le réseau de Bretagne" in reply.text
    assert "Réponse pour la région Normandie\u00a0: Le réseau de Normandie" in reply.text
    assert text_of(await command(regions, "!chercher réseau régional")).count("Réponse pour la région") == 2


async def test_what_is_for_others_never_answers_what_was_only_overheard(regions: Scene) -> None:
    regions.ruled(limits=Thresholds(overheard=0.5))
    for text, home in ((NAMED, NORMANDY), ("Comment obtenir le badge du portail ?", BRITTANY)):
        assert await regions.overhear(text) == []
        assert len(await regions.overhear(text, **home)) == 1
