"""The terminal: a person at the keyboard, or lines on standard input; and the two of them as a room."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console, RenderableType
from rich.markdown import Markdown
from rich.text import Text

from bot.messages import Capabilities, Channel, Event, Message, Outgoing, OutgoingReaction, Receive, Reply

_UNBROKEN = 1000  # columns without a terminal: addresses stay whole
_LINE_END = re.compile(r"(?<=[^\n])\n(?=[^\n])")


class Terminal:
    """Console, with colours and a prompt if standard output is a terminal."""

    def __init__(self, you: str) -> None:
        self._interactive = sys.stdin.isatty() and sys.stdout.isatty()
        self._prompt = f"{you} › " if self._interactive else ""
        self._console = Console(width=None if sys.stdout.isatty() else _UNBROKEN, highlight=False)

    def lines(self) -> Iterator[str]:
        """Yield lines of the input until Ctrl-D or its end. ↑ brings back earlier ones."""
        if not self._interactive:
            yield from (line.strip() for line in sys.stdin)
            return
        import readline  # noqa: F401 (gives input() its history)

        while True:
            try:
                yield input(self._prompt).strip()
            except EOFError:
                print()
                return

    def greet(self, text: str) -> None:
        if self._interactive:
            self.note(text)

    def show(self, text: str) -> None:
        """Print Markdown with its line ends, as in a room."""
        self._print(Markdown(_LINE_END.sub("  \n", text), hyperlinks=False))

    def note(self, text: str) -> None:
        """Print text that no member would see."""
        self._print(Text(text, style="dim"))

    def _print(self, what: RenderableType) -> None:
        with self._console.capture() as printed:
            self._console.print(what)
        lines = [line.rstrip() for line in printed.get().splitlines()]
        print("\n".join(lines).strip("\n"), end="\n\n" if self._interactive else "\n", flush=True)


ROOM, PERSON = "terminal", "you"


@dataclass
class TerminalRoom(Channel):
    """Channel of the person at the keyboard, alone with the bot.

    `spoken` collects what is to be shown: an edit as a new post, a reaction as its emoji.
    """

    name = "terminal"
    capabilities = Capabilities()  # of the bot; the person can only write
    spoken: list[str] = field(default_factory=list)
    _said: dict[str, Event] = field(default_factory=dict)

    def event(self, text: str, now: datetime) -> Event:
        """Return a typed line as an event."""
        event = Event(self.name, str(len(self._said)), ROOM, PERSON, "message", now, text)
        self._said[event.id] = event
        return event

    async def start(self) -> None: ...

    async def listen(self, receive: Receive, since: str | None) -> None: ...

    async def read(self, event: Event) -> Message:
        said = (event.id, event.room, event.sender, event.content, event.sent)
        return Message(self.name, *said, direct=True, private=True)

    async def fetch(self, room: str, event: str) -> Event | None:
        return self._said.get(event)

    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        match outgoing:
            case Reply():
                self.spoken.append(outgoing.text)
            case OutgoingReaction() if outgoing.target in self._said:  # not the reactions under its own offers
                self.spoken.append(outgoing.key)
        return transaction

    async def login(self) -> str:
        return self.name

    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime, *others: str) -> Sequence[str]:
        return ()

    async def is_private(self, event: Event) -> bool:
        return True

    def link(self, room: str, event: str) -> str:
        return ""
