"""`chat`: a talk with the bot in the terminal."""

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.terminal import Terminal
from tests.cli.conftest import ALWAYS_ANSWERS, ASKED, NEVER_ANSWERS, WORDS_ALONE, Concierge


def test_chat_answers_as_a_member_would_read_it_and_explains_its_last_answer(concierge: Concierge) -> None:
    ran = concierge("chat", stdin=f"/pourquoi\n{ASKED}\n\n/pourquoi\n/fin\nencore\n", settings=ALWAYS_ANSWERS)
    assert (ran.code, ran.err, ran.out.count("formations.yaml:4")) == (0, "", 1)
    answer = ("Se former au métier de facilitateur", "La Coopérative forme et certifie.", "https://example.org/piloter")
    assert [part in ran.out for part in (*answer, "\x1b", "›")] == [True, True, True, False, False]


def test_chat_offers_only_what_it_does(concierge: Concierge) -> None:
    def said(*lines: str) -> str:
        return concierge("chat", stdin="\n".join(lines), settings=NEVER_ANSWERS).out

    offer = said(ASKED)
    assert [words in offer for words in ("Répondez oui ou non.", "❌", "touchez")] == [True, False, False]
    assert "La Coopérative" not in said(ASKED, "non", "1")
    assert "Je n’ai pas de réponse" in said(ASKED, "non")
    for choice in ("la première", "oui", "1"):
        assert "La Coopérative forme et certifie." in said(ASKED, choice)
    assert "un programme" in said("qui es-tu ?")
    assert said(ASKED, "merci !").splitlines()[-1].strip() == "🙂"


def test_chat_knows_the_commands_of_a_room(concierge: Concierge) -> None:
    ran = concierge("chat", stdin="/aide chercher\n!chercher facilitateur\n/recharger\n/zut\n", settings=WORDS_ALONE)
    found = ("!chercher", "Se former au métier de facilitateur")
    for said in (*found, "réservée à l’équipe de modération", "Je ne connais pas la commande"):
        assert said in ran.out


@pytest.mark.parametrize(("end", "code"), [("SIGTERM", 128 + 15), ("SIGHUP", 128 + 1), ("SIGINT", 130)])
def test_wherever_it_ends_it_does_so_quietly_and_nothing_is_kept(
    concierge: Concierge, folder: Path, monkeypatch: pytest.MonkeyPatch, end: str, code: int
) -> None:
    def lines(_: Terminal) -> Iterator[str]:
        yield "bonjour"
        assert [file.name for file in folder.glob("*/talk.db")] == ["talk.db"]
        signal.raise_signal(getattr(signal, end))

    monkeypatch.setattr(Terminal, "lines", lines)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    number = getattr(signal, end)
    usual = signal.default_int_handler if end == "SIGINT" else signal.SIG_DFL
    before = signal.signal(number, usual)  # a shell may have made its background jobs ignore it
    try:
        ran = concierge("chat", settings=WORDS_ALONE)
        assert (ran.code, ran.err) == (code, "")
        assert list(folder.glob("*/talk.db")) == []
        assert signal.getsignal(number) is usual
    finally:
        signal.signal(number, before)
