"""Loading of the settings: one file, secrets from the environment. All problems are reported at once."""

import functools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_core import PydanticCustomError

from bot.channels.channel_kind import ChannelKind
from bot.channels.registry import CHANNELS
from bot.config.retired import renew
from bot.config.settings import DigestSettings, Settings, file_model
from bot.config.types import database, in_schema
from bot.knowledge.yaml.problems import Document, Faulty, Problem
from bot.knowledge.yaml.reader import merge_problems, read
from bot.knowledge.yaml.validation import explain
from bot.locale import LANGUAGES, Language, system_reason
from bot.text.images import image_kind

DATABASE_URL = "CONCIERGE_DATABASE_URL"
LONGEST_LOGO = 256_000  # bytes: each page has it
SECRETS = "secrets"  # folder beside the settings, for files with a single secret each


def load(path: Path, environ: Mapping[str, str], *, secrets: bool = True) -> Settings:
    """Load the settings; without `secrets`, not those of the networks.

    Raises Faulty with every problem of the file and the environment.
    """
    folder = path.parent
    document, problems = _read(path)
    noticed = list(renew(document)) if document else []
    model = _validated(document, folder, problems) if document else None
    known: dict[str, SecretStr] = {}
    for variable, kind, secret in _secrets() if secrets else ():
        if value := _secret(environ, variable, secret_file(folder, kind, secret), problems):
            known[f"{kind.name}_{secret}"] = value
    url = _database(environ, folder, problems)
    if document is None or model is None or problems:
        raise Faulty(_as_written(problem, noticed) for problem in problems)
    values = {name: value for name, value in model if name not in CHANNELS}
    if digest := values["digest"]:
        places = {name: _places(digest, kind) for name, kind in CHANNELS.items()}
        values["digest"] = DigestSettings.model_construct(when=digest.when, places=places)
    store = url or values["store"]
    if schema := values["store_schema"]:
        if store.get_secret_value().startswith("sqlite"):
            raise Faulty([Problem(str(path), document.line("store_schema"), "setting_schema_of_file")])
        store = in_schema(store, schema)
    channels = {name: section for name in CHANNELS if (section := getattr(model, name))}
    for name, section in channels.items():
        for key, sentence in section.warnings.items():
            noticed.append(Problem(str(path), document.line(name, key), sentence, warning=True))
    if (web := values["web"]) and web.logo and not _is_logo(web.logo):
        line = document.line("web", "logo")
        noticed.append(Problem(str(path), line, "setting_logo", {"logo": web.logo}, warning=True))
        values["web"] = web.model_copy(update={"logo": None})
    values |= {"store": store, "secrets": known, "file": path, "noticed": tuple(noticed)}
    return Settings.model_construct(**values, channels=channels)


def _is_logo(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_LOGO + 1)
    except (OSError, ValueError):  # a folder, or not there; a path with a NUL
        return False
    return len(content) <= LONGEST_LOGO and image_kind(content) != ""


