"""What real forums answered, recorded by others, can be read. The recordings are not part of the project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels.discourse.models import (
    Answer,
    BasicInfo,
    Category,
    FoundTopic,
    Notification,
    Post,
    Tag,
    Topic,
    User,
)

SAMPLES = Path(__file__).parents[4] / "shared" / "discourse" / "samples"

KINDS: dict[str, type[Answer]] = {  # key -> what stands there, alone or in a list
    "latest_posts": Post,
    "post": Post,
    "posts": Post,
    "private_posts": Post,
    "notifications": Notification,
    "categories": Category,
    "category": Category,
    "topics": Topic,
    "tags": Tag,
    "top_tags": Tag,
    "user": User,
    "users": User,
}


def bodies() -> list[Path]:
    return sorted(SAMPLES.rglob("*.json")) if SAMPLES.exists() else []


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in it, however deep."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(one)


def known(record: dict[str, Any]) -> Iterator[tuple[type[Answer], Any]]:
    for key, kind in KINDS.items():
        found = record.get(key)
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, dict) or (kind is Tag and isinstance(one, str)):
                yield kind, one


@pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded answers in ../shared are not here")
def test_every_recorded_answer_is_read() -> None:
    read: dict[str, int] = {}
    for path in bodies():
        for record in objects(json.loads(path.read_text(encoding="utf-8"))):
            for kind, one in known(record):
                if kind in (Post, Topic) and "id" in one and not _whole(kind, one):
                    kind = FoundTopic
                if "id" in one or kind is Tag:
                    kind.model_validate(one)
                    read[kind.__name__] = read.get(kind.__name__, 0) + 1
    assert {"Post", "Topic", "Category", "Notification", "User"} <= read.keys()


def _whole(kind: type[Answer], one: dict[str, Any]) -> bool:
    return kind is Topic or {"topic_id", "post_number"} <= one.keys()


@pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded answers in ../shared are not here")
def test_the_recorded_basic_info_is_read() -> None:
    [path] = SAMPLES.rglob("get_site_basic_info.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    info = next(one for one in objects(record) if "login_required" in one or "title" in one)
    assert BasicInfo.model_validate(info).title


@pytest.mark.parametrize(
    "tags", [["emploi"], [{"id": 4, "name": "emploi", "slug": "emploi"}], [{"id": "emploi", "name": "emploi"}]]
)
def test_tags_are_names_or_objects(tags: list[Any]) -> None:
    topic = Topic.model_validate({"id": 3, "tags": tags})
    assert [tag.name for tag in topic.tags] == ["emploi"]
