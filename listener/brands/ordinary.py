"""Which names are ordinary words: of which language, and how frequent there.

How frequent a word is, is handed in (`Words`). In English a frequent word must also mean something beside being a name,
or every well-known brand were one. Of other languages no meanings are known: there a name counts as a word where it is
more at home than in English.
"""

from collections.abc import Callable
from typing import NamedTuple

from listener.brands.boundaries import lower
from listener.brands.frequency import ENGLISH, spoken
from listener.brands.meaning import NO_SENSES, English, Senses
from schemas.settings import Brand

ORDINARY = 3.0  # zipf, the logarithm of how often a word is said in a billion: once in a million
FREQUENT = 3.5  # in a language whose meanings are not known
FOREIGN = 0.5  # less frequent than in English by more than that: a word from there, so most likely the name


class Words(NamedTuple):
    """What is known of words: `frequency` of (word, language), a zipf value; `english` reads the table of meanings."""

    frequency: Callable[[str, str], float]
    english: Callable[[], English] | None = None


class Ordinary(NamedTuple):
    """That a name is a word: in which language, its zipf value, and its other meanings as far as they are known."""

    language: str
    zipf: float
    meanings: Senses


ENDINGS = ("s", "es", "ed", "ing")

UNKNOWN_WORDS = Words(lambda _word, _language: 0.0)


def ordinary(name: str, languages: tuple[str, ...], words: Words) -> Ordinary | None:
    """What word a name is in the first language of those in which its brand is spoken of; None if it is none in any."""
    return next((found for language in spoken(languages) if (found := ordinary_in(name, language, words))), None)


def ordinary_in(name: str, language: str, words: Words) -> Ordinary | None:
    """What word a name is in a language; None if it is none there."""
    word = word_of(name)
    zipf = words.frequency(word, language) if word else 0.0
    if language == ENGLISH:
        meanings = senses_of(word, words) if zipf >= ORDINARY else NO_SENSES
        return None if all(sense.single for sense in meanings.senses) else Ordinary(language, zipf, meanings)
    if zipf >= FREQUENT and zipf > words.frequency(word, ENGLISH) - FOREIGN:
        return Ordinary(language, zipf, NO_SENSES)
    return None


def ambiguous_names(brand: Brand, words: Words) -> tuple[str, ...]:
    """The names and products of a brand that have to be told from other things of that name.

    What the settings say of a brand's names holds for those of one word, or for all if it has no such: they who call
    Target ambiguous do not mean "Target Corporation". Of products it only says that none is.
    """
    names = brand.aliases or (brand.name,)
    if brand.ambiguous is False:
        return ()
    if brand.ambiguous:
        told = [name for name in names if word_of(name)] or list(names)
    else:
        told = [name for name in names if ordinary(name, brand.languages, words) is not None]
    products = (name for name in brand.products if ordinary(name, brand.languages, words) is not None)
    return tuple(dict.fromkeys((*told, *products)))


def word_of(name: str) -> str:
    """The one word that a name is, its article apart, in small letters; "" if it has more, or signs."""
    word = lower(name.strip()).removeprefix("the ").strip()
    return word if word.isalpha() else ""


def senses_of(word: str, words: Words) -> Senses:
    """What it means in English; of a plural, what one of them is."""
    if words.english is None or not word:
        return NO_SENSES
    english = words.english()
    forms = (word, word.removesuffix("s"), word.removesuffix("es"))
    return next((found for form in forms if (found := english.senses(form)).senses), NO_SENSES)


def counted(word: str, words: Words) -> int:
    """How often a word was counted in the texts that WordNet's makers tagged, also as what it is a form of."""
    if words.english is None or not word:
        return 0
    english = words.english()
    stems = (word.removesuffix(ending) for ending in ENDINGS)
    forms = dict.fromkeys((word, *stems, word.removesuffix("ing") + "e", word.removesuffix("d")))
    return sum(english.senses(form).counted for form in forms)
