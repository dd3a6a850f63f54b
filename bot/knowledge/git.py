"""Git commits of edits. A call of git can neither prompt, nor hang, nor run code of the repository.

A contributor of files could otherwise have commands run: by `.gitattributes` (filters, textconv), or by a bare
repository among the files, which git would take for the repository itself. So git is called only where `work_tree`
finds `.git`, and a commit is made of objects (gitcore-tutorial(7)), without the porcelain that runs filters.
"""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from bot.locale import Wording, system_reason
from bot.text.accents import slug

PATIENCE = 10.0  # seconds for one call
_GRACE = 2.0  # seconds for git to remove its lock file
_ENVIRONMENT = {
    **{"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone would fetch what it lacks, by a command of its settings
}
_SETTINGS = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "core.quotePath=false", "safe.bareRepository=explicit")
_EXCLUDED = re.compile("CONCIERGE_|GIT_(?!CONFIG)")  # our secrets, and what names another repository, as hooks have it


class GitFailed(Exception):
    """Git failed. `output`: all that it wrote."""

    def __init__(self, output: str) -> None:
        self.output = output
        super().__init__(self.reason)

    @property
    def reason(self) -> str:
        """The line that gives the reason, without paths of this machine: moderators read it."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
        return re.sub(r"(?<![\w./])/(?:[^\s'\":/]+/)+", "…/", ([*fatal, *lines] or ["?"])[0])[:200]


def work_tree(folder: Path) -> Path:
    """Return the nearest folder, from this one upwards, that has `.git` (no commit can add one). Raises GitFailed."""
    found = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)
    if found is None:
        raise GitFailed("fatal: not a git repository")
    return found


def git(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run git and return its output. Raises GitFailed, subprocess.TimeoutExpired, OSError (git is not installed)."""
    options = [word for setting in _SETTINGS for word in ("-c", setting)]
    kept = {name: value for name, value in os.environ.items() if not _EXCLUDED.match(name)}
    process = subprocess.Popen(  # noqa: S603 (a list: no shell reads it)
        ["git", "--literal-pathspecs", *options, *arguments],  # noqa: S607 (whichever git the operator uses)
        cwd=folder,
        env=kept | _ENVIRONMENT | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=PATIENCE)
    except BaseException:  # end it and its children; SIGTERM first, so that git removes its lock file
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
        for pipe in filter(None, (process.stdout, process.stderr)):
            pipe.close()
        raise
    if process.returncode:
        raise GitFailed(errors or output)
    return output


_IN_PROGRESS = ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")
_LOCK = re.compile("index.lock|cannot lock ref")
_TRIES, _PAUSE = 4, 0.1  # seconds; another git holds its lock for a moment only
_MODE = "100644"  # of a file that is not run (gitformat-index(5))


class GitHistory:
    """Commits edits. `name`: the bot's, which is the committer; the moderator is the author."""

    def __init__(self, name: str, words: Wording) -> None:
        self._name, self._words = person(name) or "Concierge", words
        self._reported: str | None = None  # last reason

    def commit(self, file: Path, id: str, action: str, who: str) -> str | None:
        """Commit a file; return the reason on failure, once until it changes. The file stays written either way.

        `action`: added, changed, removed, phrased, read, by_hand. `who`: the moderator's name.
        """
        before, self._reported = self._reported, None
        try:
            self._commit(Path(os.path.realpath(file)), self._words(f"program.commit_{action}", id=id), person(who))
        except GitFailed as error:
            self._reported = error.reason
        except subprocess.TimeoutExpired as error:
            self._reported = f"{error.timeout:.0f} s"
        except OSError as error:
            self._reported = f"git: {system_reason(error).say(self._words)}"
        return self._reported if self._reported != before else None

    def commit_by_hand(self, file: Path) -> str | None:
        """Commit what somebody changed in the file itself, so that the next edit does not take it along."""
        return self.commit(file, file.name, "by_hand", self._words("program.commit_by_hand_author"))

    def _commit(self, file: Path, message: str, who: str) -> None:
        """Commit this file only; other staged changes stay staged.

        Raises GitFailed if the operator is in the middle of an operation, or excludes or filters this file.
        """
        folder = work_tree(file.parent)
        name = str(file.relative_to(folder))
        paths = git(folder, "rev-parse", *(word for one in _IN_PROGRESS for word in ("--git-path", one))).splitlines()
        if in_progress := [path for path in paths if (folder / path).exists()]:
            raise GitFailed(Path(in_progress[0]).name)
        if not git(folder, "ls-files", "--cached", "--others", "--exclude-standard", "--", name):
            raise GitFailed(f"error: {name} is ignored, by .gitignore")
        command = git(folder, "check-attr", "-z", "filter", "--", name).split("\0")[2]
        if command not in ("unspecified", "unset", "set"):
            raise GitFailed(f"error: {name} has the attribute filter={command}, and no filter is run here")
        author = who or self._name
        names = {"GIT_COMMITTER_NAME": self._name, "GIT_COMMITTER_EMAIL": address(self._name)}
        names |= {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": address(author)}
        blob = git(folder, "hash-object", "-w", "--no-filters", "--", name).strip()
        for remaining in reversed(range(_TRIES)):
            try:
                return _record(folder, f"{_MODE},{blob},{name}", message, names)
            except GitFailed as error:
                if not remaining or not _LOCK.search(error.output):
                    raise
            time.sleep(_PAUSE)


def _record(folder: Path, item: str, message: str, names: Mapping[str, str]) -> None:
    """Add the file to the index and commit it. `item`: as for `git update-index --cacheinfo`.

    The index comes first: whoever holds its lock is at work.
    """
    git(folder, "update-index", "--add", "--cacheinfo", item)
    try:
        *head, former = git(folder, "rev-parse", "--quiet", "HEAD", "HEAD^{tree}").split()
    except GitFailed:  # no commit yet
        head, former = [], ""
    with tempfile.TemporaryDirectory() as place:
        own = {"GIT_INDEX_FILE": f"{place}/index"}
        git(folder, "read-tree", *(head or ["--empty"]), environment=own)
        git(folder, "update-index", "--add", "--cacheinfo", item, environment=own)
        tree = git(folder, "write-tree", environment=own).strip()
    if tree != former:
        parents = [word for one in head for word in ("-p", one)]
        commit = git(folder, "commit-tree", tree, *parents, "-m", message, environment=names).strip()
        git(folder, "update-ref", "-m", f"commit: {message}", "HEAD", commit, *(head or [""]), environment=names)


def person(name: str) -> str:
    """Return a name on one line, without characters that git interprets."""
    plain = "".join(" " if char in "<>" or unicodedata.category(char)[0] in "CZ" else char for char in name)
    return " ".join(plain.split()).strip(" .,:;\"'-")[:80]


def address(name: str) -> str:
    """Return an address that nobody has: `.invalid` is reserved (RFC 2606)."""
    return f"{slug(name) or 'moderation'}@concierge.invalid"