def language(path: Path) -> Language:
    """Return the language for sentences about a settings file, faulty or not."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    match = re.search(r"""^(?:[^\S\n]|\{)*["']?language["']?\s*:\s*["']?(\w+)""", text, re.MULTILINE)
    return next((known for known in LANGUAGES if match and known == match[1]), "fr")


def secret_file(folder: Path, kind: ChannelKind[Any], secret: str) -> Path:
    """Return the file beside the settings that holds a secret unless a variable gives it.

    `concierge init` writes it there.
    """
    return folder / SECRETS / f"{kind.name}_{secret}"


def _secrets() -> Iterator[tuple[str, ChannelKind[Any], str]]:
    """Yield the variable, the network and the name of each secret of a network."""
    for kind in CHANNELS.values():
        yield from ((f"CONCIERGE_{kind.name}_{secret}".upper(), kind, secret) for secret in kind.secrets)


def variables() -> Iterator[str]:
    """Yield all environment variables that the program reads."""
    for variable in (DATABASE_URL, *(variable for variable, _, _ in _secrets())):
        yield from (variable, f"{variable}_FILE")
    yield "CONCIERGE_LOG"


def own_variables() -> Iterator[str]:
    """Yield those with a secret of one network, which the others of a process must not get."""
    for variable, kind, secret in _secrets():
        if secret not in kind.for_all:
            yield from (variable, f"{variable}_FILE")


def secret_files(folder: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the existing files with secrets. `folder` is that of the settings."""
    beside = (os.path.join(folder, SECRETS, name) for name in _secret_names())  # asked often: `Path` takes longer
    named = (environ.get(variable) for variable in variables() if variable.endswith("_FILE")) if environ else ()
    yield from map(Path, filter(os.path.exists, (*beside, *filter(None, named))))


@functools.cache
def _secret_names() -> tuple[str, ...]:
    return tuple(f"{kind.name}_{secret}" for _, kind, secret in _secrets())


def secret_keys() -> Iterator[tuple[str, str]]:
    """Yield patterns of the keys under which people put secrets into the file, and the variable where each belongs."""
    for variable, kind, secret in _secrets():
        yield kind.secrets[secret], variable
    yield "database(_url)?", DATABASE_URL


def cache_folder(environ: Mapping[str, str]) -> Path | None:
    """Return `$XDG_CACHE_HOME/concierge`, else `~/.cache/concierge`, created if missing; None if not writable."""
    try:
        folder = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "concierge"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # RuntimeError: no home folder
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _read(path: Path) -> tuple[Document | None, list[Problem]]:
    try:
        text = path.read_bytes()
    except OSError as error:
        return None, [_unreadable(str(path), "setting_not_found", error)]
    if path.suffix == ".json":  # JSON may be indented with tabs, YAML may not; strings hold no bare tab
        text = text.replace(b"\t", b" ")
    try:
        return read(text, str(path)), []
    except Faulty as fault:
        return fault.document, list(fault.problems)


def _validated(document: Document, folder: Path, problems: list[Problem]) -> Any:
    """Return the values as `file_model` has them; None, and the problems, if they are wrong."""
    try:
        model: Any = (form := file_model()).model_validate(document.data, context=folder)
    except ValidationError as error:
        faults = merge_problems(list(document.warnings), explain(error, document, form))
        problems += (_redacted(fault) for fault in faults if not fault.warning)
        return None
    if not any(getattr(model, name) for name in CHANNELS):
        problems.append(Problem(document.file, 0, "setting_no_channel"))
    for name, kind in CHANNELS.items():
        for number, place in enumerate(_places(model.digest, kind)):
            if kind.digest and not kind.digest.is_known(getattr(model, name), place):
                line = document.line("digest", kind.digest.name, number)
                problems.append(Problem(document.file, line, kind.digest.problem, {"room": place}))
    return model


def _places(digest: Any, kind: ChannelKind[Any]) -> tuple[str, ...]:
    """Return the digest's places on this kind of network: the value of its key is one, several or None."""
    value = getattr(digest, kind.digest.name) if digest and kind.digest else None
    return (value,) if isinstance(value, str) else value or ()


def _as_written(problem: Problem, retired: Iterable[Problem]) -> Problem:
    """Name the key of an earlier version that stands there, where the problem is that of its successor."""
    for one in retired:
        successor = str(one.values.get("new", "")).partition(":")[0]
        if (one.line, successor) == (problem.line, problem.values.get("key")):
            return replace(problem, values={**problem.values, "key": f"{successor} ({one.values['key']})"})
    return problem


def _redacted(problem: Problem) -> Problem:
    """Replace a value that is a secret by the variable where it belongs."""
    if problem.key == "setting_secret":
        return replace(problem, values={"variable": problem.values["variable"]})
    key = str(problem.values.get("key", "")) if problem.key.startswith("unknown_key") else ""
    variable = next((name for form, name in secret_keys() if re.fullmatch(form, key)), None)
    return replace(problem, key="setting_secret", values={"variable": variable}) if variable else problem


def _secret(
    environ: Mapping[str, str], variable: str, beside: Path | None, problems: list[Problem]
) -> SecretStr | None:
    """Return the variable's value, else the content of the file that `…_FILE` names, else of the one beside the
    settings.

    None if all are empty.
    """
    value, file = environ.get(variable, ""), environ.get(f"{variable}_FILE", "")
    source = f"{variable}_FILE: {file}" if file else str(beside)
    path = Path(file) if file else beside
    try:
        if not value and path and (file or path.exists()):
            value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(_unreadable(source, "setting_secret_not_found", error))
    return SecretStr(value) if value else None


def _database(environ: Mapping[str, str], folder: Path, problems: list[Problem]) -> SecretStr | None:
    url = _secret(environ, DATABASE_URL, None, problems)
    try:
        return url and database(url.get_secret_value(), folder)
    except PydanticCustomError as error:
        problems.append(Problem(DATABASE_URL, 0, error.type))
        return None


def shared_database(environ: Mapping[str, str]) -> str:
    """Return the address of the database that the environment names for all networks; empty if it names none.

    Raises Faulty.
    """
    problems: list[Problem] = []
    url = _database(environ, Path(), problems)
    if problems:
        raise Faulty(problems)
    return url.get_secret_value() if url else ""


def _unreadable(file: str, absent: str, error: OSError | UnicodeDecodeError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem(file, 0, absent)
    if isinstance(error, PermissionError):
        return Problem(file, 0, "setting_denied", {"uid": os.getuid()})
    reason = system_reason(error) if isinstance(error, OSError) else "UTF-8"
    return Problem(file, 0, "setting_unreadable", {"reason": reason})
