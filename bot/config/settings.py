"""The settings, section by section: every key with its default. Frozen; unknown keys are refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from bot.config.types import (
    Clock,
    Count,
    Database,
    Folder,
    Name,
    Port,
    Positive,
    Prefix,
    Probability,
    RoomName,
    Slug,
    Text,
    Url,
    User,
    Weekday,
    Zone,
    wrong,
)
from bot.locale import Language
from bot.matching.decision import Thresholds
from bot.messages import Listen

_SHIPPED = Thresholds()


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Room(Section):
    """A room where the bot is; `listen`: None where the channel's own holds."""

    room: RoomName
    listen: Listen | None = None


def _room(value: object) -> object:
    return {"room": value} if isinstance(value, str) else value


class MatrixSettings(Section):
    homeserver: Url
    user: User
    rooms: Annotated[tuple[Annotated[Room, BeforeValidator(_room)], ...], Field(min_length=1)]
    listen: Listen = "questions"
    direct: bool = True
    moderators_room: RoomName | None = None
    moderators: tuple[User, ...] = ()
    ignore: tuple[User, ...] = ()
    encryption: bool = True

    @property
    def listening(self) -> Mapping[str, Listen]:
        """How the bot listens in each listed room, by alias or id as written."""
        return {one.room: one.listen or self.listen for one in self.rooms}


class DiscourseSettings(Section):
    url: Url
    username: Text
    categories: tuple[Slug, ...] = ()
    moderators_group: Slug | None = None
    ignore: tuple[Text, ...] = ()
    direct: bool = False
    poll: Positive = 60  # seconds
    pace: Positive = 1.0  # requests a second


class AnswersSettings(Section):
    confident: Probability = _SHIPPED.confident
    overheard: Probability = _SHIPPED.overheard
    suggest: Probability = _SHIPPED.suggest
    per_hour: Count = 6

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.suggest > self.confident:
            raise wrong("order", suggest=self.suggest, confident=self.confident)
        return self

    @property
    def limits(self) -> Thresholds:
        return Thresholds(self.confident, self.overheard, self.suggest)


class FloodSettings(Section):
    questions: Count = 30  # 0: no limit
    minutes: Positive = 10

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.minutes)


class MatchingSettings(Section):
    semantic: bool = True


class RetentionSettings(Section):
    questions: Annotated[int, Field(ge=1, le=90)] = 90  # days


class DigestSettings(Section):
    day: Weekday = "monday"
    at: Clock = time(9)
    rooms: tuple[RoomName, ...] = ()
    category: Slug | None = None


class WebSettings(Section):
    host: Text = "127.0.0.1"
    port: Port = 8080


class File(Section):
    """What may stand in the settings file."""

    language: Language = "fr"
    timezone: Zone = ZoneInfo("Europe/Paris")
    name: Name = "Concierge"
    prefix: Prefix = "!"
    knowledge: Folder = Path("knowledge")
    store: Database = SecretStr("sqlite:///var/concierge.db")
    matrix: MatrixSettings | None = None
    discourse: DiscourseSettings | None = None
    answers: AnswersSettings = AnswersSettings()
    flood: FloodSettings = FloodSettings()
    matching: MatchingSettings = MatchingSettings()
    retention: RetentionSettings = RetentionSettings()
    knowledge_git: bool = False
    digest: DigestSettings | None = None
    web: WebSettings | None = None


class Secrets(Section):
    """From the environment alone; None: not given."""

    matrix_password: SecretStr | None = None  # used only while the store has no token
    matrix_access_token: SecretStr | None = None
    matrix_signing_seed: SecretStr | None = None
    discourse_api_key: SecretStr | None = None
    discourse_webhook_secret: SecretStr | None = None


class Settings(File):
    secrets: Secrets = Secrets()

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called by at the start of a message: its name, its user id with and without the server."""
        user = self.matrix.user if self.matrix else ""
        return tuple(name for name in (self.name, user, user.partition(":")[0].removeprefix("@")) if name)
