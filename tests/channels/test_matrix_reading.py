"""What a raw Matrix event says to the bot."""

import json
import os
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.matrix import event_parser, permissions, rooms
from bot.channels.matrix.event_parser import RoomRole
from bot.channels.matrix.invites import Invitation, RoomUpgrade, parse_invitation, parse_tombstone
from bot.channels.matrix.schema import sanitize_sync
from bot.messages import Edit, Event, Message

US = "@concierge:example.org"
ANA = "@ana:example.org"
BEA = "@bea:example.org"
ROOM = "!room"

THREAD = {"rel_type": "m.thread", "event_id": "$root"}
THUMB = {"rel_type": "m.annotation", "event_id": "$x", "key": "👍"}
TOO_LONG = "$" + "é" * 128  # bytes count, of which there may be 255
ANSWER = {"m.in_reply_to": {"event_id": "$before"}}
FALLING_BACK = THREAD | ANSWER | {"is_falling_back": True}


def raw(content: dict[str, Any], type: str = "m.room.message", **more: Any) -> dict[str, Any]:
    base = {"type": type, "event_id": "$event", "sender": ANA, "origin_server_ts": 1_700_000_000_000}
    return base | {"content": content} | more


def text(body: str, html: str | None = None, **more: Any) -> dict[str, Any]:
    formatted = {"format": "org.matrix.custom.html", "formatted_body": html} if html is not None else {}
    return {"msgtype": "m.text", "body": body} | formatted | more


def pill(user: str, shown: str) -> str:
    return f'<a href="https://matrix.to/#/{user}">{shown}</a>'


def related(relates: object, body: str = "hello") -> dict[str, Any]:
    return text(body, **{"m.relates_to": relates})


def parsed(event: dict[str, Any]) -> Event:
    found = event_parser.parse_event(event, ROOM)
    assert found
    return found


def said(content: dict[str, Any]) -> Message:
    message = event_parser.parse_message(parsed(raw(content)), content, RoomRole("questions"), US)
    assert message
    return message


def test_what_a_message_answers() -> None:
    for relates, to, reply_to, thread in (  # what it relates to, answers, and in which thread it stands
        (None, None, None, None),
        (ANSWER, "$before", "$before", None),
        (THREAD, "$root", None, "$root"),
        (THREAD | ANSWER, "$before", "$before", "$root"),
        (FALLING_BACK, "$root", None, "$root"),
        ({"m.in_reply_to": {"event_id": TOO_LONG}}, None, None, None),
        ({"rel_type": "m.thread", "event_id": TOO_LONG}, None, None, None),
        ({"m.in_reply_to": {"event_id": "57/2"}}, None, None, None),  # a post of the forum
        *(("nonsense", None, None, None), ({"m.in_reply_to": 5, "rel_type": []}, None, None, None)),
    ):
        event, message = parsed(raw(related(relates))), said(related(relates))
        found = (event.kind, event.relates_to, message.reply_to, message.thread)
        assert found == ("message", to, reply_to, thread), relates
        assert event.sent == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_what_people_do_is_journalled() -> None:
    for event, expected in (
        (raw(related({"rel_type": "m.replace", "event_id": "$first"}, "* hi")), ("edit", "$first")),
        (raw({"m.relates_to": THUMB}, "m.reaction"), ("reaction", "$x")),
        (raw({"redacts": "$x"}, "m.room.redaction"), ("redaction", "$x")),
        (raw({}, "m.room.redaction", redacts="$x"), ("redaction", "$x")),
        (raw({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "…"}, "m.room.encrypted"), ("message", None)),
        # everything else is left out
        (raw({"msgtype": "m.notice", "body": "a bot speaks"}), None),
        (raw({"msgtype": "m.location", "body": "ici"}), None),
        (raw({}), None),  # redacted before we saw it
        (raw({}, "m.reaction"), None),
        (raw({"m.relates_to": {"rel_type": "m.reference", "event_id": "$x"}}, "m.reaction"), None),
        (raw({"name": "Salon"}, "m.room.name", state_key=""), None),
        (raw(text("hello"), state_key="a message cannot be state"), None),
        (raw(related({"rel_type": "m.replace"}, "* hi")), None),
        (raw(text("hello"), event_id=TOO_LONG), None),
        (raw(text("hello"), sender=f"@{TOO_LONG}:example.org"), None),
        (raw({"m.relates_to": THUMB | {"event_id": TOO_LONG}}, "m.reaction"), None),
        (raw({"redacts": "57/2"}, "m.room.redaction"), None),
    ):
        found = event_parser.parse_event(event, ROOM)
        assert (found and (found.kind, found.relates_to)) == expected, event


