"""Which script a text is written in, where that is not the Latin one: Hebrew letters are not English."""

import re
from bisect import bisect_right
from collections import Counter
from typing import Final, NamedTuple


class Script(NamedTuple):
    """A script and the languages that are written in it, the commonest first."""

    name: str
    languages: tuple[str, ...]

    @property
    def tells(self) -> bool:
        """Whether the script alone tells the language: of those in Hebrew letters nearly all are Hebrew."""
        return len(self.languages) == 1 or self.name == "Hebrew"


_CYRILLIC: Final = Script("Cyrillic", ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg", "tt"))
_ARABIC: Final = Script("Arabic", ("ar", "fa", "ur", "ps", "ckb", "ku", "sd", "ug"))
_HAN: Final = Script("Han", ("zh", "ja"))
_KANA: Final = Script("Kana", ("ja",))
_HANGUL: Final = Script("Hangul", ("ko",))
_ETHIOPIC: Final = Script("Ethiopic", ("am", "ti"))
# Unicode's blocks: first letter, last letter.
_BLOCKS: Final[tuple[tuple[int, int, Script], ...]] = (
    (0x0370, 0x03FF, Script("Greek", ("el",))),
    (0x0400, 0x052F, _CYRILLIC),
    (0x0530, 0x058F, Script("Armenian", ("hy",))),
    (0x0590, 0x05FF, Script("Hebrew", ("he", "yi"))),
    (0x0600, 0x06FF, _ARABIC),
    (0x0750, 0x077F, _ARABIC),
    (0x0900, 0x097F, Script("Devanagari", ("hi", "mr", "ne"))),
    (0x0980, 0x09FF, Script("Bengali", ("bn", "as"))),
    (0x0A00, 0x0A7F, Script("Gurmukhi", ("pa",))),
    (0x0A80, 0x0AFF, Script("Gujarati", ("gu",))),
    (0x0B80, 0x0BFF, Script("Tamil", ("ta",))),
    (0x0C00, 0x0C7F, Script("Telugu", ("te",))),
    (0x0C80, 0x0CFF, Script("Kannada", ("kn",))),
    (0x0D00, 0x0D7F, Script("Malayalam", ("ml",))),
    (0x0D80, 0x0DFF, Script("Sinhala", ("si",))),
    (0x0E00, 0x0E7F, Script("Thai", ("th",))),
    (0x0E80, 0x0EFF, Script("Lao", ("lo",))),
    (0x1000, 0x109F, Script("Burmese", ("my",))),
    (0x10A0, 0x10FF, Script("Georgian", ("ka",))),
    (0x1100, 0x11FF, _HANGUL),
    (0x1200, 0x137F, _ETHIOPIC),
    (0x1780, 0x17FF, Script("Khmer", ("km",))),
    (0x3040, 0x30FF, _KANA),
    (0x3400, 0x4DBF, _HAN),
    (0x4E00, 0x9FFF, _HAN),
    (0xAC00, 0xD7AF, _HANGUL),
    (0xF900, 0xFAFF, _HAN),
    (0xFB1D, 0xFB4F, Script("Hebrew", ("he", "yi"))),
)
_STARTS: Final = [start for start, _, _ in _BLOCKS]
_FOREIGN: Final = re.compile(r"[^\W\d_A-Za-z\u00aa-\u024f\u1e00-\u1eff]")
_BEYOND_LATIN: Final = re.compile(r"[\u0370-\u1dff\u2e80-\ud7ff\uf900-\ufb4f]")
_LATIN: Final = re.compile(r"[A-Za-z\u00aa-\u024f\u1e00-\u1eff]")
# A third: who writes another script leaves names and technical words in Latin letters, and seldom the reverse.
_SHARE: Final = 1 / 3

# Languages that nobody writes in Latin letters, as the platforms' users do with Russian, Arabic or Hindi.
NEVER_LATIN: Final = frozenset({"he", "yi", "el", "th", "ko", "ja", "zh", "ka", "hy", "am", "lo", "km", "my"})


def script_of(text: str) -> Script | None:
    """The script of at least a third of the letters, if it is not the Latin one and one that is known."""
    if not _BEYOND_LATIN.search(text):  # 0.8 µs, where to find all letters takes 2.5
        return None
    foreign = _FOREIGN.findall(text)
    found = Counter(filter(None, map(_script, foreign)))
    if not found:
        return None
    # The commonest, and of equals the first in the alphabet: an order that depends on nothing else.
    script, letters = min(found.items(), key=lambda entry: (-entry[1], entry[0].name))
    if script is _HAN and found.get(_KANA):  # Japanese is written in both, Chinese never in kana
        script, letters = _KANA, letters + found[_KANA]
    return script if letters >= _SHARE * (len(foreign) + len(_LATIN.findall(text))) else None


def _script(letter: str) -> Script | None:
    code = ord(letter)
    at = bisect_right(_STARTS, code) - 1
    if at < 0 or code > _BLOCKS[at][1]:
        return None
    return _BLOCKS[at][2]
