"""`concierge networks` while some are served and others cannot be."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import THIS_WORKER, Store
from tests.backup.samples import lived
from tests.command_line import Run
from tests.databases import execute

SETTINGS = "language: en\nmatrix: {homeserver: 'http://127.0.0.1:1', user: '@c:x.example', rooms: ['#s:x.example']}\n"


@pytest.fixture
def networks(tmp_path: Path) -> Path:
    (tmp_path / "networks").mkdir()
    return tmp_path / "networks"


def add(networks: Path, name: str, settings: str = SETTINGS) -> None:
    (folder := networks / name / "secrets").mkdir(parents=True)
    (folder / "matrix_password").write_text("secret", "utf-8")
    (folder.parent / "config.yaml").write_text(settings, "utf-8")


async def served(run: Run, url: str, *options: str) -> tuple[int, str, str]:
    """What it prints while that store is in use."""
    store = await Store.open(url)
    try:
        return await asyncio.to_thread(run, "networks", "--config", "networks", *options)
    finally:
        await store.close()


def test_it_says_which_are_served_and_what_keeps_the_others(run: Run, networks: Path) -> None:
    for name in ("aix", "brest", "caen", "dax"):
        add(networks, name)
    add(networks, "twin", f"store: sqlite:///{networks}/brest/var/concierge.db\n{SETTINGS}")
    (networks / "caen" / "config.yaml").write_text(f"answers: {{feedback: perhaps}}\n{SETTINGS}", "utf-8")
    (networks / "dax" / "config.yaml").write_text(
        f"discourse: {{url: 'http://127.0.0.1:1', username: c}}\n{SETTINGS}", "utf-8"
    )
    asyncio.run(lived(f"sqlite:///{networks}/aix/var/concierge.db"))
    code, out, err = asyncio.run(served(run, f"sqlite:///{networks}/brest/var/concierge.db"))
    assert (code, err) == (1, "")
    aix, brest, caen, dax, twin = out.splitlines()
    assert (aix, brest) == ("aix    not served", "brest  served by a running bot")
    assert caen.startswith("caen   not served: networks/caen/config.yaml:1: ")
    assert "CONCIERGE_DISCOURSE_API_KEY" in dax
    assert twin == "twin   not served: it has the same `store` as brest, and one alone can have it."
    (networks / "caen" / "config.yaml").write_text("oops: [", "utf-8")
    code, out, _ = run("networks", "--config", "networks", "--json")
    found = json.loads(out)
    assert found["caen"]["problem"].startswith("networks/caen/config.yaml:1: ")
    assert "\n" not in found["caen"]["problem"]
    assert [found[name]["state"] for name in found] == ["idle", "idle", "faulty", "faulty", "faulty"]


def test_all_served_is_code_0_and_one_network_alone_may_have_its_secrets_in_the_environment(
    run: Run, networks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(networks, "brest")
    code, out, _ = asyncio.run(served(run, f"sqlite:///{networks}/brest/var/concierge.db"))
    assert (code, out) == (0, "brest  served by a running bot\n")
    (networks / "brest" / "secrets" / "matrix_password").unlink()
    monkeypatch.setenv("CONCIERGE_MATRIX_PASSWORD", "secret")
    assert run("networks", "--config", "networks/brest")[:2] == (1, "brest  not served\n")
    code, out, err = run("networks", "--config", "networks")
    assert (code, out, "CONCIERGE_MATRIX_PASSWORD" in err) == (2, "", True)
    monkeypatch.delenv("CONCIERGE_MATRIX_PASSWORD")
    (networks / "none").mkdir()
    code, out, err = run("networks", "--config", "networks/none")
    assert (code, out, "concierge init --config networks/none/" in err) == (2, "", True)


def test_in_one_database_each_has_its_schema(
    run: Run, networks: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lyon", "metz"):
        add(networks, name, f"store_schema: list_{name}\n{SETTINGS}")
        execute(postgres_url, f"CREATE SCHEMA list_{name}")
    monkeypatch.setenv("CONCIERGE_DATABASE_URL", postgres_url)
    of_metz = postgres_url.replace("search_path%3D", "search_path%3Dlist_metz,")
    code, out, err = asyncio.run(served(run, of_metz))
    assert (code, err) == (1, "")
    lyon, metz = out.splitlines()
    assert lyon == "lyon  not served"
    assert re.fullmatch(rf"metz  served by {THIS_WORKER} since [\d-]+ \d\d:\d\d", metz)
    code, out, _ = asyncio.run(served(run, of_metz, "--json"))
    found = json.loads(out)
    assert found["lyon"] == {"state": "idle", "worker": None, "since": None, "problem": None}
    assert (found["metz"]["state"], found["metz"]["worker"]) == ("served", THIS_WORKER)
    assert abs(datetime.fromisoformat(found["metz"]["since"]) - datetime.now(UTC)) < timedelta(minutes=5)
    monkeypatch.setenv("CONCIERGE_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/none")
    code, out, _ = run("networks", "--config", "networks")
    assert (code, out.count("it is not known whether it is served: ")) == (1, 2)
