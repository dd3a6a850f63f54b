"""What counts of what is said: in an encrypted room, in the name of somebody else; and which texts call the bot."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.reading.calls import MENTIONED, cut_call
from tests.moderation import KEYS, PORTAL, PRIVATE, command, contents, react, shown
from tests.scene import ANA, ASKED, BOB, MODERATION, MODERATOR, OTHER, ROOM, Scene, text_of

PLAIN = {"private": True, "unencrypted": True}
RESERVED = ("!questions", "!ajouter", "!retirer formation-facilitation", "!recharger", "!silence 1h", "!liens")


async def test_plain_text_in_an_encrypted_room_is_nothing_to_it(desk: Scene) -> None:
    await desk.say(PORTAL, MODERATOR, **PRIVATE)  # it asks whether it may pass that on
    for said in ("!aide", "!bonjour", f"concierge : {ASKED}", ASKED, "2", "oui", *RESERVED):
        for place in ({"moderators_room": True, "room": MODERATION}, {"direct": True, "room": "!deux"}, {}):
            assert await desk.say(said, MODERATOR, **PLAIN | place) == [], (said, place)
    assert await desk.later(timedelta(seconds=21)) == []
    assert await desk.queued() == []
    await desk.say("oui", MODERATOR, reply_to=desk.last_reply, **PRIVATE)
    assert len(await desk.queued()) == 1


async def test_plain_text_in_an_encrypted_room_neither_edits_nor_forgets_nor_hushes(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}", private=True)
    assert await scene.edit(f"concierge : {OTHER}", **PLAIN) == []
    assert "https://fiche.example/" in text_of(await scene.edit(f"concierge : {OTHER}", private=True))
    await scene.say(ASKED, BOB, private=True, room="!autre")  # it waits
    await scene.edit(OTHER, sender=BOB, room="!autre", **PLAIN)
    assert "https://formation.example/" in text_of(await scene.later(timedelta(seconds=21)))
    scene.paper.powers[ROOM, ANA] = 100
    for how, counts in ((PLAIN, False), ({"private": True}, True)):
        for said in ("!concierge oublie-moi", "!concierge silence 1h"):
            await scene.say(said, **how)
        assert await scene.store.retention.has_opted_out(ANA) is counts
        assert await scene.store.posts.is_muted(ROOM, scene.time) is counts


async def test_where_the_moderators_room_is_encrypted_so_are_commands_and_yeses(desk: Scene, folder: Path) -> None:
    for sealed, heard in (
        ({MODERATION}, "chiffré, si ce salon l’est"),
        ({MODERATION, "!deux"}, "formation-facilitation"),
        (set(), "formation-facilitation"),
    ):
        desk.paper.encrypted = sealed
        assert heard in text_of(await desk.say("!montrer formation-facilitation", MODERATOR, **PRIVATE))
    desk.paper.encrypted.add(MODERATION)
    [reply] = await desk.say(ASKED, BOB, **PRIVATE)  # a member may still ask in an open one
    assert "https://formation.example/" in reply.text
    before = contents(folder)
    await command(desk, "!retirer formation-facilitation", private=True)
    assert await command(desk, "oui", reply_to=shown(desk), **PLAIN) == []
    assert contents(folder) == before
    [done] = await command(desk, "oui", reply_to=shown(desk), private=True)
    assert "formation-facilitation" not in str(contents(folder)), done
    await command(desk, "!retirer malle-robotique", private=True)
    await react(desk, shown(desk), "✅")
    assert "malle-robotique" not in str(contents(folder))


@pytest.mark.parametrize("plain", [True, False])
async def test_a_reply_in_plain_text_in_an_encrypted_moderators_room_cannot_be_kept(desk: Scene, plain: bool) -> None:
    await desk.say(PORTAL)
    replies = await command(desk, KEYS, reply_to=desk.post("portail"), private=True, unencrypted=plain)
    assert len(replies) == (0 if plain else 3)  # the answer, the report of it, the draft
    assert await react(desk, desk.last, "📝") == []


# Which texts call the bot, and what is left of them

NAMES = ("Concierge", "@concierge:example.org")

CALLS = [  # what is said, and what is left of it; more of them in tests/play/piece.md, with their answers
    *(("CONCIERGE\u202f:\u00a0où ?", "où ?"), ("concierge ? tu es là ?", "tu es là ?"), ("concierge 2 stp", "2 stp")),
    *(("concierge : concierge : où ?", "où ?"), ("non concierge, je veux dire : où ?", "non je veux dire : où ?")),
    ("Dis-moi, concierge, c’est quoi un fablab ?", "Dis-moi c’est quoi un fablab ?"),
    ("Bonjour Concierge qu’est-ce qu’un fablab", "Bonjour qu’est-ce qu’un fablab"),
    *(("bjr concierge keske c le fonjep", "bjr keske c le fonjep"), ("concierge laisse tomber", "laisse tomber")),
    *(("concierge stp c koi un fablab", "stp c koi un fablab"), ("Concierg, qui paie ?", "qui paie ?")),
    ("conciege la formation facilitatrisse", "la formation facilitatrisse"),
    ("conciergeeee keske c le fonjep", "keske c le fonjep"),
    ("concierge du coup c koi les formations", "du coup c koi les formations"),
    ("salut conceirge t la ?", "salut t la ?"),
    ("Je cherche une fiche de poste, concierge", "Je cherche une fiche de poste"),
    ("Une fiche de poste, s’il te plaît Concierge !", "Une fiche de poste, s’il te plaît"),
    ("Quelqu’un ou @Concierge sait où ?", "Quelqu’un ou sait où ?"),
    ("Please, Concierge, who pays?", "Please who pays?"),
]


@pytest.mark.parametrize(("text", "rest"), CALLS)
def test_a_call_is_heard_and_cut_off(text: str, rest: str) -> None:
    assert cut_call(text, NAMES) == (rest, True)


def test_where_it_is_mentioned_its_name_needs_no_sign_and_none_its_accents() -> None:
    assert cut_call("Concierge où ?", NAMES, MENTIONED) == ("où ?", True)
    assert cut_call("Hé Concierge tu viens ?", NAMES, MENTIONED) == ("Hé tu viens ?", True)
    assert cut_call("maitre d’hotel : quoi ?", ("Maître d’hôtel",)) == ("quoi ?", True)


NOUNS = [
    *("Concierge de tiers-lieu, quelle formation ?", "Concierge d’immeuble : quel salaire ?", "conciergerie : où ?"),
    *("Bonjour, concierge de tiers-lieu depuis un an, où trouver une formation ?", "formation concierge ?"),
    *("Où trouver un bon concierge ?", "concierge ok pour un CDD", "Les concierges, vous en pensez quoi ?"),
    *("un concerge malade on fait quoi ?", "@concierge2 : où ?", "@concierges où ?", "contact@concierge.fr répond ?"),
    *("@concierge:ailleurs.org où ?", "Bonjour", ""),
]


@pytest.mark.parametrize("text", NOUNS)
def test_the_name_is_a_word_of_the_field_elsewhere(text: str) -> None:
    assert cut_call(text, NAMES, MENTIONED) == (text, False)
    assert cut_call(text, NAMES) == (text, False)


EDGE = ("Je suis animatrice, concierge.", "Marie, concierge, cherche une formation", "concierge 24h")


@pytest.mark.xfail(reason="the learned reading of names is right for nine of ten at the edge", strict=True)
@pytest.mark.parametrize("text", EDGE)
def test_a_name_at_the_edge_where_only_the_sense_tells_that_it_does_not_call(text: str) -> None:
    assert not cut_call(text, NAMES)[1]
