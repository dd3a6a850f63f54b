"""Verification by short authentication string, as the side that is asked. Pure: messages in, messages out.

Client-Server API, "Key verification framework" and "Short Authentication String (SAS) verification". The other side
begins, and sends its MAC once its user has compared the emojis; the bot answers with its own MAC. nio's own machine
uses a hexadecimal digest for the commitment and packs the emojis wrongly: no current client agrees with it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import vodozemac

from bot.channels.matrix.crypto.cross_signing import encode_base64
from bot.channels.matrix.schema import Json, Raw, get_text

_EMOJIS = """\
🐶 dog/chien, 🐱 cat/chat, 🦁 lion/lion, 🐎 horse/cheval, 🦄 unicorn/licorne, 🐷 pig/cochon,
🐘 elephant/éléphant, 🐰 rabbit/lapin, 🐼 panda/panda, 🐓 rooster/coq, 🐧 penguin/manchot,
🐢 turtle/tortue, 🐟 fish/poisson, 🐙 octopus/poulpe, 🦋 butterfly/papillon, 🌷 flower/fleur,
🌳 tree/arbre, 🌵 cactus/cactus, 🍄 mushroom/champignon, 🌏 globe/globe, 🌙 moon/lune, ☁️ cloud/nuage,
🔥 fire/feu, 🍌 banana/banane, 🍎 apple/pomme, 🍓 strawberry/fraise, 🌽 corn/maïs, 🍕 pizza/pizza,
🎂 cake/gâteau, ❤️ heart/cœur, 😀 smiley/sourire, 🤖 robot/robot, 🎩 hat/chapeau, 👓 glasses/lunettes,
🔧 spanner/clé à molette, 🎅 Santa/père Noël, 👍 thumbs up/pouce en l’air, ☂️ umbrella/parapluie,
⌛ hourglass/sablier, ⏰ clock/réveil, 🎁 gift/cadeau, 💡 light bulb/ampoule, 📕 book/livre,
✏️ pencil/crayon, 📎 paperclip/trombone, ✂️ scissors/ciseaux, 🔒 lock/cadenas, 🔑 key/clé,
🔨 hammer/marteau, ☎️ telephone/téléphone, 🏁 flag/drapeau, 🚂 train/train, 🚲 bicycle/vélo,
✈️ aeroplane/avion, 🚀 rocket/fusée, 🏆 trophy/trophée, ⚽ ball/ballon, 🎸 guitar/guitare,
🎺 trumpet/trompette, 🔔 bell/cloche, ⚓ anchor/ancre, 🎧 headphones/casque audio, 📁 folder/dossier,
📌 pin/punaise
"""
# English and French side by side, for a log without a language.
_NAMED = [emoji.strip() for emoji in _EMOJIS.replace("\n", " ").split(",")]


METHOD = "m.sas.v1"
_CHOICES = {  # key of start: our choice from its list, key of accept
    "key_agreement_protocols": ("curve25519-hkdf-sha256", "key_agreement_protocol"),
    "hashes": ("sha256", "hash"),
    "message_authentication_codes": ("hkdf-hmac-sha256.v2", "message_authentication_code"),
}
_STRINGS = ("emoji", "decimal")

Messages = list[tuple[str, Json]]  # steps (`accept`, `key`, …) with their content, without the transaction


class VerificationCancelled(Exception):
    """The verification ends. The text is the reason that the other side's user may see."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Party:
    """A side of a verification. `keys`: public keys that it covers, by id: those of the device and of the user's
    identity."""

    user: str
    device: str
    keys: Mapping[str, str]


class SasExchange:
    """State of a verification. `emojis` are shown to the other side's user, once both keys are known; else empty."""

    def __init__(self, us: Party, them: Party, transaction: str) -> None:
        self.emojis = ""
        self._us, self.them, self._transaction = us, them, transaction
        self._sas = vodozemac.Sas()
        self._secret: Any = None  # vodozemac.EstablishedSas, once both keys are known
        self._steps = {"start": self._accept, "key": self._exchange_keys, "mac": self._exchange_macs}
        self._answered: dict[str, Messages] = {}

    def receive(self, step: str, content: Raw) -> Messages:
        """Return the messages to send: the same again for a repeated step. Raises VerificationCancelled."""
        if step not in self._answered:
            expected = next((name for name in self._steps if name not in self._answered), "nothing more")
            if step != expected:
                raise VerificationCancelled("m.unexpected_message", f"expected {expected}, not {step}")
            self._answered[step] = self._steps[step](content)
        return self._answered[step]

    def _accept(self, start: Raw) -> Messages:
        strings = [text for text in _STRINGS if text in _as_list(start.get("short_authentication_string"))]
        is_known = all(choice in _as_list(start.get(key)) for key, (choice, _) in _CHOICES.items())
        if start.get("method") != METHOD or not is_known or not strings:
            raise VerificationCancelled("m.unknown_method", "the bot knows emojis (m.sas.v1, hkdf-hmac-sha256.v2) only")
        if start.get("from_device") != self.them.device:
            raise VerificationCancelled("m.invalid_message", "another device begins than the one that asked")
        text = json.dumps(start, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        commitment = hashlib.sha256((self._sas.public_key.to_base64() + text).encode()).digest()
        chosen: Json = {name: choice for choice, name in _CHOICES.values()}
        answer = chosen | {"short_authentication_string": strings, "commitment": encode_base64(commitment)}
        return [("accept", answer)]

    def _exchange_keys(self, content: Raw) -> Messages:
        ours, theirs = self._sas.public_key.to_base64(), get_text(content, "key") or ""
        try:
            self._secret = self._sas.diffie_hellman(vodozemac.Curve25519PublicKey.from_base64(theirs))
        except ValueError as error:
            raise VerificationCancelled("m.invalid_message", "no public key") from error
        starter = "|".join((self.them.user, self.them.device, theirs))
        accepter = "|".join((self._us.user, self._us.device, ours))
        info = f"MATRIX_KEY_VERIFICATION_SAS|{starter}|{accepter}|{self._transaction}"
        self.emojis = " · ".join(_NAMED[index] for index in self._secret.bytes(info).emoji_indices)
        return [("key", {"key": ours})]

    def _exchange_macs(self, content: Raw) -> Messages:
        macs = content.get("mac")
        if not isinstance(macs, dict) or not macs:
            raise VerificationCancelled("m.invalid_message", "no MAC")
        keys = {id: self.them.keys.get(id) for id in {*self.them.keys} & {*macs} | {f"ed25519:{self.them.device}"}}
        checks = [(",".join(sorted(macs)), "KEY_IDS", content.get("keys"))]
        try:
            for text, id, mac in [*checks, *((key, id, macs[id]) for id, key in keys.items())]:
                self._secret.verify_mac(text, _mac_info(self.them, self._us, self._transaction, id), mac)
        except (ValueError, TypeError, KeyError) as error:
            raise VerificationCancelled("m.key_mismatch", "the keys are not those of the homeserver") from error
        ours = {id: self._make_mac(key, id) for id, key in self._us.keys.items()}
        return [("mac", {"mac": ours, "keys": self._make_mac(",".join(sorted(ours)), "KEY_IDS")}), ("done", {})]

    def _make_mac(self, text: str, id: str) -> str:
        return str(self._secret.calculate_mac(text, _mac_info(self._us, self.them, self._transaction, id)))


def _mac_info(sender: Party, receiver: Party, transaction: str, id: str) -> str:
    parties = f"{sender.user}{sender.device}{receiver.user}{receiver.device}"
    return f"MATRIX_KEY_VERIFICATION_MAC{parties}{transaction}{id}"


def _as_list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()