@pytest.mark.parametrize("msgtype", ["m.image", "m.audio", None])
def test_a_file_is_a_message_without_text_to_the_bot_alone(msgtype: str | None) -> None:
    content = {"msgtype": msgtype, "body": "photo.jpg"} if msgtype else {"body": "un chat", "url": "mxc://x/y"}
    event = parsed(raw(content, "m.room.message" if msgtype else "m.sticker"))
    message = event_parser.parse_message(event, content, RoomRole("questions", direct=True, private=True), US)
    assert message is not None
    assert (message.is_file, message.text) == (True, "")
    assert event_parser.parse_message(event, content, RoomRole("questions"), US) is None


def test_a_moment_that_makes_no_sense_is_long_ago_and_what_others_said_of_an_event_is_not_kept() -> None:
    for moment in (None, "yesterday", -1, 10**30, 1.5):
        assert parsed(raw(text("hello"), origin_server_ts=moment)).sent.year == 1970, moment
    found = parsed(raw(text("hello"), unsigned={"m.relations": {"m.thread": "someone's words"}}))
    assert "words" not in found.content
    assert json.loads(found.content)["content"]["body"] == "hello"


def test_who_is_mentioned() -> None:
    for content, bot, others in (
        (text("hello"), False, False),
        (text("hello", **{"m.mentions": {"user_ids": [US]}}), True, False),
        (text("hello", **{"m.mentions": {"user_ids": [BEA]}}), False, True),
        (text("hello", **{"m.mentions": {"user_ids": [ANA]}}), False, False),
        (text("hello", **{"m.mentions": {"user_ids": [1, None, US]}}), True, False),
        # an old client, without m.mentions: every pill counts
        (text("Bea, Concierge", f"{pill(BEA, 'Bea')}, {pill(US, 'Concierge')}"), True, True),
        (text("see Concierge", f"see {pill('%40concierge%3Aexample.org', 'Concierge')}"), True, False),
        (text("see Concierge", 'see <a href="matrix:u/concierge:example.org">Concierge</a>'), True, False),
        (text("see #room", f"see {pill('#room:example.org', '#room')}"), False, False),
        # m.mentions knows better, but a pill at the start calls
        (text("Salut Concierge", f"Salut {pill(US, 'Concierge')}", **{"m.mentions": {}}), True, False),
        (text("…", f"hier j’ai demandé cela à {pill(US, 'Concierge')}", **{"m.mentions": {}}), False, False),
        # what is only quoted names nobody
        (text("hello", f"<mx-reply>{pill(US, 'Concierge')}</mx-reply>hello"), False, False),
        (text("hello", pill(US, "Concierge"), format="text/plain"), False, False),
        (text("hello", '<a href="https://matrix.to.evil.example/#/@concierge:example.org">x</a>'), False, False),
        (text("hello", "<a <a href=<<>> & &#x; <mx-reply>"), False, False),
    ):
        message = said(content)
        assert (message.mentions_bot, message.mentions_others) == (bot, others), content


