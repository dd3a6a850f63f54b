"""The sentences themselves: the same ones in both languages, and French set as French is."""

import ast
import errno
import os
import socket
import ssl
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from string import Formatter

import httpx
import pytest
import yaml

from bot.backup.archive import BackupError
from bot.knowledge.yaml.parser import LOADER
from bot.locale import LANGUAGES, Language, system_reason, wording
from bot.store import StoreError
from bot.store.inspection import inspect_store
from tests.french import slips


def sentences(language: Language) -> dict[str, str]:
    sections = yaml.load(source(language), LOADER)  # noqa: S506 (texts alone)
    return {f"{section}.{key}": said for section, keys in sections.items() for key, said in keys.items()}


def source(language: Language) -> str:
    return (files("bot.locale") / f"{language}.yaml").read_text(encoding="utf-8")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


FRENCH, ENGLISH = sentences("fr"), sentences("en")


def test_each_sentence_exists_in_both_languages_and_is_filled_in_with_the_same_values() -> None:
    assert FRENCH.keys() == ENGLISH.keys()
    assert [key for key in FRENCH if placeholders(FRENCH[key]) != placeholders(ENGLISH[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sentence_is_written_once_and_is_text(language: Language) -> None:
    sections = yaml.compose(source(language), yaml.SafeLoader).value
    for _, keys in sections:
        names = [name.value for name, _ in keys.value]
        assert len(names) == len(set(names))
        assert all(said.tag == "tag:yaml.org,2002:str" and said.value for _, said in keys.value)


def test_french_has_its_no_break_spaces_and_its_apostrophes() -> None:
    assert {key: found for key, said in FRENCH.items() if (found := slips(said))} == {}


def replies_said() -> Iterator[tuple[str, set[str]]]:
    """Each `….say("key", name=…)` in the program's code."""
    for file in Path("bot").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(func=ast.Attribute(attr="say"), args=[ast.Constant() | ast.IfExp() as key]):
                    keys = [key.body, key.orelse] if isinstance(key, ast.IfExp) else [key]
                    given = {word.arg or "" for word in call.keywords}
                    yield from ((str(one.value), given) for one in keys if isinstance(one, ast.Constant))


def test_each_reply_that_the_code_says_by_name_is_there_and_gets_all_its_values() -> None:
    calls = [(f"replies.{key}", given) for key, given in replies_said()]
    always = {"name", "call", "prefix"}
    assert len(calls) > 100
    assert [key for key, given in calls if key not in FRENCH or not placeholders(FRENCH[key]) <= given | always] == []


def test_values_are_filled_in_as_they_are() -> None:
    assert wording("en")("replies.see_also", titles="{braces}") == "See also (reply with the number): {braces}"


# What the system refuses, wherever a sentence quotes it

FR, EN = wording("fr"), wording("en")
NAMES = {key.removeprefix("system.") for key in ENGLISH if key.startswith("system.")}
BACKUP = "backup.unwritable"


def test_each_error_of_the_system_is_worded_in_both_languages() -> None:
    assert NAMES - set(errno.errorcode.values()) == {"SSLCertVerificationError", "TimeoutError", "gaierror"}
    for name in NAMES & set(errno.errorcode.values()):
        number = getattr(errno, name)
        reason = system_reason(OSError(number, os.strerror(number)))
        assert FR(BACKUP, file="x", reason=reason).endswith(FR(f"system.{name}"))
        assert EN(BACKUP, file="x", reason=reason).endswith(EN(f"system.{name}"))
        assert str(reason) == os.strerror(number)  # as the log has it


def test_what_is_no_usual_error_of_the_system_is_said_too() -> None:
    for error, french in (
        (OSError(errno.EUCLEAN, "Structure needs cleaning"), "Structure needs cleaning"),  # rare: better than nothing
        (OSError("of a library"), "of a library"),
        (ValueError(), "ValueError"),
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), "pas de réponse à temps"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "ce nom de machine est introuvable"),
        (ssl.SSLCertVerificationError(1, "self-signed certificate"), "son certificat n’est pas valable"),
        (ssl.SSLError(1, "[SSL] record layer failure"), "[SSL] record layer failure"),  # not EPERM, whose number it has
        (ExceptionGroup("attempts", [ConnectionRefusedError(errno.ECONNREFUSED, "")]), "la connexion est refusée"),
    ):
        assert FR(BACKUP, file="x", reason=system_reason(error)) == FR(BACKUP, file="x", reason=french), french


def test_an_error_within_another_is_said_in_the_language_around_it(tmp_path: Path, unused_tcp_port: int) -> None:
    """That of a library, of the store, and a reason within a reason."""
    with pytest.raises(httpx.ConnectError) as refused:
        httpx.get(f"http://127.0.0.1:{unused_tcp_port}")
    assert system_reason(refused.value).say(FR) == "la connexion est refusée"
    (tmp_path / "x.db").write_text("no database at all, but long enough to be taken for one" * 50)
    with pytest.raises(StoreError) as caught:
        inspect_store(f"sqlite:///{tmp_path}/x.db")
    assert "n’est pas une base de données" in FR("doctor.store_broken", error=caught.value)
    assert "is not a database" in str(caught.value)
    error = BackupError("unreadable", file="x.zip", reason=system_reason(FileNotFoundError(errno.ENOENT, "")))
    assert "existe pas" in FR("backup.keys_unreadable", file="y", reason=error)
