"""Discourse (https://docs.discourse.org): one account on one forum."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot.channels.channel_kind import ChannelKind, DigestKey, Examination, Runtime, TopicReader, WebhookFormat
from bot.channels.discourse.settings import CAPABILITIES, DiscourseSettings, Forum
from bot.channels.fields import Slug
from bot.channels.findings import Finding
from bot.channels.interview import Interview, SectionAnswers
from bot.messages import Channel, Past


def build(instance: Forum, runtime: Runtime) -> Channel:
    from bot.channels.discourse.channel import DiscourseChannel
    from bot.channels.discourse.client import DiscourseClient
    from bot.channels.discourse.site import Site

    site = Site(name=instance.name, **dict(instance.settings))
    client = DiscourseClient(
        *(site.url, site.username, instance.secrets.get("api_key"), site.pace),
        on_time=runtime.on_time,
        on_rate_limited=runtime.on_rate_limited,
        seconds_left=runtime.seconds_left,
    )
    return DiscourseChannel(site, client, runtime.memory, runtime.clock, runtime.moderators_opening)


def examine(instance: Forum, setup: Examination) -> AsyncIterator[Finding]:
    from bot.channels.discourse import doctor

    return doctor.examine(instance, setup)


def examine_webhook(instance: Forum, setup: Examination) -> AsyncIterator[Finding]:
    from bot.channels.discourse import doctor

    return doctor.webhook(instance, setup)


async def _interview(ask: Interview, before: Forum | None) -> SectionAnswers | None:
    from bot.channels.discourse.interview import interview

    return await interview(ask, before)


def _topics() -> TopicReader[DiscourseSettings]:
    from bot.channels.discourse import topics

    return TopicReader(
        locate=topics.locate_topic,
        home=lambda forum: forum.url,
        read=topics.read_topic,
        locate_category=topics.locate_category,
        read_category=topics.read_category,
        read_past=topics.past_of_category,
    )


def _read_export(raw: Any, settings: DiscourseSettings | None) -> Past | None:
    from bot.channels.discourse import topics

    return topics.past_of_export(raw, settings)


def _secret_problem(secrets: Mapping[str, str]) -> str | None:
    key = secrets.get("api_key")
    if key is None:
        return "program.no_forum_key"
    return None if key.isascii() and key.isprintable() else "doctor.secret_unsendable"


KIND = ChannelKind(
    name="discourse",
    settings=DiscourseSettings,
    capabilities=CAPABILITIES,
    retired=("pace",),
    build=build,
    secrets={"api_key": "(discourse_)?(api_?)?key", "webhook_secret": "(discourse_)?webhook(_secret)?|secret"},
    secret_problem=_secret_problem,
    checks={"discourse": examine, "web": examine_webhook},
    digest=DigestKey("category", Slug | None, None, lambda forum, slug: forum is not None, "setting_digest_category"),
    webhook=WebhookFormat("webhook_secret", "X-Discourse-Event-Signature", lambda channel: channel.poll_now()),
    interview=_interview,
    topics=_topics,
    read_export=_read_export,
)
