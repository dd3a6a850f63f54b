"""The section `matrix` of the settings file, and the capabilities of its rooms."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from bot.channels.fields import ChannelSettings, Section, Text, Url, matching
from bot.messages import Capabilities, Listen

CAPABILITIES = Capabilities()

User = Annotated[Text, AfterValidator(matching("user", r"@[^\s:@]+:[^\s/@]+"))]
RoomName = Annotated[Text, AfterValidator(matching("room", r"#[^\s:]+:[^\s/]+|![^\s:]+(:[^\s/]+)?"))]


class Room(Section):
    """A room of the bot. Without `listen` the section's own holds; `region`: whose answers go first there."""

    room: RoomName
    listen: Listen | None = None
    region: Text | None = None


_name_alone = BeforeValidator(lambda value: {"room": value} if isinstance(value, str) else value)


class MatrixSettings(ChannelSettings):
    homeserver: Url
    user: User
    rooms: Annotated[tuple[Annotated[Room, _name_alone], ...], Field(min_length=1)]
    listen: Listen = "questions"
    direct: bool = True
    moderators_room: RoomName | None = None
    moderators: tuple[User, ...] = ()
    ignore: tuple[User, ...] = ()

    @property
    def listening(self) -> Mapping[str, Listen]:
        """How the bot listens in each listed room, by alias or id as written."""
        return {one.room: one.listen or self.listen for one in self.rooms}

    @property
    def warnings(self) -> Mapping[str, str]:
        is_shared = self.moderators_room in self.listening
        return {"moderators_room": "setting_shared_moderators_room"} if is_shared else {}

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


def get_server_name(user: str) -> str:
    """Return the server of `@localpart:server` (Appendices, "User Identifiers")."""
    return user.partition(":")[2]


def knows_room(matrix: MatrixSettings | None, room: str) -> bool:
    """Whether a room may be one of the settings; an id may be that of a room listed by its alias."""
    return matrix is not None and (not room.startswith("#") or room in {*matrix.listening, matrix.moderators_room})
