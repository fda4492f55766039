"""Where a word begins and ends, in any script: in running text, in hashtags and in handles."""

import re
import unicodedata

URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
FEDERATED = frozenset({"mastodon", "bluesky"})  # handles go on after a dot or a second @

# Scripts that set no spaces between words: Thai to Myanmar, kana, Han. A name in them begins and ends anywhere.
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0x20000, 0x3FFFF),
)
_HANGUL = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))


def lower(text: str) -> str:
    """Lower case with the same length, so that places stay places ("İ" alone would grow)."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


def url_spans(text: str) -> list[tuple[int, int]]:
    """The places of links."""
    if "://" not in text and "www." not in text.lower():
        return []
    return [match.span() for match in URL.finditer(text)]


def is_word(character: str) -> bool:
    """Letters, digits, underscore and the marks that combine with them."""
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


def splits(text: str, at: int) -> bool:
    """Whether a word may begin or end between the characters `at` - 1 and `at`."""
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if not is_word(before) or not is_word(after):
        return True
    if before.isascii() and after.isascii():
        return False
    return _unspaced(before) or _unspaced(after) or _hangul(before) != _hangul(after)


def is_name(text: str, start: int, end: int) -> bool:
    """Whether [start, end) stands as a name of its own: as a word, or as a word within a camel-case hashtag."""
    if start > 0 and text[start - 1] == "@":
        return False
    if splits(text, start) and splits(text, end):
        return True
    return in_hashtag(text, start) and _camel_splits(text, start) and _camel_splits(text, end)


def plural_end(text: str, end: int) -> int:
    """Where the name that ends at `end` ends with its plural ending, or `end` if there is none."""
    if not text[end - 1].isalpha():
        return end
    for ending in ("s", "es"):
        stop = end + len(ending)
        if text[end:stop].lower() == ending and splits(text, stop):
            return stop
    return end


def is_handle(text: str, start: int, end: int, platform: str) -> bool:
    """Whether [start, end), which begins with "@", is a whole handle and no part of an address."""
    if start > 0 and (is_word(text[start - 1]) or text[start - 1] in "@/."):
        return False
    if end < len(text) and is_word(text[end]):
        return False
    goes_on = platform in FEDERATED and text[end : end + 1] in (".", "@") and text[end + 1 : end + 2].isalnum()
    return not goes_on


def is_tag(text: str, start: int, end: int) -> bool:
    """Whether [start, end), which begins with "#" or "$", is a whole hashtag or cashtag."""
    return (start == 0 or not is_word(text[start - 1])) and (end >= len(text) or not is_word(text[end]))


def in_hashtag(text: str, at: int) -> bool:
    """Whether the word around `at` begins with "#"."""
    while at > 0 and is_word(text[at - 1]):
        at -= 1
    return at > 0 and text[at - 1] == "#"


def _camel_splits(text: str, at: int) -> bool:
    if splits(text, at):
        return True
    before, after = text[at - 1], text[at]
    if "_" in (before, after) or before.isdigit() != after.isdigit():
        return True
    if not after.isupper():
        return False
    return before.islower() or (before.isupper() and text[at + 1 : at + 2].islower())


def _unspaced(character: str) -> bool:
    return _within(character, _UNSPACED)


def _hangul(character: str) -> bool:
    return _within(character, _HANGUL)


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    code = ord(character)
    return any(low <= code <= high for low, high in ranges)
