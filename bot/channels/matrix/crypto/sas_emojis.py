"""The emojis that a verification shows, each with its names: Client-Server API, "SAS method: emoji"."""

from __future__ import annotations

from collections.abc import Iterable

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
_NAMED = [emoji.strip() for emoji in _EMOJIS.replace("\n", " ").split(",")]


def describe(indices: Iterable[int]) -> str:
    """`🐶 dog/chien · …`: English and French beside each other, for a log that knows no language."""
    return " · ".join(_NAMED[index] for index in indices)
