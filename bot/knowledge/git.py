"""One call of the git program, which can neither ask, nor hang, nor run what others left in the repository."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from bot.knowledge.yaml.problems import Problem
from bot.locale import Wording

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


_UNDER_WAY = ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")
_BUSY = "index.lock"
_TRIES, _PAUSE = 4, 0.1  # seconds; somebody else's git holds its lock for a moment only


class GitHistory:
    """`name`: what the bot is called; it is the committer, the moderator is the author."""

    def __init__(self, folder: Path, name: str, words: Wording) -> None:
        self._folder, self._name, self._words = folder, person(name) or "Concierge", words
        self._told: str | None = None  # the reason that was given last

    def keep(self, file: Path, id: str, what: str, who: str) -> Problem | None:
        """Commit that file. `what`: added, changed, removed, phrased, proposed.

        Where that cannot be, the reason, once until it changes; the file stays as it is.
        """
        try:
            self._commit(Path(os.path.realpath(file)), self._words(f"program.commit_{what}", id=id), person(who))
        except GitFailed as error:
            return self._say(error.reason)
        except subprocess.TimeoutExpired as error:
            return self._say(f"{error.timeout:.0f} s")
        except OSError as error:
            return self._say(f"git: {error.strerror or error}")
        self._told = None
        return None

    def _commit(self, file: Path, message: str, who: str) -> None:
        """Others' staged changes stay staged, and stay out of it."""
        where, name = file.parent, f"./{file.name}"
        places = git(where, "rev-parse", *(word for one in _UNDER_WAY for word in ("--git-path", one))).splitlines()
        if under_way := [place for place in places if (where / place).exists()]:
            raise GitFailed(Path(under_way[0]).name)
        author, us = who or self._name, {"GIT_COMMITTER_NAME": self._name, "GIT_COMMITTER_EMAIL": address(self._name)}
        us |= {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": address(author)}
        self._patiently(where, us, "add", "--", name)
        if git(where, "status", "--porcelain", "--", name):
            self._patiently(where, us, "commit", "--quiet", "--no-verify", "--only", f"--message={message}", "--", name)

    def _patiently(self, where: Path, us: dict[str, str], *arguments: str) -> None:
        for left in reversed(range(_TRIES)):
            try:
                git(where, *arguments, environment=us)
                return
            except GitFailed as error:
                if not left or _BUSY not in error.said:
                    raise
            time.sleep(_PAUSE)

    def _say(self, reason: str) -> Problem | None:
        if reason == self._told:
            return None
        self._told = reason
        return Problem(str(self._folder), 0, "edit_no_commit", {"reason": reason}, warning=True)


def person(name: str) -> str:
    """A name that cannot be taken for anything else: one line, without the signs that git gives a meaning."""
    plain = "".join(" " if sign in "<>" or unicodedata.category(sign)[0] in "CZ" else sign for sign in name)
    return " ".join(plain.split()).strip(" .,:;\"'-")[:80]


def address(name: str) -> str:
    """Nobody's: names under `.invalid` are never given away."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return f"{'-'.join(re.findall('[a-z0-9]+', plain)) or 'moderation'}@concierge.invalid"
