"""Models of the forum's answers, with the fields that the bot reads.

Any key may be missing or null, and each version adds keys: unknown ones are ignored, null counts as missing. Shapes
come from recorded answers of Discourse 3.5.1, its OpenAPI document, and `app/serializers` of its source.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bot.messages import UNDATED, Unreachable

log = logging.getLogger(__name__)


REGULAR = 1  # post_type
MENTIONED, REPLIED = 1, 2  # notification_type
PRIVATE_MESSAGE: Final = "private_message"  # archetype of a topic


_LATEST: Final = datetime(2096, 1, 1, tzinfo=UTC)  # a later date is taken for a wrong one


def _sensible(moment: datetime) -> datetime:
    """Replace a time that not every database and time zone can represent by `UNDATED`."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if UNDATED < moment < _LATEST else UNDATED


Moment = Annotated[datetime, AfterValidator(_sensible)]
Item = TypeVar("Item")
Listed = Annotated[tuple[Item, ...], BeforeValidator(lambda items: items or ())]


class ApiModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_missing(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


class DiscoursePost(ApiModel):
    id: int
    topic_id: int
    post_number: int
    topic_title: str = ""  # only in lists of posts
    category_id: int | None = None
    post_type: int = REGULAR
    user_id: int | None = None  # 0 and below: the system and its own bots
    username: str = ""
    raw: str = Field("", repr=False)  # Markdown; empty where the answer holds only `cooked`
    cooked: str = Field("", repr=False)  # HTML; links in it change once more after saving
    reply_to_post_number: int | None = None
    created_at: Moment = UNDATED
    updated_at: Moment = UNDATED
    version: int = 1  # raised by edits after `editing_grace_period` (five minutes)
    hidden: bool = False  # flagged away: the text is a notice
    deleted_at: Moment | None = None
    user_deleted: bool = False  # by its author: the text is a notice

    @property
    def gone(self) -> bool:
        """Whether the text is no longer there for everybody."""
        return self.hidden or self.user_deleted or self.deleted_at is not None


class PendingPost(ApiModel):
    """A post of ours that waits for approval."""

    id: int
    raw: str = Field("", repr=False, validation_alias=AliasChoices("raw", "raw_text"))


class Enqueued(ApiModel):
    """Our new post waits for approval. `id` is that of the pending post; old servers do not tell."""

    id: int | None = None


class Notification(ApiModel):
    id: int
    notification_type: int
    created_at: Moment = UNDATED
    topic_id: int | None = None
    post_number: int | None = None
    # a string on some servers
    post_id: int | None = Field(None, validation_alias=AliasPath("data", "original_post_id"))


class DiscourseTopic(ApiModel):
    """A topic. `posts`: the first twenty that are visible to the bot, with `raw`. `stream`: ids of all that are; empty
    for topics of 10,000 posts (`MEGA_TOPIC_POSTS_COUNT`). `solution`: number of the accepted post of a solved topic
    (`plugins/discourse-solved/lib/discourse_solved/topic_view_serializer_extension.rb`).
    """

    id: int
    title: str = ""
    archetype: str = "regular"
    category_id: int | None = None
    deleted_at: Moment | None = None
    visible: bool = True
    closed: bool = False
    archived: bool = False
    posts: Listed[DiscoursePost] = Field((), repr=False, validation_alias=AliasPath("post_stream", "posts"))
    stream: Listed[int] = Field((), repr=False, validation_alias=AliasPath("post_stream", "stream"))
    pending_posts: tuple[PendingPost, ...] = ()
    solution: int | None = Field(None, validation_alias=AliasPath("accepted_answer", "post_number"))
    allowed_users: Listed[Any] = Field((), validation_alias=AliasPath("details", "allowed_users"))
    allowed_groups: Listed[Any] = Field((), validation_alias=AliasPath("details", "allowed_groups"))

    @property
    def private(self) -> bool:
        return self.archetype == PRIVATE_MESSAGE

    def numbered(self, number: int) -> DiscoursePost | None:
        """Return the post with this number, if it is among `posts`."""
        return next((post for post in self.posts if post.post_number == number), None)


class Category(ApiModel):
    """`permission` (`app/models/category_group.rb`): 1 new topics, 2 replies, 3 reading; None: unknown."""

    id: int
    slug: str = ""
    name: str = ""
    read_restricted: bool = False
    permission: int | None = None
    subcategory_list: tuple[Category, ...] = ()


class ListedTopic(ApiModel):
    """A topic in the list of its category, or in the results of a search."""

    id: int
    title: str = ""
    archetype: str = "regular"
    visible: bool = True
    posts_count: int = 0
    has_accepted_answer: bool = False


class BasicInfo(ApiModel):
    login_required: bool = False


class GroupMember(ApiModel):
    username: str


Kind = TypeVar("Kind", bound=ApiModel)


def part(answer: Any, *keys: str) -> Any:
    """Return the value under nested keys, or None."""
    for key in keys:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer


def parsed(kind: type[Kind], answer: Any) -> Kind:
    try:
        return kind.model_validate(answer)
    except ValidationError as error:
        raise Unreachable(f"the forum's answer is no {kind.__name__}") from error


def many(kind: type[Kind], answer: Any) -> list[Kind]:
    """Return the items that can be parsed: a broken one must not hide the others for ever.

    Raises Unreachable if none can.
    """
    items = [item for item in answer if item is not None] if isinstance(answer, list) else []
    models: list[Kind] = []
    for item in items:
        try:
            models.append(kind.model_validate(item))
        except ValidationError as error:
            _warn_once(kind.__name__, tuple(str(fault["loc"]) for fault in error.errors(include_input=False)))
    if items and not models:
        raise Unreachable(f"the forum's answer holds no {kind.__name__}")
    return models


def listed(kind: type[Kind], answer: Any, *keys: str) -> list[Kind]:
    """Return the list under nested keys. Raises Unreachable without the first key: that does not mean an empty list."""
    if not isinstance(answer, dict) or keys[0] not in answer:
        raise Unreachable(f"the forum's answer has no {keys[0]}")
    return many(kind, part(answer, *keys))


@cache
def _warn_once(kind: str, where: tuple[str, ...]) -> None:
    log.warning("a %s of the forum cannot be read and is left out: %s", kind, ", ".join(where))


def all_categories(answer: Any) -> Iterator[Category]:
    """Yield the categories of `/categories.json`, each before its sub-categories. Raises Unreachable."""
    waiting = listed(Category, answer, "category_list", "categories")
    while waiting:
        category = waiting.pop(0)
        yield category
        waiting[:0] = category.subcategory_list
