"""The matcher of the service: it knows how usual words are, by wordfreq, and what English ones mean."""

from functools import lru_cache

from listener.brands.matcher import Matcher
from listener.brands.meaning import English, read_english
from listener.brands.ordinary import Words
from schemas.settings import Settings

LISTS = {"en": "large"}  # 300,000 words, 36 MB; of other languages "small", the 30,000 most usual
UNCUT = frozenset({"ja", "ko", "zh"})  # wordfreq cuts their texts into words by programs that are not installed
SAME = {"hr": "sh", "bs": "sh", "sr": "sh", "iw": "he"}  # languages that share a list


def standard_matcher(settings: Settings) -> Matcher:
    """A matcher to which an ordinary word is no misspelling and no case of a name, and which judges names that are."""
    return Matcher(settings, frequency, english)


def standard_words() -> Words:
    """What the service knows of words."""
    return Words(frequency, english)


@lru_cache(maxsize=1)
def english() -> English:
    """The table of meanings that comes with the package, read when the first name needs it."""
    return read_english()


@lru_cache(maxsize=50_000)
def frequency(word: str, language: str) -> float:
    """How usual a word is in a language: the log10 of its count in 10^9 words, 0 where either is unknown."""
    from wordfreq import zipf_frequency  # noqa: PLC0415 - 0.2 s, also of commands and brands that need no words

    code = language.lower().partition("-")[0]
    code, which = SAME.get(code, code), LISTS.get(code, "small")
    return float(zipf_frequency(word, code, wordlist=which)) if code in _available(which) else 0.0


@lru_cache(maxsize=2)
def _available(which: str) -> frozenset[str]:
    """The languages of which there is such a list. The package looks into its folder each time: 0.2 ms."""
    from wordfreq import available_languages  # noqa: PLC0415 - as above

    return frozenset(available_languages(which)) - UNCUT
