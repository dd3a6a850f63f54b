"""What the bot says, as the content of a Matrix event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.channels.matrix import send
from bot.messages import OutgoingReaction, Reply

ANA = "@ana:example.org"
TEXT = "Voir **la fiche** : [Devenir concierge](https://example.org/fiche)"


def content(**more: Any) -> dict[str, Any]:
    type, made = send.build_content(Reply("!room", TEXT, **more))
    assert type == "m.room.message"
    return made


def test_an_answer_names_its_asker_and_its_question_and_shows_each_address() -> None:
    made = content(to="$question", mentions=(ANA,))
    assert made["msgtype"] == "m.text"
    assert made["m.mentions"] == {"user_ids": [ANA]}
    assert made["m.relates_to"] == {"m.in_reply_to": {"event_id": "$question"}}
    assert "https://example.org/fiche" in made["body"]
    assert "**" not in made["body"]
    assert made["format"] == "org.matrix.custom.html"
    assert '<a href="https://example.org/fiche">Devenir concierge</a>' in made["formatted_body"]


def test_a_quiet_answer_rings_nobody() -> None:
    made = content(quiet=True)
    assert (made["msgtype"], made["m.mentions"]) == ("m.notice", {})
    assert "m.relates_to" not in made


def test_an_answer_in_a_thread_still_points_to_its_question() -> None:
    assert content(to="$question", thread="$root")["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": False,
        "m.in_reply_to": {"event_id": "$question"},
    }


@pytest.mark.parametrize("to", ["$root", None])
def test_what_answers_the_root_of_its_thread_does_not_quote_it_there(to: str | None) -> None:
    assert content(to=to, thread="$root")["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$root"},
    }


def test_an_edit_calls_nobody_a_second_time() -> None:
    made = content(to="$question", mentions=(ANA,), replaces="$answer")
    assert made["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$answer"}
    assert made["m.mentions"] == {}
    assert made["body"].startswith("* ")
    assert made["m.new_content"]["m.mentions"] == {"user_ids": [ANA]}
    assert "m.relates_to" not in made["m.new_content"]
    assert not made["m.new_content"]["body"].startswith("* ")


def test_a_mark_is_a_reaction() -> None:
    relates = {"rel_type": "m.annotation", "event_id": "$x", "key": "1️⃣"}
    assert send.build_content(OutgoingReaction("!room", "$x", "1️⃣")) == ("m.reaction", {"m.relates_to": relates})


@pytest.mark.parametrize("piece", ["mot ", "ligne\n", "é", "[x](https://example.org/é) ", "<" * 10])
@pytest.mark.parametrize("replaces", [None, "$answer"])
def test_a_text_too_long_for_an_event_ends_early(piece: str, replaces: str | None) -> None:
    _, made = send.build_content(Reply("!room", piece * (60_000 // len(piece)), replaces=replaces))
    assert len(json.dumps(made, ensure_ascii=False).encode()) <= send.MAX_CONTENT
    assert len(made["body"]) > 1000
