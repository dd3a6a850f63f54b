"""What counts of what is said: in an encrypted room, in the name of somebody whose account is in other hands."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.messages import Reply
from tests.moderation import KEYS, PORTAL, PRIVATE, command, contents, react, shown
from tests.scene import ANA, ASKED, BOB, MODERATION, MODERATOR, OTHER, ROOM, Scene, edited

PLAIN = {"private": True, "unencrypted": True}
RESERVED = ("!questions", "!ajouter", "!retirer formation-facilitation", "!recharger", "!silence 1h", "!liens")


@pytest.mark.parametrize("said", ["!aide", "!bonjour", f"concierge : {ASKED}", ASKED, *RESERVED])
async def test_plain_text_in_an_encrypted_room_is_nothing_to_it(desk: Scene, said: str) -> None:
    for place in ({"moderators_room": True, "room": MODERATION}, {"direct": True, "room": "!deux"}, {}):
        assert await desk.say(said, MODERATOR, **PLAIN | place) == []
    assert await desk.later(timedelta(seconds=21)) == []
    assert await desk.store.queue.questions() == []


async def test_plain_text_in_an_encrypted_room_neither_forgets_nor_hushes(scene: Scene) -> None:
    scene.paper.powers[ROOM, ANA] = 100
    for said in ("!concierge oublie-moi", "!concierge silence 1h"):
        await scene.say(said, **PLAIN)
    assert not await scene.store.retention.has_opted_out(ANA)
    assert not await scene.store.posts.is_muted(ROOM, scene.time)
    for said in ("!concierge oublie-moi", "!concierge silence 1h"):
        await scene.say(said, private=True)
    assert await scene.store.retention.has_opted_out(ANA)
    assert await scene.store.posts.is_muted(ROOM, scene.time)


async def test_only_an_encrypted_yes_or_an_emoji_puts_a_draft_through_in_an_encrypted_room(
    desk: Scene, folder: Path
) -> None:
    before = contents(folder)
    await command(desk, "!retirer formation-facilitation", private=True)
    assert await command(desk, "oui", reply_to=shown(desk), **PLAIN) == []
    assert contents(folder) == before
    [done] = await command(desk, "oui", reply_to=shown(desk), private=True)
    assert "formation-facilitation" not in str(contents(folder)), done
    await command(desk, "!retirer malle-robotique", private=True)
    await react(desk, shown(desk), "✅")
    assert "malle-robotique" not in str(contents(folder))


async def test_nobody_chooses_in_plain_text_in_an_encrypted_room(suggested: Scene) -> None:
    target = suggested.last_reply
    assert await suggested.say("2", reply_to=target, **PLAIN) == []
    [edit] = await suggested.say("2", reply_to=target, private=True)
    assert edit.replaces == target


async def test_nobody_agrees_in_plain_text_to_pass_on_what_was_asked_in_an_encrypted_room(desk: Scene) -> None:
    await desk.say(PORTAL, **PRIVATE)
    assert await desk.say("oui", reply_to=desk.last_reply, **PRIVATE | {"unencrypted": True}) == []
    assert await desk.store.queue.questions() == []
    await desk.say("oui", reply_to=desk.last_reply, **PRIVATE)
    assert len(await desk.store.queue.questions()) == 1


@pytest.mark.parametrize("plain", [True, False])
async def test_a_reply_in_plain_text_in_an_encrypted_moderators_room_cannot_be_kept(desk: Scene, plain: bool) -> None:
    await desk.say(PORTAL)
    note = next(id for id, out in desk.paper.sent.items() if out.room == MODERATION)
    replies = await command(desk, KEYS, reply_to=note, private=True, unencrypted=plain)
    assert len(replies) == (0 if plain else 3)  # the answer, the report of it, the draft
    assert await react(desk, desk.last, "📝") == []


async def test_no_edit_in_plain_text_changes_what_was_asked_in_an_encrypted_room(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}", private=True)
    assert await scene.bring(edited(scene, f"concierge : {OTHER}", **PLAIN)) == []
    [reply] = await scene.bring(edited(scene, f"concierge : {OTHER}", private=True))
    assert "https://fiche.example/" in reply.text


async def test_an_overheard_question_keeps_its_encrypted_words_while_it_waits(scene: Scene) -> None:
    await scene.say(ASKED, private=True)
    await scene.bring(edited(scene, OTHER, **PLAIN))
    [reply] = await scene.later(timedelta(seconds=21))
    assert "https://formation.example/" in reply.text


@pytest.mark.parametrize(
    ("sealed", "heard"),
    [
        ({MODERATION}, "chiffré, si ce salon l’est"),
        ({MODERATION, "!deux"}, "formation-facilitation"),
        (set(), "formation-facilitation"),
    ],
)
async def test_where_the_moderators_room_is_encrypted_their_commands_are_so_in_a_room_of_two_as_well(
    desk: Scene, sealed: set[str], heard: str
) -> None:
    desk.paper.encrypted |= sealed
    [reply] = await desk.say("!montrer formation-facilitation", MODERATOR, **PRIVATE)
    assert heard in reply.text


async def test_a_member_may_still_ask_in_an_open_room_of_two(desk: Scene) -> None:
    desk.paper.encrypted.add(MODERATION)
    [reply] = await desk.say(ASKED, BOB, **PRIVATE)
    assert isinstance(reply, Reply)
    assert "https://formation.example/" in reply.text
