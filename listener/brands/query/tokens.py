"""The words of a text, in all scripts, as `boundaries.splits` has them, by one regular expression.

A word is of letters, digits, "_" and the marks that combine with them; scripts that set no spaces have one a letter.
"""

import re
from functools import lru_cache

from listener.brands.boundaries import HANGUL, UNSPACED, is_word, lower, url_spans

LINK = "\0"  # stands for each character of a link
ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,5}|#x[0-9a-f]{1,5});")  # a sign, whatever its letters
# Beyond Latin, Greek, Cyrillic, Armenian, signs and emoji there may be marks and scripts without spaces; here is none.
RARE = re.compile("[^\0-\u02ff\u0370-\u0482\u048a-\u0590\u1e00-\u20cf\u2100-\u2cee\ufe0f\U0001f000-\U0001faff]")
MARKS = (range(0x300, 0x20000), range(0xE0100, 0xE01F0))  # the code points among which they lie


def _token(word: str) -> re.Pattern[str]:
    """What finds the tokens of a readable text; its group is what a word of a query may stand for."""
    return re.compile(rf"((?:{word})(?!@(?:[^\W_]|{LINK})))|{LINK}+|@?(?:{word})")


ASCII_TOKEN = _token(rf"[a-z0-9_]++(?!{LINK})")
PLAIN_TOKEN = _token(rf"\w++(?!{LINK})")
_SPACED = bytes(sign if chr(sign).isalnum() or sign == ord("_") else ord(" ") for sign in range(256))


def readable(text: str) -> str:
    """`text` in small letters, of the same length, with links and entities marked as what they are."""
    low = lower(text).replace(LINK, " ")
    if "&" in low:
        low = ENTITY.sub(lambda found: " " * len(found[0]), low)
    return _without_links(low, url_spans(text)) if "://" in low or "www." in low else low


def _without_links(low: str, links: list[tuple[int, int]]) -> str:
    pieces = []
    at = 0
    for start, end in links:
        if end > at:
            first = max(at, start)
            begin = " " if low[first] == ":" else LINK  # before a ":" a word may end
            pieces += [low[at:first], begin, LINK * (end - first - 1)]
            at = end
    return "".join(pieces) + low[at:]


def words_of(readable: str) -> list[str]:
    """The words of a readable text in order; a link is one, and it, handles and parts of addresses are "".

    A word that runs into a link is none.
    """
    return _pattern(readable).findall(readable)


def words_at_least(text: str) -> list[str]:
    """All words of a text, in small letters, and some more: those of links and handles. In half the time."""
    if text.isascii() and "&" not in text:
        return text.lower().encode().translate(_SPACED).decode().split()
    return words_of(readable(text))


def spans_of(readable: str) -> list[tuple[int, int]]:
    """Where each of these words stands, a handle with its "@"."""
    return [found.span() for found in _pattern(readable).finditer(readable)]


def _pattern(readable: str) -> re.Pattern[str]:
    if readable.isascii():
        return ASCII_TOKEN
    return _any_token() if RARE.search(readable) else PLAIN_TOKEN


@lru_cache(maxsize=1)
def _any_token() -> re.Pattern[str]:
    marks = _class([code for codes in MARKS for code in codes if is_word(chr(code)) and not chr(code).isalnum()])
    unspaced = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in UNSPACED)
    hangul = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in HANGUL)
    one = rf"(?=[\w{marks}])[{unspaced}]"
    syllables = rf"(?:(?=\w)[{hangul}])++"
    letters = rf"(?:[^\W{unspaced}{hangul}]|(?![{unspaced}])[{marks}])++(?!{LINK})"
    return _token(f"{letters}|{one}|{syllables}")


def _class(codes: list[int]) -> str:
    """The inside of a character class that has these, which are in order."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
