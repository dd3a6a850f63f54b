"""An interview on a terminal: flags answer first, then the person, or with `--yes` what is usual."""

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

import typer

from bot.channels.findings import Finding, wrong
from bot.channels.interview import Abandoned, Names, Options
from bot.cli import log_output
from bot.cli.setup import confirmed, fail
from bot.locale import Wording

Given = Mapping[str, str | list[str] | bool | None]

NONE = "-"
"""Typed where Enter would keep an answer: no answer."""


class TerminalInterview:
    """`given`: the answers of flags, None where there is none; each counts once, so that a wrong one can be corrected.

    `adds`: the one question to ask, for more answers beside its default; all others keep theirs.
    """

    def __init__(self, words: Wording, given: Given, *, asks: bool, adds: str = "") -> None:
        self.words, self._given, self._is_asking, self._adds = words, dict(given), asks, adds
        self._is_typed = False  # the last answer
        self._kept: dict[str, Names] = {}  # the first default of what is added to; a slip is none

    def text(
        self, key: str, default: str | None = None, fault: Callable[[str], Finding | None] = lambda text: None
    ) -> str:
        while True:
            if (given := self._given.pop(key, None)) is not None:
                typed = str(given)
            elif self._asks(key, is_needed=default is None):
                typed = self._prompt(key, default)
            else:
                typed = self._lacks(key) if default is None else default
            if not typed or not (found := fault(typed)):
                return typed
            self.reject(found)

    def secret(self, key: str, default: str = "") -> str:
        if given := self._given.pop(key, None):
            return str(given)
        if not self._asks(key, is_needed=not default):
            return default or self._lacks(key)
        question = self.words(f"init.{key}") + (f" [{self.words('init.kept_secret')}]" if default else "")
        typed = str(typer.prompt(question, default=default or None, show_default=False, hide_input=True)).strip()
        return "" if typed == NONE else typed

    def choose(
        self, key: str, options: Options, default: Names = (), least: int = 0, most: int = 99, listed: bool = False
    ) -> list[str]:
        kept = self._kept.setdefault(key, default) if key == self._adds else ()
        values, shown = [option.value for option in options], options
        while True:
            if (given := self._given.pop(key, None)) is not None:
                chosen = [one for one in (given if isinstance(given, list) else [str(given)]) if one]
            elif self._asks(key, is_needed=len(default) < least):
                for number, option in enumerate(shown, start=1):
                    name = "" if option.label == option.value else f"  {option.label}"
                    typer.echo(log_output.escape_controls(f"  {number}. {option.value}{name}"))
                shown, typed = (), self._prompt(key, ", ".join(one for one in default if one not in kept))
                chosen = [_value(word, values) for word in typed.replace(",", " ").split()]
            else:
                chosen = [*default] or (self._lacks(key) if least else [])
                if self._adds or not listed or set(chosen) <= set(values):
                    return chosen
            chosen = [_in_full(one, values) for one in chosen] if listed else chosen
            if listed and (others := [one for one in chosen if one not in ("", *values)]):
                self.reject(wrong("not_listed", name=", ".join(others), known=", ".join(values) or "–"))
            elif least <= len(chosen) <= most and all(chosen):
                return [*dict.fromkeys((*kept, *chosen))]
            else:
                self.tell("choose_again")

    def agrees(self, key: str, *, default: bool) -> bool:
        if (given := self._given.pop(key, None)) is not None:
            return bool(given)
        return confirmed(self.words, f"init.{key}", default=default) if self._is_asking else default

    def tell(self, key: str, **values: object) -> None:
        typer.echo(log_output.escape_controls(self.words(f"init.{key}", **values)))

    def reject(self, fault: Finding) -> None:
        log_output.tell(log_output.escape_controls(self.words(f"doctor.{fault.key}", **fault.values)))
        if not self._is_asking or (self._adds and not self._is_typed):
            raise Abandoned

    def _asks(self, key: str, *, is_needed: bool) -> bool:
        self._is_typed = self._is_asking and (is_needed or self._adds in ("", key))
        return self._is_typed

    def _prompt(self, key: str, default: str | None) -> str:
        typed = str(typer.prompt(self.words(f"init.{key}"), default=default, show_default=bool(default))).strip()
        return "" if typed == NONE else typed

    def _lacks(self, key: str) -> NoReturn:
        fail(self.words("init.lacking", flag=self.words(f"init.flag_{key}")), 2)


def _in_full(room: str, values: Sequence[str]) -> str:
    """Return the listed room whose server was left out, else the name as it is."""
    return next((value for value in values if room and value.startswith(f"{room}:")), room)


def _value(word: str, values: Sequence[str]) -> str:
    """Return the value of a number of the list; another word is a value itself. Empty: there is no such number."""
    if not word.isdecimal():
        return word
    return values[int(word) - 1] if 0 < int(word) <= len(values) else ""
