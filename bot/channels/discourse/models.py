"""What the forum's answers say, as far as we need it.

Every key may be missing or null there, and new ones come with each version: unknown keys are ignored, null counts as
missing. Shapes: recorded answers of Discourse 3.5.1, its OpenAPI document, and the serializers of its source.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)  # a post without its moment counts as very old
REGULAR, MODERATOR_ACTION, SMALL_ACTION, WHISPER = 1, 2, 3, 4  # post_type
MENTIONED, REPLIED = 1, 2  # notification_type
PRIVATE_MESSAGE: Final = "private_message"  # archetype of a topic


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_missing(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


class Tag(Answer):
    """A bare name until the beginning of 2026, an object since."""

    id: int | str | None = None
    name: str
    slug: str = ""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, data: Any) -> Any:
        return {"name": data} if isinstance(data, str) else data


class Post(Answer):
    id: int
    topic_id: int
    post_number: int
    topic_slug: str = ""
    topic_title: str = ""  # only in lists of posts
    category_id: int | None = None
    post_type: int = REGULAR
    action_code: str | None = None  # of a small action
    user_id: int | None = None  # 0 and below: the system and its own bots
    username: str = ""
    name: str = ""
    admin: bool = False
    moderator: bool = False
    trust_level: int | None = None
    raw: str = Field("", repr=False)  # Markdown; empty where the answer holds only `cooked`
    cooked: str = Field("", repr=False)  # HTML; links in it change once more after saving
    reply_to_post_number: int | None = None
    created_at: datetime = LONG_AGO
    updated_at: datetime = LONG_AGO
    version: int = 1  # raised by edits, but not within the grace period of five minutes
    hidden: bool = False  # flagged away: the text is a notice
    deleted_at: datetime | None = None
    user_deleted: bool = False  # by its author: the text is a notice
    via_email: bool = False
    is_auto_generated: bool = False

    @property
    def gone(self) -> bool:
        """Its text is not there any more, or not for everybody."""
        return self.hidden or self.user_deleted or self.deleted_at is not None


class Pending(Answer):
    """A post that waits for a moderator."""

    id: int
    raw: str = Field("", repr=False, validation_alias=AliasChoices("raw", "raw_text"))
    created_at: datetime = LONG_AGO
    topic_id: int | None = None
    category_id: int | None = None
    title: str = ""


class Enqueued(Answer):
    """Our post was taken, but waits for a moderator. `id`: of the waiting post; old servers do not tell."""

    id: int | None = None
    created_at: datetime = LONG_AGO


class NotificationData(Answer):
    original_post_id: int | None = None  # some servers write it as text
    original_post_type: int | None = None
    original_username: str = ""
    display_username: str = ""
    topic_title: str = ""


class Notification(Answer):
    id: int
    notification_type: int
    read: bool = False
    created_at: datetime = LONG_AGO
    topic_id: int | None = None
    post_number: int | None = None
    data: NotificationData = NotificationData()

    @property
    def post_id(self) -> int | None:
        return self.data.original_post_id


class Details(Answer):
    can_create_post: bool = False
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
    tags: tuple[Tag, ...] = ()
    created_at: datetime = LONG_AGO
    deleted_at: datetime | None = None
    visible: bool = True
    closed: bool = False
    archived: bool = False
    posts_count: int = 0
    highest_post_number: int = 0
    slow_mode_seconds: int = 0
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
    """A topic that the search found; `blurb` and `post_number` are of its best post."""

    id: int
    title: str = ""
    slug: str = ""
    archetype: str = "regular"
    category_id: int | None = None
    tags: tuple[Tag, ...] = ()
    created_at: datetime = LONG_AGO
    visible: bool = True
    closed: bool = False
    archived: bool = False
    posts_count: int = 0
    has_accepted_answer: bool = False
    blurb: str = Field("", repr=False)
    post_number: int = 1


class About(Answer):
    title: str = ""
    version: str = ""
    locale: str = ""


class BasicInfo(Answer):
    title: str = ""
    description: str = ""
    locale: str = ""
    login_required: bool = False


class Group(Answer):
    id: int
    name: str = ""


class User(Answer):
    id: int
    username: str
    name: str = ""
    trust_level: int = 0
    admin: bool = False
    moderator: bool = False
    suspended_till: datetime | None = None
    groups: tuple[Group, ...] = ()


class CurrentUser(User):
    unread_notifications: int = 0


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
    parameters: tuple[str, ...] = ()
    allowed_parameters: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """For example 'topics:read_lists'."""
        return f"{self.resource}:{self.key or self.action.replace(' ', '_')}"
