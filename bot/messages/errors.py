"""What can go wrong between the bot and a network."""

from __future__ import annotations


class ChannelError(Exception):
    """Something went wrong between us and the network; its text is a sentence for the operator, without secrets."""


class Unreachable(ChannelError):
    """The network does not answer, or not sensibly: try the same again later, not before `after` seconds."""

    def __init__(self, said: str, after: float = 0.0) -> None:
        super().__init__(said)
        self.after = after


class RateLimited(ChannelError):
    """The network asks for a pause of `after` seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(f"rate-limited for {after:g} s")
        self.after = after


class NetworkRefusal(ChannelError):
    """The network refuses this one thing for good: trying again is useless."""


class MissingKey(ChannelError):
    """The event is encrypted and its key is not there, or not yet. `Unlocked` follows when one comes."""


class AuthenticationFailed(ChannelError):
    """Password or token are not accepted, or the account is gone: the bot cannot go on."""


class KeyStoreUnusable(AuthenticationFailed):
    """What a login needs on this machine cannot be kept there: the bot cannot go on either."""
