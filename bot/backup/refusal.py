"""Why there is no backup, or none was brought back; each says so in one sentence."""

from __future__ import annotations

from bot.locale import Wording


class BackupError(Exception):
    """`key`: of a sentence under `backup`. Nothing was written, and what was there is as it was."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values
        super().__init__(key)

    def say(self, words: Wording) -> str:
        return words(f"backup.{self.key}", **self.values)
