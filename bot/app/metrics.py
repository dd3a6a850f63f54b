"""Metrics of a running bot, in Prometheus' text format or OpenMetrics, from a registry of their own.

Labels take few, fixed values: never a room, a person or a text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client import exposition as plain
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from bot.app.served import served
from bot.messages import Event, Kind, Reply
from bot.store import OutboxRow, Outcome, QueueDepths
from bot.workers.sender import SendResult

disable_created_metrics()  # type: ignore[no-untyped-call]  # they would double the number of series

OPENMETRICS = "application/openmetrics-text"
DECIDED: set[Kind] = {"message", "edit"}  # events that the bot decides about
ANSWERS = ("answer", "suggest", "short", "unknown", "command", "flood", "file", "rehearsal")
"""Purposes of posts that are decisions of the same name; all others belong to moderation."""
OVERHEARD, WORK, SILENT = "overheard", "moderation", "silent"
DECISIONS = (*ANSWERS, OVERHEARD, WORK, SILENT)
AWAITED = {*ANSWERS, "link", "list"} - {"rehearsal"}
"""Purposes of replies that somebody waits for."""
LEVELS = {logging.WARNING: "warning", logging.ERROR: "error"}

CONFIDENCES = (0.05, 0.1, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99, 1.0)
SEARCHES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
SECONDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 21600)


class _LineCounter(logging.Handler):
    """Counts a network's log lines by level."""

    def __init__(self, counter: Counter, network: str) -> None:
        super().__init__(logging.WARNING)
        self._counter, self._network = counter, network

    def emit(self, record: logging.LogRecord) -> None:
        if served.get() == self._network:
            self._counter.labels(LEVELS[min(record.levelno, logging.ERROR)]).inc()


class Metrics:
    """`channels`: names of the channels; `log_lines`: a handler to add to a logger; `network`: see `bot.app.served`."""

    def __init__(self, version: str, channels: Iterable[str] = (), network: str = "") -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._gauges = Gauges(version)
        self.registry.register(self._gauges)
        self._events = self._counter("events", "Events dealt with, by what happened.", "channel", "kind")
        self._decisions = self._counter("decisions", "What messages and edits came to.", "channel", "decision")
        self._posts = self._counter("posts", "What became of posts.", "channel", "result")
        self._limits = self._counter("rate_limits", "Answers 429: the network asked for a pause.", "channel")
        surest = "Of the surest entry, where one was looked for."
        waited = "From when a question came in until its reply was sent."
        self._confidence = self._histogram("confidence", surest, CONFIDENCES, "addressed")
        self._latency = self._histogram("reply_seconds", waited, SECONDS, "channel")
        self._search = self._histogram("search_seconds", "How long looking a message up took.", SEARCHES)
        lines = self._counter("log_lines", "Lines of the log that tell of trouble.", "level")
        self.log_lines: logging.Handler = _LineCounter(lines, network)
        for level in LEVELS.values():  # all series begin at zero: a rate needs a value before the first event
            lines.labels(level)
        for channel in channels:
            self._limits.labels(channel)
            for kind in get_args(Kind):
                self._events.labels(channel, kind)
            for name in DECISIONS:
                self._decisions.labels(channel, name)
            for result in get_args(SendResult):
                self._posts.labels(channel, result)

    def on_outcome(self, event: Event, outcome: Outcome) -> None:
        """An event that is to be retried is counted then."""
        if outcome.retry_at is not None:
            return
        self._events.labels(event.channel, event.kind).inc()
        if event.kind in DECIDED:
            self._decisions.labels(event.channel, decision(outcome)).inc()
        if outcome.confidence is not None:
            self._confidence.labels(str(outcome.addressed).lower()).observe(outcome.confidence)

    def on_result(self, row: OutboxRow, result: SendResult, latency: float | None) -> None:
        """See `bot.workers.sender.OnResult`."""
        self._posts.labels(row.channel, result).inc()
        is_new = isinstance(row.outgoing, Reply) and not row.outgoing.replaces
        if latency is not None and is_new and row.purpose in AWAITED and not row.overheard:
            self._latency.labels(row.channel).observe(max(latency, 0.0))

    def on_search(self, seconds: float) -> None:
        self._search.observe(seconds)

    def on_rate_limited(self, channel: str) -> None:
        self._limits.labels(channel).inc()

    def note(self, state: BotState) -> None:
        self._gauges.state = state

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(name, help, labels, namespace="concierge", registry=self.registry)

    def _histogram(self, name: str, help: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, help, labels, namespace="concierge", registry=self.registry, buckets=buckets)


