"""Which spellings are ordinary words of a language: a name that is written like one is rather the word."""

import re
from collections.abc import Callable

# How usual a word is in a language (code such as "ro"): the log10 of its count in 10^9 words, 0 where it is unknown.
Frequency = Callable[[str, str], float]

WORDS = re.compile(r"\w+")
BILLION = 9  # log10 of what frequencies are counted in
ENGLISH = "en"


def spoken(stated: tuple[str, ...]) -> tuple[str, ...]:
    """The languages in which a brand is spoken of: those of its public, as stated, and always English besides."""
    return tuple(dict.fromkeys((*stated, ENGLISH)))


def no_words(word: str, language: str) -> float:
    """The frequency of a listener that knows no language: nothing is an ordinary word."""
    return 0.0


class OrdinaryWords:
    """The ordinary words of the languages in which a brand is spoken of."""

    def __init__(self, frequency: Frequency = no_words, languages: tuple[str, ...] = ()) -> None:
        self._frequency = frequency
        self._languages = spoken(languages)

    def usual(self, text: str) -> float:
        """How usual a text is in the language in which it is most so; of several words, by chance beside each other."""
        words = WORDS.findall(text.lower())
        return max(self._by_chance(words, language) for language in self._languages) if words else 0.0

    def _by_chance(self, words: list[str], language: str) -> float:
        return sum(self._frequency(word, language) for word in words) - BILLION * (len(words) - 1)
