"""The words of a mention as marks: numbers that stand for words, so that no word needs to be kept.

What a mark stands for is known as long as a post that says it is there: `spoken` finds it in that again.
"""

import re
from functools import lru_cache
from typing import Final
from zlib import crc32

from listener.brands.boundaries import lower, spaceless
from listener.sentiment.common_words import COMMON_WORDS, plain
from schemas.brand_mention import BrandMention

MOST_READ = 30  # pieces between blanks that are read of a title and of a text
MOST_WORDS = 12  # of a mention: a short post whole, of a long one how it begins
REMEMBERED = 40  # letters of a piece whose marks are remembered: longer ones are links, or fill the memory
BREAK: Final = 0  # between words that belong to no phrase: the end of a sentence, a number, a handle, a link
MIX: Final = 0x9E3779B1  # odd, near 2^32 / golden ratio: neighbours come to lie far apart (Knuth 6.4)
HIDDEN: Final = "·"  # no blank: a link with the name in it stays one piece
_FIRST_SPACELESS: Final = "\u0e00"
COPIED: Final = ("rt", "via")  # who passes something on says so
_STOPS: Final = (".", ",", "!", "?", ";", ":", "…", "。", "！", "？", "،", "؟")
_QUOTES: Final = "\"'”’)]»"
_PIECE: Final = re.compile(r"\S+")
# Letters, and the marks that combine with them in Latin, Hebrew and Arabic; what has a digit is dropped later.
_WORD: Final = re.compile("[\\w'’\u0300-\u036f\u0591-\u05bd\u05bf-\u05c2\u05c7\u064b-\u0652]+")


def mark32(text: str) -> int:
    """32 bits that stand for a text, the same on every machine: two of a thousand share them once in 10,000 times."""
    return (crc32(text.encode("utf-8", "surrogatepass")) * MIX) & 0xFFFFFFFF


def words_of(mention: BrandMention) -> tuple[int, ...]:
    """The marks of the first words that say something, in order.

    No names of the brand, handles, links, numbers, nor words that are common in its language. Upper case and accents
    make no difference. Of scripts without spaces each pair of neighbours is a word.
    """
    source, language = mention.mention, mention.language
    marks: list[int] = []
    for field, text in (("title", source.title), ("text", source.text)):
        if text:
            for piece in _without_names(text, field, mention).split(None, MOST_READ)[:MOST_READ]:
                marks += (_marks if len(piece) <= REMEMBERED else _marks.__wrapped__)(piece, language)
                if len(marks) >= MOST_WORDS:
                    return tuple(marks[:MOST_WORDS])
            marks.append(BREAK)
    return tuple(marks[:MOST_WORDS])


def spoken(mention: BrandMention, marks: tuple[int, ...]) -> str | None:
    """How a mention writes a word or phrase, in small letters; None where it does not say it.

    A phrase is what stands from its first word to its last, with the common words between them.
    """
    source = mention.mention
    for field, whole in (("title", source.title), ("text", source.text)):
        if not whole:
            continue
        text = _without_names(whole, field, mention)
        places = [
            (mark, piece.start() + start, piece.start() + end)
            for piece in _PIECE.finditer(text)
            for mark, start, end in _words(piece.group(), mention.language)
        ]
        for first in range(len(places) - len(marks) + 1):
            if all(places[first + place][0] == mark for place, mark in enumerate(marks)):
                return " ".join(lower(whole[places[first][1] : places[first + len(marks) - 1][2]]).split())
    return None


def _without_names(text: str, field: str, mention: BrandMention) -> str:
    """The text of a field, as long as it was, without the brand's names: the words of a query are no names."""
    for match in mention.matches:
        if match.field == field and match.why != "query":
            text = text[: match.start] + HIDDEN * (match.end - match.start) + text[match.end :]
    return text


@lru_cache(maxsize=65_536)  # 80 ns for what is known, 1 to 5 µs for what is not
def _marks(piece: str, language: str | None) -> tuple[int, ...]:
    if piece.isascii() and piece.isalpha():  # most are, and need no looking for where the word begins
        word = piece.lower()
        return (mark32(word),) if len(word) > 1 and not _is_common(word, language) else ()
    return tuple(mark for mark, _, _ in _words(piece, language))


def _is_common(word: str, language: str | None) -> bool:
    if word in COPIED:
        return True
    languages = COMMON_WORDS.get(word)
    return languages is not None and (language is None or language in languages)


def _words(piece: str, language: str | None) -> list[tuple[int, int, int]]:
    """The words of what stands between two blanks, as (mark, start, end)."""
    found: list[tuple[int, int, int]] = []
    if piece.startswith(("@", "www.", "WWW.")) or "://" in piece:
        return [(BREAK, 0, len(piece))]
    for match in _WORD.finditer(lower(piece)):
        word = match.group().strip("'’_")
        start = match.start() + match.group().find(word)
        if any(character.isdigit() for character in word):
            found.append((BREAK, start, start + len(word)))
        if len(word) < 2 or any(character.isdigit() for character in word):
            continue
        if word[0] >= _FIRST_SPACELESS and spaceless(word[0]):
            pairs = range(start, start + len(word) - 1)
            found += [(mark32(word[at - start : at - start + 2]), at, at + 2) for at in pairs]
            continue
        bare = plain(word.replace("’", "'"))
        if not _is_common(bare, language):
            found.append((mark32(bare), start, start + len(word)))
    if piece.rstrip(_QUOTES).endswith(_STOPS):
        found.append((BREAK, len(piece), len(piece)))
    return found
