"""Trace the path of one message through the program: the files of `bot/` that it enters, in order, and how many.

A question, an edit of it and a moderator's ✅ on a draft go through the real conversation, store and knowledge; a
channel on paper takes the place of a network.

    .venv/bin/python -m tools.trace_path            the counts, and the files in the order in which they are entered
    .venv/bin/python -m tools.trace_path --calls    each change of file with its function
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import threading
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

from bot.knowledge.editor import Editor
from bot.knowledge.library import Library
from bot.matching.index import Index
from bot.messages import Edit, Message, Reaction, Reply
from tests.scene import ANA, MODERATION, MODERATOR, ROOM, Scene, open_scene

ROOT = Path(__file__).parent.parent
BOT = f"{ROOT / 'bot'}/"
QUESTION = "concierge : où trouver une formation de facilitateur de tiers-lieu ?"
EDITED = "concierge : où trouver une fiche de poste de facilitateur ?"
ENTRY = """!ajouter Combien gagne un fabmanager à Toulouse ?
Autant qu’ailleurs."""  # near enough to others for a theme
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")  # frames of their own before Python 3.12


@dataclass
class Trace:
    """The calls of functions of `bot/`, in order: file (below `bot/`) and name.

    A coroutine counts each time it is resumed.
    """

    calls: list[tuple[str, str]] = field(default_factory=list)
    recording: bool = False

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if self.recording and event == "call" and code.co_filename.startswith(BOT):
            self.calls.append((code.co_filename.removeprefix(BOT), code.co_qualname))

    async def of(self, work: Awaitable[object]) -> None:
        self.calls.clear()
        self.recording = True
        await work
        self.recording = False

    @property
    def files(self) -> list[str]:
        return list(dict.fromkeys(file for file, _ in self.calls))

    @property
    def changes(self) -> list[tuple[str, str]]:
        """The first call after each change of file."""
        return [next(calls) for _, calls in groupby(self.calls, key=lambda call: call[0])]

    def show(self, name: str, calls: bool) -> None:
        entered, changes = set(self.calls), len(self.changes) - 1
        functions = sum(not function.endswith(COMPREHENSIONS) for _, function in entered)
        print(f"{name}: {len(self.files)} files, {functions} functions", end="")
        print(f" and {len(entered) - functions} comprehensions, {changes} changes of file")
        for line in (f"{file}  {function}" for file, function in self.changes) if calls else self.files:
            print(f"  {line}")


async def main(calls: bool) -> None:
    trace = Trace()
    threading.setprofile(trace)
    sys.setprofile(trace)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(ROOT / "knowledge", Path(place) / "knowledge"))
        index = Index(Library(folder).load(date.min).knowledge)
        scene = (await open_scene(f"sqlite:///{place}/store.db", index)).ruled(editor=Editor(folder))
        for name, work in (("question", question), ("edit", edit), ("approval", approval)):
            value = await work(scene)
            await trace.of(scene.bring(value))
            trace.show(name, calls)
        await scene.store.close()


async def question(scene: Scene) -> Message:
    return Message("paper", "$question", ROOM, ANA, QUESTION, scene.time)


async def edit(scene: Scene) -> Edit:
    return Edit("$edit", Message("paper", "$question", ROOM, ANA, EDITED, scene.time))


async def approval(scene: Scene) -> Reaction:
    draft = await scene.say(ENTRY, MODERATOR, room=MODERATION, moderators_room=True)
    shown = next(id for id, out in scene.paper.sent.items() if isinstance(out, Reply) and out is draft[-1])
    return Reaction("paper", "$approval", MODERATION, MODERATOR, shown, "✅")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", action="store_true", help="each change of file, with its function")
    asyncio.run(main(parser.parse_args().calls))
