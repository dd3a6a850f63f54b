"""Verifications that people begin in their client: their state, and the transport of their messages.

Client-Server API, "Key verification framework": in a room, as clients do with another user, or from device to device.
The bot takes part for anybody who asks and trusts nobody more for it: a person must compare the emojis of their client
with those in the bot's log. Open verifications are forgotten at a restart; the other side is told.
"""

import logging
import time

from bot.channels.matrix.client import MatrixClient
from bot.channels.matrix.crypto.sas import METHOD, Messages, Party, SasExchange, VerificationCancelled
from bot.channels.matrix.event_parser import VERIFICATION, find_verification_step
from bot.channels.matrix.schema import Json, Raw, get_object, get_text

log = logging.getLogger(__name__)

_PATIENCE = 600.0  # seconds: the greatest age of a request, and duration of a verification
_MAX_KNOWN, _MAX_OF_USER = 100, 10  # verifications in that time, in all and of one user


def make_cancellation(request: str, reason: str) -> tuple[str, Json]:
    """Return type and content of a cancellation in a room, for a bot that can verify nobody."""
    return f"{VERIFICATION}cancel", {"code": "m.unknown_method", "reason": reason, **_refer_to(request)}


def _refer_to(request: str) -> Json:
    return {"m.relates_to": {"rel_type": "m.reference", "event_id": request}}


class Verifications:
    """Verifications of the bot's device `us`.

    The methods raise Unreachable, RateLimited, AuthenticationFailed, NetworkRefusal.
    """

    def __init__(self, server: MatrixClient, us: Party) -> None:
        self._server, self._us = server, us
        self._known: dict[tuple[str, str], tuple[float, SasExchange | None]] = {}
        """Start on a monotonic clock and state, by user and transaction; None: it is over."""

    async def receive_in_room(self, raw: Raw, content: Raw, step: str, is_direct: bool) -> list[tuple[str, Json]]:
        """Take a step in a room, where members may also verify each other. Returns type and content of the answers.

        `content` is that of the event `raw`, decrypted.
        """
        relates = get_object(raw, "content", "m.relates_to")
        transaction = raw["event_id"] if step == "request" else get_text(relates, "event_id")
        if transaction is None or (step == "request" and content.get("to") != self._us.user):
            return []
        more = {"timestamp": raw.get("origin_server_ts")} if step == "request" else {"m.relates_to": relates}
        messages = await self._receive((raw["sender"], transaction), step, {**content, **more}, is_direct)
        return [(VERIFICATION + name, answer | _refer_to(transaction)) for name, answer in messages]

    async def receive_to_device(self, message: Raw) -> None:
        """Take a step between devices, and answer. Ignores all other messages."""
        content = message["content"]
        user, transaction = get_text(message, "sender"), get_text(content, "transaction_id")
        step = find_verification_step(message)
        if not (user and transaction and step):
            return
        _, exchange = self._known.get((user, transaction), (0, None))
        device = exchange.them.device if exchange else get_text(content, "from_device") or "*"
        for name, answer in await self._receive((user, transaction), step, content, is_ours=True):
            messages = {user: {device: answer | {"transaction_id": transaction}}}
            await self._server.send_to_devices(VERIFICATION + name, {"messages": messages})

    async def _receive(self, key: tuple[str, str], step: str, content: Raw, is_ours: bool) -> Messages:
        """Take a step of the verification `key`: user and transaction. `is_ours`: it can be meant for nobody else."""
        now, latest = time.monotonic(), list(self._known.items())[-_MAX_KNOWN:]
        self._known = {other: (begun, exchange) for other, (begun, exchange) in latest if now - begun < _PATIENCE}
        try:
            if step == "request":
                return await self._begin(key, content)
            begun, exchange = self._known.get(key, (None, None))
            if begun is None and is_ours and step not in ("done", "cancel"):
                text = "the bot knows nothing of this verification any more"
                raise VerificationCancelled("m.unknown_transaction", text)
            if exchange is None:
                return []
            if step in ("done", "cancel"):
                log.info("verification by %s: %s", exchange.them.user, step)
                self._known[key] = time.monotonic(), None
                return []
            messages = exchange.receive(step, content)
            if step == "key":
                log.info("verification: compare with what %s sees: %s", exchange.them.user, exchange.emojis)
            return messages
        except VerificationCancelled as reason:
            log.info("verification by %s cancelled: %s", key[0], reason)
            self._known[key] = time.monotonic(), None
            return [("cancel", {"code": reason.code, "reason": str(reason)})]

    async def _begin(self, key: tuple[str, str], content: Raw) -> Messages:
        sent, (user, transaction) = content.get("timestamp"), key
        is_new = isinstance(sent, int) and abs(time.time() - sent / 1000) < _PATIENCE
        if not is_new or sum(user == other for other, _ in self._known) >= _MAX_OF_USER:
            return []
        methods, device = content.get("methods"), get_text(content, "from_device")
        if not isinstance(methods, list) or METHOD not in methods or device is None:
            raise VerificationCancelled("m.unknown_method", f"the bot can only compare emojis ({METHOD})")
        answer = await self._server.call("POST", "keys", "query", body={"device_keys": {user: [device]}})
        keys = get_object(answer, "device_keys", user, device, "keys")
        if f"ed25519:{device}" not in keys:
            raise VerificationCancelled("m.key_mismatch", f"the homeserver has no keys of the device {device}")
        them = Party(user, device, keys | get_object(answer, "master_keys", user, "keys"))
        self._known[key] = time.monotonic(), SasExchange(self._us, them, transaction)
        return [("ready", {"from_device": self._us.device, "methods": [METHOD]})]
