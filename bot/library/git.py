"""One call of the git program, which can neither ask, nor hang, nor run what others left in the repository."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

PATIENCE = 10.0  # seconds for one call
_GRACE = 2.0  # seconds to take its lock away
_ANSWERS_NOTHING = {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
_SETTINGS = (
    *("core.hooksPath=/dev/null", "core.fsmonitor=false", "commit.gpgSign=false"),
    *("gc.auto=0", "maintenance.auto=false", "core.quotePath=false"),
)
_LEFT_OUT = re.compile("CONCIERGE_|GIT_(?!CONFIG)")


class GitFailed(Exception):
    """`said`: all that git said."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(self.reason)

    @property
    def reason(self) -> str:
        """The line that says why, without where things lie on this machine: moderators read it."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
        return re.sub(r"(?<![\w./])/(?:[^\s'\":/]+/)+", "…/", ([*fatal, *lines] or ["?"])[0])[:200]


def git(where: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """What it says. Raises GitFailed, subprocess.TimeoutExpired, OSError where there is no git."""
    options = [word for setting in _SETTINGS for word in ("-c", setting)]
    running = subprocess.Popen(  # noqa: S603 (a list: no shell reads it)
        ["git", "--literal-pathspecs", *options, *arguments],  # noqa: S607 (whichever git the operator uses)
        cwd=where,
        env=_surroundings() | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        said, complaint = running.communicate(timeout=PATIENCE)
    except BaseException:
        _end(running)
        raise
    if running.returncode:
        raise GitFailed(complaint or said)
    return said


def _surroundings() -> dict[str, str]:
    """Without our secrets, and without what would lead to another repository, as a hook has it set."""
    ours = {name: value for name, value in os.environ.items() if not _LEFT_OUT.match(name)}
    return ours | _ANSWERS_NOTHING


def _end(running: subprocess.Popen[str]) -> None:
    """With all that it started; first politely, so that it leaves no lock behind."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(_GRACE)
    for pipe in (running.stdout, running.stderr):
        if pipe:
            pipe.close()
