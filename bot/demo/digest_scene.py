"""The last scene: the digest of the week, posted as `concierge digest --publish` does it beside the bot."""

from __future__ import annotations

from datetime import datetime

from bot.app.digest_command import digest_by_command
from bot.config import Settings
from bot.demo import script
from bot.demo.ears import Cast, Ears
from bot.demo.transcript import Transcript
from bot.knowledge.library import Library


class DigestScene:
    """`settings` are those of the running bot."""

    def __init__(self, cast: Cast, settings: Settings, transcript: Transcript) -> None:
        self._cast, self._settings, self._transcript = cast, settings, transcript
        self._ears = Ears(cast, transcript)

    async def play(self) -> bool:
        """Whether it came in the members' room and, for the moderators, in theirs."""
        self._transcript.did(script.MODERATOR, script.PUBLISHES)
        try:
            async with self._ears.open():
                await self._publish()
                await self._ears.bot_says(self._cast.room, lambda heard: script.WEEK in heard.text)
                where = self._cast.moderation
                await self._ears.bot_says(where, lambda heard: script.WORK in heard.text, script.MODERATION)
        except TimeoutError:
            return False
        return True

    async def _publish(self) -> None:
        today = datetime.now(self._settings.timezone).date()
        knowledge = Library(self._settings.knowledge).load(today).knowledge
        async with digest_by_command(self._settings, knowledge, post=True) as here:
            await here.publish()
