"""What arrives as a question and is none: a moderator says what it was, and the bot learns it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.moderation import LASER, PRIVATE, command
from tests.scene import ANA, BOB, Scene

BRAVO = "Concierge : il est où le roi de la découpe laser, chapeau bas ?"
READ = "lectures.yaml"


async def correct(desk: Scene, text: str) -> str:
    [reply] = await command(desk, text)
    return reply.text.replace("\u00a0", " ")


def learned(folder: Path) -> str:
    return (folder / READ).read_text(encoding="utf-8") if (folder / READ).exists() else ""


async def test_it_is_learned_under_a_word_and_leaves_the_list(desk: Scene, folder: Path) -> None:
    await desk.say(BRAVO, ANA)
    said = await correct(desk, "!lecture 1 merci")
    assert said.startswith("Noté : « il est où le roi de la découpe laser, chapeau bas ? » se lit comme : merci.")
    assert said.endswith("La question n° 1 est écartée.")
    assert learned(folder) == (
        'readings:\n  - text: "il est où le roi de la découpe laser, chapeau bas ?"\n    read_as: "thanks"\n'
    )
    assert not await desk.store.queue.questions()
    assert not any("pas encore de réponse" in reply.text for reply in await desk.say(BRAVO, BOB))
    assert not await desk.store.queue.questions()


async def test_a_question_that_was_one_stays_open(desk: Scene, folder: Path) -> None:
    await desk.say(LASER)
    said = await correct(desk, "!lecture 1 Question")
    assert "se lit comme : question" in said
    assert "écartée" not in said
    assert len(await desk.store.queue.questions()) == 1


async def test_a_message_is_given_in_own_words_and_a_second_thought_replaces_it(desk: Scene, folder: Path) -> None:
    (folder / READ).write_text("# de nous\nreadings:\n- text: bof\n  read_as: complaint  # hélas\n", encoding="utf-8")
    await command(desk, "!lecture merci : nickel chrome")
    await command(desk, "!lecture conversation\nNickel  chrome !")
    assert learned(folder) == (
        "# de nous\nreadings:\n- text: bof\n  read_as: complaint  # hélas\n"
        '- text: "Nickel chrome !"\n  read_as: "talk"\n'
    )


@pytest.mark.parametrize("words", ["!lecture", "!lecture 1", "!lecture 1 patate", "!lecture merci", "!lecture merci :"])
async def test_without_a_word_of_the_list_it_shows_the_list(desk: Scene, folder: Path, words: str) -> None:
    await desk.say(LASER)
    said = await correct(desk, words)
    assert "conversation, accord, refus" in said
    assert "Exemple : `!lecture 3 merci`" in said
    assert not learned(folder)


async def test_private_words_go_into_no_file(desk: Scene, folder: Path) -> None:
    await desk.say("Où est la clé du portail bleu ?", ANA, **PRIVATE)
    await desk.say("oui", ANA, **PRIVATE)
    said = await correct(desk, "!lecture 1 merci")
    assert "posée en privé" in said
    assert len(await desk.store.queue.questions()) == 1
    assert not learned(folder)


async def test_a_file_with_an_error_is_left_alone(desk: Scene, folder: Path) -> None:
    (folder / READ).write_text("readings:\n  - text: bof\n", encoding="utf-8")
    await desk.say(LASER)
    said = await correct(desk, "!lecture 1 merci")
    assert "lectures.yaml:2" in said
    assert len(await desk.store.queue.questions()) == 1
