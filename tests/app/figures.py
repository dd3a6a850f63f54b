"""The page of figures, read as Prometheus reads it."""

import asyncio
from collections.abc import Callable

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.waiting import PATIENCE

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def figures(page: str) -> Figures:
    samples = (sample for family in text_string_to_metric_families(page) for sample in family.samples)
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


def read(found: Figures, name: str, **labels: str) -> float:
    return found[f"concierge_{name}", frozenset(labels.items())]


async def scraped(http: httpx.AsyncClient, done: Callable[[Figures], bool]) -> tuple[Figures, str]:
    async with asyncio.timeout(PATIENCE):
        while True:
            text = (await http.get("/metrics")).text
            if done(figures(text)):
                return figures(text), text
            await asyncio.sleep(0.05)
