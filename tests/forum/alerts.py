"""Who is told of a post: one notification each, the first that fits [22 post_alerter.rb]."""

from __future__ import annotations

from collections.abc import Iterator

from tests.forum.cooking import mentioned
from tests.forum.state import WHISPER, Board, Notification, Post, User

TYPES = {"mentioned": 1, "replied": 2, "private_message": 6, "posted": 9}  # [REC get_site]; others change nothing here


def alert(board: Board, post: Post) -> None:
    """For a new post, and for an edited one: whoever was told already is not told again."""
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