def test_the_text_without_quotes_and_with_a_vocative_that_is_understood() -> None:
    for content, expected in (
        (text("Où se former ?"), "Où se former ?"),
        (text("> cité\n\nOù se former ?"), "> cité\n\nOù se former ?"),
        (related(ANSWER, "> <@bea:x> cité\n> encore\n\nOù ?"), "Où ?"),
        (related(FALLING_BACK, "> <@bea:x> cité\n\nOù ?"), "Où ?"),
        (text("Le Concierge : où ?", f"{pill(US, 'Le Concierge')} : où ?"), f"{US} : où ?"),
        (text("Salut Le Concierge, où ?", f"Salut {pill(US, 'Le Concierge')}, où ?"), f"Salut {US}, où ?"),
        (text("Ana demande", f"{pill(BEA, 'Ana')} demande"), "Ana demande"),
        (text("concierge", f"{pill(US, 'Another name')}"), "concierge"),
    ):
        assert said(content).text == expected, content


def test_nobody_edits_what_another_wrote_and_an_edit_into_something_else_than_text_says_nothing() -> None:
    replaces = {"m.relates_to": {"rel_type": "m.replace", "event_id": "$first"}}
    cases = [(ANA, text("new words"), True), (BEA, text("new words"), False), (ANA, {"msgtype": "m.notice"}, False)]
    for author, words, is_read in cases:
        content = text("* new words", **replaces, **{"m.new_content": words})
        original = raw(text("old words"), sender=author)
        edit = event_parser.parse_edit(parsed(raw(content)), content, original, RoomRole("mentions"), US)
        assert (edit is not None) is is_read


def test_our_own_words_and_those_of_other_bots_are_not_heard_but_their_deletions_are() -> None:
    said, deletion = parsed(raw(text("hello"))), parsed(raw({"redacts": "$x"}, "m.room.redaction"))
    cases = [(said, US, ()), (said, ANA, ()), (said, US, (ANA,)), (deletion, US, (ANA,)), (deletion, ANA, ())]
    assert [event_parser.is_relevant(*case) for case in cases] == [True, False, False, True, False]


def member(membership: str, before: str | None = None, user: str = US) -> dict[str, Any]:
    unsigned = {"unsigned": {"prev_content": {"membership": before}}} if before else {}
    return raw({"membership": membership}, "m.room.member", state_key=user, **unsigned)


def test_what_was_said_before_we_came_is_left_out() -> None:
    for direct, memberships, left_over in (
        (False, [None, "invite", None, "join", None, None], 3),
        (True, [None, "invite", None, "join", None, None], 5),
        (True, ["invite", "join", None, "leave", None, "invite", None, "join", None], 4),
        (False, [None, None], 2),
        (True, [None, "join", None], 2),
        (False, [], 0),
    ):
        happened = [member(membership) if membership else raw(text("hello")) for membership in memberships]
        assert list(event_parser.drop_before_join(happened, US, direct)) == happened[len(happened) - left_over :]


WORDS = ["msgtype", "body", "m.text", "m.relates_to", "rel_type", "m.replace", "m.thread", "m.annotation", "event_id"]
WORDS += ["m.mentions", "user_ids", "m.in_reply_to", "is_falling_back", "key", "redacts", "m.new_content", "algorithm"]
WORDS += ["format", "org.matrix.custom.html", "formatted_body", f'<a href="https://matrix.to/#/{US}">x</a>', "> x\n"]
TEXTS = st.sampled_from(WORDS) | st.text(max_size=20)
LEAVES = st.none() | st.booleans() | st.integers() | TEXTS
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=30)
CONTENT = st.dictionaries(st.sampled_from(WORDS), JSON).map(lambda found: {"msgtype": "m.text", "body": "x"} | found)
KEYS = ["type", "content", "sender", "event_id", "state_key", "origin_server_ts", "redacts", "unsigned"]
KEYS += ["prev_content", "membership", "replacement_room", "is_direct", "room_version", "additional_creators"]
KEYS += ["users", "users_default"]
VALUES = [*event_parser.EVENT_TYPES, "m.room.member", "m.room.tombstone", "m.room.encryption", "", US, ANA]
VALUES += ["join", "invite", "ban"]
ODD = st.integers() | st.floats() | st.sampled_from(VALUES)
RAW = st.dictionaries(st.sampled_from(KEYS), JSON | ODD | st.dictionaries(st.sampled_from(KEYS), JSON | ODD))
RAW_OR_MADE_UP = RAW | st.tuples(CONTENT, st.sampled_from(event_parser.EVENT_TYPES)).map(lambda made: raw(*made))
PLACE = RoomRole("questions")
DRAWS = 50 if "THOROUGH" in os.environ else 20
PART = st.fixed_dictionaries({}, optional={"events": st.lists(RAW, max_size=4) | JSON, "limited": JSON})
ONE_ROOM = st.dictionaries(st.sampled_from(["state", "timeline", "invite_state", "summary"]), PART | JSON)
BY_ROOM = st.dictionaries(st.sampled_from(["join", "invite", "leave"]), st.dictionaries(TEXTS, ONE_ROOM | JSON) | JSON)
ABOUT = ["to_device", "device_lists", "device_one_time_keys_count", "device_unused_fallback_key_types"]
SYNC = st.tuples(BY_ROOM | JSON, st.dictionaries(st.sampled_from(ABOUT), PART | JSON))


