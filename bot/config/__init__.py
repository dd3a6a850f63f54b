"""The settings: one file, secrets from the environment. Everything wrong is told in one go."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr, ValidationError
from pydantic_core import PydanticCustomError

from bot.config.settings import (
    AnswersSettings,
    DigestSettings,
    DiscourseSettings,
    File,
    FloodSettings,
    MatchingSettings,
    MatrixSettings,
    RetentionSettings,
    Room,
    Secrets,
    Settings,
    WebSettings,
)
from bot.config.types import beside, database
from bot.knowledge.yaml.problems import Document, Faulty, Problem
from bot.knowledge.yaml.reader import read
from bot.knowledge.yaml.validation import explain
from bot.locale import LANGUAGES, Language

__all__ = [
    "AnswersSettings",
    "DigestSettings",
    "DiscourseSettings",
    "FloodSettings",
    "MatchingSettings",
    "MatrixSettings",
    "RetentionSettings",
    "Room",
    "Secrets",
    "Settings",
    "WebSettings",
    "cache_folder",
    "language",
    "load",
]

_SECRET_KEYS = (
    ("(matrix_)?pass(word|wort|e)?", "CONCIERGE_MATRIX_PASSWORD"),
    ("(matrix_)?(access_?)?token", "CONCIERGE_MATRIX_ACCESS_TOKEN"),
    ("(matrix_)?(signing_)?seed", "CONCIERGE_MATRIX_SIGNING_SEED"),
    ("(discourse_)?(api_?)?key", "CONCIERGE_DISCOURSE_API_KEY"),
    ("(discourse_)?webhook(_secret)?|secret", "CONCIERGE_DISCOURSE_WEBHOOK_SECRET"),
    ("database(_url)?", "CONCIERGE_DATABASE_URL"),
)
"""Keys under which people put secrets into the file, and where each belongs."""


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Raises Faulty with every problem of the file and the environment."""
    folder = path.parent
    document, problems = _read(path)
    given = _given(document, folder, problems) if document else None
    secrets = _secrets(environ, problems)
    url = _database(environ, folder, problems)
    if given is None or problems:
        raise Faulty(problems)
    values = {name: getattr(given, name) for name in File.model_fields}
    return Settings.model_construct(**{**values, **({"store": url} if url else {})}, secrets=secrets)


def language(path: Path) -> Language:
    """The language in which to speak of a settings file, faulty or not."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    found = re.search(r"""^(?:[^\S\n]|\{)*["']?language["']?\s*:\s*["']?(\w+)""", text, re.MULTILINE)
    return next((known for known in LANGUAGES if found and known == found[1]), "fr")


def cache_folder(environ: Mapping[str, str]) -> Path | None:
    """`$XDG_CACHE_HOME/concierge`, else `~/.cache/concierge`, made if need be; None when it cannot be written."""
    try:
        folder = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "concierge"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _read(path: Path) -> tuple[Document | None, list[Problem]]:
    try:
        text = path.read_bytes()
    except OSError as error:
        return None, [_unreadable(str(path), "setting_not_found", error)]
    if path.suffix == ".json":  # JSON may be indented with tabs, YAML may not; inside texts JSON has none
        text = text.replace(b"\t", b" ")
    try:
        return read(text, str(path)), []
    except Faulty as fault:
        return fault.document, list(fault.problems)


def _given(document: Document, folder: Path, problems: list[Problem]) -> File | None:
    try:
        given = File.model_validate(document.data, context=beside(folder))
    except ValidationError as error:
        problems += map(_discreet, explain(error, document, File))
        return None
    if given.matrix is None and given.discourse is None:
        problems.append(Problem(document.file, 0, "setting_no_channel"))
    problems += _nowhere(given, document)
    return given


def _nowhere(given: File, document: Document) -> Iterator[Problem]:
    """Where a digest can never be posted. An id may be that of a room which is listed by its alias."""
    matrix, digest = given.matrix, given.digest or DigestSettings()
    known = {*matrix.listening, matrix.moderators_room} if matrix else set()
    for number, room in enumerate(digest.rooms):
        if room not in known and (room.startswith("#") or not matrix):
            line = document.line("digest", "rooms", number)
            yield Problem(document.file, line, "setting_digest_room", {"room": room})
    if digest.category and not given.discourse:
        yield Problem(document.file, document.line("digest", "category"), "setting_digest_category")


def _discreet(problem: Problem) -> Problem:
    """Without what was written, where that is a secret; and with the variable where it belongs."""
    if problem.key == "setting_secret":
        return replace(problem, values={"variable": problem.values["variable"]})
    key = str(problem.values.get("key", "")) if problem.key.startswith("unknown_key") else ""
    variable = next((name for form, name in _SECRET_KEYS if re.fullmatch(form, key)), None)
    return replace(problem, key="setting_secret", values={"variable": variable}) if variable else problem


def _secrets(environ: Mapping[str, str], problems: list[Problem]) -> Secrets:
    return Secrets(**{name: _secret(environ, f"CONCIERGE_{name.upper()}", problems) for name in Secrets.model_fields})


def _secret(environ: Mapping[str, str], variable: str, problems: list[Problem]) -> SecretStr | None:
    """The value of the variable, else what stands in the file that `…_FILE` names; empty counts as not given."""
    value, file = environ.get(variable, ""), environ.get(f"{variable}_FILE", "")
    if not value and file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(_unreadable(f"{variable}_FILE", "setting_secret_not_found", error))
    return SecretStr(value) if value else None


def _database(environ: Mapping[str, str], folder: Path, problems: list[Problem]) -> SecretStr | None:
    url = _secret(environ, "CONCIERGE_DATABASE_URL", problems)
    try:
        return url and database(url.get_secret_value(), folder)
    except PydanticCustomError as error:
        problems.append(Problem("CONCIERGE_DATABASE_URL", 0, error.type))
        return None


def _unreadable(file: str, absent: str, error: OSError | UnicodeDecodeError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem(file, 0, absent)
    reason = error.strerror if isinstance(error, OSError) else "UTF-8"
    return Problem(file, 0, "setting_unreadable", {"reason": reason})
