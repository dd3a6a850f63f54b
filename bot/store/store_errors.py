"""Errors of the store: sentences without secrets, SQL and people's messages."""

from __future__ import annotations

from bot.locale import Wording, wording


class StoreError(Exception):
    """The store cannot be used. `key` names a sentence for the operator, under `store` in the wording.

    As text, for the log, it is in English.
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values
        super().__init__(key)

    def say(self, words: Wording) -> str:
        return words(f"store.{self.key}", **self.values)

    def __str__(self) -> str:
        return self.say(wording("en"))


class Damaged(StoreError):
    """The stored data cannot be read; waiting does not help."""


class Unfit(StoreError):
    """A value does not fit into its column: the store works, and waiting does not help."""


class StoreLocked(StoreError):
    """Another process uses the store."""