@settings(max_examples=DRAWS)
@given(RAW_OR_MADE_UP, RAW_OR_MADE_UP)
def test_any_json_in_place_of_an_event_gives_a_value_or_none(found: dict[str, Any], other: dict[str, Any]) -> None:
    event = event_parser.parse_event(found, ROOM)
    assert event is None or isinstance(json.loads(event.content), dict)
    assert event_parser.is_join(found, US) in (True, False)
    assert list(event_parser.drop_before_join([found, other], US, is_direct=True))[-1:] == [other]
    assert isinstance(permissions.compute_power_level(found, other, ANA), int)
    content = found.get("content")
    if event and isinstance(content, dict):
        assert isinstance(event_parser.parse_relation(content), event_parser.Relation)
        assert isinstance(event_parser.parse_message(event, content, PLACE, US), Message | None)
        assert isinstance(event_parser.parse_edit(event, content, other, PLACE, US), Edit | None)


@settings(max_examples=DRAWS)
@given(SYNC.map(lambda made: made[1] | {"rooms": made[0]}))
def test_any_json_in_place_of_a_sync_is_read_as_far_as_it_makes_sense(sync: dict[str, Any]) -> None:
    made = sanitize_sync(sync)
    assert {"rooms", "to_device", "device_lists"} <= made.keys()
    assert all(isinstance(user, str) for user in made["device_lists"]["changed"])
    for data in [data for kind in made["rooms"].values() for data in kind.values()]:
        assert isinstance(parse_invitation(data, US), Invitation | None)
        assert isinstance(parse_tombstone(data), RoomUpgrade | None)
        assert "the room" in rooms.describe_departure("the room", data)
        for event in data["timeline"]["events"]:
            assert isinstance(event_parser.parse_event(event, ROOM), Event | None)


def test_power_from_levels_and_creators() -> None:
    owner, creator, given = "@owner:example.org", permissions.CREATOR_POWER, {"users": {ANA: 50}, "users_default": 5}
    for version, extra, levels, powers in (
        ("10", {}, given, {ANA: 50, BEA: 5, owner: 5}),
        ("10", {}, {}, {ANA: 0}),
        ("10", {}, None, {owner: 100, ANA: 0}),
        ("1", {}, {"users": {ANA: "50", BEA: "much"}}, {ANA: 50, BEA: 0}),
        ("12", {}, given, {owner: creator, ANA: 50}),
        ("12", {"additional_creators": [ANA]}, {}, {ANA: creator}),
        ("12", {}, None, {owner: creator}),
        ("13", {}, given, {owner: creator}),
        ("11", {"additional_creators": [ANA]}, {}, {ANA: 0}),
        (None, {}, given, {owner: 5}),
    ):
        creation = {"sender": owner, "content": {"room_version": version} | extra}
        assert {user: permissions.compute_power_level(creation, levels, user) for user in powers} == powers, version
