"""What people say is learned from examples: no list of phrases grows in the code again."""

import ast
import re
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

import yaml

BOT = Path(__file__).parents[2] / "bot"
FILES = sorted(
    path
    for part in ("reading", "conversation", "matching")
    for path in (BOT / part).rglob("*.py")
    if path.name not in ("e5_graph.py", "e5_weights.py", "tokenizer.py", "embedding_cache.py")  # a model's parts, SQL
)
WORD = re.compile(r"[^\W\d_]{2,}")
ESCAPE = re.compile(r"\\[a-zA-Z]|\(\?[a-zA-Z<!=:]*")
MOST_WORDS, MOST_PATTERNS = 800, 60


def names(tree: ast.AST) -> Iterator[str]:
    """Those of the code, and the values of its literal types."""
    for node in ast.walk(tree):
        yield from (str(getattr(node, field)) for field in ("id", "attr", "arg", "name") if getattr(node, field, None))
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "Literal":
            yield from (str(one.value) for one in ast.walk(node) if isinstance(one, ast.Constant))


def keys(value: Any) -> Iterator[str]:
    for key, below in value.items() if isinstance(value, dict) else ():
        yield from (key, key.removesuffix("_1"), *keys(below))


def language(tree: ast.Module, known: Set[str]) -> Iterator[str]:
    """String literals but docstrings, names, keys of sentences, and what is said in logs and to programmers."""
    aside = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _is_said_inside(node)):
            aside |= {id(one) for one in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in aside:
            yield "" if node.value in known else node.value


def _is_said_inside(call: ast.Call) -> bool:
    """Reasons of outcomes, and lines of the log."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    return name in ("Outcome", "Silent", "warning", "error", "info", "say")


def test_hardly_any_language_stands_in_the_code_and_its_lists() -> None:
    every = [ast.parse(path.read_text(encoding="utf-8")) for path in BOT.rglob("*.py")]
    sentences = yaml.load((BOT / "locale" / "fr.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    known = {name for tree in every for name in names(tree)} | set(keys(sentences))
    counts = {}
    for path in FILES:
        texts = language(ast.parse(path.read_text(encoding="utf-8")), known)
        counts[path] = sum(len(WORD.findall(ESCAPE.sub("", text))) for text in texts)
    code = "".join(path.read_text(encoding="utf-8") for path in FILES)
    lists = [path for path in (BOT / "text" / "lists").glob("*.txt") if f'"{path.stem}"' in code]
    counts |= {path: len(WORD.findall(path.read_text(encoding="utf-8"))) for path in lists}
    assert lists
    worst = sorted(((count, path.name) for path, count in counts.items()), reverse=True)[:12]
    assert sum(counts.values()) <= MOST_WORDS, worst


def test_hardly_any_patterns_do() -> None:
    counts = {path.name: len(re.findall(r"\bre\.compile\(", path.read_text(encoding="utf-8"))) for path in FILES}
    assert sum(counts.values()) <= MOST_PATTERNS, sorted(counts.items(), key=lambda one: -one[1])[:8]
