"""The section `discourse` of the settings file, and the capabilities of a forum."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

from bot.channels.channel_kind import ChannelInstance
from bot.channels.fields import SILENCE, ChannelSettings, Positive, Section, Slug, Text, Url
from bot.messages import Capabilities

ROUND = 4  # approximate number of requests in a poll
CAPABILITIES = Capabilities(reacts=False, has_topics=True, overheard_age=timedelta(hours=1))
"""Capabilities of a forum. A post made while the bot was down must be less than an hour old to be overheard."""


class ListedCategory(Section):
    """A category that the bot reads. `region`: whose answers go first there."""

    category: Slug
    region: Text | None = None


OnlyName = BeforeValidator(lambda value: {"category": value} if isinstance(value, str) else value)


class DiscourseSettings(ChannelSettings):
    url: Url
    username: Text
    categories: tuple[Annotated[ListedCategory, OnlyName], ...] = ()
    moderators_group: Slug | None = None
    ignore: tuple[Text, ...] = ()
    direct: bool = False
    poll: Positive = 60  # seconds

    @property
    def regions(self) -> Mapping[str, str | None]:
        return {one.category: one.region for one in self.categories}

    @property
    def names(self) -> tuple[str, ...]:
        return (f"@{self.username}",)

    @property
    def moderator_group(self) -> str | None:
        return self.moderators_group

    @property
    def pace(self) -> float:
        """Requests a second in the long run: those that a forum grants to all keys, unless `poll` takes more."""
        return max(1.0, ROUND / self.poll)

    @property
    def silence(self) -> float:
        return max(SILENCE, 3 * self.poll)


Forum = ChannelInstance[DiscourseSettings]
