"""What all tests of a worker share: a real homeserver and a real PostgreSQL, started when first asked for."""

import gc
import itertools
import json
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from bot.demo.homeserver import Credentials, Homeserver, free_port
from bot.knowledge.library import Library
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.encoder_folder import load_embeddings
from bot.matching.index import Index
from tests.command_line import run
from tests.compiled import compiled_once
from tests.databases import (  # fixtures, as are those below that nothing here calls
    database,
    database_kind,
    fast_folder,
    made,
    made_schema,
    postgres,
    postgres_url,
    ready_url,
    sqlite_path,
    sqlite_url,
    url,
)
from tests.member import Member
from tests.moderation import desk, folder, named
from tests.reliability.nest import open_nest
from tests.reliability.started import exits, new_doors, new_forum, new_scene
from tests.running import FORMATION, Running
from tests.scene import encoding_reader, index, scene, suggested

NewAccount = Callable[[str], Awaitable[Credentials]]
NewMember = Callable[[str], Awaitable[Member]]
NewBot = Callable[..., Awaitable[Running]]

SLOW = {
    Path(__file__).parent / name
    for name in (
        *("slow", "reliability", "encryption", "upgrade", "backup", "test_forum_path.py", "test_forum_moderation.py"),
        *("test_benchmarks.py", "cli", "desk", "conversation/moderation", "store/test_one_process.py"),
        *("store/test_privacy.py", "encoder/test_tokenizer.py"),
    )
}
"""Tests of processes, servers or a whole bot, and many short ones that make a minute together: marked `slow`."""

SERVERS = {"homeserver", "nest", "postgres"}
"""Fixtures of other programs; nothing that needs one of them is quick."""

TWINS = {
    Path(__file__).parent / name
    for name in ("store", "reliability", "upgrade", "test_end_to_end.py", "test_forum_path.py")
}
"""Tests that run on both databases, because what the database does matters in them, and two whole walks; the others run
on SQLite alone, and on both where THOROUGH is set."""

THOROUGH = "THOROUGH" in os.environ
"""Whether `make soak ARGS=tests` runs them, with all that `make test` leaves out."""

settings.register_profile("a busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("a busy machine"), max_examples=20)

MEMORY = Path("/dev/shm")  # noqa: S108 (what is made in it is private)
SHIPPED = Path(__file__).parents[1] / "knowledge"

_numbers = itertools.count(1)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two for each processor, since half of their time is waiting; fewer for quick ones. Each takes a gigabyte."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors + 1 if config.getoption("--quick") else 2 * processors, 8)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A captured log may hold half a character; a worker could not send that to its master."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="without homeserver, PostgreSQL, and what takes seconds")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if not (config.option.basetemp or hasattr(config, "workerinput")) and _memory_is_roomy():
        _forget_earlier_runs()
        tempfile.tempdir = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix=f"concierge-tests-{os.getpid()}-", dir=MEMORY)
        os.chmod(tempfile.tempdir, 0o711)  # noqa: S103 (programs of other users have folders in it)
        config.option.basetemp = f"{tempfile.tempdir}/pytest"
    settings.load_profile("quick" if config.getoption("--quick") else "a busy machine")


