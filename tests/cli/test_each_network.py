"""Commands on a folder of networks: each has its turn, and what is wrong with one of them hinders no other; `networks`
says which are served."""

import asyncio
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import THIS_WORKER, Store
from tests.backup.samples import held, lived
from tests.cli.conftest import KNOWLEDGE, WORDS_ALONE
from tests.command_line import Run
from tests.databases import execute

FORUM = "discourse: {url: 'http://127.0.0.1:1', username: concierge}\n"
SETTINGS = f"language: en\nstore: sqlite:///var/concierge.db\n{WORDS_ALONE}{FORUM}"
IN_ROOMS = "language: en\nmatrix: {homeserver: 'http://127.0.0.1:1', user: '@c:x.example', rooms: ['#s:x.example']}\n"


@pytest.fixture
def networks(tmp_path: Path) -> Path:
    """Three of them; the settings of the second one are broken."""
    for name in ("brest", "caen", "nancy"):
        (folder := tmp_path / "networks" / name / "knowledge").mkdir(parents=True)
        (folder / "a.yaml").write_text(KNOWLEDGE, "utf-8")
        (folder.parent / "config.yaml").write_text("oops: [" if name == "caen" else SETTINGS, "utf-8")
    return tmp_path / "networks"


def live(networks: Path, *names: str) -> list[str]:
    """Each of them had a bot; the addresses of their stores."""
    urls = [f"sqlite:///{networks / name / 'var' / 'concierge.db'}" for name in names]
    for url in urls:
        asyncio.run(lived(url))
    return urls


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_is_checked_under_its_name_and_the_worst_code_counts(run: Run, networks: Path) -> None:
    code, out, err = run("check", "--config", "networks")
    assert (code, err) == (2, "")
    brest, caen, nancy = (part.partition("\n")[2] for part in out.split("== ")[1:])
    assert brest.strip() == nancy.strip() == "Errors: 0, warnings: 0"
    assert "networks/caen/config.yaml:1:" in caen
    (networks / "nancy" / "knowledge" / "b.yaml").write_text("entries: {", "utf-8")
    shutil.rmtree(networks / "caen")
    code, out, _ = run("check", "--config", "networks/")
    assert (code, "knowledge/b.yaml:1" in out) == (1, True)
    assert run("check", "--config", "networks/brest") == (0, "Errors: 0, warnings: 0\n", "")


