"""What the bot says, as the content of a Matrix event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.channels.matrix import send
from bot.messages import OutgoingReaction, Reply

ANA = "@ana:example.org"
TEXT = "Voir **la fiche** : [Devenir concierge](https://example.org/fiche)"
ANSWERS = {"m.in_reply_to": {"event_id": "$question"}}
IN_THREAD = {"rel_type": "m.thread", "event_id": "$root"}
ROOT = {"m.in_reply_to": {"event_id": "$root"}, "is_falling_back": True}  # else it would be quoted in its own thread


def content(**more: Any) -> dict[str, Any]:
    type, made = send.build_content(Reply("!room", TEXT, **more))
    assert type == "m.room.message"
    return made


@pytest.mark.parametrize(
    ("given", "msgtype", "mentions", "relates"),
    [
        ({"to": "$question", "mentions": (ANA,)}, "m.text", {"user_ids": [ANA]}, ANSWERS),
        ({"quiet": True}, "m.notice", {}, None),
        ({"to": "$question", "thread": "$root"}, "m.text", {}, IN_THREAD | ANSWERS | {"is_falling_back": False}),
        ({"to": "$root", "thread": "$root"}, "m.text", {}, IN_THREAD | ROOT),
        ({"thread": "$root"}, "m.text", {}, IN_THREAD | ROOT),
    ],
)
def test_an_answer_names_its_asker_and_its_question_and_shows_each_address(
    given: dict[str, Any], msgtype: str, mentions: dict[str, Any], relates: dict[str, Any] | None
) -> None:
    made = content(**given)
    assert (made["msgtype"], made["m.mentions"], made.get("m.relates_to")) == (msgtype, mentions, relates)
    assert "https://example.org/fiche" in made["body"]
    assert "**" not in made["body"]
    assert made["format"] == "org.matrix.custom.html"
    assert '<a href="https://example.org/fiche">Devenir concierge</a>' in made["formatted_body"]


def test_an_edit_calls_nobody_a_second_time() -> None:
    made = content(to="$question", mentions=(ANA,), replaces="$answer")
    assert made["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$answer"}
    assert made["m.mentions"] == {}
    assert made["body"].startswith("* ")
    new = made["m.new_content"]
    assert (new["m.mentions"], "m.relates_to" in new) == ({"user_ids": [ANA]}, False)
    assert not new["body"].startswith("* ")


def test_a_mark_is_a_reaction() -> None:
    relates = {"rel_type": "m.annotation", "event_id": "$x", "key": "1️⃣"}
    assert send.build_content(OutgoingReaction("!room", "$x", "1️⃣")) == ("m.reaction", {"m.relates_to": relates})


@pytest.mark.parametrize("piece", ["mot ", "é", "[x](https://example.org/é) ", "<" * 10])
@pytest.mark.parametrize("replaces", [None, "$answer"])
def test_a_text_too_long_for_an_event_ends_early(piece: str, replaces: str | None) -> None:
    _, made = send.build_content(Reply("!room", piece * (60_000 // len(piece)), replaces=replaces))
    assert len(json.dumps(made, ensure_ascii=False).encode()) <= send.MAX_CONTENT
    assert len(made["body"]) > 1000
