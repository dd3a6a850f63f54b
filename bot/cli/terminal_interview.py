"""An interview on a terminal: flags answer first, then the person, or with `--yes` what is usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

import typer

from bot.channels.findings import Finding
from bot.channels.interview import Abandoned, Option
from bot.cli import log_output
from bot.cli.log_output import escape_controls
from bot.cli.setup import fail
from bot.locale import Wording

Given = Mapping[str, str | list[str] | None]


class TerminalInterview:
    """`given`: the answers of flags, None where there is none; each counts once, so that a wrong one can be mended."""

    def __init__(self, words: Wording, given: Given, *, asks: bool) -> None:
        self.words, self._given, self._asks = words, dict(given), asks

    def text(self, key: str, default: str | None = None) -> str:
        if (given := self._given.pop(key, None)) is not None:
            return str(given)
        if not self._asks:
            return self._lacks(key) if default is None else default
        return str(typer.prompt(self.words(f"init.{key}"), default=default, show_default=bool(default))).strip()

    def secret(self, key: str) -> str:
        if given := self._given.pop(key, None):
            return str(given)
        if not self._asks:
            self._lacks(key)
        return str(typer.prompt(self.words(f"init.{key}"), hide_input=True)).strip()

    def choose(self, key: str, options: Sequence[Option], *, most: int | None = None, least: int = 0) -> list[str]:
        given = self._given.pop(key, None)
        if given is not None:
            return [one for one in ([given] if isinstance(given, str) else given) if one]
        if not self._asks:
            return self._lacks(key) if least else []
        for number, option in enumerate(options, start=1):
            name = "" if option.label == option.value else f"  {option.label}"
            typer.echo(escape_controls(f"  {number}. {option.value}{name}"))
        while True:
            typed = str(typer.prompt(self.words(f"init.{key}"), default="", show_default=False))
            chosen = [_value(word, options) for word in typed.replace(",", " ").split()]
            if least <= len(chosen) <= (most or len(chosen)) and all(chosen):
                return [*dict.fromkeys(chosen)]
            self.tell("choose_again")

    def tell(self, key: str, **values: object) -> None:
        typer.echo(escape_controls(self.words(f"init.{key}", **values)))

    def reject(self, fault: Finding) -> None:
        log_output.tell(escape_controls(self.words(f"doctor.{fault.key}", **fault.values)))
        if not self._asks:
            raise Abandoned

    def _lacks(self, key: str) -> NoReturn:
        fail(self.words("init.lacking", flag=self.words(f"init.flag_{key}")), 2)


def _value(word: str, options: Sequence[Option]) -> str:
    """Return the value of a number of the list; another word is a value itself. Empty: there is no such number."""
    if not word.isdecimal():
        return word
    return options[int(word) - 1].value if 0 < int(word) <= len(options) else ""
