"""`concierge …` as the console script runs it, in this process and in a folder of its own."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code, output and errors of a command; `settings`: written first, else they stay as they are."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, settings: str = "") -> tuple[int, str, str]:
        if settings:
            (tmp_path / "config.yaml").write_text(settings, encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["concierge", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return run
