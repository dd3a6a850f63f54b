"""A moderator's actions without a chat, as a page or a command would call them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.conversation.moderation import actions
from bot.conversation.moderation.changes import Change
from bot.knowledge.edit_result import EditConflict
from bot.messages import Reply
from bot.store import DraftDecision, Outcome, QuestionClosure, QueuedQuestion
from tests.moderation import PORTAL, told_to
from tests.scene import ANA, MODERATOR, ROOM, Scene

ENTRY = {"title": "Les clés du portail", "questions": ["qui a les clés du portail ?"], "answer": "Elles sont au bar."}


async def queued(desk: Scene) -> QueuedQuestion:
    await desk.say(PORTAL)
    [question] = await desk.store.queue.questions()
    return question


def notified(outcome: Outcome) -> list[tuple[str, tuple[str, ...]]]:
    replies = [post.outgoing for post in outcome.posts]
    return [(reply.room, told_to(reply)) for reply in replies if isinstance(reply, Reply)]


async def test_a_change_is_proposed_then_approved_and_nobody_is_told_but_who_asked(desk: Scene, folder: Path) -> None:
    question = await queued(desk)
    change = replace(await actions.new_entry(desk.ctx, ENTRY), theme="Formations")
    proposal = await actions.propose_change(desk.ctx, MODERATOR, change, question=question.number)
    assert proposal.outcome.posts == ()
    assert "Les clés du portail" in proposal.lines
    approval = await actions.approve(desk.ctx, proposal.draft, "Cléo")
    assert "Elles sont au bar." in (folder / proposal.file).read_text(encoding="utf-8")
    assert notified(approval.outcome) == [(ROOM, (ANA,))]
    assert approval.outcome.find(DraftDecision) == DraftDecision(proposal.draft.number, "done")
    assert approval.outcome.find(QuestionClosure)


@pytest.mark.parametrize("more", [{}, {"id": "portail-bleu"}], ids=["its own id", "a typed id"])
async def test_an_approval_that_was_cut_short_is_made_up_for(desk: Scene, more: dict[str, str]) -> None:
    change = replace(await actions.new_entry(desk.ctx, ENTRY | more), theme="Formations")
    assert change.id == change.entry["id"] == more.get("id", "les-cles-du-portail")
    proposal = await actions.propose_change(desk.ctx, MODERATOR, change)
    first, again = [await actions.approve(desk.ctx, proposal.draft, "Cléo") for _ in range(2)]
    assert first.result is not None
    assert again.result is None
    assert first.outcome == again.outcome


async def test_a_change_that_the_files_refuse_is_no_draft(desk: Scene) -> None:
    with pytest.raises(EditConflict):
        await actions.propose_change(desk.ctx, MODERATOR, Change("remove", "nowhere", ENTRY | {"id": "nowhere"}))


async def test_a_question_is_answered_or_dismissed(desk: Scene) -> None:
    question = await queued(desk)
    answered = await actions.answer(desk.ctx, question, "Au bar.")
    assert notified(answered) == [(ROOM, (ANA,))]
    dismissed = actions.dismiss(question)
    assert (dismissed.posts, dismissed.effects) == ((), answered.effects)


async def test_what_is_gone_cannot_be_decided(desk: Scene) -> None:
    assert await actions.recent_draft(desk.ctx, 99) is None
    assert await actions.open_question(desk.ctx, 99) is None
