"""A bar on the terminal, while something takes time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.matching.embedding_cache import Progress


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """On a terminal, once there is something to wait for."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console  # 35 ms that nobody else needs
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, visible=False)
        yield lambda done, of: bar.update(task, completed=done, total=of, visible=done < of or None)


def counted(progress: Progress, total: int) -> Callable[..., None]:
    """A callback for each step, whatever it is called with."""
    numbers = count(1)
    return lambda *_: progress(next(numbers), total)
