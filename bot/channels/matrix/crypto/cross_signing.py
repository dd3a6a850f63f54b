"""Cross-signing: the bot's own identity on its homeserver, and its signature on its device.

nio has none, and Element announced that it stops exchanging messages with devices that their owner has not signed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import secrets
from collections.abc import Mapping
from typing import Any

from nacl.signing import SigningKey

from bot.channels.matrix.client import Json, MatrixClient
from bot.channels.matrix.login import Account, Session, call_with_password
from bot.messages import Memory, NetworkRefusal

log = logging.getLogger(__name__)

_SEED = "matrix.signing "  # and the user id
_USES = ("master", "self_signing", "user_signing")


class CrossSigningIdentity:
    """The three keys of cross-signing, all made from one secret text, so that one text is all there is to keep."""

    def __init__(self, user: str, seed: str) -> None:
        # A seed that a person made up is worth some work to whoever wants to guess it.
        root = hashlib.scrypt(seed.encode(), salt=user.encode(), n=2**14, r=8, p=1, dklen=32)
        self._user = user
        seeds = {use: hashlib.blake2b(use.encode(), key=root, digest_size=32).digest() for use in _USES}
        self._keys = {use: SigningKey(seed) for use, seed in seeds.items()}

    def name(self, use: str) -> str:
        return f"ed25519:{_text(bytes(self._keys[use].verify_key))}"

    def public(self) -> dict[str, Json]:
        """What the server gets of it: the second and third key signed by the first."""
        keys = {use: self._described(use) for use in _USES}
        signed = {use: self.sign(key, "master") if use != "master" else key for use, key in keys.items()}
        return {f"{use}_key": key for use, key in signed.items()}

    def sign(self, what: Mapping[str, Any], use: str) -> Json:
        """The same object with one more signature."""
        bare = {key: value for key, value in what.items() if key not in ("signatures", "unsigned")}
        text = json.dumps(bare, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        signature = _text(self._keys[use].sign(text.encode()).signature)
        others = what.get("signatures", {})
        ours = {**others.get(self._user, {}), self.name(use): signature}
        return {**bare, "signatures": {**others, self._user: ours}}

    def is_at(self, known: Mapping[str, Any]) -> bool:
        """Whether the server holds just these keys, by its answer to a query for our user."""
        held = {use: known.get(f"{use}_keys", {}).get(self._user, {}).get("keys", {}) for use in _USES}
        return all(list(held[use]) == [self.name(use)] for use in _USES)

    def _described(self, use: str) -> Json:
        name = self.name(use)
        return {"user_id": self._user, "usage": [use], "keys": {name: name.partition(":")[2]}}


async def sign_device(server: MatrixClient, account: Account, memory: Memory, session: Session) -> bool:
    """Have this device signed by the bot's identity, which is made if need be; True: in place of another one.

    What the server refuses is said in the log, and the bot goes on unsigned. Raises Unreachable, TooFast, LoggedOut.
    """
    identity = CrossSigningIdentity(session.user, await _seed(account, memory, session.user))
    try:
        known = await server.call("POST", "keys", "query", body={"device_keys": {session.user: []}})
        replaced = False
        if not identity.is_at(known):
            replaced = session.user in known.get("master_keys", {})
            await call_with_password(server, account, "keys", "device_signing", "upload", body=identity.public())
            log.info("cross-signing: a new identity for %s", session.user)
        await _sign(server, identity, session, known)
    except NetworkRefusal as refusal:
        log.warning("the bot's device is not signed, some applications may not talk with it: %s", refusal)
        if account.password is None:
            log.warning("its identity is replaced once the password is set (CONCIERGE_MATRIX_PASSWORD)")
        return False
    return replaced


async def _sign(server: MatrixClient, identity: CrossSigningIdentity, session: Session, known: Json) -> None:
    device: Json = known["device_keys"][session.user][session.device]
    if identity.name("self_signing") in device.get("signatures", {}).get(session.user, {}):
        return
    body = {session.user: {session.device: identity.sign(device, "self_signing")}}
    answer = await server.call("POST", "keys", "signatures", "upload", body=body)
    if failures := answer.get("failures"):
        raise NetworkRefusal(f"the signature is not accepted: {json.dumps(failures)[:200]}")
    log.info("cross-signing: device %s is signed", session.device)


async def _seed(account: Account, memory: Memory, user: str) -> str:
    if account.signing_seed:
        return account.signing_seed
    seed = await memory.recall(_SEED + user)
    if seed is None:
        seed = secrets.token_hex(32)
        await memory.remember(_SEED + user, seed)
    return seed


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
