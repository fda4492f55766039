"""Where a word begins and ends, in any script: in running text, in hashtags and in handles."""

import re
import unicodedata
from string import ascii_letters, ascii_lowercase, digits

LINK_MARKS = ("://", "www.", "WWW.")
# A link ends at a space, or where a script that sets none goes on.
LINK_END = re.compile(r"[\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
# Two letters between which no name begins, however it is written: the second one of the small letters of ASCII.
WITHIN_WORDS = frozenset(first + second for first in ascii_letters for second in ascii_lowercase)
# None ends there either, unless it is with a plural ending.
WITHIN_NAMES = frozenset(pair for pair in WITHIN_WORDS if pair[1] not in "se")
# A handle and a tag go on with any letter, digit or underscore.
WITHIN_TAGS = frozenset(
    first + second for first in f"{ascii_letters}{digits}_.-" for second in f"{ascii_letters}{digits}_"
)
# Beside these any name or tag stands free, whatever it is: signs of ASCII, and where a text begins or ends. Behind a
# hyphen a prefix may be written, after an "@" an address.
FREE_BEFORE = frozenset({"", *(chr(sign) for sign in range(128) if not chr(sign).isalnum())}) - {"_", "-", "@"}
FREE_AFTER = FREE_BEFORE | {"-"}
LONGEST_HASHTAG = 140
FEDERATED = frozenset({"mastodon", "bluesky"})  # handles go on after a dot or a second @

# Scripts that set no spaces between words: Thai to Myanmar, kana, Han. A name in them begins and ends anywhere.
UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0x20000, 0x3FFFF),
)
HANGUL = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))


def lower(text: str) -> str:
    """Lower case with the same length, so that places stay places ("İ" alone would grow). A final sigma is a sigma."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    return lowered if lowered.isascii() else lowered.replace("ς", "σ")


def url_spans(text: str) -> list[tuple[int, int]]:
    """The places of links, in order; to find them whole by a regular expression takes four times as long."""
    spans: list[tuple[int, int]] = []
    for mark in LINK_MARKS:
        if mark not in text:
            continue
        at = text.find(mark)
        while at >= 0:
            found = LINK_END.search(text, at)
            end = found.start() if found else len(text)
            spans.append((_scheme_start(text, at) if mark == "://" else at, end))
            at = text.find(mark, end)
    return sorted(spans) if len(spans) > 1 else spans


def first_link(text: str) -> int:
    """Where the first link begins, or the end of the text: in half the time that all of them take."""
    at = text.find("://")
    first = _scheme_start(text, at) if at >= 0 else len(text)
    if "www." in text or "WWW." in text:
        return min(first, *(at for mark in ("www.", "WWW.") if (at := text.find(mark)) >= 0))
    return first


def _scheme_start(text: str, at: int) -> int:
    """Where the scheme begins that ends at `at`. Nearly all are "https" or "http": some steps saved."""
    if text.endswith("http", 0, at):
        at -= 4
    elif text.endswith("https", 0, at):
        at -= 5
    while at > 0 and text[at - 1].isascii() and text[at - 1].isalpha():
        at -= 1
    return at


def is_word(character: str) -> bool:
    """Letters, digits, underscore and the marks that combine with them. What makes a sign an emoji is none of these."""
    if character.isalnum() or character == "_":
        return True
    return unicodedata.category(character)[0] == "M" and not "\ufe00" <= character <= "\ufe0f"


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
    if text[end : end + 1] == "@" and text[end + 1 : end + 2].isalnum():
        return False  # an e-mail address
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
    if start > 0 and (text[start - 1] in "@/" or (is_word(text[start - 1]) and not spaceless(text[start - 1]))):
        return False
    if end < len(text) and is_word(text[end]) and not (text[end - 1].isascii() and spaceless(text[end])):
        return False
    goes_on = platform in FEDERATED and text[end : end + 1] in (".", "@") and text[end + 1 : end + 2].isalnum()
    return not goes_on


def is_tag(text: str, start: int, end: int) -> bool:
    """Whether [start, end), which begins with "#" or "$", is a whole hashtag or cashtag."""
    return (start == 0 or not is_word(text[start - 1])) and (end >= len(text) or not is_word(text[end]))


def in_hashtag(text: str, at: int) -> bool:
    """Whether the word around `at` begins with "#". What is longer than a hashtag can be is none."""
    mark = text.rfind("#", max(0, at - LONGEST_HASHTAG - 1), at)
    return mark >= 0 and all(map(is_word, text[mark + 1 : at]))


def spaceless(character: str) -> bool:
    """Whether it is of a script in which a name may stand between other letters: Thai to Myanmar, kana, Han, Hangul."""
    return _unspaced(character) or _hangul(character)


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
    return _within(character, UNSPACED)


def _hangul(character: str) -> bool:
    return _within(character, HANGUL)


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    code = ord(character)
    return any(low <= code <= high for low, high in ranges)
