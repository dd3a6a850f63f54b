"""Sections of the settings: every key with its default."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, SecretStr, create_model

from bot.channels.channel_kind import ChannelInstance
from bot.channels.fields import ChannelSettings, Section, Url
from bot.channels.registry import CHANNELS
from bot.config import types
from bot.knowledge.yaml.problems import Problem
from bot.locale import Language
from bot.matching.decision import Thresholds

CONFIG = Path("config.yaml")  # the settings file unless another one is named

_SHIPPED = Thresholds()

Fields = dict[str, tuple[Any, Any]]  # annotation and default, by name


class AnswersSettings(Section):
    confident: types.Probability = _SHIPPED.confident
    overheard: types.Probability = _SHIPPED.overheard
    per_hour: types.Count = 6  # answers to overheard questions in a room
    feedback: bool = True  # asks for 👍 or 👎 under them


class FloodSettings(Section):
    questions: types.Count = 30  # of one person in ten minutes; 0: no limit


class MatchingSettings(Section):
    encoder: types.EncoderChoice = True  # true: the default one; false: none; or the folder of another

    @property
    def semantic(self) -> bool:
        """Whether there is an encoder at all."""
        return self.encoder is not False

    @property
    def encoder_folder(self) -> Path | None:
        """Return the folder of an encoder of the operator's own."""
        return self.encoder if isinstance(self.encoder, Path) else None


class RetentionSettings(Section):
    questions: Annotated[int, Field(ge=1, le=90)] = 90  # days


class DigestSettings(Section):
    """`when`: day and time, as `weekly_moment` returns them. `places`: where it is posted, by network; in the file each
    kind of network has a key of its own for them."""

    when: types.WeeklyMoment = "monday 09:00"
    places: Mapping[str, tuple[str, ...]] = {}


class WebSettings(Section):
    """`pages`: serve the answers to everybody, and the moderators' desk. `public_url`: their address for readers.

    `proxies`: whose `X-Forwarded-For` is trusted. `logo`: an image, as `load` has found it; None where it is unusable.
    """

    address: types.ListenAddress = "127.0.0.1:8080"
    pages: bool = False
    public_url: Url | None = None
    proxies: tuple[types.IpNetwork, ...] = ()
    logo: types.File | None = None

    @property
    def host(self) -> str:
        """The host to listen on, without the brackets of an IPv6 address."""
        return self.address.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def local_host(self) -> str:
        """Host and port at which this machine itself reaches the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 (what others listen on)
        return f"{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def page_address(self) -> str:
        """Address of an answer's page, with `{id}` in it; empty without `public_url`. Without `pages` they are
        files."""
        return f"{self.public_url}/r/{{id}}{'' if self.pages else '.html'}" if self.public_url else ""


class Settings(Section):
    """All settings. `channels`: the sections of the networks. `secrets`: those set, by `<section>_<secret>`.

    `about`: whose answers these are, in Markdown, for the pages.
    Secrets come only from the environment and files. `file` is the settings file; None if there is none. `noticed`:
    warnings about lines of it: keys of earlier versions, a logo that cannot be shown, what is hardly intended.
    """

    language: Language = "fr"
    timezone: types.Zone = ZoneInfo("Europe/Paris")
    name: types.Name = "Concierge"
    prefix: types.Prefix = "!"
    contact: str = Field("", max_length=200)
    about: str = Field("", max_length=300)
    knowledge: types.Folder = Path("knowledge")
    store: types.Database = SecretStr("sqlite:///var/concierge.db")
    store_schema: types.SchemaName | None = None
    channels: Mapping[str, ChannelSettings] = {}
    answers: AnswersSettings = AnswersSettings()
    flood: FloodSettings = FloodSettings()
    matching: MatchingSettings = MatchingSettings()
    retention: RetentionSettings = RetentionSettings()
    knowledge_git: bool = False
    digest: DigestSettings | None = None
    web: WebSettings | None = None
    secrets: Mapping[str, SecretStr] = {}
    file: Path | None = None
    noticed: tuple[Problem, ...] = ()

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Settings that are allowed but hardly intended."""
        is_nowhere = self.digest is not None and not any(network.digest_places for network in self.networks)
        nowhere = Problem(str(self.file), 0, "setting_digest_nowhere", warning=True)
        config = self.file or CONFIG
        learned = config.with_name(f"{config.stem}.learned.json")  # written and read by earlier versions
        unread = Problem(str(learned), 0, "setting_learned_file", {"config": config.name}, warning=True)
        return self.noticed + (nowhere,) * is_nowhere + (unread,) * learned.exists()

    @property
    def limits(self) -> Thresholds:
        return Thresholds(self.answers.confident, self.answers.overheard, min(_SHIPPED.suggest, self.answers.confident))

    @property
    def networks(self) -> list[ChannelInstance[Any]]:
        found, places = list[ChannelInstance[Any]](), self.digest.places if self.digest else {}
        values = {key: value.get_secret_value() for key, value in self.secrets.items() if value}
        for name, section in self.channels.items():
            secrets = {one: values[f"{name}_{one}"] for one in CHANNELS[name].secrets if f"{name}_{one}" in values}
            found.append(ChannelInstance(name, CHANNELS[name], section, secrets, places.get(name, ())))
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """Names by which people in a room call the bot."""
        rooms = [network for network in self.networks if not network.kind.capabilities.has_topics]
        return (self.name, *(name for network in rooms for name in network.settings.names))

    @property
    def has_moderators_room(self) -> bool:
        return any(network.settings.has_moderators_room for network in self.networks)

    @property
    def has_team(self) -> bool:
        """Whether anybody is told of a question without an answer. `moderators` alone are not: they may look."""
        return self.has_moderators_room or any(network.settings.moderator_group for network in self.networks)

    @property
    def regions(self) -> Mapping[str, str | None] | None:
        """Rooms and categories of all networks, each with its region; None without a settings file."""
        if self.file is None:
            return None
        return {name: region for one in self.networks for name, region in one.settings.regions.items()}


def file_model() -> type[BaseModel]:
    """Return the model of the file: `Settings` with a section for each kind of network in place of `channels`.

    In `digest`, a key for each kind replaces `places`.
    """
    sections: Fields = {kind.name: (kind.settings | None, None) for kind in CHANNELS.values()}
    keys = [kind.digest for kind in CHANNELS.values() if kind.digest]
    digest = _with_fields(DigestSettings, places={key.name: (key.type, key.default) for key in keys}) | None
    return _with_fields(Settings, channels=sections, digest={"digest": (digest, None)}, secrets={}, file={}, noticed={})


def _with_fields(model: type[Section], **replaced: Fields) -> type[BaseModel]:
    """Return the section with some of its fields replaced, each by any number of others."""
    fields: Fields = {}
    for name, field in model.model_fields.items():
        fields |= replaced.get(name, {name: (field.annotation, field)})
    return create_model(model.__name__, __base__=Section, **fields)  # type: ignore[call-overload,no-any-return]
