"""What the bot says of the moderators' desk in a chat."""

from __future__ import annotations

from datetime import date, datetime

from bot.replies import markdown
from bot.replies.draft_notes import NAME
from bot.replies.sentences import Sentences


class DeskReplies(Sentences):
    def desk_link(self, url: str, tunnel: str) -> str:
        """`tunnel`: what an ssh tunnel to the page forwards; empty: the page has a public address."""
        text = self.say("desk_link", link=markdown.link(self.say("desk_enter"), url))
        return self._join(text, self.say("desk_local", tunnel=tunnel) if tunnel else "")

    def session_opened(self, moment: datetime, today: date) -> str:
        return f"{self._say_at('session_opened', moment, today)} {self.say('session_stop')}"

    def at_desk(self, name: str, text: str) -> str:
        """What a moderator of that name has done there."""
        return self._join(self.say("at_desk", name=markdown.excerpt(name, NAME)), text)

    def answered_at_desk(self, name: str, number: int) -> str:
        return self.say("answered_at_desk", name=markdown.excerpt(name, NAME), number=number)

    def phrase_added_at_desk(self, name: str, number: int, title: str) -> str:
        return self.say(
            "phrase_added_at_desk", name=markdown.excerpt(name, NAME), number=number, title=self._quote(title)
        )
