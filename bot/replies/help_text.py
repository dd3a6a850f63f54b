"""The help: commands in groups, one command with an example, and what was probably meant by an unknown one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.replies.markdown import paragraphs
from bot.replies.sentences import Sentences


class HelpReplies(Sentences):
    def help(self, groups: Mapping[str, Sequence[str]], *, is_short: bool = False) -> str:
        """`groups`: French names of commands, as in the wording (`commands.aide_usage`), under a heading each
        (`help_questions`)."""
        heads = {name: f"**{self.say(f'help_{name}')}**" if len(groups) > 1 else "" for name in groups}
        lists = ["\n".join(self._help_row(key, is_short) for key in keys) for keys in groups.values()]
        blocks = [paragraphs([head, rows]) for head, rows in zip(heads.values(), lists, strict=True)]
        end = self.say("help_end_short" if is_short else "help_end")
        return paragraphs([self.say("help"), *blocks, end])

    def _help_row(self, command: str, is_short: bool) -> str:
        usage = self._typed(command, "usage", is_short=is_short)
        return self.say("help_row", usage=usage, summary=self._summary(command))

    def help_one(self, command: str, *, is_short: bool = False) -> str:
        usage, example = [self._typed(command, part, is_short=is_short) for part in ("usage", "example")]
        return self.say("help_one", usage=usage, summary=self._summary(command), example=example)

    def unknown_command(self, name: str, likely: str | None, *, is_short: bool = False) -> str:
        """`likely`: the command that was probably meant."""
        start = self._always["prefix"] if is_short else f"{self._always['call']} "
        values = {"command": self._quote(name), "likely": f"{start}{likely}"}
        return self.say("unknown_command_likely" if likely else "unknown_command", **values)
