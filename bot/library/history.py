"""Changes kept by git, where the knowledge folder lies in a repository: one commit a change, of that one file.

The git program itself is the best-kept library for it: it takes the operator's own settings and locks, and is there
wherever there is a repository. Nothing is ever pushed or pulled.
"""

from __future__ import annotations

import os
import re
import subprocess
import unicodedata
from pathlib import Path

from bot.wording import Wording
from bot.yamltext import Problem

PATIENCE = 20.0  # seconds for one call
_ANSWERS_NOTHING = {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
_NO_NAME = re.compile(r"[<>\x00-\x1f\x7f]+")


class History:
    """`name`: what the bot is called; it is the committer, the moderator is the author."""

    def __init__(self, folder: Path, name: str, words: Wording) -> None:
        self._folder, self._name, self._words = folder, _person(name), words
        self._told: str | None = None  # the reason that was given last

    def keep(self, file: Path, id: str, what: str, who: str) -> Problem | None:
        """Commit that file. `what`: added, changed, removed, phrased, proposed.

        Where that cannot be, the reason, once until it changes; the file stays as it is.
        """
        try:
            self._commit(Path(os.path.realpath(file)), self._words(f"program.commit_{what}", id=id), _person(who))
        except FileNotFoundError:
            return self._say("git")
        except subprocess.TimeoutExpired:
            return self._say(f"{PATIENCE:.0f} s")
        except subprocess.CalledProcessError as error:
            return self._say(_last_line(error.stderr or error.stdout))
        self._told = None
        return None

    def _commit(self, file: Path, message: str, who: str) -> None:
        self._git(file, "add", "--", str(file))
        author = f"{who or self._name} <{_address(who or self._name)}>"
        self._git(
            file,
            *("-c", "commit.gpgsign=false", "commit", "--quiet", "--no-verify", "--only"),
            *(f"--author={author}", f"--message={message}", "--", str(file)),
        )

    def _git(self, file: Path, *arguments: str) -> None:
        us = {"GIT_COMMITTER_NAME": self._name, "GIT_COMMITTER_EMAIL": _address(self._name)}
        subprocess.run(  # noqa: S603 (a list: no shell reads it; names cannot begin with a dash)
            ["git", *arguments],  # noqa: S607 (whichever git the operator uses)
            cwd=file.parent,
            env=os.environ | _ANSWERS_NOTHING | us,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=True,
        )

    def _say(self, reason: str) -> Problem | None:
        if reason == self._told:
            return None
        self._told = reason
        return Problem(str(self._folder), 0, "edit_no_commit", {"reason": reason}, warning=True)


def _person(name: str) -> str:
    """A name that cannot be taken for anything else."""
    return " ".join(_NO_NAME.sub(" ", name).split()).strip(" .,:;\"'-")[:80]


def _address(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return f"{'-'.join(re.findall('[a-z0-9]+', plain)) or 'moderation'}@concierge.invalid"


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "?")[:200]
