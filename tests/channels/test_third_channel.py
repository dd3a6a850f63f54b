"""Another network takes a package and a row of the registry: here one of text lines over TCP, in this file alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import main
from bot.channels.channel_kind import ChannelInstance, ChannelKind, DigestKey, Examination
from bot.channels.fields import ChannelSettings, Text
from bot.channels.findings import Finding, right, wrong
from bot.channels.registry import CHANNELS
from bot.config.loading import load
from bot.doctor import SetupInfo, examine
from bot.messages import Capabilities, Channel, Event, Incoming, Message, Outgoing, Receive, Reply
from tests.running import ASKED
from tests.waiting import PATIENCE

PASSWORD = {"CONCIERGE_WIRE_PASSWORD": "over and out"}


class WireSettings(ChannelSettings):
    host: Text = "127.0.0.1"
    port: int
    nick: Text = "wirebot"

    @property
    def names(self) -> tuple[str, ...]:
        return (self.nick,)


@dataclass
class WireChannel(Channel):
    """Each line is a JSON object: `id`, `who`, `text` come in; `to`, `text` go out. There is one room, for all."""

    capabilities = Capabilities(reacts=False)
    name: str
    settings: WireSettings
    password: str
    writer: asyncio.StreamWriter | None = None
    started: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.settings.host, self.settings.port)
        self._write({"password": self.password})
        self.started.set()

    async def listen(self, receive: Receive, since: str | None) -> None:
        async for line in self.reader:
            said = json.loads(line)
            event = Event(self.name, said["id"], "wire", said["who"], "message", datetime.now(UTC), line.decode())
            await receive([event], said["id"])
        await asyncio.Event().wait()

    async def read(self, event: Event) -> Incoming | None:
        return Message(event.channel, event.id, event.room, event.sender, json.loads(event.content)["text"], event.sent)

    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        if isinstance(outgoing, Reply):
            self._write({"to": outgoing.to, "text": outgoing.text})
        return transaction

    async def login(self) -> str:
        await self.started.wait()
        return self.settings.nick

    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime, *others: str) -> Sequence[str]:
        return []

    async def fetch(self, room: str, event: str) -> Event | None:
        return None

    async def is_private(self, event: Event) -> bool:
        return False

    def room_named(self, name: str) -> str | None:
        return name

    def link(self, room: str, event: str) -> str:
        return ""

    async def stop(self) -> None:
        if self.writer:
            self.writer.close()

    def _write(self, value: dict[str, Any]) -> None:
        assert self.writer is not None
        self.writer.write(json.dumps(value).encode() + b"\n")


async def check(instance: ChannelInstance[WireSettings], setup: Examination) -> AsyncIterator[Finding]:
    yield right("wire", places=instance.digest_places) if instance.secrets else wrong("wire_no_password")


KIND = ChannelKind(
    name="wire",
    settings=WireSettings,
    capabilities=WireChannel.capabilities,
    build=lambda given, runtime: WireChannel(given.name, given.settings, given.secrets["password"]),
    secrets={"password": "password"},
    checks={"wire": check},
    digest=DigestKey("wires", tuple[str, ...], (), lambda settings, place: place == "wire", "setting_digest_room"),
)


@pytest.fixture
def settings(knowledge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A settings file of these sections, where the registry knows the new network."""
    monkeypatch.setitem(CHANNELS, "wire", KIND)

    def write(sections: str) -> Path:
        (tmp_path / "config.yaml").write_text(f"matching: {{encoder: false}}\n{sections}", encoding="utf-8")
        return tmp_path / "config.yaml"

    return write


@dataclass
class Wire:
    """The other end: somebody there asks the bot at once, and all that it sends is kept."""

    port: int = 0
    got: list[dict[str, Any]] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def up(self) -> AsyncIterator[Wire]:
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = {"id": f"{self.port}", "who": "ana", "text": f"wirebot: {ASKED}"}
        writer.write(json.dumps(asked).encode() + b"\n")
        async for line in reader:
            self.got.append(json.loads(line))
            if "to" in self.got[-1]:
                self.answered.set()
        writer.close()


async def test_two_new_networks_answer(settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHANNELS, "radio", replace(KIND, name="radio", digest=None))
    secrets = PASSWORD | {"CONCIERGE_RADIO_PASSWORD": "roger"}
    async with Wire().up() as wire, Wire().up() as radio:
        sections = f"wire: {{port: {wire.port}}}\nradio: {{port: {radio.port}}}"
        stop = asyncio.Event()
        bot = asyncio.create_task(main.run(load(settings(sections), secrets), stop=stop))
        for one in (wire, radio):
            await asyncio.wait_for(one.answered.wait(), PATIENCE)
        stop.set()
        assert await bot == 0
    for one, password in ((wire, "over and out"), (radio, "roger")):
        first, reply = one.got
        assert (first, reply["to"]) == ({"password": password}, f"{one.port}")
        assert "https://formation.example/" in reply["text"]


async def test_the_doctor_examines_it_after_the_other_networks(settings: Callable[[str], Path]) -> None:
    given = load(settings("wire: {port: 1}\ndigest: {wires: [wire]}"), PASSWORD)
    found = [(area, finding) async for area, finding in examine(SetupInfo(given, None))]
    assert ("wire", right("wire", places=("wire",))) in found
    assert list(dict.fromkeys(area for area, _ in found)) == ["settings", "knowledge", "store", "wire", "web"]
