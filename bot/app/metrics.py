"""The figures of a running bot, in Prometheus' text format or OpenMetrics, from a registry of its own.

A label is one of a few words that this program knows: no room, no person and no text ever is one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client import exposition as plain
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from bot.messages import Event, Kind, Reply
from bot.store import OutboxRow, Outcome, QueueDepths
from bot.workers.sender import SendResult

__all__ = ["BotState", "Metrics"]

disable_created_metrics()  # type: ignore[no-untyped-call]  # a moment for each series: twice as many series, for nothing that is asked

OPENMETRICS = "application/openmetrics-text"
DECIDED: set[Kind] = {"message", "edit"}
"""What the bot decides about; the other events only happen to it."""
ANSWERS = ("answer", "suggest", "short", "unknown", "command", "flood", "rehearsal")
"""Purposes of a post that are decisions by the same name; what else is posted is the moderators' work."""
OVERHEARD, WORK, SILENT = "overheard", "moderation", "silent"
DECISIONS = (*ANSWERS, OVERHEARD, WORK, SILENT)
REPLIES = {"answer", "suggest", "short", "unknown", "command", "list", "flood"}
"""To what was asked: somebody waits for it."""
LEVELS = {logging.WARNING: "warning", logging.ERROR: "error"}

CONFIDENCES = (0.05, 0.1, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99, 1.0)
SEARCHES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
SECONDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 21600)


class _Lines(logging.Handler):
    """Counts the lines of the log."""

    def __init__(self, counter: Counter) -> None:
        super().__init__(logging.WARNING)
        self._counter = counter

    def emit(self, record: logging.LogRecord) -> None:
        self._counter.labels(LEVELS[min(record.levelno, logging.ERROR)]).inc()


class Metrics:
    """`channels`: the names of the networks. What is counted lives as long as this; `log_lines` is for a logger."""

    def __init__(self, version: str, channels: Iterable[str] = ()) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._gauges = Gauges(version)
        self.registry.register(self._gauges)
        self._events = self._counter("events", "Events dealt with, by what happened.", "channel", "kind")
        self._decisions = self._counter("decisions", "What messages and edits came to.", "channel", "decision")
        self._posts = self._counter("posts", "What became of posts.", "channel", "result")
        self._limits = self._counter("rate_limits", "Answers 429: the network asked for a pause.", "channel")
        self._confidence = self._histogram(
            "confidence", "Of the surest entry, where one was looked for.", CONFIDENCES, "addressed"
        )
        self._latency = self._histogram(
            "reply_seconds", "From when a question came in until its reply was sent.", SECONDS, "channel"
        )
        self._search = self._histogram("search_seconds", "How long looking a message up took.", SEARCHES)
        lines = self._counter("log_lines", "Lines of the log that tell of trouble.", "level")
        self.log_lines: logging.Handler = _Lines(lines)
        self._begin(channels, lines)

    def heard(self, event: Event, outcome: Outcome) -> None:
        """An event and what became of it; what is looked at again later is counted then."""
        if outcome.retry_at is not None:
            return
        self._events.labels(event.channel, event.kind).inc()
        if event.kind in DECIDED:
            self._decisions.labels(event.channel, decision(outcome)).inc()
        if outcome.confidence is not None:
            self._confidence.labels(_word(outcome.addressed)).observe(outcome.confidence)

    def posted(self, row: OutboxRow, result: SendResult, seconds: float | None) -> None:
        """A post left the outbox; `seconds`: since that came in which it replies to."""
        self._posts.labels(row.channel, result).inc()
        if seconds is not None and _is_awaited(row):
            self._latency.labels(row.channel).observe(max(seconds, 0.0))

    def searched(self, seconds: float) -> None:
        self._search.observe(seconds)

    def limited(self, channel: str) -> None:
        self._limits.labels(channel).inc()

    def page(self, state: BotState, accept: str) -> tuple[bytes, str]:
        """The page and its content type, as the `Accept` header wants it. The library would take the version from
        that header as it is written there, and stumble over some.
        """
        self._gauges.state = state
        if OPENMETRICS in accept:
            page: bytes = openmetrics.generate_latest(self.registry)  # type: ignore[no-untyped-call]
            return page, openmetrics.CONTENT_TYPE_LATEST
        return plain.generate_latest(self.registry), plain.CONTENT_TYPE_PLAIN_0_0_4

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(name, help, labels, namespace="concierge", registry=self.registry)

    def _histogram(self, name: str, help: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, help, labels, namespace="concierge", registry=self.registry, buckets=buckets)

    def _begin(self, channels: Iterable[str], lines: Counter) -> None:
        """All series at zero: a rate needs a value before the first event."""
        for level in LEVELS.values():
            lines.labels(level)
        for channel in channels:
            self._limits.labels(channel)
            for kind in get_args(Kind):
                self._events.labels(channel, kind)
            for name in DECISIONS:
                self._decisions.labels(channel, name)
            for result in get_args(SendResult):
                self._posts.labels(channel, result)


def decision(outcome: Outcome) -> str:
    if not outcome.posts:
        return SILENT
    first = outcome.posts[0]
    if first.overheard:
        return OVERHEARD
    return first.purpose if first.purpose in ANSWERS else WORK


def _is_awaited(row: OutboxRow) -> bool:
    """New words for an earlier reply are not."""
    new = isinstance(row.outgoing, Reply) and not row.outgoing.replaces
    return new and row.purpose in REPLIES and not row.overheard


def _word(true: bool) -> str:
    return "true" if true else "false"


@dataclass(frozen=True, slots=True)
class BotState:
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
    values: Callable[[BotState], Values]

    def family(self, state: BotState) -> GaugeMetricFamily:
        family = GaugeMetricFamily(f"concierge_{self.name}", self.help, labels=self.labels)
        for labels, value in self.values(state).items():
            family.add_metric(labels, value)
        return family


def _by_name(values: Mapping[str, float]) -> Values:
    return {(name,): value for name, value in values.items()}


def _known(value: float | None) -> Values:
    return {} if value is None else {(): value}


def _journal(state: BotState) -> Values:
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
        self.state = BotState()
        self._version = version

    def collect(self) -> Iterator[Metric]:
        yield from (gauge.family(self.state) for gauge in GAUGES)
        build = GaugeMetricFamily("concierge_build_info", "1, with the version that runs.", labels=["version"])
        build.add_metric([self._version], 1)
        yield build
