"""Changes kept by git, where the knowledge folder lies in a repository: one commit a change, of that one file.

The git program itself is the best-kept library for it: it takes the operator's own settings and locks, and is there
wherever there is a repository. Nothing is ever pushed or pulled; hooks are left out, for one of them might.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
import unicodedata
from pathlib import Path

from bot.library.git import GitFailed, git
from bot.wording import Wording
from bot.yamltext import Problem

_UNDER_WAY = ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")
_BUSY = "index.lock"
_TRIES, _PAUSE = 4, 0.1  # seconds; somebody else's git holds its lock for a moment only


class History:
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
