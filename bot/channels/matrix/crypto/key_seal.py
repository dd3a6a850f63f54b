"""Authenticated encryption of keys that the store holds."""

from __future__ import annotations

import base64
import functools
import hashlib

from nacl.exceptions import CryptoError
from nacl.secret import Aead

from bot.messages import KeyStoreUnusable

SECRET = "CONCIERGE_MATRIX_KEYS_SECRET, or secrets/matrix_keys_secret beside the settings"  # noqa: S105 (its name)


class KeySeal:
    """Authenticated encryption (XChaCha20-Poly1305) of texts under their names, with the secret of the settings."""

    def __init__(self, secret: str, user: str) -> None:
        self._aead = Aead(hashlib.blake2b(user.encode(), key=_root(secret), digest_size=32).digest())

    def seal(self, name: str, text: str) -> str:
        return base64.b64encode(self._aead.encrypt(text.encode(), name.encode())).decode()

    def unseal(self, name: str, sealed: str) -> str:
        """Raises KeyStoreUnusable if it was sealed with another secret, or under another name."""
        try:
            return self._aead.decrypt(base64.b64decode(sealed), name.encode()).decode()
        except (CryptoError, ValueError):
            raise KeyStoreUnusable(
                "the encryption keys in the store were encrypted with another secret than the present one: set that in "
                f"{SECRET}; if it is lost, log the bot's device out with its account, and it goes on as a new one"
            ) from None


@functools.cache
def _root(secret: str) -> bytes:
    """scrypt, since a secret made up by a person could otherwise be guessed; once for all networks of a process."""
    return hashlib.scrypt(secret.encode(), salt=b"concierge keys", n=2**14, r=8, p=1, dklen=32)
