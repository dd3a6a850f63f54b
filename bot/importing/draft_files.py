"""Imported entries as files of drafts, which are checked and never used in answers. No existing file is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, count
from pathlib import Path

from bot.knowledge.atomic_write import folder_lock, replace_file
from bot.knowledge.editor import DRAFTS, DRAFTS_THEME
from bot.knowledge.models import Entry
from bot.knowledge.rendering import scalar, yaml_of

MOST = 500  # entries of a file
LARGEST = 900_000  # bytes of a file; one of a million is refused


def write_drafts(folder: Path, entries: Sequence[Entry]) -> list[Path]:
    """Write `brouillons.yaml`, `brouillons-2.yaml`, …, with the first free numbers, and return the files.

    Raises OSError, and what `folder_lock` raises.
    """
    texts = [*_packed([yaml_of(entry) for entry in entries])]
    written: list[Path] = []
    first = folder / DRAFTS
    paths = chain([first], (first.with_stem(f"{first.stem}-{number}") for number in count(2)))
    with folder_lock(folder):
        for path, text in zip((path for path in paths if not path.exists()), texts, strict=False):
            replace_file(path, None, text.encode())
            written.append(path)
    return written


def _packed(items: Sequence[str]) -> Iterator[str]:
    """Yield the content of as few files as the limits allow."""
    head = f"theme: {scalar('theme', DRAFTS_THEME)}\nentries:\n"
    batch: list[str] = []
    size = 0
    for item in items:
        length = len(item.encode())
        if batch and (len(batch) == MOST or size + length > LARGEST):
            yield head + "\n".join(batch)
            batch, size = [], 0
        batch.append(item)
        size += length + 1
    if batch:
        yield head + "\n".join(batch)