def _memory_is_roomy() -> bool:
    """Whether temporary files can lie in memory: every commit of a database waits until the disk has it."""
    if not os.access(MEMORY, os.W_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(MEMORY).free > 6 << 30  # a run leaves about three gigabytes behind


def _forget_earlier_runs() -> None:
    """A run that failed or was stopped leaves its files, in memory: they are looked at before the next run."""
    for left in MEMORY.glob("concierge-tests-*"):
        process = left.name.split("-")[2]
        if left.stat().st_uid == os.getuid() and process.isdecimal() and not Path("/proc", process).exists():
            shutil.rmtree(left, ignore_errors=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """What failed is looked at: its files stay."""
    place, reporter = os.environ.get("TMPDIR", ""), config.pluginmanager.get_plugin("terminalreporter")
    if hasattr(config, "workerinput") or config.option.basetemp != f"{place}/pytest":
        return
    if reporter is None or not (reporter.stats.get("failed") or reporter.stats.get("error")):
        shutil.rmtree(place, ignore_errors=True)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if config.getoption("--quick") and collection_path in SLOW else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    path = metafunc.definition.path
    on_both = THOROUGH or not TWINS.isdisjoint((path, *path.parents))
    if "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"] if on_both else ["sqlite"], indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The slow ones first, so that in the end no worker waits long for another."""
    for item in items:
        if SLOW & {item.path, *item.path.parents}:
            item.add_marker("slow")
    left_out = {item for item in items if _is_left_out(item, config)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.get_closest_marker("slow"))


def pytest_collection_finish() -> None:
    """All that is loaded now stays: the collector, which some tests call, need not go through it again."""
    gc.collect()
    gc.freeze()


def _is_left_out(item: pytest.Item, config: pytest.Config) -> bool:
    if config.getoption("--quick") and _takes_long(item):
        return True
    if THOROUGH:
        return False
    thorough = item.get_closest_marker("thorough") is not None and "postgresql" in item.name
    return thorough or item.get_closest_marker("soak") is not None


def _takes_long(item: pytest.Item) -> bool:
    needs = set(getattr(item, "fixturenames", ()))
    return bool(needs & SERVERS) or "postgresql" in item.name or item.get_closest_marker("slow") is not None


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    """What the program sets up for its logs does not outlive the test."""
    root, ours = logging.getLogger(), logging.getLogger("bot")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program's cache folder, one for all workers: the encoder is made once, and no text is encoded twice."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "cache" / "concierge"
    shared.mkdir(parents=True, exist_ok=True)
    return shared


@pytest.fixture(scope="session", autouse=True)
def programs_cache(cache: Path) -> Iterator[None]:
    """Programs that a test starts use that folder too, not the one of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache.parent))
        yield


@pytest.fixture(scope="session")
def embeddings(cache: Path) -> EmbeddingCache:
    """Of the encoder that comes with the program."""
    return load_embeddings(None, cache)


@pytest.fixture(scope="session")
def shipped(embeddings: EmbeddingCache) -> Index:
    """The answers that come with the program; workers that ask for them together encode a part each."""
    return Index(Library(SHIPPED).load(date.min).knowledge, embeddings=embeddings)


@pytest.fixture(scope="session")
def shipped_embeddings(embeddings: EmbeddingCache, shipped: Index) -> EmbeddingCache:
    """With all that the shipped answers need."""
    return embeddings


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def homeserver() -> AsyncIterator[Homeserver]:
    async with Homeserver() as server:
        yield server


@pytest.fixture(scope="session")
def nest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where bots that are to be killed come from."""
    with open_nest(tmp_path_factory.mktemp("nest")) as socket:
        yield socket


@pytest.fixture(scope="session")
def unused_tcp_port_factory() -> Callable[[], int]:
    """Ports that no other worker is given in the next moment either."""
    return free_port


@pytest.fixture
def unused_tcp_port(unused_tcp_port_factory: Callable[[], int]) -> int:
    return unused_tcp_port_factory()


@pytest_asyncio.fixture
async def account(homeserver: Homeserver) -> NewAccount:
    """Make a new account whose name begins as asked: every test has users of its own."""

    async def new(name: str) -> Credentials:
        return await homeserver.register(f"{name}{next(_numbers)}", "secret")

    return new


@pytest_asyncio.fixture
async def member(homeserver: Homeserver, account: NewAccount) -> AsyncIterator[NewMember]:
    """A new person with a plain client of their own."""
    async with AsyncExitStack() as stack:

        async def new(name: str) -> Member:
            credentials = await account(name)
            return await stack.enter_async_context(Member(homeserver.url, credentials.access_token))

        yield new


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "formations.yaml").write_text(FORMATION, encoding="utf-8")
    return tmp_path / "knowledge"


@pytest.fixture
async def new_bot(homeserver: Homeserver, account: NewAccount, tmp_path: Path) -> NewBot:
    """A bot in rooms. Words alone answer, so that its start takes no time, unless `matching` is given."""

    async def new(*rooms: str, knowledge: Path, **more: Any) -> Running:
        bot = await account("concierge")
        matrix = {"homeserver": homeserver.url, "user": bot.user, "rooms": list(rooms)} | more.pop("matrix", {})
        more = {"store": "sqlite:///var/concierge.db", "matching": {"encoder": False}} | more
        settings = {"knowledge": str(knowledge), "matrix": matrix} | more
        file = tmp_path / "config.json"
        file.write_text(json.dumps(settings), encoding="utf-8")
        return Running(file, bot)

    return new
