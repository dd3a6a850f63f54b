"""The help: the commands that matter first are explained, the rest are named."""

from collections.abc import Mapping

from bot.replies.sentences import Sentences
from bot.text import markdown

FIRST = (  # those that matter: moderators', then members'
    *("questions", "repondre", "ajouter", "modifier", "page", "liens"),
    *("chercher", "pourquoi", "confidentialite", "oublie-moi", "bonjour"),
)


class HelpReplies(Sentences):
    def help(self, offered: Mapping[str, str], *, is_short: bool = False) -> str:
        """Explain the first five of the commands that are offered, and name the rest by group (`help_questions`).

        `offered`: the group of each, by its French name.
        """
        first = [name for name in FIRST if name in offered][:5]
        explained = [self._help_parts(name, is_short) for name in first]
        rows = [self.say("help_row", usage=usage, summary=summary) for usage, summary, _ in explained]
        groups: dict[str, list[str]] = {}
        for name, group in sorted(offered.items(), key=lambda one: one[1] == "everyone"):
            if name not in first:
                typed = self._typed(self.command_name(name), is_short=is_short)
                groups.setdefault(group, []).append(markdown.code(typed))
        rest = [
            self.say("help_rest", group=self.say(f"help_{group}"), names=" · ".join(names))
            for group, names in groups.items()
        ]
        is_work = "questions" in first
        end = "help_end_moderators" if is_work else "help_end_short" if is_short else "help_end"
        head = self.say("help_moderators" if is_work else "help")
        return markdown.paragraphs([head, "\n".join(rows), "\n".join(rest), self.say(end)])

    def help_one(self, command: str, *, is_short: bool = False) -> str:
        usage, summary, example = self._help_parts(command, is_short)
        return self.say("help_one", usage=usage, summary=summary, example=example)

    def _help_parts(self, command: str, is_short: bool) -> tuple[str, str, str]:
        """Return usage, summary and example of a command."""
        usage, summary, example = (self.words(f"commands.{command}_{part}") for part in ("usage", "summary", "example"))
        typed = [markdown.code(self._typed(said, is_short=is_short)) for said in (usage, example)]
        return typed[0], summary, typed[1]

    def command_name(self, command: str) -> str:
        """Return the name of a command in the bot's language. `command`: its French name."""
        return self.words(f"commands.{command}_usage").partition(" ")[0]

    def unknown_command(self, name: str, likely: str | None, *, is_short: bool = False) -> str:
        """Reply to an unknown command. `likely`: the command that was probably meant."""
        if likely is None:
            return self.say("unknown_command", command=self._quote(name))
        likely = self._typed(likely, is_short=is_short)
        return self.say("unknown_command_likely", command=self._quote(name), likely=likely)
