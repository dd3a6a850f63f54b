"""The section `matrix` of the settings file, and the capabilities of its rooms."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError, ValidationInfo

from bot.channels.fields import ChannelSettings, Section, Text, Url, matching, wrong
from bot.messages import Capabilities, Listen

CAPABILITIES = Capabilities()
SHIPPED_AVATAR = Path(__file__).with_name("avatar.png")  # drawn by tools/draw_avatar.py
MAX_AVATAR = 1_000_000  # bytes of a picture
# By the first bytes.
_IMAGES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}


def image_type(data: bytes) -> str | None:
    """Return the media type by the first bytes; None if it is no picture that clients show."""
    return next((type for start, type in _IMAGES.items() if data.startswith(start)), None)


User = Annotated[Text, AfterValidator(matching("user", r"@[^\s:@]+:[^\s/@]+"))]
RoomName = Annotated[Text, AfterValidator(matching("room", r"#[^\s:]+:[^\s/]+|![^\s:]+(:[^\s/]+)?"))]


class Room(Section):
    """A room of the bot. Without `listen` the section's own holds; `region`: whose answers go first there."""

    room: RoomName
    listen: Listen | None = None
    region: Text | None = None


def _room(value: object) -> object:
    return {"room": value} if isinstance(value, str) else value


_YES_OR_NO = TypeAdapter(bool)


def _picture(value: object, info: ValidationInfo) -> object:
    """Parse yes, no, or a picture file; relative paths start from the folder in the context."""
    with contextlib.suppress(ValidationError):
        return _YES_OR_NO.validate_python(value)
    try:
        file = (info.context or {}).get("folder", Path()) / Path(str(value)).expanduser()
        data = file.read_bytes()
    except (OSError, RuntimeError, ValueError):
        raise wrong("avatar_missing", file=str(value)) from None
    if image_type(data) is None or len(data) > MAX_AVATAR:
        raise wrong("avatar", file=str(file), megabytes=MAX_AVATAR // 1_000_000)
    return file


class MatrixSettings(ChannelSettings):
    homeserver: Url
    user: User
    rooms: Annotated[tuple[Annotated[Room, BeforeValidator(_room)], ...], Field(min_length=1)]
    listen: Listen = "questions"
    direct: bool = True
    moderators_room: RoomName | None = None
    moderators: tuple[User, ...] = ()
    ignore: tuple[User, ...] = ()
    encryption: bool = True
    avatar: Annotated[bool | Path, BeforeValidator(_picture)] = True  # false: none; true: the shipped one

    @property
    def listening(self) -> Mapping[str, Listen]:
        """How the bot listens in each listed room, by alias or id as written."""
        return {one.room: one.listen or self.listen for one in self.rooms}

    @property
    def regions(self) -> Mapping[str, str | None]:
        others = (self.moderators_room,) if self.moderators_room else ()
        return {**dict.fromkeys(others), **{one.room: one.region for one in self.rooms}}

    @property
    def names(self) -> tuple[str, ...]:
        """The user id, and its localpart."""
        return self.user, self.user.partition(":")[0].removeprefix("@")

    @property
    def moderator_ids(self) -> frozenset[str]:
        return frozenset(self.moderators)

    @property
    def has_moderators_room(self) -> bool:
        return self.moderators_room is not None


def knows_room(matrix: MatrixSettings | None, room: str) -> bool:
    """Whether a room may be one of the settings; an id may be that of a room listed by its alias."""
    return matrix is not None and (not room.startswith("#") or room in {*matrix.listening, matrix.moderators_room})
