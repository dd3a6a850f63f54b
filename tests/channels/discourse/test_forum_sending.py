"""The bot's posts on a forum that keeps its rules: each once, and each refusal with the end that fits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.discourse.channel import DiscourseChannel
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.site import Site
from bot.messages import NetworkRefusal, OutgoingReaction, RateLimited, Removal, Reply, Unreachable
from tests.channels.discourse.conftest import ANSWER, Desk, Notebook
from tests.forum.faults import FAULTS, Answer, dropped, limited, lost

OTHER = "> Où trouver une formation ?\n\nVoici une tout autre réponse, bonne lecture."
SPOILED: dict[str, tuple[Callable[[Desk], object], str]] = {
    "too late": (lambda desk: desk.forum.clock.advance(40 * 24 * 3600), "too late"),
    "no more edits today": (lambda desk: desk.forum.fail_next("PUT /posts", limited(7200, None)), "no more edits"),
    "gone": (lambda desk: desk.delete(desk.ours[0]), "404"),
}
CLOSED: dict[str, Callable[[Desk], object]] = {  # by what is said of it
    "is closed": lambda desk: setattr(desk.question.topic, "closed", True),
    "is archived": lambda desk: setattr(desk.question.topic, "archived", True),
    "": lambda desk: desk.delete(desk.question),
}


async def test_the_same_words_within_five_minutes_get_another_first_line(desk: Desk) -> None:
    other = desk.forum.say("ben", "formations", "Où trouver une formation ?", title="Une formation, mais laquelle ?")
    third = desk.forum.say("eve", "formations", "Où trouver une formation ?", title="Une formation, mais quand donc ?")
    for post in (desk.question, other, third):
        await desk.send(desk.reply(to=post))
    first, *more = desk.ours
    assert first.raw == ANSWER
    for post in more:
        line, _, rest = post.raw.partition("\n")
        assert line == f"> Où trouver une formation ? [↩]({desk.forum.url}/t/-/{post.topic.id}/1)"
        assert rest == ANSWER.partition("\n")[2]


async def test_new_words_go_into_the_old_post_an_emoji_is_never_sent_and_a_post_is_taken_back_once(desk: Desk) -> None:
    event = await desk.send(desk.reply())
    edited = await desk.send(desk.reply(OTHER, replaces=event))
    assert [post.raw for post in desk.ours] == [OTHER]
    assert edited != event
    assert await desk.find(desk.reply(OTHER, replaces=event)) == []
    before = len(desk.forum.requests)
    await desk.send(OutgoingReaction(desk.room, desk.event(), "👍"))
    assert len(desk.forum.requests) == before
    for _ in range(2):
        assert await desk.send(Removal(desk.room, event)) == f"{event}/deleted"
    assert desk.ours == []
    # Each login is another, so that the topic is read before each further attempt.
    assert await desk.channel.login() != await desk.channel.login()


@pytest.mark.parametrize("name", SPOILED)
async def test_an_edit_that_cannot_be_made_is_given_up(desk: Desk, name: str) -> None:
    event = await desk.send(desk.reply())
    spoil, said = SPOILED[name]
    spoil(desk)
    with pytest.raises(NetworkRefusal, match=said):
        await desk.send(desk.reply(OTHER, replaces=event))


async def test_what_arrived_without_our_knowing_is_found_behind_many_replies_of_others(desk: Desk) -> None:
    desk.forum.fail_next("POST /posts", lost(dropped))
    with pytest.raises(Unreachable):
        await desk.send(desk.reply())
    for number in range(30):
        desk.forum.say("ben", desk.question.topic, f"Une réponse de plus, la {number}.")
    (post,) = desk.ours
    assert await desk.find(desk.reply()) == [desk.event(post)]


async def test_what_says_the_same_is_surer_than_what_answers_the_same(desk: Desk) -> None:
    other = desk.forum.say("ben", "formations", "Où trouver une formation ?", title="Une formation, mais laquelle ?")
    await desk.send(desk.reply(to=other))
    first, second = await desk.send(desk.reply()), await desk.send(desk.reply(OTHER))
    assert "↩" in desk.ours[1].raw  # the same words as to ben, with another first line
    assert await desk.find(desk.reply()) == [first, second]
    assert await desk.find(desk.reply(OTHER)) == [second, first]


async def test_posts_of_others_those_to_others_and_old_ones_of_ours_are_not_found(desk: Desk) -> None:
    again = desk.forum.say("ben", desk.question.topic, ANSWER, reply_to=desk.question)
    assert await desk.find(desk.reply()) == []
    assert await desk.find(Removal(desk.room, desk.event())) == []
    await desk.send(desk.reply())
    assert await desk.find(desk.reply(to=again)) == []
    later = datetime.now(UTC) + timedelta(hours=2)
    assert await desk.channel.find_sent(desk.reply(), "t1", later) == []


@pytest.mark.parametrize("old", [False, True])
async def test_a_post_held_for_review_counts_as_sent(desk: Desk, old: bool, caplog: pytest.LogCaptureFixture) -> None:
    desk.forum.site.review, desk.forum.site.old = True, old
    desk.forum.fail_next("POST /posts", lost(dropped))
    with pytest.raises(Unreachable):
        await desk.send(desk.reply())
    (number,) = desk.forum.queue
    assert await desk.find(desk.reply()) == [f"held/{number}"]
    first, second = await desk.send(desk.reply()), await desk.send(desk.reply(OTHER))
    assert len({first, second}) == 2 or old
    assert first.startswith("held/")
    assert len(desk.forum.queue) == 2
    assert caplog.text.count("wait on the forum for a moderator") == 1
    with pytest.raises(NetworkRefusal):
        await desk.send(desk.reply(OTHER, replaces=first))
    assert await desk.send(Removal(desk.room, first)) == f"{first}/deleted"
    assert "reject it" in caplog.text


@pytest.mark.parametrize("said", CLOSED, ids=["closed", "archived", "gone"])
async def test_a_topic_that_takes_no_more_posts_is_named(desk: Desk, said: str) -> None:
    CLOSED[said](desk)
    with pytest.raises(NetworkRefusal) as refusal:
        await desk.send(desk.reply())
    assert said in str(refusal.value)
    assert await desk.find(desk.reply()) == []


async def test_a_body_that_is_too_short_is_refused_for_good_at_the_second_try_with_the_forums_words(desk: Desk) -> None:
    desk.forum.site.min_post = 2000
    with pytest.raises(Unreachable, match="once more in two minutes"):
        await desk.send(desk.reply())
    asked = len(desk.forum.requests)
    for attempt in (desk.send(desk.reply()), desk.find(desk.reply())):
        with pytest.raises(Unreachable):
            await attempt
    assert len(desk.forum.requests) == asked
    other = desk.reply(OTHER)
    with pytest.raises(Unreachable):
        await desk.send(other)
    desk.wait(130)
    with pytest.raises(NetworkRefusal, match="trop court"):
        await desk.send(desk.reply())
    desk.forum.site.min_post = 20
    desk.wait(130)
    await desk.send(other)
    assert [post.raw for post in desk.ours] == [OTHER]


async def test_a_fourth_reply_in_a_row_waits_until_somebody_else_has_written(desk: Desk) -> None:
    for number in range(3):
        await desk.send(desk.reply(f"{ANSWER} Et de {number}."))
    desk.forum.fail_next("GET /t/", limited(2, None))
    with pytest.raises(RateLimited):
        await desk.send(desk.reply(OTHER))  # the reason cannot be asked for now
    desk.wait(5)
    with pytest.raises(Unreachable, match="somebody else"):
        await desk.send(desk.reply(OTHER))
    asked = len(desk.forum.requests)
    for attempt in (desk.send(desk.reply(OTHER)), desk.find(desk.reply(OTHER))):
        with pytest.raises(Unreachable, match="somebody else"):
            await attempt
    assert await desk.find(Removal(desk.room, desk.event(desk.ours[0]))) == []  # a deletion waits for nobody
    assert len(desk.forum.requests) == asked
    await desk.listen()
    desk.forum.say("ben", desk.question.topic, "Merci pour tout cela, c’est utile.")
    assert len(await desk.look()) == 1
    await desk.down()
    with pytest.raises(Unreachable):
        await desk.send(desk.reply(OTHER))  # the forum would give the answer of a moment ago
    desk.wait(130)
    await desk.send(desk.reply(OTHER))
    assert len(desk.ours) == 4


async def test_a_short_pause_is_made_and_a_long_one_of_deletions_holds_up_no_reply(desk: Desk) -> None:
    event = await desk.send(desk.reply())
    for method, outgoing in (("PUT", desk.reply(OTHER, replaces=event)), ("DELETE", Removal(desk.room, event))):
        desk.forum.fail_next(f"{method} /posts", limited(2, None))
        with pytest.raises(RateLimited):
            await desk.send(outgoing)
    desk.wait(5)
    desk.forum.fail_next("DELETE /posts", limited(3000, None))
    with pytest.raises(Unreachable, match="no more deletions") as trouble:
        await desk.send(Removal(desk.room, event))
    assert trouble.value.after >= 3000
    await desk.send(desk.reply(OTHER))
    desk.wait(trouble.value.after)
    await desk.send(Removal(desk.room, event))
    assert [post.raw for post in desk.ours] == [OTHER]


async def test_what_the_key_may_not_do_is_refused_and_a_key_that_ended_costs_no_reply(desk: Desk) -> None:
    with pytest.raises(NetworkRefusal, match="is no topic"):
        await desk.send(Reply("!room:example.org", ANSWER))
    limited_key = desk.forum.new_key("concierge", "global:read")
    client = DiscourseClient(desk.forum.url, "concierge", limited_key)
    limited_channel = DiscourseChannel(Site(url=desk.forum.url, username="concierge"), client, Notebook())
    with pytest.raises(NetworkRefusal, match="may not"):
        await limited_channel.send(desk.reply(), "t1")
    await limited_channel.stop()
    desk.forum.keys.clear()
    with pytest.raises(Unreachable):
        await desk.send(desk.reply())


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_whatever_the_forum_answers_the_second_attempt_leaves_one_post(desk: Desk, fault: Answer) -> None:
    """As the core makes it: look first, then send."""
    desk.forum.fail_next("POST /posts", fault)
    try:
        event = await desk.send(desk.reply())
    except (Unreachable, RateLimited):
        desk.wait(15)
        found = await desk.find(desk.reply())
        desk.wait(130)  # the forum does not know it again
        event = found[0] if found else await desk.send(desk.reply())
    assert [desk.event(post) for post in desk.ours] == [event]
