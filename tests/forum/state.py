"""What a forum holds: people, categories, topics, posts, notifications; and the clock that all of it goes by.

Every rule names its source by the tags of the Discourse contract: [22] the core of 2022, [N] the newest file seen,
[F26] the settings of 2026, [REC] recorded answers of 3.5.1, [OAS] the OpenAPI document; [own] our choice where no
source was seen.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

REGULAR, WHISPER = 1, 4  # [REC get_site]
REMOVED_AFTER = timedelta(hours=24)  # `delete_removed_posts_after` [F26]


class Clock:
    """The machine's, and ahead of it by what it was advanced."""

    _ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@dataclass(eq=False)
class User:
    id: int
    username: str
    trust_level: int = 2
    admin: bool = False
    moderator: bool = False
    groups: set[str] = field(default_factory=set)

    @property
    def staff(self) -> bool:
        return self.admin or self.moderator

    def is_in(self, group: str) -> bool:
        """Automatic groups too [REC get_user]."""
        automatic = {"admins": self.admin, "moderators": self.moderator, "staff": self.staff, "everyone": True}
        trusted = group in {f"trust_level_{level}" for level in range(self.trust_level + 1)}
        return automatic.get(group, False) or trusted or group in self.groups


@dataclass(eq=False)
class Category:
    id: int
    slug: str
    name: str
    readers: frozenset[str] | None = None  # groups; None: everybody, without an account too
    parent: int | None = None
    permission: int = 1  # of who may enter it: 1 new topics, 2 replies, 3 reading alone


@dataclass(eq=False)
class Topic:
    id: int
    title: str
    user: User
    created_at: datetime
    category: Category | None = None
    members: set[User] | None = None  # a private message's; None: it is a topic for all
    groups: frozenset[str] = frozenset()  # whose members read it too
    posts: list[Post] = field(default_factory=list)
    closed: bool = False
    archived: bool = False
    visible: bool = True  # False: unlisted
    external_id: str | None = None
    accepted: int | None = None  # number of the post that is the solution
    deleted_at: datetime | None = None

    def numbered(self, number: int | None) -> Post | None:
        return next((post for post in self.posts if post.number == number), None)


@dataclass(eq=False)
class Post:
    id: int
    topic: Topic
    number: int
    user: User
    raw: str
    created_at: datetime
    updated_at: datetime
    type: int = REGULAR
    reply_to: int | None = None  # a post number
    hidden: bool = False  # flagged away
    deleted_at: datetime | None = None
    user_deleted_at: datetime | None = None
    version: int = 1


@dataclass(eq=False)
class Notification:
    id: int
    user: User
    type: int
    post: Post
    created_at: datetime


@dataclass
class Draft:
    """A post that somebody wants to make. With `title` a new topic; with `recipients` a private message."""

    user: User
    raw: str
    topic: Topic | None = None
    title: str = ""
    category: Category | None = None
    recipients: list[User] | None = None
    groups: frozenset[str] = frozenset()  # the others of them, all of whose members read it
    reply_to: int | None = None
    external_id: str | None = None

    @property
    def private(self) -> bool:
        return self.recipients is not None or (self.topic is not None and self.topic.members is not None)


@dataclass
class Site:
    """How this forum is set up. `old`: as the core of 2022 answers; else as the newest code seen."""

    title: str = "Le forum"
    old: bool = False
    version: str = "2026.10.0"
    login_required: bool = False
    read_only: bool = False
    review: bool = False  # every post of people who are not staff waits for approval
    min_post: int = 20  # [F26]
    min_private_post: int = 10
    max_post: int = 32000
    min_title: int = 15
    max_consecutive_replies: int = 3
    unique_posts: timedelta = timedelta(minutes=5)
    min_search_term: int = 3


class Board:
    """All that was ever said, and who may read it. Ids have gaps, the same ones each time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._chance = random.Random(1)
        self.users: dict[str, User] = {}
        self.groups: dict[str, int] = {}
        self.messageable: set[str] = set()  # groups that members may write to [`groups.messageable_level`]
        self.categories: dict[str, Category] = {}
        self.topics: dict[int, Topic] = {}
        self.posts: dict[int, Post] = {}
        self.notifications: list[Notification] = []
        self.told: list[Callable[[str, Post], None]] = []  # called with an event's name, such as `post_created`
        self._post, self._topic, self._number = 10, 7, 20

    def next_post(self) -> int:
        self._post += self._chance.choice((1, 1, 1, 2, 3, 7))
        return self._post

    def next_topic(self) -> int:
        self._topic += self._chance.choice((1, 1, 2, 5))
        return self._topic

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def tell(self, event: str, post: Post) -> None:
        for listener in self.told:
            listener(event, post)

    def user(self, name: str | None) -> User | None:
        return self.users.get((name or "").lower())

    def category(self, key: object) -> Category | None:
        """By slug or id."""
        found = (one for one in self.categories.values() if str(one.id) == str(key) or one.slug == key)
        return next(found, None)

    def people_of(self, topic: Topic) -> set[User]:
        """Of a private message."""
        invited = (user for user in self.users.values() if any(user.is_in(group) for group in topic.groups))
        return {*(topic.members or ()), *invited}

    def may_read(self, reader: User | None, topic: Topic) -> bool:
        if topic.deleted_at:
            return reader is not None and reader.staff
        if topic.members is not None:
            return reader is not None and (reader.admin or reader in self.people_of(topic))
        return topic.category is None or self.may_enter(reader, topic.category)

    def may_enter(self, reader: User | None, category: Category) -> bool:
        """Admins see every category."""
        if category.readers is None or (reader and reader.admin):
            return True
        return reader is not None and any(reader.is_in(group) for group in category.readers)

    def may_see(self, reader: User | None, post: Post) -> bool:
        """[N find_post_using]: deleted ones only for staff, whispers only for staff."""
        staff = reader is not None and reader.staff
        if self.gone(post) and not staff:
            return False
        return self.may_read(reader, post.topic) and (post.type != WHISPER or staff)

    def gone(self, post: Post) -> bool:
        """Deleted, by staff at once, by its author a day ago [22 post_destroyer]."""
        removed = post.user_deleted_at and self.clock() >= post.user_deleted_at + REMOVED_AFTER
        return bool(post.deleted_at or removed)
