"""Matrix (https://spec.matrix.org): one account on one homeserver, in rooms."""

from collections.abc import AsyncIterator
from pathlib import Path

from bot.channels.channel_kind import ChannelInstance, ChannelKind, DigestKey, Examination, Runtime
from bot.channels.findings import Finding
from bot.channels.interview import Interview, SectionAnswers
from bot.channels.matrix.room_export import past_of_export
from bot.channels.matrix.settings import CAPABILITIES, MatrixSettings, RoomName, knows_room
from bot.messages import Channel


def build(instance: ChannelInstance[MatrixSettings], runtime: Runtime) -> Channel:
    from bot.channels.matrix.channel import MatrixChannel

    return MatrixChannel(instance, runtime)


def examine(instance: ChannelInstance[MatrixSettings], setup: Examination) -> AsyncIterator[Finding]:
    from bot.channels.matrix import doctor

    return doctor.examine(instance, setup)


async def _interview(ask: Interview, before: ChannelInstance[MatrixSettings] | None) -> SectionAnswers | None:
    from bot.channels.matrix.interview import interview

    return await interview(ask, before)


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
        "keys_secret": "(matrix_)?keys_(secret|pass(word|phrase))",
    },
    for_all=frozenset({"keys_secret"}),
    checks={"matrix": examine},
    notes=("matrix.session", "matrix.moved"),
    retired=("avatar", "encryption"),
    digest=DigestKey("rooms", tuple[RoomName, ...], (), knows_room, "setting_digest_room"),
    interview=_interview,
    read_export=past_of_export,
    fit_restored_keys=_fit_restored_keys,
)
