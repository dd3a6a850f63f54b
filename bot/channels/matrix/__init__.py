"""Matrix (https://spec.matrix.org): one account on one homeserver, in rooms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bot.channels.channel_kind import ChannelInstance, ChannelKind, DigestKey, Examination, Runtime
from bot.channels.findings import Finding
from bot.channels.interview import Interview, SectionAnswers
from bot.channels.matrix.settings import CAPABILITIES, MatrixSettings, RoomName, knows_room
from bot.messages import Channel, Past


def build(instance: ChannelInstance[MatrixSettings], runtime: Runtime) -> Channel:
    from bot.channels.matrix.channel import MatrixChannel
    from bot.channels.matrix.login import SHIPPED_AVATAR, Account

    settings, secrets = instance.settings, instance.secrets
    account = Account(
        homeserver=settings.homeserver,
        user=settings.user,
        password=secrets.get("password"),
        signing_seed=secrets.get("signing_seed"),
        access_token=secrets.get("access_token"),
        rooms=tuple(settings.listening.items()),
        regions=settings.regions,
        direct=settings.direct,
        moderators_room=settings.moderators_room,
        ignore=settings.ignore,
        avatar=SHIPPED_AVATAR,
        key_store=runtime.key_folder,
    )
    return MatrixChannel(
        account, runtime.memory, runtime.bot_name, runtime.on_time, runtime.on_rate_limited, instance.name
    )


def examine(instance: ChannelInstance[MatrixSettings], setup: Examination) -> AsyncIterator[Finding]:
    from bot.channels.matrix import doctor

    return doctor.examine(instance, setup)


async def _interview(ask: Interview, before: ChannelInstance[MatrixSettings] | None) -> SectionAnswers | None:
    from bot.channels.matrix.interview import interview

    return await interview(ask, before)


def _read_export(raw: Any, settings: MatrixSettings | None) -> Past | None:
    from bot.channels.matrix.past import past_of_export

    return past_of_export(raw, settings)


def _fit_restored_keys(path: Path) -> None:
    from bot.channels.matrix.crypto.key_store import mark_restored

    mark_restored(path)


KIND = ChannelKind(
    name="matrix",
    settings=MatrixSettings,
    capabilities=CAPABILITIES,
    build=build,
    secrets={
        "password": "(matrix_)?pass(word|wort|e)?",  # used only while the store has no token
        "access_token": "(matrix_)?(access_?)?token",
        "signing_seed": "(matrix_)?(signing_)?seed",
    },
    checks={"matrix": examine},
    notes=("matrix.session", "matrix.moved"),
    retired=("avatar", "encryption"),
    digest=DigestKey("rooms", tuple[RoomName, ...], (), knows_room, "setting_digest_room"),
    interview=_interview,
    read_export=_read_export,
    fit_restored_keys=_fit_restored_keys,
)
