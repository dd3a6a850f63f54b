"""`chat`: a talk with the bot in the terminal."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from tests.cli.conftest import ALWAYS_ANSWERS, ASKED, FORUM, NEVER_ANSWERS, WORDS_ALONE, Concierge, started


def test_chat_answers_as_a_member_would_read_it(concierge: Concierge) -> None:
    ran = concierge("chat", stdin=f"{ASKED}\n\n", settings=ALWAYS_ANSWERS)
    assert (ran.code, ran.err) == (0, "")
    assert "Se former au métier de facilitateur" in ran.out
    assert "La Coopérative forme et certifie." in ran.out
    assert "https://example.org/piloter" in ran.out
    assert "\x1b" not in ran.out
    assert "›" not in ran.out


def test_chat_offers_only_what_it_does(concierge: Concierge) -> None:
    def said(*lines: str) -> str:
        return concierge("chat", stdin="\n".join(lines), settings=NEVER_ANSWERS).out

    offer = said(ASKED)
    assert "Répondez oui ou non." in offer
    assert "❌" not in offer
    assert "touchez" not in offer
    assert "La Coopérative" not in said(ASKED, "non", "1")
    assert "Je n’ai pas de réponse" in said(ASKED, "non")
    for choice in ("la première", "oui", "1"):
        assert "La Coopérative forme et certifie." in said(ASKED, choice)
    assert "un programme" in said("qui es-tu ?")
    assert said(ASKED, "merci !").splitlines()[-1].strip() == "🙂"


def test_chat_knows_the_commands_of_a_room(concierge: Concierge) -> None:
    ran = concierge("chat", stdin="/aide chercher\n!chercher facilitateur\n/recharger\n/zut\n", settings=WORDS_ALONE)
    assert "!chercher" in ran.out
    assert "Se former au métier de facilitateur" in ran.out
    assert "réservée à l’équipe de modération" in ran.out
    assert "Je ne connais pas la commande" in ran.out


def test_chat_explains_its_last_answer(concierge: Concierge) -> None:
    ran = concierge("chat", stdin=f"/pourquoi\n{ASKED}\n/pourquoi\n/fin\nencore\n", settings=ALWAYS_ANSWERS)
    assert ran.out.count("formations.yaml:4") == 1


# How it ends


@contextmanager
def talking(folder: Path, **options: Any) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes], IO[bytes]]]:
    """The process, once it has replied to a line, with its input, output and errors."""
    (folder / "config.yaml").write_text(FORUM + WORDS_ALONE, encoding="utf-8")
    with started("chat", cwd=folder, **options) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"bonjour\n")
        process.stdin.flush()
        assert process.stdout.readline()
        yield process, process.stdin, process.stdout, process.stderr


def test_a_reader_who_leaves_is_no_fault(folder: Path) -> None:
    with talking(folder) as (_, stdin, stdout, stderr):
        stdout.close()
        stdin.write(b"bonjour\n" * 20)
        stdin.close()
        assert stderr.read() == b""


@pytest.mark.parametrize("end", ["SIGTERM", "SIGHUP"])
def test_nothing_is_kept_wherever_it_ends(folder: Path, tmp_path: Path, end: str) -> None:
    with talking(folder, env={**os.environ, "TMPDIR": str(tmp_path)}) as (process, *_):
        assert [file.name for file in tmp_path.glob("*/talk.db")] == ["talk.db"]
        process.send_signal(getattr(signal, end))
        assert process.wait() == 128 + getattr(signal, end)
    assert list(tmp_path.glob("*/talk.db")) == []


def test_ctrl_c_ends_it_quietly(folder: Path) -> None:
    with talking(folder) as (process, _, _, stderr):
        process.send_signal(signal.SIGINT)
        assert (process.wait(), stderr.read()) == (130, b"")
