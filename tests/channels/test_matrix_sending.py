"""What the bot says, as the content of a Matrix event; and what it sent and does not know of is found in the room."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.matrix import send
from bot.channels.matrix.backfill import drop_answered
from bot.messages import NetworkRefusal, OutgoingReaction, Removal, Reply
from tests.channels.at_work import NewBot
from tests.conftest import NewAccount, NewMember

US, ANA = "@concierge:example.org", "@ana:example.org"
TEXT = "Voir **la fiche** : [Devenir concierge](https://example.org/fiche)"
TO_QUESTION = {"m.in_reply_to": {"event_id": "$question"}}
THREAD = {"rel_type": "m.thread", "event_id": "$root"}
ROOT = {"m.in_reply_to": {"event_id": "$root"}, "is_falling_back": True}  # else it would be quoted in its own thread


def content(**more: Any) -> dict[str, Any]:
    type, made = send.build_content(Reply("!room", TEXT, **more))
    assert type == "m.room.message"
    return made


def test_an_answer_names_its_asker_and_its_question_and_shows_each_address() -> None:
    for given, msgtype, mentions, relates in (
        ({"to": "$question", "mentions": (ANA,)}, "m.text", {"user_ids": [ANA]}, TO_QUESTION),
        ({"quiet": True}, "m.notice", {}, None),
        ({"to": "$question", "thread": "$root"}, "m.text", {}, THREAD | TO_QUESTION | {"is_falling_back": False}),
        ({"to": "$root", "thread": "$root"}, "m.text", {}, THREAD | ROOT),
        ({"thread": "$root"}, "m.text", {}, THREAD | ROOT),
    ):
        made = content(**given)
        assert (made["msgtype"], made["m.mentions"], made.get("m.relates_to")) == (msgtype, mentions, relates), given
        assert "https://example.org/fiche" in made["body"], given
        assert "**" not in made["body"], given
        assert made["format"] == "org.matrix.custom.html", given
        assert '<a href="https://example.org/fiche">Devenir concierge</a>' in made["formatted_body"], given


def test_an_edit_calls_nobody_a_second_time() -> None:
    made = content(to="$question", mentions=(ANA,), replaces="$answer")
    assert made["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$answer"}
    assert made["m.mentions"] == {}
    assert made["body"].startswith("* ")
    new = made["m.new_content"]
    assert (new["m.mentions"], "m.relates_to" in new) == ({"user_ids": [ANA]}, False)
    assert not new["body"].startswith("* ")


@pytest.mark.parametrize("encrypted", [False, True])
async def test_what_it_sent_is_found_anew(bot: NewBot, account: NewAccount, member: NewMember, encrypted: bool) -> None:
    ana, login, begun = await member("ana"), await account("concierge"), datetime.now(UTC)
    room = await ana.create_room(encrypted=encrypted)
    asked, other = await ana.say(room, "Où se former ?"), await ana.say(room, "Et la fiche ?")
    channel = (await bot(room, login=login)).channel
    reply = Reply(room, "Voici.", to=asked)
    await ana.reply(room, asked, "Par là !")
    assert await channel.find_sent(reply, "plain", begun) == []
    plain = await channel.send(reply, "plain")
    edit, thread = Reply(room, "Mieux.", to=asked, replaces=plain), Reply(room, "Voici.", to=asked, thread=asked)
    posts = {"edit": edit, "thread": thread, "note": Reply(room, "Bilan.")}
    sent = {"plain": plain} | {name: await channel.send(post, name) for name, post in posts.items()}
    mark = OutgoingReaction(room, plain, "1️⃣")
    removal = Removal(room, await channel.send(mark, "once"))
    twice = Reply(room, "Autre.", to=other)
    first, second = [await channel.send(twice, transaction) for transaction in ("1", "2")]
    for one in (first, second):
        await ana.redact(room, one)
    assert await channel.find_sent(twice, "1", begun) == [first]  # its own device tells by the transaction
    assert set(await channel.find_sent(twice, "1", begun, "2")) == {first, second}
    assert await channel.find_sent(twice, "", begun) == []
    anew = (await bot(room, login=login)).channel
    for name, post in (posts | {"plain": reply}).items():
        likeliest, *deleted = await anew.find_sent(post, name, begun)
        assert (likeliest, set(deleted)) == (sent[name], {first, second})
    with pytest.raises(NetworkRefusal, match="same reaction twice"):
        await anew.send(mark, "once")
    for transaction in ("once", "again"):
        await anew.send(removal, transaction)
    for outgoing in (mark, removal):
        assert await anew.find_sent(outgoing, "once", begun) == []


def test_in_a_room_of_which_nothing_is_kept_only_what_has_no_answer_is_new() -> None:
    answering, old = {"m.in_reply_to": {"event_id": "$old"}}, {"rel_type": "m.thread", "event_id": "$old"}
    for answer in (
        {"msgtype": "m.text", "m.relates_to": answering},
        {"m.relates_to": old | answering},
        {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "…", "m.relates_to": answering},
    ):
        happened: list[tuple[str, str, dict[str, Any]]] = [
            *(("$old", ANA, {}), ("$open", ANA, {}), ("$other", ANA, {"m.relates_to": answering}), ("$a", US, answer)),
            ("$edit", ANA, {"m.relates_to": {"rel_type": "m.replace", "event_id": "$old"}}),
            ("$more", ANA, {"m.relates_to": old}),
            ("$thumb", ANA, {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$a", "key": "👍"}}),
        ]
        types = {"$a": "m.room.encrypted" if "ciphertext" in answer else "m.room.message", "$thumb": "m.reaction"}
        raws: list[dict[str, Any]] = [
            {"event_id": id, "sender": sender, "type": types.get(id, "m.room.message"), "content": content}
            for id, sender, content in happened
        ]
        coming = {"event_id": "$join", "sender": US, "type": "m.room.member", "state_key": US}
        new = drop_answered([coming | {"content": {"membership": "join"}}, *raws], US)
        assert [one["event_id"] for one in new] == ["$open", "$other", "$a", "$more", "$thumb"], answer
