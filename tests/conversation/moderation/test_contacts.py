"""A person whom an answer names learns of open questions near it, if they agreed."""

from datetime import timedelta
from typing import Any

import pytest

from tests.databases import execute
from tests.moderation import PRIVATE, command, react, shown
from tests.scene import ANA, BOB, ROOM, UNSURE, Scene, text_of

NEAR = "concierge : la formation de facilitateur en Lozère ?"
OTHERS = ("concierge : quelle formation de facilitateur à distance ?", "concierge : où se former à la médiation ?")


@pytest.fixture
def unsure(named: Scene) -> Scene:
    """No question is sure enough to be answered."""
    return named.ruled(limits=UNSURE)


async def agree(desk: Scene, sender: str = BOB, **more: Any) -> str:
    return text_of(await desk.say("!prevenez-moi", sender, **PRIVATE | more))


def told(desk: Scene) -> list[str]:
    return [reply.text for reply in desk.paper.replies if "Une question attend" in reply.text]


async def test_who_agreed_is_told_once_a_day_with_a_link_and_not_the_words(unsure: Scene, ready_url: str) -> None:
    assert "Aucune réponse ne cite" in await agree(unsure, ANA)
    assert "en tête-à-tête" in text_of(await unsure.say("!concierge prevenez-moi", BOB))
    assert "C’est noté. Quand" in await agree(unsure)
    assert str(execute(ready_url, "SELECT * FROM contacts")) == f"[('paper', '{BOB}', '!deux')]"
    await unsure.say(NEAR)
    [text] = told(unsure)
    assert "«\u00a0Se former à la facilitation de tiers-lieu\u00a0»" in text
    assert f"(https://paper.example/{ROOM}/{unsure.last})" in text
    assert "Lozère" not in text
    assert "n’y arrive pas" in text
    [reply] = [reply for reply in unsure.paper.replies if reply.text == text]
    assert (reply.room, reply.mentions) == ("!deux", ())
    await unsure.say(OTHERS[0])
    assert len(told(unsure)) == 1
    unsure.time += timedelta(days=1, minutes=1)
    await unsure.say(OTHERS[1])
    assert len(told(unsure)) == 2


@pytest.mark.parametrize(("sender", "more"), [(ANA, PRIVATE), (ANA, {"private": True}), (BOB, {})])
async def test_of_a_private_or_an_own_question_nobody_is_told(unsure: Scene, sender: str, more: dict[str, Any]) -> None:
    await agree(unsure)
    await unsure.say(NEAR, sender, **more)
    if more:
        await unsure.say("oui", sender, reply_to=unsure.last_reply, **more)
    assert len(await unsure.store.queue.questions()) == 1
    assert told(unsure) == []


@pytest.mark.parametrize("said", ["!prevenez-moi", "!oublie-moi", "!notify-me"])
async def test_it_ends_by_the_same_word_or_with_all_else_that_is_kept(unsure: Scene, ready_url: str, said: str) -> None:
    await agree(unsure)
    await unsure.say(said, BOB, **PRIVATE)
    assert execute(ready_url, "SELECT * FROM contacts") == []
    await unsure.say(NEAR)
    assert told(unsure) == []


async def test_a_hidden_answer_tells_nobody_and_far_ones_neither(unsure: Scene) -> None:
    await agree(unsure)
    await unsure.say("concierge : qui a les clés du portail bleu ?")
    assert told(unsure) == []
    await command(unsure, '!modifier formation-facilitation\nrooms: ["#equipe:example.org"]\npublic: false')
    await react(unsure, shown(unsure), "✅")
    await unsure.say(NEAR)
    assert told(unsure) == []
