"""The forum of the tests answers as Discourse does where no test of the bot would show that it does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from tests.forum import Clock, Forum

TEXT = "Où trouver une formation de facilitateur ?"
LONG = "Une réponse assez longue pour être prise."
NOTIFICATIONS = "recent=true&silent=true&filter_by_types=mentioned,replied"


@pytest.fixture
async def forum() -> AsyncIterator[Forum]:
    async with Forum(clock=Clock(datetime(2026, 11, 24, 9, tzinfo=UTC))) as forum:
        yield forum


@pytest.fixture
async def http(forum: Forum) -> AsyncIterator[httpx.AsyncClient]:
    """As the bot asks."""
    headers = {"Api-Key": forum.key, "Api-Username": "concierge"}
    async with httpx.AsyncClient(base_url=forum.url, headers=headers) as client:
        yield client


async def test_what_one_may_not_read_is_nowhere(forum: Forum, http: httpx.AsyncClient) -> None:
    forum.category("equipe", "staff")
    secret = forum.say("ben", "equipe", "Le mot secret est rutabaga")
    private, mine = forum.message("ana", "ben", "Aussi rutabaga"), forum.message("ana", "concierge", TEXT)
    gone = forum.say("ana", "formations", "Le mot secret est rutabaga")
    forum.whisper("ben", mine.topic, "Le mot secret est rutabaga")
    forum.delete(gone, by=forum.user("chef", moderator=True))
    answers = [(await http.get(f"/t/{post.topic.id}.json")).status_code for post in (secret, private, gone)]
    answers += [(await http.get(f"/posts/{post.id}.json")).status_code for post in (secret, private, gone)]
    paths = ("/posts.json", "/search.json?q=rutabaga", "/private-posts.json", "/categories.json")
    latest, found, messages, categories = [(await http.get(path)).json() for path in paths]
    assert answers == [404, 404, 404, 403, 403, 404]
    assert latest == {"latest_posts": []}
    assert (found["posts"], "topics" in found) == ([], False)
    assert [post["id"] for post in messages["private_posts"]] == [mine.id]
    assert [one["slug"] for one in categories["category_list"]["categories"]] == ["formations"]


async def test_a_post_tells_its_reader_once_of_a_mention_before_a_reply(forum: Forum, http: httpx.AsyncClient) -> None:
    opening = forum.say("concierge", "formations", "Bonjour à toutes et tous, voici le sujet")
    for text in ("@concierge une question", "merci bien", "[quote]\n@concierge\n[/quote] rien, `@concierge`"):
        forum.say("ana", opening.topic, text, reply_to=None if "quote" in text else opening)
    notes = (await http.get(f"/notifications.json?{NOTIFICATIONS}")).json()["notifications"]
    refused = await http.get("/notifications.json?recent=true")  # would mark all as seen
    assert [note["notification_type"] for note in notes] == [2, 1]
    assert refused.status_code == 400


async def test_the_same_create_within_two_minutes_gives_the_first_answer_again_then_it_is_refused(
    forum: Forum, http: httpx.AsyncClient
) -> None:
    topic, answers = forum.say("ana", "formations", TEXT).topic, []
    for raw, seconds, closed in (
        (LONG, 0, False),
        (LONG, 119, False),
        (LONG, 2, False),
        (TEXT, 0, True),
        (TEXT, 9, False),
    ):
        forum.clock.advance(seconds)
        topic.closed = closed
        answers.append(await http.post("/posts.json", json={"topic_id": topic.id, "raw": raw}))
    assert [answer.status_code for answer in answers] == [200, 200, 422, 422, 422]  # an error is remembered, too
    assert answers[0].json() == answers[1].json()
    assert answers[2].json().keys() == {"action", "errors"}
    assert len(forum.posts_of("concierge")) == 1