def test_programs_get_one_object_with_a_key_for_each(run: Run, networks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = run("doctor", "--json", "--config", "networks")
    found = json.loads(out)
    assert (code, [*found], found["caen"]) == (2, ["brest", "caen", "nancy"], None)
    assert all(line.startswith("caen: networks/caen/config.yaml:1") for line in err.splitlines() if "yaml" in line)
    assert [finding["state"] for finding in found["nancy"]["checks"] if finding["check"] == "store_new"] == ["note"]
    for command in (("ask", "bonjour"), ("chat",), ("eval", "q.jsonl"), ("import", "a.csv")):
        code, out, err = run(*command, "--config", "networks")
        assert (code, out, "--config networks/brest" in err) == (2, "", True)
    monkeypatch.setenv("CONCIERGE_DISCOURSE_API_KEY", "k" * 64)  # it would be that of all
    code, out, err = run("doctor", "--config", "networks")
    assert (code, out, "CONCIERGE_DISCOURSE_API_KEY" in err) == (2, "", True)


def test_each_has_its_own_backup(run: Run, networks: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    brest, nancy = live(networks, "brest", "nancy")
    code, out, err = run("backup", "backups/today", "--config", "networks")
    assert (code, files(Path("backups/today"))) == (2, ["brest.zip", "nancy.zip"])
    assert "== brest ==\nBackup written to backups/today/brest.zip" in out
    assert "caen: networks/caen/config.yaml:1" in err
    shutil.rmtree(networks / "caen")
    Path("backups/today/nancy.zip").unlink()
    code, out, err = run("backup", "backups/today", "--config", "networks")
    assert (code, "written to backups/today/nancy.zip" in out) == (1, True)
    assert err.startswith("brest: backups/today/brest.zip is there already.")

    monkeypatch.setenv("CONCIERGE_DATABASE_URL", postgres_url)
    for name in ("brest", "nancy"):
        (networks / name / "config.yaml").write_text(f"store_schema: of_{name}\n{SETTINGS}", "utf-8")
        execute(postgres_url, f"CREATE SCHEMA of_{name}")
    code, out, err = run("restore", "backups/today", "--config", "networks")
    assert (code, err) == (0, "")
    assert out.count("Start the bot") == 2
    run("backup", "backups/later", "--config", "networks")
    code, _, err = run("restore", "backups/later", "--config", "networks")
    assert (code, err.count("it is not empty")) == (1, 2)
    monkeypatch.delenv("CONCIERGE_DATABASE_URL")
    for name, url in (("brest", brest), ("nancy", nancy)):
        before = held(url)
        shutil.rmtree(networks / name / "var")
        (networks / name / "config.yaml").write_text(SETTINGS, "utf-8")
        assert run("restore", f"backups/later/{name}.zip", "--config", f"networks/{name}")[0] == 0
        assert held(url)["questions"] == before["questions"]


def test_each_has_its_pages_in_a_folder_and_under_an_address_of_its_own(run: Run, networks: Path) -> None:
    (networks / "caen" / "config.yaml").write_text(SETTINGS, "utf-8")
    (networks / "caen" / "knowledge" / "a.yaml").write_text("entries: {", "utf-8")
    code, _, err = run("site", "public", "--url", "https://answers.example/", "--config", "networks")
    assert (code, files(Path("public"))) == (1, ["brest", "nancy"])
    assert err.startswith("caen: networks/caen/knowledge: ")
    sitemap = Path("public/brest/sitemap.xml").read_text("utf-8")
    assert "<loc>https://answers.example/brest/r/horaires.html</loc>" in sitemap


def test_what_nobody_foresaw_in_one_hinders_no_other(run: Run, networks: Path) -> None:
    live(networks, "nancy")
    (networks / "brest" / "var").mkdir()
    (networks / "brest" / "var" / "concierge.db").mkdir()
    code, _, err = run("backup", "backups", "--config", "networks")
    assert (code, files(Path("backups"))) == (2, ["nancy.zip"])
    assert "brest: " in err
    assert "Traceback" not in err


def add(networks: Path, name: str, settings: str = IN_ROOMS) -> None:
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


def test_it_says_who_is_served_and_what_keeps_others(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One network alone may have its secrets in the environment."""
    add(networks := tmp_path / "networks", "brest")
    store_of_brest = f"sqlite:///{networks}/brest/var/concierge.db"
    assert asyncio.run(served(run, store_of_brest))[:2] == (0, "brest  served by a running bot\n")
    monkeypatch.setenv("CONCIERGE_MATRIX_PASSWORD", "secret")
    (networks / "brest" / "secrets" / "matrix_password").rename(tmp_path / "away")
    assert run("networks", "--config", "networks/brest")[:2] == (1, "brest  not served\n")
    code, out, err = run("networks", "--config", "networks")
    assert (code, out, "CONCIERGE_MATRIX_PASSWORD" in err) == (2, "", True)
    monkeypatch.delenv("CONCIERGE_MATRIX_PASSWORD")
    (tmp_path / "away").rename(networks / "brest" / "secrets" / "matrix_password")
    code, out, err = run("networks", "--config", "networks/none")
    assert (code, out, "concierge init --config networks/none/" in err) == (2, "", True)
    for name in ("aix", "caen", "dax"):
        add(networks, name)
    add(networks, "twin", f"store: {store_of_brest}\n{IN_ROOMS}")
    (networks / "caen" / "config.yaml").write_text(f"answers: {{feedback: perhaps}}\n{IN_ROOMS}", "utf-8")
    (networks / "dax" / "config.yaml").write_text(f"{FORUM}{IN_ROOMS}", "utf-8")
    asyncio.run(lived(f"sqlite:///{networks}/aix/var/concierge.db"))
    code, out, err = asyncio.run(served(run, store_of_brest))
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


def test_each_has_its_own_schema(run: Run, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("lyon", "metz"):
        add(tmp_path / "networks", name, f"store_schema: list_{name}\n{IN_ROOMS}")
        execute(postgres_url, f"CREATE SCHEMA list_{name}")
    monkeypatch.setenv("CONCIERGE_DATABASE_URL", postgres_url)
    of_metz = postgres_url.replace("search_path%3D", "search_path%3Dlist_metz,")
    code, out, err = asyncio.run(served(run, of_metz))
    assert (code, err) == (1, "")
    lyon, metz = out.splitlines()
    assert lyon == "lyon  not served"
    assert re.fullmatch(rf"metz  served by {THIS_WORKER} since [\d-]+ \d\d:\d\d", metz)
    found = json.loads(asyncio.run(served(run, of_metz, "--json"))[1])
    assert found["lyon"] == {"state": "idle", "worker": None, "since": None, "problem": None}
    assert (found["metz"]["state"], found["metz"]["worker"]) == ("served", THIS_WORKER)
    assert abs(datetime.fromisoformat(found["metz"]["since"]) - datetime.now(UTC)) < timedelta(minutes=5)
    monkeypatch.setenv("CONCIERGE_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/none")
    code, out, _ = run("networks", "--config", "networks")
    assert (code, out.count("it is not known whether it is served: ")) == (1, 2)
