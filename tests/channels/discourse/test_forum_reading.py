"""From a post to what it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.channels.discourse import event_parser
from bot.channels.discourse.event_parser import CategoryRole, JournalledPost
from bot.channels.discourse.models import DiscoursePost
from bot.messages import Event, Message
from tests.channels.discourse.paper import NOW, SITE, a_post, called

OPEN, CLOSED, ELSEWHERE = CategoryRole(overhears=True), CategoryRole(private=True), CategoryRole()


def read(post: DiscoursePost, place: CategoryRole = OPEN, direct: bool = False, late: bool = False) -> Message:
    """By way of the journal."""
    event = event_parser.message_event(JournalledPost(post, direct, late), SITE)
    return event_parser.message(event_parser.journalled_post(event), place, SITE)


HEARD: dict[str, tuple[dict[str, Any], bool]] = {
    "a person's": ({}, True),
    "our own": ({"username": "Concierge"}, False),
    "the system's": ({"user_id": -1, "username": "system"}, False),
    "that of nobody": ({"user_id": None}, False),
    "another bot's": ({"username": "autobot"}, False),  # by a name that folds
    "a moderator's action": ({"post_type": 2}, False),
    "a small action": ({"post_type": 3, "action_code": "closed.enabled"}, False),
    "a whisper": ({"post_type": 4}, False),
    "one that was flagged away": ({"hidden": True}, False),
    "one that was deleted": ({"deleted_at": NOW.isoformat()}, False),
    "one that its author deleted": ({"user_deleted": True}, False),
}


@pytest.mark.parametrize(
    ("said", "year"),
    [
        ("2026-11-25T12:00:00", 2026),  # without a zone: the forum's is UTC
        ("9999-12-31T23:59:59-05:00", 1970),
        ("0001-01-01T00:00:00+14:00", 1970),
        ("9999-12-31T23:59:59", 1970),
        (20_000_000_000, 1970),
    ],
)
def test_a_post_of_a_moment_that_not_every_database_can_keep_is_a_very_old_one(said: object, year: int) -> None:
    event = event_parser.message_event(JournalledPost(a_post(created_at=said), direct=False), SITE)
    assert (event.sent.year, event.sent.utcoffset()) == (year, timedelta())


@pytest.mark.parametrize(("fields", "heard"), HEARD.values(), ids=HEARD)
def test_only_what_people_post_is_heard(fields: dict[str, Any], heard: bool) -> None:
    assert event_parser.is_by_person(a_post(**fields), SITE) is heard


def test_a_new_topic_is_read_with_its_title_and_overheard_in_the_listed_categories() -> None:
    message = read(a_post(number=1, raw="@concierge Où trouver une formation ?", cooked=called()))
    assert message.text == "Se former à la facilitation\n\nOù trouver une formation ?"
    assert (message.listen, message.private, message.direct, message.reply_to) == ("questions", False, False, None)
    assert (message.id, message.room, message.sender, message.sent) == ("45/1", "topic/45", "ana", NOW)


@pytest.mark.parametrize(
    "message",
    [
        read(a_post(number=2)),
        read(a_post(number=1), ELSEWHERE),
        read(a_post(number=1), CLOSED),
        read(a_post(number=1), direct=True),
        read(a_post(number=1), late=True),
    ],
    ids=["a later post", "another category", "a closed category", "a private message", "posted while it was down"],
)
def test_nothing_else_is_overheard(message: Message) -> None:
    assert message.listen == "mentions"


def test_a_reply_says_which_post_it_answers_and_counts_as_one_to_the_topic() -> None:
    post = a_post(number=4, reply_to_post_number=3)
    assert read(post).reply_to == "45/3"
    assert event_parser.message_event(JournalledPost(post, direct=False), SITE).relates_to == "45/1"
    assert read(a_post(number=4)).reply_to is None
    assert event_parser.message_event(JournalledPost(a_post(number=1), direct=False), SITE).relates_to is None


CALLS = {
    "@concierge où trouver une formation ?": "où trouver une formation ?",
    "@Concierge : !aide": "!aide",
    "Bonjour @concierge, une formation ?": "Bonjour une formation ?",
    "Merci @concierge.": "Merci .",
    "@concierge2 et @concierge-bot savent": "@concierge2 et @concierge-bot savent",
}


@pytest.mark.parametrize(("raw", "said"), CALLS.items())
def test_a_call_to_the_bot_is_heard_and_is_no_word_of_the_question(raw: str, said: str) -> None:
    message = read(a_post(raw=raw, cooked=called("concierge")))
    assert message.mentions_bot
    assert not message.mentions_others
    assert message.text == said


@pytest.mark.parametrize("raw", ["Qui a les clés du portail ?", "Bonjour.\nQui a les clés  du portail ? Merci !"])
def test_a_title_that_the_post_says_again_is_read_once(raw: str) -> None:
    post = a_post(number=1, topic_title="Qui a les clés du portail", raw=raw)
    assert read(post).text == raw


def test_naming_somebody_else_is_seen_and_naming_oneself_is_not() -> None:
    assert read(a_post(cooked=called("bob"))).mentions_others
    assert not read(a_post(cooked=called("ana"))).mentions_others
    assert not read(a_post(raw="devenir concierge ?")).mentions_bot


def edited(**fields: Any) -> Event:
    return event_parser.edit_event(JournalledPost(a_post(**fields), direct=False), SITE)


def test_new_words_are_an_edit_of_the_same_message() -> None:
    event = edited(number=3, version=2, raw="Où ça ?")
    assert (event.kind, event.relates_to) == ("edit", "45/3")
    assert event.id.startswith("45/3/v2-")
    message = event_parser.message(event_parser.journalled_post(event), OPEN, SITE)
    assert (message.id, message.text) == ("45/3", "Où ça ?")


def test_each_edit_is_another_event_though_its_version_stays() -> None:
    assert len({edited(raw=raw).id for raw in ("Où ?", "Quand ?")}) == 2
    assert len({edited(number=1, topic_title=title).id for title in ("Où ?", "Quand ?")}) == 2


def test_events_carry_the_name_of_the_instance() -> None:
    second = SITE.model_copy(update={"name": "forum of the south"})
    event = event_parser.message_event(JournalledPost(a_post(), direct=False), second)
    message = event_parser.message(event_parser.journalled_post(event), CategoryRole(), second)
    assert (event.channel, message.channel) == ("forum of the south", "forum of the south")
