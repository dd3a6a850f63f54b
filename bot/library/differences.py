"""The lines that two texts do not have in common. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import ndiff
from itertools import takewhile

from bot.library.sheet import split


def difference(before: str, after: str) -> str:
    """Each changed line after `-` or `+`. What is the same at both ends is not compared: files are long."""
    old, new = split(before), split(after)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    lines = ndiff(old[head : len(old) - tail], new[head : len(new) - tail])
    return "".join(f"{line}\n" for line in lines if line[:1] in "+-")


def _alike(some: Sequence[str], others: Sequence[str]) -> int:
    """How many lines are the same from the beginning on."""
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(some, others, strict=False)))
