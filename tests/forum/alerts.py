"""Who is told of a post: one notification each, the first that fits [22 post_alerter.rb]."""

from __future__ import annotations

from collections.abc import Iterator

from tests.forum.cooking import linked, mentioned, quoted
from tests.forum.state import WHISPER, Board, Notification, Post, User

NAMES = """
mentioned replied quoted edited liked private_message invited_to_private_message invitee_accepted posted moved_post
linked granted_badge invited_to_topic custom group_mentioned group_message_summary watching_first_post topic_reminder
liked_consolidated post_approved code_review_commit_approved membership_request_accepted
membership_request_consolidated bookmark_reminder reaction votes_released event_reminder event_invitation chat_mention
chat_message chat_invitation chat_group_mention chat_quoted assigned question_answer_user_commented
watching_category_or_tag new_features admin_problems linked_consolidated chat_watched_thread
"""  # numbered from 1 [REC get_site]
TYPES = {name: number for number, name in enumerate(NAMES.split(), 1)}
HIGH_PRIORITY = (TYPES["private_message"],)


def alert(board: Board, post: Post, base: str) -> None:
    """For a new post, and for an edited one: whoever was told already is not told again."""
    told = {note.user for note in board.notifications if note.post is post}
    for user, kind in _reasons(board, post, base):
        if user is not post.user and user not in told and _may_know(board, user, post):
            told.add(user)
            notify(board, user, kind, post, post.user)


def notify(board: Board, user: User, kind: str, post: Post, by: User) -> None:
    board.notifications.append(Notification(board.next_number(), user, TYPES[kind], post, by, board.clock()))


def _may_know(board: Board, user: User, post: Post) -> bool:
    return user.id > 0 and board.may_read(user, post.topic) and (post.type != WHISPER or user.staff)


def _reasons(board: Board, post: Post, base: str) -> Iterator[tuple[User, str]]:
    names = mentioned(post.raw)
    yield from ((user, "mentioned") for name in names if (user := board.user(name)))
    for group in {name.lower() for name in names} & board.groups.keys():
        yield from ((user, "group_mentioned") for user in board.users.values() if user.is_in(group))
    if answered := post.topic.numbered(post.reply_to):
        yield answered.user, "replied"
    yield from ((user, "quoted") for user in _authors(board, quoted(post.raw)))
    yield from ((user, "linked") for user in _authors(board, linked(post.raw, base)))
    yield from ((user, "private_message") for user in sorted(board.people_of(post.topic), key=lambda user: user.id))
    yield post.topic.user, "posted"  # who opened a topic watches it


def _authors(board: Board, places: list[tuple[int, int]]) -> Iterator[User]:
    for topic, number in places:
        if (found := board.topics.get(topic)) and (post := found.numbered(number)):
            yield post.user
