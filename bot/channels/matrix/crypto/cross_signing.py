"""Cross-signing: the bot's own identity on its homeserver, and its signature on its device.

Client-Server API, "Cross-signing"; Appendices, "Signing JSON". nio has none, and Element announced that it stops
exchanging messages with devices that their owner has not signed.
"""

import asyncio
import base64
import hashlib
import json
import logging
import secrets
from collections.abc import Awaitable, Callable

from nacl.signing import SigningKey

from bot.channels.matrix.client import MatrixClient
from bot.channels.matrix.crypto.key_store import KeySeal
from bot.channels.matrix.login import Account, MatrixSession, call_with_password
from bot.channels.matrix.schema import Json, Raw
from bot.messages import KeyStoreUnusable, Memory, NetworkRefusal

log = logging.getLogger(__name__)

_SEED, _ROOT = "matrix.signing ", "matrix.identity "  # followed by the user id
_SEALED = "sealed "  # begins a secret that is encrypted
_USES = ("master", "self_signing", "user_signing")


class CrossSigningIdentity:
    """The three ed25519 keys, all derived from one root of 32 bytes, the only thing to keep."""

    def __init__(self, user: str, root: bytes) -> None:
        self._user = user
        seeds = {use: hashlib.blake2b(use.encode(), key=root, digest_size=32).digest() for use in _USES}
        self._keys = {use: SigningKey(seed) for use, seed in seeds.items()}

    def get_key_id(self, use: str) -> str:
        return f"ed25519:{encode_base64(bytes(self._keys[use].verify_key))}"

    def make_upload(self) -> dict[str, Json]:
        """Return the body of POST /keys/device_signing/upload: the second and third key signed by the first."""
        ids = {use: self.get_key_id(use) for use in _USES}
        keys: dict[str, Json] = {
            use: {"user_id": self._user, "usage": [use], "keys": {id: id.partition(":")[2]}} for use, id in ids.items()
        }
        signed = {use: self.sign(key, "master") if use != "master" else key for use, key in keys.items()}
        return {f"{use}_key": key for use, key in signed.items()}

    def sign(self, signed: Raw, use: str) -> Json:
        """Return the object with one more signature, made over its canonical JSON."""
        bare = {key: value for key, value in signed.items() if key not in ("signatures", "unsigned")}
        text = json.dumps(bare, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        signature = encode_base64(self._keys[use].sign(text.encode()).signature)
        others = signed.get("signatures", {})
        ours = {**others.get(self._user, {}), self.get_key_id(use): signature}
        return {**bare, "signatures": {**others, self._user: ours}}

    def is_uploaded(self, answer: Raw) -> bool:
        """Whether the server holds just these keys, by its answer to POST /keys/query for our user."""
        keys = {use: answer.get(f"{use}_keys", {}).get(self._user, {}).get("keys", {}) for use in _USES}
        return all(list(keys[use]) == [self.get_key_id(use)] for use in _USES)


async def load_identity(account: Account, memory: Memory, user: str, seal: KeySeal | None) -> CrossSigningIdentity:
    """Load the identity of the seed in the settings, else of a stored one, made if need be.

    What follows from the stored seed is stored too; both encrypted with `seal`, also those that were not.
    """

    async def derived() -> str:
        return (await _stretch(seed, user)).hex()

    if account.signing_seed:
        return CrossSigningIdentity(user, await _stretch(account.signing_seed, user))
    seed = await _kept(memory, _SEED + user, seal, _new_seed)
    return CrossSigningIdentity(user, bytes.fromhex(await _kept(memory, _ROOT + user, seal, derived)))


async def _stretch(seed: str, user: str) -> bytes:
    """scrypt, since a seed made up by a person could otherwise be guessed. It takes a tenth of a second."""
    return await asyncio.to_thread(hashlib.scrypt, seed.encode(), salt=user.encode(), n=2**14, r=8, p=1, dklen=32)


async def _new_seed() -> str:
    return secrets.token_hex(32)


async def _kept(memory: Memory, name: str, seal: KeySeal | None, make: Callable[[], Awaitable[str]]) -> str:
    """Return the stored secret, or make one: also if it is lost with the secret that encrypts it, as the device's keys
    were before."""
    kept = stored = await memory.get(name)
    if stored and stored.startswith(_SEALED):
        try:
            kept = seal.unseal(name, stored.removeprefix(_SEALED)) if seal else None
        except KeyStoreUnusable:
            kept = None
    if kept is None or (seal and kept == stored):
        kept = kept or await make()
        await memory.set(name, _SEALED + seal.seal(name, kept) if seal else kept)
    return kept


async def sign_device(
    server: MatrixClient, account: Account, identity: CrossSigningIdentity, session: MatrixSession
) -> bool:
    """Sign this device with the bot's identity, uploaded if need be. Returns True if it replaces another identity.

    A refusal by the server is logged, and the bot goes on unsigned. Raises Unreachable, RateLimited,
    AuthenticationFailed.
    """
    try:
        answer = await server.call("POST", "keys", "query", body={"device_keys": {session.user: []}})
        is_replaced = False
        if not identity.is_uploaded(answer):
            is_replaced = session.user in answer.get("master_keys", {})
            await call_with_password(server, account, "keys", "device_signing", "upload", body=identity.make_upload())
            log.info("cross-signing: a new identity for %s", session.user)
        device = answer["device_keys"][session.user][session.device]
        if identity.get_key_id("self_signing") not in device.get("signatures", {}).get(session.user, {}):
            body = {session.user: {session.device: identity.sign(device, "self_signing")}}
            answer = await server.call("POST", "keys", "signatures", "upload", body=body)
            if failures := answer.get("failures"):
                raise NetworkRefusal(f"the signature is not accepted: {json.dumps(failures)[:200]}")
            log.info("cross-signing: device %s is signed", session.device)
    except NetworkRefusal as refusal:
        log.warning("the bot's device is not signed, some applications may not talk with it: %s", refusal)
        if account.password is None:
            log.warning("its identity is replaced once the password is set (secrets/matrix_password)")
        return False
    return is_replaced


def encode_base64(raw: bytes) -> str:
    """Encode as in Appendices, "Unpadded Base64"."""
    return base64.b64encode(raw).decode().rstrip("=")
