"""The same unknown question again: whoever asks is told that moderators have it, and gets their answer too."""

from __future__ import annotations

from bot.locale import wording
from tests.scene import ANA, BOB, Scene

STRANGE = "qui a les clés du portail bleu ?"
FR = wording("fr")


async def test_a_question_that_moderators_have_is_not_passed_on_twice(scene: Scene) -> None:
    first = await scene.say(f"concierge : {STRANGE}")
    assert FR("replies.unknown_queued") in first[0].text
    for asker in (ANA, BOB):
        again = await scene.say(f"concierge : {STRANGE}", asker)
        assert FR("replies.unknown_waiting") in again[0].text
    assert [len(question.askings) for question in await scene.store.queue.questions()] == [3]