def rendered(figures: Collector, accept: str) -> tuple[bytes, str]:
    """Return the page and its content type for an `Accept` header.

    The library's own negotiation fails on some malformed versions in that header.
    """
    if OPENMETRICS in accept:
        page: bytes = openmetrics.generate_latest(figures)  # type: ignore[no-untyped-call]
        return page, openmetrics.CONTENT_TYPE_LATEST
    return plain.generate_latest(figures), plain.CONTENT_TYPE_PLAIN_0_0_4


class FiguresOfMany(Collector):
    """The figures of several networks, with a label for each; those of the process once."""

    def __init__(self, registries: Mapping[str, Collector]) -> None:
        self._registries = registries

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for network, registry in self._registries.items():
            for metric in registry.collect():
                family = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                if not metric.name.startswith("process_"):
                    label = {"network": network}
                    family.samples.extend(one._replace(labels=label | one.labels) for one in metric.samples)
                elif not family.samples:
                    family.samples.extend(metric.samples)
        yield from families.values()


def decision(outcome: Outcome) -> str:
    if not outcome.posts:
        return SILENT
    first = outcome.posts[0]
    if first.overheard:
        return OVERHEARD
    return first.purpose if first.purpose in ANSWERS else WORK


@dataclass(frozen=True, slots=True)
class BotState:
    """`sync_ages`: seconds since each network last answered; `depths` None: the store does not answer. The page omits
    what is unknown.
    """

    ready: bool = False
    sync_ages: Mapping[str, float] = field(default_factory=dict)
    entries: int | None = None
    links: Mapping[str, int] = field(default_factory=dict)
    depths: QueueDepths | None = None


class Gauges(Collector):
    def __init__(self, version: str) -> None:
        self.state = BotState()
        self._version = version

    def collect(self) -> Iterator[Metric]:
        state, depths = self.state, self.state.depths
        put_off = {"due": depths.due, "put_off": depths.put_off} if depths else {}
        yield _gauge("ready", "1 where /ready answers 200.", state.ready)
        yield _gauge("sync_age_seconds", "Since a network was last heard, or since the start.", channel=state.sync_ages)
        yield _gauge("outbox_posts", "Posts that wait to be sent.", channel=depths.outbox if depths else {})
        oldest = depths.oldest if depths else {}
        yield _gauge("outbox_oldest_seconds", "How long the oldest of them waits; 0: none does.", channel=oldest)
        yield _gauge("journal_events", "Events that are still to be dealt with, now or later.", state=put_off)
        waiting = depths.questions if depths else None
        yield _gauge("questions_open", "Questions without an answer, in the moderators' queue.", waiting)
        yield _gauge("knowledge_entries", "Entries in use.", state.entries)
        yield _gauge("links", "Addresses in the answers, as last looked at.", state=state.links)
        yield _gauge("build_info", "1, with the version that runs.", version={self._version: 1})


def _gauge(name: str, help: str, value: float | None = None, **labelled: Mapping[str, float]) -> GaugeMetricFamily:
    """`labelled`: values by the values of one label; without one and without `value` there is no sample."""
    family = GaugeMetricFamily(f"concierge_{name}", help, labels=[*labelled])
    for values in labelled.values():
        for label, number in values.items():
            family.add_metric([label], number)
    if value is not None:
        family.add_metric([], value)
    return family
