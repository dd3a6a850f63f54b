"""What the system refuses is said in the language of the settings, wherever a sentence quotes it."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from pathlib import Path

import httpx
import pytest

from bot.backup.archive import BackupError
from bot.locale import system_reason, wording
from bot.store import StoreError
from bot.store.inspection import inspect_store
from tests.locale.test_wording import ENGLISH

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


@pytest.mark.parametrize(
    ("error", "french"),
    [
        (OSError(errno.EUCLEAN, "Structure needs cleaning"), "Structure needs cleaning"),  # rare: better than nothing
        (OSError("of a library"), "of a library"),
        (ValueError(), "ValueError"),
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), "pas de réponse à temps"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "ce nom de machine est introuvable"),
        (ssl.SSLCertVerificationError(1, "self-signed certificate"), "son certificat n’est pas valable"),
        (ssl.SSLError(1, "[SSL] record layer failure"), "[SSL] record layer failure"),  # not EPERM, whose number it has
        (ExceptionGroup("attempts", [ConnectionRefusedError(errno.ECONNREFUSED, "")]), "la connexion est refusée"),
    ],
)
def test_what_is_no_usual_error_of_the_system_is_said_too(error: Exception, french: str) -> None:
    assert FR(BACKUP, file="x", reason=system_reason(error)) == FR(BACKUP, file="x", reason=french)


def test_the_error_that_a_library_wraps_is_found(unused_tcp_port: int) -> None:
    with pytest.raises(httpx.ConnectError) as caught:
        httpx.get(f"http://127.0.0.1:{unused_tcp_port}")
    assert system_reason(caught.value).say(FR) == "la connexion est refusée"


def test_an_error_of_the_store_is_filled_in_in_the_language_around_it(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database at all, but long enough to be taken for one" * 50)
    with pytest.raises(StoreError) as caught:
        inspect_store(f"sqlite:///{tmp_path}/x.db")
    assert "n’est pas une base de données" in FR("doctor.store_broken", error=caught.value)
    assert "is not a database" in str(caught.value)


def test_a_reason_within_a_reason_is_filled_in() -> None:
    error = BackupError("unreadable", file="x.zip", reason=system_reason(FileNotFoundError(errno.ENOENT, "")))
    assert "existe pas" in FR("backup.keys_unreadable", file="y", reason=error)
