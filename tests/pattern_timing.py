"""How the time of patterns grows with their texts, measured in a process that can be ended: `re` cannot be.

`python -m tests.pattern_timing` reads patterns as JSON, and writes a line before it measures a text and for what grows.
"""

import collections
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.pattern_texts import Text, texts

LENGTHS = (2_000, 4_000, 8_000)
SCREENED = 500  # characters of every text; the slowest ones are then measured at all lengths
GROWTH = 2.5  # each time that the length doubles; 2 is linear, 4 is the square
NOTICED = 0.0015  # s at 8,000 characters: what is faster than this is too fast to be told from noise
SLOW = 0.05  # s at 8,000 characters, however it grows
CUT = 0.4  # s of one measurement
SUSPECTS = 24  # texts of a pattern


@dataclass(frozen=True)
class Use:
    """A pattern, where it stands, and how it is used: 'finditer', 'match' or 'fullmatch'."""

    name: str
    pattern: str
    flags: int
    how: str


class TooSlow(Exception):
    pass


def slow(uses: Sequence[Use], deadline: float) -> list[str]:
    """A sentence for each pattern that takes more than linear time; measured in a child."""
    command = [sys.executable, "-m", "tests.pattern_timing"]
    given = json.dumps([asdict(use) for use in uses])
    try:
        ran = subprocess.run(command, input=given, capture_output=True, text=True, timeout=deadline)  # noqa: S603
    except subprocess.TimeoutExpired as late:
        said = (late.stdout or b"").decode()
        return [*_told(said), f"{said.splitlines()[-1:]}: still not done after {deadline} s"]
    return _told(ran.stdout) if ran.returncode == 0 else [ran.stderr]


def _told(said: str) -> list[str]:
    return [line.removeprefix("SLOW ") for line in said.splitlines() if line.startswith("SLOW ")]


def main() -> None:
    signal.signal(signal.SIGPROF, _cut)
    for given in json.load(sys.stdin):
        use = Use(**given)
        if found := fault(use):
            print(f"SLOW {use.name}: {use.pattern!r} ({use.how}) {found}", flush=True)


def fault(use: Use) -> str:
    """The worst text and its times, if they grow faster than the text; else empty."""
    run = runner(use)
    screened = collections.Counter[Text]()
    for text in texts(use.pattern, use.flags):
        print(f"{use.name}: {use.pattern!r} on {text}", flush=True)
        took = timed(run, text.of(SCREENED))
        if took > SLOW / 10 and (times := growing(run, text)):
            return _said(text, times)
        screened[text] = int(1e9 * took)
    suspects = (text for text, _ in screened.most_common(SUSPECTS))
    return next((_said(text, times) for text in suspects if (times := growing(run, text))), "")


def _said(text: Text, times: list[float]) -> str:
    shown = ", ".join(f"{1000 * took:.1f}" if took < CUT else f"over {1000 * CUT:.0f}" for took in times)
    return f"takes {shown} ms of {', '.join(f'{length:,}' for length in LENGTHS[: len(times)])} characters: {text}"


def growing(run: Callable[[str], object], text: Text) -> list[float]:
    """The times for a text of all lengths where they grow too fast, again and again; empty elsewhere."""
    times: list[float] = []
    for repetitions in (1, 2, 4):
        times = []
        for length in LENGTHS:
            times.append(min(timed(run, text.of(length)) for _ in range(repetitions)))
            if times[-1] >= CUT:
                return times
        if times[-1] < NOTICED or (times[-1] < GROWTH**2 * times[0] and times[-1] < SLOW):
            return []
    return times


def runner(use: Use) -> Callable[[str], object]:
    form = re.compile(use.pattern, use.flags)
    if use.how == "finditer":
        return lambda text: collections.deque(form.finditer(text), maxlen=0)
    return getattr(form, use.how)  # type: ignore[no-any-return]


def timed(run: Callable[[str], object], text: str) -> float:
    """Processor time of the thread, CUT at most: the process's is counted by the tick while the alarm is set."""
    begun = time.thread_time()
    try:
        signal.setitimer(signal.ITIMER_PROF, CUT)
        try:
            run(text)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except TooSlow:
        return CUT
    return min(CUT, time.thread_time() - begun)


def _cut(*_: Any) -> None:
    raise TooSlow


if __name__ == "__main__":
    main()
