"""How the bot stands at the moment of a scrape, a row a gauge. What is not known is left out of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.store import QueueDepths


@dataclass(frozen=True, slots=True)
class State:
    """How the bot stands now. `sync_ages`: seconds since each network was last heard; `depths` None: the store does
    not answer; the rest is left out of the page where it is not known.
    """

    ready: bool = False
    sync_ages: Mapping[str, float] = field(default_factory=dict)
    entries: int | None = None
    links: Mapping[str, int] = field(default_factory=dict)
    depths: QueueDepths | None = None


Values = Mapping[tuple[str, ...], float]
"""By the values of the labels."""


@dataclass(frozen=True, slots=True)
class _Gauge:
    name: str
    help: str
    labels: tuple[str, ...]
    values: Callable[[State], Values]

    def family(self, state: State) -> GaugeMetricFamily:
        family = GaugeMetricFamily(f"concierge_{self.name}", self.help, labels=self.labels)
        for labels, value in self.values(state).items():
            family.add_metric(labels, value)
        return family


def _by_name(values: Mapping[str, float]) -> Values:
    return {(name,): value for name, value in values.items()}


def _known(value: float | None) -> Values:
    return {} if value is None else {(): value}


def _journal(state: State) -> Values:
    return _by_name({"due": state.depths.due, "put_off": state.depths.put_off}) if state.depths else {}


GAUGES = (
    _Gauge("ready", "1 where /ready answers 200.", (), lambda state: _known(state.ready)),
    _Gauge(
        "sync_age_seconds",
        "Since a network was last heard, or since the start.",
        ("channel",),
        lambda state: _by_name(state.sync_ages),
    ),
    _Gauge(
        "outbox_posts",
        "Posts that wait to be sent.",
        ("channel",),
        lambda state: _by_name(state.depths.outbox) if state.depths else {},
    ),
    _Gauge(
        "outbox_oldest_seconds",
        "How long the oldest of them waits; 0: none does.",
        ("channel",),
        lambda state: _by_name(state.depths.oldest) if state.depths else {},
    ),
    _Gauge("journal_events", "Events that are still to be dealt with, now or later.", ("state",), _journal),
    _Gauge(
        "questions_open",
        "Questions without an answer, in the moderators' queue.",
        (),
        lambda state: _known(state.depths.questions if state.depths else None),
    ),
    _Gauge("knowledge_entries", "Entries in use.", (), lambda state: _known(state.entries)),
    _Gauge("links", "Addresses in the answers, as last looked at.", ("state",), lambda state: _by_name(state.links)),
)


class Gauges(Collector):
    def __init__(self, version: str) -> None:
        self.state = State()
        self._version = version

    def collect(self) -> Iterator[Metric]:
        yield from (gauge.family(self.state) for gauge in GAUGES)
        build = GaugeMetricFamily("concierge_build_info", "1, with the version that runs.", labels=["version"])
        build.add_metric([self._version], 1)
        yield build
