"""How emoji feel: what is understood in every language.

The valences are our own, on VADER's scale from -4 to 4, as people use the signs in posts about firms: 🙏 pleads or
thanks, 😂 laughs with or at somebody, so both are mild. A sign without a mood, as ✈ or 📦, is in no list. VADER reads
English names of emoji instead, in which 👍 ("thumbs up") and 👎 are neutral; in English texts that stays as it is.
"""

import math
import re
from typing import Final

_BY_VALENCE: Final = {
    3.0: "😍 🥰 🤩 🥳 💖 💗 💓 💞 💝",
    2.5: "❤ 🧡 💛 💚 💙 💜 🖤 🤍 🤎 ♥ 😻 💕 💘 😘 🏆 🎉",
    2.0: "😀 😃 😄 😁 😊 ☺ 🙂 🤗 😇 👍 👏 🙌 💪 👌 😎 🤝 💯 🎊 😋 🥹 😺 😸 🌟 ⭐ 🫶 🫡 🤌 🤟 😙 😚 😗",
    1.0: "😆 😂 🤣 😹 😉 😌 😏 🔥 ✨ 🙏 ✅ ☀ 🌈 🌹 🌺 🌸 🎁 💐 😛 😜 🤪 😝 🥂 🍾 🤞",
    -1.0: "😐 😑 😶 🙄 😬 😒 😕 🤨 🤔 😴 🥱 🫤 🤷 😅 😓 😥 ❌ ⚠ ⛔ 🚫 😮 🫠 🤥 💸",
    -2.0: "😟 🙁 ☹ 😞 😔 😣 😖 😩 😫 😢 🥺 😰 😨 😧 😦 😱 😳 👎 💔 🤦 🤡 🐌 🙅 😿 🙀 🗑 😵 🥴 🤒 🤕 🤐 🚩 ☠ 💀",
    -3.0: "😭 😤 😠 😡 🤬 👿 😈 🤮 🤢 💩 🖕 👹 😾 🪳 🐀",
}
EMOJI: Final = {sign: valence for valence, signs in _BY_VALENCE.items() for sign in signs.split()}
_EMOTICONS: Final = {
    ":)": 2.0,
    ":-)": 2.0,
    ";)": 1.0,
    ";-)": 1.0,
    "<3": 2.5,
    ":(": -2.0,
    ":-(": -2.0,
    ":'(": -2.5,
    ":*": 2.0,
    ":-*": 2.0,
}
_FEELINGS: Final = EMOJI | _EMOTICONS
_SIGN: Final = re.compile("|".join(map(re.escape, sorted(_EMOTICONS, key=len, reverse=True))) + "|[^\x00-\x7f]")
_MOST: Final = 3  # of one sign that count: the tenth 😡 says no more than the third


def feelings(text: str) -> list[float]:
    """The valences of the emoji and emoticons in a text, each at most three times."""
    seen: dict[str, int] = {}
    felt = []
    for sign in _SIGN.findall(text):
        valence = _FEELINGS.get(sign)
        if valence is not None and (count := seen.get(sign, 0)) < _MOST:
            seen[sign] = count + 1
            felt.append(valence)
    return felt


def shows_feeling(text: str) -> bool:
    """Whether there is any emoji or emoticon with a mood in a text."""
    return any(sign in _FEELINGS for sign in _SIGN.findall(text))


def compound(text: str) -> int:
    """How the emoji of a text feel together, × 10⁴: with s the sum of their valences, s / sqrt(s² + 15) as in VADER."""
    total = sum(feelings(text))
    return round(total / math.sqrt(total * total + 15) * 10_000)
