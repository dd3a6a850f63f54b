"""What people do on the forum, past its rules: as if they had done it in a browser, with time to spare."""

from collections.abc import Iterator

from tests.forum.shapes import mentioned
from tests.forum.state import REGULAR, WHISPER, Board, Category, Clock, Draft, Notification, Post, Site, Topic, User

TYPES = {"mentioned": 1, "replied": 2, "private_message": 6, "posted": 9}  # [REC get_site]; others change nothing here
Where = Topic | int | str
"""A topic, its id, or a category's slug: there a new topic."""


class People:
    """The contents of a forum and a handle on them."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.site = clock, Site()
        self.board = Board(clock)
        self.queue: dict[int, Draft] = {}  # what waits for approval
        self.system = User(-1, "system", trust_level=4, admin=True, moderator=True)
        self.board.users = {"system": self.system, "concierge": User(11, "concierge")}

    def user(self, name: str, *, trust_level: int = 2, admin: bool = False, moderator: bool = False) -> User:
        """The person of this name; made if need be."""
        made = User(20 + len(self.board.users), name, trust_level, admin, moderator)
        return self.board.users.setdefault(name.lower(), made)

    def group(self, name: str, *members: str) -> None:
        """To which members may write."""
        self.board.messageable.add(name.lower())
        self.board.groups.setdefault(name.lower(), 40 + len(self.board.groups))
        for member in members:
            self.user(member).groups.add(name.lower())

    def category(self, slug: str, *readers: str, parent: str | None = None) -> Category:
        """`readers`: the groups that may read it; none: everybody, without an account too."""
        above = self.board.category(parent) if parent else None
        id, groups = 4 + len(self.board.categories), frozenset(readers) or None
        made = Category(id, slug, slug.capitalize(), groups, above.id if above else None)
        self.board.categories[slug] = made
        return made

    def say(self, name: str, where: Where, text: str, *, title: str = "", reply_to: Post | None = None) -> Post:
        """A reply, or with a category the first post of a new topic."""
        draft = Draft(self.user(name), text, title=title or text[:60], reply_to=reply_to.number if reply_to else None)
        if isinstance(where, str):
            draft.category = self.board.categories.get(where) or self.category(where)
        else:
            draft.topic = where if isinstance(where, Topic) else self.board.topics[where]
        return self.add(draft)

    def message(self, name: str, to: str, text: str, title: str = "Un message") -> Post:
        """A new private message."""
        return self.add(Draft(self.user(name), text, title=title, recipients=[self.user(to)]))

    def whisper(self, name: str, topic: Topic, text: str) -> Post:
        return self.add(Draft(self.user(name), text, topic=topic), type=WHISPER)

    def add(self, draft: Draft, *, type: int = REGULAR) -> Post:
        topic = draft.topic or self._topic(draft)
        now, number = self.clock(), max((post.number for post in topic.posts), default=0) + 1
        reply_to = draft.reply_to if topic.numbered(draft.reply_to) else None
        post = Post(self.board.next_post(), topic, number, draft.user, draft.raw, now, now, type, reply_to)
        topic.posts.append(post)
        self.board.posts[post.id] = post
        alert(self.board, post)
        if number == 1:
            self.board.tell("topic_created", post)
        self.board.tell("post_created", post)
        return post

    def _topic(self, draft: Draft) -> Topic:
        members = None if draft.recipients is None else {draft.user, *draft.recipients}
        number, now = self.board.next_topic(), self.clock()
        topic = Topic(number, draft.title, draft.user, now, draft.category, members, draft.groups)
        topic.external_id = draft.external_id
        self.board.topics[topic.id] = topic
        return topic

    def edit(self, post: Post, text: str, *, by: User | None = None) -> None:
        """Within five minutes the same person's edit makes no new version [F26 editing_grace_period]."""
        grace = (self.clock() - post.created_at).total_seconds() < 300 and by in (None, post.user)
        post.version += text != post.raw and not grace
        post.raw, post.updated_at = text, self.clock()
        alert(self.board, post)
        self.board.tell("post_edited", post)

    def delete(self, post: Post, *, by: User | None = None) -> None:
        """By its author, unless `by` is staff: then it is gone at once, with its notifications."""
        text = f"({'sujet' if post.number == 1 else 'message'} supprimé par son auteur)"
        if (by or post.user).staff:
            post.deleted_at = self.clock()
            post.topic.deleted_at = self.clock() if post.number == 1 else post.topic.deleted_at
            self.board.notifications = [note for note in self.board.notifications if note.post is not post]
            self.board.tell("post_destroyed", post)
        else:
            post.raw, post.user_deleted_at, post.updated_at = text, self.clock(), self.clock()
            post.version += 1
            self.board.tell("post_edited", post)

    def approve(self) -> Post:
        """What has waited longest for approval becomes a post."""
        return self.add(self.queue.pop(min(self.queue)))

    def posts_of(self, name: str, *, deleted: bool = False) -> list[Post]:
        """What stands there by somebody, oldest first; `deleted`: what they or staff have removed, too."""
        own = [post for post in self.board.posts.values() if post.user.username.lower() == name.lower()]
        return [post for post in own if deleted or not (post.deleted_at or post.user_deleted_at)]


def alert(board: Board, post: Post) -> None:
    """Tell of a post, once each, for the first reason that fits [22 post_alerter.rb]; of an edited one who was not."""
    told = {note.user for note in board.notifications if note.post is post}
    for user, kind in _reasons(board, post):
        knows = user.id > 0 and board.may_read(user, post.topic) and (post.type != WHISPER or user.staff)
        if knows and user is not post.user and user not in told:
            told.add(user)
            board.notifications.append(Notification(board.next_number(), user, TYPES[kind], post, board.clock()))


def _reasons(board: Board, post: Post) -> Iterator[tuple[User, str]]:
    yield from ((user, "mentioned") for name in mentioned(post.raw) if (user := board.user(name)))
    if answered := post.topic.numbered(post.reply_to):
        yield answered.user, "replied"
    yield from ((user, "private_message") for user in sorted(board.people_of(post.topic), key=lambda user: user.id))
    yield post.topic.user, "posted"  # who opened a topic watches it
