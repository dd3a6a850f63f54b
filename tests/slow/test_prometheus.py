"""Debian's Prometheus looks at a running bot: it takes its figures, its alerts, and every query of the dashboard."""

import asyncio
import json
import shutil
import signal
import subprocess
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.demo.homeserver import free_port
from tests.conftest import NewBot, NewMember
from tests.running import ASKED, from_bot
from tests.waiting import PATIENCE

DEPLOYED = Path(__file__).parents[2] / "deploy" / "prometheus"
RULES, DASHBOARD = DEPLOYED / "concierge.rules.yml", DEPLOYED / "dashboard.json"
PROMETHEUS, PROMTOOL = shutil.which("prometheus") or "", shutil.which("promtool") or ""
ABSENT = "there is no Prometheus here; on Debian and Ubuntu: apt install prometheus"
pytestmark = [pytest.mark.soak, pytest.mark.skipif(not (PROMETHEUS and PROMTOOL), reason=ABSENT)]
SETTINGS = """\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: concierge
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def promtool(*arguments: str, given: bytes = b"") -> tuple[int, str]:
    ran = subprocess.run([PROMTOOL, *arguments], input=given, capture_output=True, timeout=PATIENCE)  # noqa: S603
    return ran.returncode, (ran.stdout + ran.stderr).decode()


def test_each_alert_wakes_when_it_should_and_sleeps_when_it_should() -> None:
    for command, name in (("check", "concierge.rules.yml"), ("test", "concierge.rules.test.yml")):
        code, said = promtool(command, "rules", str(DEPLOYED / name))
        assert code == 0, said


@asynccontextmanager
async def prometheus(folder: Path, bot: int) -> AsyncIterator[httpx.AsyncClient]:
    """Its API; `bot`: the port that it looks at."""
    (folder / "prometheus.yml").write_text(SETTINGS.format(rules=RULES, port=bot), encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    options = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    options.append(f"--web.listen-address={address}")
    process = await asyncio.create_subprocess_exec(PROMETHEUS, *options, stdout=DEVNULL, stderr=DEVNULL)
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}/api/v1") as http:
            yield http
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def result(http: httpx.AsyncClient, query: str) -> list[Any]:
    answer = await http.get("/query", params={"query": query})
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["data"]["result"]
    return found


async def scraped(http: httpx.AsyncClient, query: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(httpx.TransportError, AssertionError):
                if await result(http, query):
                    return
            await asyncio.sleep(0.1)


async def test_a_bot_is_watched(member: NewMember, new_bot: NewBot, knowledge: Path, tmp_path: Path) -> None:
    ana, port = await member("ana"), free_port()
    room = await ana.create_room()
    running = await new_bot(room, knowledge=knowledge, web={"address": port})
    async with running.up(), prometheus(tmp_path, port) as http:
        await ana.wait_for(room, from_bot(running))
        await ana.wait_for(room, from_bot(running, await ana.say(room, f"concierge : {ASKED}")))
        await scraped(http, 'concierge_decisions_total{decision="answer"} == 1')
        await scraped(http, "concierge_ready == 1")
        async with httpx.AsyncClient() as reader:
            figures = (await reader.get(f"http://127.0.0.1:{port}/metrics")).content
        assert await asyncio.to_thread(promtool, "check", "metrics", given=figures) == (0, "")
        groups = (await http.get("/rules")).json()["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert {(rule["health"], rule.get("lastError")) for rule in rules} <= {("ok", None), ("unknown", None)}
        named = ("ConciergeNotReady", "ConciergeRepliesWait", "ConciergeErrors", "ConciergeSlow")
        assert {rule["name"]: rule["state"] for rule in rules} == dict.fromkeys(named, "inactive")
        panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
        for panel in panels:
            for target in panel["targets"]:
                await result(http, target["expr"])
        assert len(await result(http, panels[0]["targets"][0]["expr"])) == 1
