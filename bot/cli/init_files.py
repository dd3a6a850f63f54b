"""The files that `init` writes: settings with remarks, each secret in a file of its own, a first answer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.channels.interview import SectionAnswers
from bot.knowledge.yaml.lines import quote
from bot.locale import Wording

REMARKED = ("language", "timezone", "knowledge", "rooms", "moderators_room", "categories", "moderators_group")


def settings_text(general: Mapping[str, str], sections: Mapping[str, SectionAnswers], words: Wording) -> str:
    """Only what is needed, each key that may be unclear with a remark in the settings' language."""
    lines = [f"# {line}" for line in words("init.head").splitlines()] + [""]
    for key, value in general.items():
        lines.append(_line(f"{key}: {value if value.isalnum() else quote(value)}", key, words))
    for name, answers in sections.items():
        lines += ["", f"{name}:"]
        for key, given in answers.section.items():
            lines += _field(key, given, answers.remarks, words)
    return "\n".join(lines) + "\n"


def _field(key: str, value: str | Sequence[str], remarks: Mapping[str, str], words: Wording) -> Iterator[str]:
    if isinstance(value, str):
        yield _line(f"  {key}: {quote(value)}", key, words)
    elif not value:
        yield _line(f"  {key}: []", key, words)
    else:
        yield _line(f"  {key}:", key, words)
        for one in value:
            label = remarks.get(one, one)
            yield f"    - {quote(one)}" if label == one else f"    - {quote(one)}  # {label}"


def _line(text: str, key: str, words: Wording) -> str:
    return f"{text}  # {words(f'init.about_{key}')}" if key in REMARKED else text


def write_secret(file: Path, value: str) -> None:
    """Readable by its owner alone from the start. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as secret:
        secret.write(value + "\n")


def write_knowledge(folder: Path, words: Wording) -> None:
    """A first answer, if there is none yet. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.glob("*.y*ml")):
        answers = Path(__file__).with_name(f"first_answers.{words.language}.yaml")
        (folder / words("init.first_file")).write_bytes(answers.read_bytes())
