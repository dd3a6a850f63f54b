"""Exports as networks write them, with the surprises that real ones hold."""

import encodings
import json
import pkgutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.registry import CHANNELS
from bot.messages import UNDATED, Past
from bot.rehearsal import UnreadableExport
from bot.rehearsal.exports import read_past
from tests.rehearsal.past import BOT, START, event, export

ANA, BOB = "@ana:example.org", "@bob:example.org"
MATRIX = CHANNELS["matrix"].settings(homeserver="https://example.org", user=BOT, rooms=("#cafe:example.org",))
FORUM = CHANNELS["discourse"].settings(url="https://forum.example.org", username="concierge")
LINES = '{"text": "Où est le four ?", "sent": "2026-05-01T10:00:00+02:00"}\n\n{"text": "Merci"}\n'


def read(path: Path, content: Any) -> Past:
    given = content if isinstance(content, bytes | str) else json.dumps(content, ensure_ascii=False)
    path.write_bytes(given if isinstance(given, bytes) else given.encode("utf-8", "surrogatepass"))
    return read_past(path, {"matrix": MATRIX, "discourse": FORUM})


def texts(past: Past) -> list[str]:
    return [message.text for message in past.messages]


def room(path: Path, *events: dict[str, Any]) -> Past:
    return read(path, export(events))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "past"


# A room


def test_what_people_say_is_read_and_the_rest_is_counted(file: Path) -> None:
    past = room(
        file,
        {"type": "m.room.create", "state_key": "", "event_id": "$0", "sender": ANA, "content": {}},
        {"type": "m.room.member", "state_key": ANA, "event_id": "$m", "sender": ANA, "content": {"membership": "join"}},
        event(1, ANA, "Où est le four ?", START),
        event(2, BOT, "Au fond.", START),
        event(3, BOB, "annonce", START, msgtype="m.notice"),
        event(4, BOB, "photo.png", START, msgtype="m.image", url="mxc://x/y"),
        event(5, BOB, "** Unable to decrypt **", START, msgtype="m.bad.encrypted"),
        event(6, BOB, "x", START) | {"type": "m.room.encrypted", "content": {"algorithm": "m.megolm.v1.aes-sha2"}},
        event(7, BOB, "x", START) | {"content": {}, "unsigned": {"redacted_because": {}}},
        event(8, BOB, "x", START) | {"content": {"msgtype": "m.text"}},
        event(9, BOB, "x", START) | {"event_id": None},
        event(1, ANA, "Où est le four ?", START),  # twice
        event(10, ANA, "taken back", START),
        {"type": "m.room.redaction", "event_id": "$11", "sender": ANA, "redacts": "$10", "content": {}},
        {"type": "m.reaction", "event_id": "$r", "sender": BOB, "content": {"m.relates_to": {"key": "👍"}}},
    )
    assert texts(past) == ["Où est le four ?"]
    assert past.skipped == {"robot": 1, "notice": 1, "empty": 2, "undecryptable": 2, "deleted": 2, "unreadable": 1}
    assert room(file).messages == []
    for stamp in (None, -5, "hier", 10**20, 1.5, True):  # makes no sense
        (message,) = room(file, event(1, ANA, "un", START) | {"origin_server_ts": stamp}).messages
        assert message.sent <= UNDATED + timedelta(seconds=1)


def edit(number: int, of: int, text: str, sender: str = ANA, minutes: int = 5) -> dict[str, Any]:
    relates = {"m.relates_to": {"rel_type": "m.replace", "event_id": f"${of}"}}
    new = {"m.new_content": {"msgtype": "m.text", "body": text}}
    return event(number, sender, f"* {text}", START + timedelta(minutes=minutes), **relates, **new)


def test_edits_count_of_their_author_alone_the_latest_and_bundled_ones_too(file: Path) -> None:
    bundled = event(3, ANA, "quand ?", START) | {"unsigned": {"m.relations": {"m.replace": edit(9, 3, "Quand ?")}}}
    past = room(
        file,
        edit(4, 1, "second", minutes=9),
        event(1, ANA, "premier", START),
        edit(5, 1, "entre les deux", minutes=7),
        event(2, ANA, "intact", START),
        edit(6, 2, "d’un autre", sender=BOB),
        bundled,
    )
    assert texts(past) == ["second", "intact", "Quand ?"]
    assert {message.sent for message in past.messages} == {START}


def test_a_reply_loses_its_quote_and_a_pill_its_name(file: Path) -> None:
    html = '<a href="https://matrix.to/#/@bob:example.org">Bob Martin</a>: tu viens ?'
    reply = {"m.relates_to": {"m.in_reply_to": {"event_id": "$0"}}}
    past = room(
        file,
        event(1, ANA, "> <@bob:example.org> avant\n\nOui ?", START, **reply),
        event(2, ANA, "Bob Martin: tu viens ?", START, format="org.matrix.custom.html", formatted_body=html),
        event(3, ANA, "[Bob](https://matrix.to/#/@bob:example.org) tu viens ?", START),
    )
    assert texts(past) == ["Oui ?", "@bob:example.org: tu viens ?", "@bob:example.org tu viens ?"]
    assert [message.mentions_others for message in past.messages] == [False, True, False]


# A forum


def post(number: int, raw: str = "", **more: Any) -> dict[str, Any]:
    return {
        **{"id": 100 + number, "topic_id": 7, "post_number": number, "user_id": 3, "username": "ana"},
        **{"raw": raw, "cooked": f"<p>{raw}</p>", "created_at": "2026-05-01T10:00:00.000Z", **more},
    }


