"""What the forum's answers say, as far as we need it.

Every key may be missing or null there, and new ones come with each version: unknown keys are ignored, null counts as
missing. Shapes: recorded answers of Discourse 3.5.1, its OpenAPI document, and the serializers of its source.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.messages import Unreachable

log = logging.getLogger(__name__)


REGULAR = 1  # post_type
MENTIONED, REPLIED = 1, 2  # notification_type
PRIVATE_MESSAGE: Final = "private_message"  # archetype of a topic


LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2096, 1, 1, tzinfo=UTC)


def _sensible(moment: datetime) -> datetime:
    """Beyond these no database and no time zone of a reader is sure to hold it."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if LONG_AGO < moment < _LATEST else LONG_AGO


Moment = Annotated[datetime, AfterValidator(_sensible)]


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


class PendingPost(ApiModel):
    """A post that waits for a moderator."""

    id: int
    raw: str = Field("", repr=False, validation_alias=AliasChoices("raw", "raw_text"))
    created_at: Moment = LONG_AGO
    topic_id: int | None = None
    category_id: int | None = None
    title: str = ""


class Enqueued(ApiModel):
    """Our post was taken, but waits for a moderator. `id`: of the waiting post; old servers do not tell."""

    id: int | None = None
    created_at: Moment = LONG_AGO


class NotificationData(ApiModel):
    original_post_id: int | None = None  # some servers write it as text
    topic_title: str = ""


class Notification(ApiModel):
    id: int
    notification_type: int
    created_at: Moment = LONG_AGO
    topic_id: int | None = None
    post_number: int | None = None
    data: NotificationData = NotificationData()

    @property
    def post_id(self) -> int | None:
        return self.data.original_post_id


class Details(ApiModel):
    allowed_users: tuple[Any, ...] = ()  # of a private message: who takes part in it
    allowed_groups: tuple[Any, ...] = ()


class Stream(ApiModel):
    posts: tuple[DiscoursePost, ...] = ()
    stream: tuple[int, ...] = ()


class DiscourseTopic(ApiModel):
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
    pending_posts: tuple[PendingPost, ...] = ()  # our own that wait for a moderator

    @property
    def posts(self) -> tuple[DiscoursePost, ...]:
        """The first twenty that we may see, with `raw`."""
        return self.post_stream.posts

    @property
    def stream(self) -> tuple[int, ...]:
        """The ids of all its posts that we may see; empty for topics of ten thousand posts."""
        return self.post_stream.stream

    @property
    def private(self) -> bool:
        return self.archetype == PRIVATE_MESSAGE


class Category(ApiModel):
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


class FoundTopic(ApiModel):
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


class BasicInfo(ApiModel):
    title: str = ""
    login_required: bool = False


class GroupMember(ApiModel):
    """Somebody in a group."""

    id: int
    username: str
    name: str = ""


class Scope(ApiModel):
    """One thing that a key may do. `action` is worded for people; newer versions give it for programs as `key`."""

    resource: str
    action: str = ""
    key: str = ""

    @property
    def name(self) -> str:
        """For example 'topics:read_lists'."""
        return f"{self.resource}:{self.key or self.action.replace(' ', '_')}"


Kind = TypeVar("Kind", bound=ApiModel)


def part(said: Any, *keys: str) -> Any:
    """What stands there; None where there is no such thing."""
    for key in keys:
        said = said.get(key) if isinstance(said, dict) else None
    return said


def parsed(kind: type[Kind], said: Any) -> Kind:
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        raise Unreachable(f"the forum's answer is no {kind.__name__}") from error


def one(kind: type[Kind], said: Any) -> Kind | None:
    return None if said is None else parsed(kind, said)


def many(kind: type[Kind], said: Any) -> list[Kind]:
    """Those that can be read: one that cannot must not hide the others for ever. None of many: it is no such list."""
    given = [single for single in said if single is not None] if isinstance(said, list) else []
    found = [single for single in (_readable(kind, single) for single in given) if single is not None]
    if given and not found:
        raise Unreachable(f"the forum's answer holds no {kind.__name__}")
    return found


def listed(kind: type[Kind], said: Any, *keys: str) -> list[Kind]:
    """The list that must stand there: an answer without it does not mean that there is nothing."""
    if not isinstance(said, dict) or keys[0] not in said:
        raise Unreachable(f"the forum's answer has no {keys[0]}")
    return many(kind, part(said, *keys))


def _readable(kind: type[Kind], single: Any) -> Kind | None:
    try:
        return kind.model_validate(single)
    except ValidationError as error:
        _tell(kind.__name__, tuple(str(fault["loc"]) for fault in error.errors(include_input=False)))
        return None


@cache
def _tell(kind: str, where: tuple[str, ...]) -> None:
    log.warning("a %s of the forum cannot be read and is left out: %s", kind, ", ".join(where))
