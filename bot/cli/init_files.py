"""The files that `init` writes: settings with remarks, each secret in a file of its own, the first answers."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import bot
from bot.knowledge.git import GitFailed, git, work_tree
from bot.knowledge.rendering import flow_item
from bot.knowledge.yaml_edit import Value, put_setting, scalar
from bot.locale import Wording

SHIPPED = Path(bot.__file__).parent / "shipped_answers"
"""Where the package has them; in the repository they are in knowledge/."""


def settings_text(
    text: str, wanted: Mapping[str, Mapping[str, Value]], labels: Mapping[str, str], words: Wording
) -> str:
    """Put values, by section and key, into the settings; a new key may get a remark. Raises EditRejected."""

    def render(key: str, value: Value, margin: str, section: str = "") -> Iterator[str]:
        about = f"init.about_{key}"
        remark = f"  # {words(about)}" if about in words and section != "digest" else ""
        yield f"{margin}{key}:{f' {scalar(value)}' if isinstance(value, str) else ''}{remark}"
        for item in () if isinstance(value, str) else value:
            label = labels.get(item, item) if isinstance(item, str) else item
            yield f"{margin}  - {flow_item(key, item)}" + (f"  # {label}" if label != item else "")

    text = text or "".join(f"# {line}\n" for line in words("init.head").splitlines()) + "\n"
    for section, values in wanted.items():
        for key, value in values.items():
            text = put_setting(text, section, key, value, partial(render, section=section))
    return text


def write_secret(file: Path, value: str) -> None:
    """Readable by its owner alone from the start, and never there in part. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as secret:
        secret.write(value + "\n")
    new.replace(file)


def write_answers(folder: Path, words: Wording, *, shipped: bool) -> None:
    """Write the shipped answers, or a single one.

    Within a repository the folder becomes one of its own, so that changes are never committed to the program's. Raises
    OSError.
    """
    if shipped:
        shutil.copytree(SHIPPED if SHIPPED.exists() else SHIPPED.parents[1] / "knowledge", folder, dirs_exist_ok=True)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        first = Path(__file__).with_name(f"first_answers.{words.language}.yaml")
        (folder / words("init.first_file")).write_bytes(first.read_bytes())
    with contextlib.suppress(GitFailed, OSError, subprocess.TimeoutExpired):
        work_tree(folder.absolute())
        git(folder, "init", "--quiet")
