"""Moderators' side of the scene: knowledge files that the bot may change, commands, and reactions."""

from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bot.app.live_index import LiveIndex
from bot.digest.content import note_entries
from bot.knowledge.edit_result import Unwritable
from bot.knowledge.editor import Editor
from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.knowledge.yaml.problems import Problem
from bot.locale import wording
from bot.messages import OutgoingReaction, Reaction, Reply
from tests.scene import ANA, BOB, MODERATION, MODERATOR, ROOM, Scene

CLEO = "@cleo:example.org"
PORTAL = "concierge : qui a les clés du portail bleu ?"
LASER = "concierge : où est rangé le tournevis cruciforme ?"
KEYS = "Elles sont à l’accueil.\nLe plan : https://accueil.example/plan"
PRIVATE = {"room": "!deux", "direct": True, "private": True}
KNOWLEDGE = """\
# Tenu par l’équipe.
theme: "Formations"
entries:
  - id: formation-facilitation
    title: "Se former à la facilitation de tiers-lieu"  # la première
    questions:
      - "Où trouver une formation de facilitateur ?"
      - "quelle formation pour devenir concierge"
    answer: "Une coopérative forme et certifie."
    links:
      - title: "La formation"
        url: "https://formation.example/"
"""
PLACES = """\
theme: "Prêt & matériel"
entries:
  - id: malle-robotique
    title: "Emprunter la malle robotique"
    questions: ["Comment emprunter la malle robotique ?"]
    answer: "Inscrivez-vous sur le planning."
"""


def refuse(*_: object, **__: object) -> NoReturn:
    """In the place of `Editor.add`: the folder cannot be written."""
    problem = Problem("formations.yaml", 0, "edit_unwritable", {"reason": "lecture seule"})
    raise Unwritable(problem, yaml='- title: "qui a les clés du portail bleu"')


def told_to(reply: Reply) -> tuple[str, ...]:
    """Whom the bot brings an answer: the reply names them first, and mentions nobody."""
    assert reply.mentions == ()
    return tuple(user for user in (ANA, BOB, CLEO) if user in reply.text.partition(", ")[0])


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    (folder / "formations.yaml").write_text(KNOWLEDGE, encoding="utf-8")
    (folder / "materiel.yaml").write_text(PLACES, encoding="utf-8")
    return folder


@pytest.fixture
async def desk(scene: Scene, folder: Path) -> Scene:
    """The scene with files behind it that can be changed."""

    async def note(knowledge: Knowledge) -> None:
        await note_entries(scene.store, knowledge, scene.now())

    today = date(2026, 11, 24)
    current = LiveIndex(Library(folder), wording("fr"), lambda: today, on_use=note)
    await current.reload()
    return scene.ruled(index=current.index, reload=current.reload, editor=Editor(folder), trial=current.trial)


@pytest.fixture
async def named(desk: Scene, folder: Path) -> Scene:
    """Bob stands under `contacts` of an entry."""
    text = KNOWLEDGE.replace('    answer: "Une coop', '    contacts: ["@Bob"]\n    answer: "Une coop')
    (folder / "formations.yaml").write_text(text, encoding="utf-8")
    await desk.ctx.bot.reload()
    return desk


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


async def command(scene: Scene, text: str, sender: str = MODERATOR, **more: Any) -> list[Reply]:
    """What a moderator is told in the moderators' room."""
    return await scene.say(text, sender, **{"room": MODERATION, "moderators_room": True} | more)


async def react(
    scene: Scene, target: str, key: str, sender: str = MODERATOR, room: str = MODERATION, **more: Any
) -> list[Reply]:
    """A yes to a draft without a theme is the number of one."""
    if key == "✅" and "Dans quel thème" in getattr(scene.paper.sent.get(target), "text", ""):
        return await command(scene, "1", sender, reply_to=target)
    return await scene.bring(Reaction("paper", f"$r{next(scene.ids)}", room, sender, target, key, **more))


def shown(scene: Scene) -> str:
    """The id of the latest message in the moderators' room that waits for a yes."""
    posts = [(id, out) for id, out in scene.paper.sent.items() if isinstance(out, Reply)]
    return [id for id, out in posts if "✅" in out.choices or "Dans quel thème" in out.text][-1]


def marks(scene: Scene) -> list[tuple[str, str]]:
    """The emojis that the bot put, and under what."""
    return [
        (out.target, out.key)
        for out in scene.paper.sent.values()
        if isinstance(out, OutgoingReaction) and out.key == "📝"
    ]


async def replied(desk: Scene, text: str = KEYS, sender: str = MODERATOR, **more: Any) -> str:
    """A question is asked, and a moderator replies to it; the id of the reply."""
    await desk.say(PORTAL)
    assert await desk.say(text, sender, **{"reply_to": desk.last} | more) == []
    return desk.last


async def drafted(desk: Scene, text: str = KEYS) -> Reply:
    """The draft that moderators read of such a reply."""
    [draft] = await react(desk, await replied(desk, text), "📝", room=ROOM)
    return draft
