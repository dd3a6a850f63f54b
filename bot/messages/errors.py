"""Errors between the bot and a network."""

from __future__ import annotations


class ChannelError(Exception):
    """Base of a channel's errors. Its text is a sentence for the operator, without secrets."""


class Unreachable(ChannelError):
    """The network gave no usable response: retry later, not before `after` seconds."""

    def __init__(self, sentence: str, after: float = 0.0) -> None:
        super().__init__(sentence)
        self.after = after


class RateLimited(ChannelError):
    """The network asks for a pause of `after` seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(f"rate-limited for {after:g} s")
        self.after = after


class NetworkRefusal(ChannelError):
    """The network refuses this request for good: a retry is useless."""


class MissingKey(ChannelError):
    """The event is encrypted and its key is missing. `Unlocked` follows when one arrives."""


class AuthenticationFailed(ChannelError):
    """Password or token were rejected, or the account is gone. Fatal for the channel."""


class KeyStoreUnusable(AuthenticationFailed):
    """The keys that belong to a login cannot be used on this machine. Fatal for the bot."""


def ends_bot(error: ChannelError, networks: int) -> bool:
    """Whether the bot cannot go on.

    A login revoked on one of several `networks` does not end it on the others; unusable keys do.
    """
    return isinstance(error, KeyStoreUnusable) or (isinstance(error, AuthenticationFailed) and networks < 2)
