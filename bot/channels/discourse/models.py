"""What the forum's answers say, as far as we need it.

Every key may be missing or null there, and new ones come with each version: unknown keys are ignored, null counts as
missing. Shapes: recorded answers of Discourse 3.5.1, its OpenAPI document, and the serializers of its source.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from bot.channels.discourse.moments import LONG_AGO, Moment

REGULAR = 1  # post_type
MENTIONED, REPLIED = 1, 2  # notification_type
PRIVATE_MESSAGE: Final = "private_message"  # archetype of a topic


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_missing(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


class Post(Answer):
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
    created_at: Moment = LONG_AGO
    updated_at: Moment = LONG_AGO
    version: int = 1  # raised by edits, but not within the grace period of five minutes
    hidden: bool = False  # flagged away: the text is a notice
    deleted_at: Moment | None = None
    user_deleted: bool = False  # by its author: the text is a notice

    @property
    def gone(self) -> bool:
        """Its text is not there any more, or not for everybody."""
        return self.hidden or self.user_deleted or self.deleted_at is not None


class Pending(Answer):
    """A post that waits for a moderator."""

    id: int
    raw: str = Field("", repr=False, validation_alias=AliasChoices("raw", "raw_text"))
    created_at: Moment = LONG_AGO
    topic_id: int | None = None
    category_id: int | None = None
    title: str = ""


class Enqueued(Answer):
    """Our post was taken, but waits for a moderator. `id`: of the waiting post; old servers do not tell."""

    id: int | None = None
    created_at: Moment = LONG_AGO


class NotificationData(Answer):
    original_post_id: int | None = None  # some servers write it as text
    topic_title: str = ""


class Notification(Answer):
    id: int
    notification_type: int
    created_at: Moment = LONG_AGO
    topic_id: int | None = None
    post_number: int | None = None
    data: NotificationData = NotificationData()

    @property
    def post_id(self) -> int | None:
        return self.data.original_post_id


class Details(Answer):
    allowed_users: tuple[Any, ...] = ()  # of a private message: who takes part in it
    allowed_groups: tuple[Any, ...] = ()


class Stream(Answer):
    posts: tuple[Post, ...] = ()
    stream: tuple[int, ...] = ()


class Topic(Answer):
    id: int
    title: str = ""
    slug: str = ""
    archetype: str = "regular"
    category_id: int | None = None
    user_id: int | None = None
    created_at: Moment = LONG_AGO
    deleted_at: Moment | None = None
    visible: bool = True
    closed: bool = False
    archived: bool = False
    external_id: str | None = None
    details: Details = Details()
    post_stream: Stream = Field(Stream(), repr=False)
    pending_posts: tuple[Pending, ...] = ()  # our own that wait for a moderator

    @property
    def posts(self) -> tuple[Post, ...]:
        """The first twenty that we may see, with `raw`."""
        return self.post_stream.posts

    @property
    def stream(self) -> tuple[int, ...]:
        """The ids of all its posts that we may see; empty for topics of ten thousand posts."""
        return self.post_stream.stream

    @property
    def private(self) -> bool:
        return self.archetype == PRIVATE_MESSAGE


class Category(Answer):
    id: int
    slug: str = ""
    name: str = ""
    parent_category_id: int | None = None
    read_restricted: bool = False
    permission: int | None = None  # what we may do there: 1 create topics, 2 reply, 3 read; None: nothing is said
    subcategory_list: tuple[Category, ...] = ()

    @property
    def parent(self) -> int | None:
        return self.parent_category_id


class FoundTopic(Answer):
    """A topic that the search found; `post_number` is that of its best post."""

    id: int
    title: str = ""
    slug: str = ""
    archetype: str = "regular"
    category_id: int | None = None
    created_at: Moment = LONG_AGO
    visible: bool = True
    closed: bool = False
    archived: bool = False
    post_number: int = 1


class BasicInfo(Answer):
    title: str = ""
    login_required: bool = False


class Member(Answer):
    """Somebody in a group."""

    id: int
    username: str
    name: str = ""


class Scope(Answer):
    """One thing that a key may do. `action` is worded for people; newer versions give it for programs as `key`."""

    resource: str
    action: str = ""
    key: str = ""

    @property
    def name(self) -> str:
        """For example 'topics:read_lists'."""
        return f"{self.resource}:{self.key or self.action.replace(' ', '_')}"