def topic(*posts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": 7, "title": "Le four", "post_stream": {"posts": list(posts), "stream": []}, **more}


def test_topics_and_lists_of_them_are_read_as_saved_pages_have_them_and_private_ones_are_not(file: Path) -> None:
    cooked = "<aside class='quote'>avant</aside><p>Où est-il&nbsp;?<br>Merci</p><pre>code</pre>"
    others = (post(3, "Moi", username="concierge"), post(4, "", post_type=3), post(5, "x", user_deleted=True))
    past = read(file, topic(post(1, "", cooked=cooked), post(2, "Au fond."), *others))
    assert texts(past) == ["Le four\n\nOù est-il ?\nMerci", "Au fond."]
    assert [message.listen for message in past.messages] == ["questions", "mentions"]
    assert past.messages[0].sent == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert past.skipped == {"robot": 1, "notice": 1, "deleted": 1}
    assert texts(read(file, [topic(post(2, "Oui")), topic(post(2, "Oui"))])) == ["Oui"]
    assert texts(read(file, {"latest_posts": [post(2, "Non")]})) == ["Non"]
    assert read(file, topic(post(1, "x"), archetype="private_message")).skipped == {"private": 1}


# A mailing list

MAILS = b"""From ana@example.org Thu May  1 10:00:00 2026
From: =?utf-8?q?Ana_Durand?= <ana@example.org>
Subject: [tiers-lieux] =?iso-8859-1?q?O=F9_est_le_four_=3F?=
Message-ID: <1@example.org>
Date: Fri, 01 May 2026 10:00:00 +0200
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: 8bit

Bonjour, o\xf9 est-il ?
Ana
--\x20
Ana Durand, 06 12 34 56 78

From bob@example.org Thu May  1 11:00:00 2026
From: Bob <bob@example.org>
Subject: Re: [tiers-lieux] Le four
In-Reply-To: <1@example.org>
Message-ID: <2@example.org>
Date: Fri, 01 May 2026 11:00:00 +0200

Au fond.

Le ven. 1 mai 2026, Ana Durand
<ana@example.org> a \xc3\xa9crit :
> Bonjour, ou est-il ?
> Ana

From cid@example.org Thu May  1 12:00:00 2026
From: cid@example.org
Subject: Page
Message-ID: <3@example.org>
Date: nonsense
Content-Type: text/html; charset=x-unknown

<style>p {}</style><p>Qui a <b>les cl&eacute;s</b>&nbsp;?</p><blockquote>avant</blockquote>

From robot@example.org Thu May  1 12:00:00 2026
From: robot@example.org
Subject: Absent
Auto-Submitted: auto-replied

Je suis absent.
"""


def test_a_mailing_list_is_read_in_any_encoding_without_what_is_quoted(file: Path) -> None:
    past = read(file, MAILS)
    assert texts(past) == ["Page\n\nQui a les clés ?", "Où est le four ?\n\nBonjour, où est-il ?", "Au fond."]
    assert [message.reply_to for message in past.messages] == [None, None, "<1@example.org>"]
    assert past.messages[0].sent == UNDATED
    assert past.skipped == {"robot": 1}
    past = read(file, b"From nowhere\n\n" + MAILS + MAILS)  # one without a word, and each one twice
    assert (len(past.messages), past.skipped) == (3, {"empty": 1, "robot": 2})


def test_a_mail_that_names_any_of_pythons_codecs_is_read_as_text_without_delay(file: Path) -> None:
    """Some take the square of the length, unpack what they are given, or are made for source code."""
    names = [module.name for module in pkgutil.iter_modules(encodings.__path__)]
    mails = [
        f"From x Thu May  1 10:00:00 2026\nSubject: =?{name}?q?{name}?=\nMessage-ID: <{name}>\n"
        f"Content-Type: text/plain; charset{mark}{name}\n\n{'ya' * (200_000 if name == 'punycode' else 10_000)}\n\n"
        for name, mark in [*((name, "=") for name in names), ("utf-8", "*=punycode''")]
    ]
    started = time.perf_counter()
    past = read(file, "".join(mails))
    assert time.perf_counter() - started < 10
    assert past.skipped == {}
    read_right = {text.partition("\n")[0] for text in texts(past) if text.endswith("yaya")}
    assert read_right >= {"punycode", "zlib codec", "unicode escape", "idna", "utf 8", "latin 1", "cp1252", "utf-8"}


# JSON lines, and what is none of these


def test_json_lines_are_read(file: Path) -> None:
    past = read(file, LINES)
    assert texts(past) == ["Où est le four ?", "Merci"]
    assert [message.sent for message in past.messages] == [datetime(2026, 5, 1, 8, tzinfo=UTC), UNDATED]
    assert texts(read(file, b'\xef\xbb\xbf{"text": "seul"}')) == ["seul"]


def test_what_cannot_be_read_is_said_with_its_line(file: Path) -> None:
    for content, key, line in (
        *(("", "empty_file", 0), ("bonjour", "unknown_format", 0), ("[" * 100_000, "unknown_format", 0)),
        ('{"messages": [\n  {"type": "m.room.message"', "bad_json", 2),
        *(("[]", "unknown_json", 0), ('{"messages": [{"id": 1, "from": "Ana", "text": "x"}]}', "unknown_json", 0)),
        *(('{"text": "a"}\n{"text": 3}', "bad_line", 2), ('{"text": "a"}\nbonjour', "bad_line", 2)),
        ('{"text": "a"}\n{"text": "b", "sent": "hier"}', "bad_line", 2),
        (b'{"text": "a"}\n{"text": "\xe9"}', "not_utf8", 2),
    ):
        with pytest.raises(UnreadableExport) as trouble:
            read(file, content)
        assert (trouble.value.key, trouble.value.line) == (key, line)
