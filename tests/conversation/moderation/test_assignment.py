"""What moderators do with a question beside answering it: they look after it, or say that it is none."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.databases import execute
from tests.moderation import CLEO, LASER, PORTAL, PRIVATE, command, react
from tests.scene import ANA, BOB, MODERATION, MODERATOR, Scene, text_of

MINE = "👀 @mod:example.org s’en occupe depuis le 24\u00a0novembre, trois jours au plus"


@pytest.fixture
async def asked(scene: Scene) -> Scene:
    scene.paper.powers[MODERATION, CLEO] = 50
    await scene.say(PORTAL)
    return scene


def note(scene: Scene) -> tuple[str, str]:
    """The note about the question: its id, and what it says now."""
    first = scene.post("Nouvelle question")
    return first, [out.text for id, out in scene.paper.sent.items() if first in (id, getattr(out, "replaces", ""))][-1]


async def listed(scene: Scene, **more: Any) -> str:
    return text_of(await command(scene, "!questions", **more))


async def test_the_command_and_eyes_under_the_note_take_the_question_until_they_are_removed(asked: Scene) -> None:
    [reply, _] = await command(asked, "!prendre 1")
    assert "vous vous occupez de la question n°\u00a01" in reply.text
    assert MINE in note(asked)[1]
    await command(asked, "!prendre 1", CLEO)  # in somebody's place
    assert "@cleo:example.org s’en occupe" in await listed(asked)
    [reply, _] = await command(asked, "!prendre 1", CLEO)
    assert "de nouveau libre" in reply.text
    assert "s’en occupe" not in await listed(asked)
    id, text = note(asked)
    await react(asked, id, "👀", ANA)  # no moderator
    assert "s’en occupe" not in await listed(asked)
    assert "👀 dit aux autres que vous vous en occupez" in text
    await react(asked, id, "👀")
    sign = asked.paper.written[-1][0].id
    assert MINE in note(asked)[1]
    assert "portail bleu" in note(asked)[1]
    assert MINE in await listed(asked, sender=CLEO)
    await asked.delete(sign, MODERATOR, MODERATION)
    assert "s’en occupe" not in note(asked)[1]
    assert "s’en occupe" not in await listed(asked)
    await asked.delete(asked.paper.written[0][0].id)
    edits = len(asked.paper.replies)
    await react(asked, id, "👀", CLEO)  # its note comes not back
    assert len(asked.paper.replies) == edits


async def test_it_lapses_after_three_days_and_leaves_no_user_id_once_answered(asked: Scene, ready_url: str) -> None:
    await react(asked, note(asked)[0], "👀", CLEO)
    assert "s’en occupe" in await listed(asked)
    asked.paper.powers[MODERATION, CLEO] = 0
    assert "s’en occupe" not in await listed(asked)
    asked.paper.powers[MODERATION, CLEO] = 50
    asked.time += timedelta(days=3, minutes=1)
    await asked.store.retention.erase_old(asked.time, 90)
    assert "s’en occupe" not in await listed(asked)
    id = note(asked)[0]
    await react(asked, id, "👀")
    assert MODERATOR in str(execute(ready_url, "SELECT * FROM questions"))
    await command(asked, "!oublie-moi")
    assert MODERATOR not in str(execute(ready_url, "SELECT * FROM questions"))
    await react(asked, id, "👀")
    await react(asked, id, "❌", CLEO)
    assert MODERATOR not in str(execute(ready_url, "SELECT * FROM questions"))
    assert "Aucune question" in await listed(asked)


# What arrives as a question and is none: a moderator says what it was, and the bot learns it

BRAVO = "il est où le roi de la découpe laser, chapeau bas ?"
OTHERS = "# de nous\nreadings:\n- text: bof\n  read_as: complaint  # hélas\n"
READ = "lectures.yaml"


async def correct(desk: Scene, text: str) -> str:
    return text_of(await command(desk, text)).replace("\u00a0", " ")


def learned(folder: Path) -> str:
    return (folder / READ).read_text(encoding="utf-8") if (folder / READ).exists() else ""


async def test_it_is_learned_under_a_word_and_leaves_the_list(desk: Scene, folder: Path) -> None:
    await desk.say(f"Concierge : {BRAVO}", ANA)
    said = await correct(desk, "!lecture 1 merci")
    assert said.startswith(f"Noté : « {BRAVO} » se lit comme : merci.")
    assert said.endswith("La question n° 1 est écartée.")
    assert learned(folder) == f'readings:\n  - text: "{BRAVO}"\n    read_as: "thanks"\n'
    assert not await desk.store.queue.questions()
    assert not any("pas encore de réponse" in reply.text for reply in await desk.say(f"Concierge : {BRAVO}", BOB))
    assert not await desk.store.queue.questions()


async def test_a_message_is_given_in_own_words_and_a_second_thought_replaces_it(desk: Scene, folder: Path) -> None:
    (folder / READ).write_text(OTHERS, encoding="utf-8")
    await command(desk, "!lecture merci : nickel chrome")
    await command(desk, "!lecture conversation\nNickel  chrome !")
    assert learned(folder) == f'{OTHERS}- text: "Nickel chrome !"\n  read_as: "talk"\n'


async def test_without_a_word_of_its_list_it_shows_it_and_a_real_question_stays_open(desk: Scene, folder: Path) -> None:
    await desk.say(LASER)
    for words in ("!lecture", "!lecture 1", "!lecture 1 patate", "!lecture merci", "!lecture merci :"):
        said = await correct(desk, words)
        assert ("conversation, accord, refus" in said, "Exemple : `!lecture 3 merci`" in said) == (True, True)
    assert not learned(folder)
    said = await correct(desk, "!lecture 1 Question")
    assert ("se lit comme : question" in said, "écartée" in said) == (True, False)
    assert len(await desk.queued()) == 1


async def test_private_words_go_into_no_file_and_a_file_with_an_error_is_left_alone(desk: Scene, folder: Path) -> None:
    await desk.say("Où est la clé du portail bleu ?", ANA, **PRIVATE)
    await desk.say("oui", ANA, **PRIVATE)
    assert "posée en privé" in await correct(desk, "!lecture 1 merci")
    assert not learned(folder)
    (folder / READ).write_text("readings:\n  - text: bof\n", encoding="utf-8")
    await desk.say(LASER)
    assert "lectures.yaml:2" in await correct(desk, "!lecture 2 merci")
    assert len(await desk.store.queue.questions()) == 2
