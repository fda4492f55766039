"""Which language a mention is in, and how sure that is: is there a scorer for it?

The script decides first, then the platform's word, unless the common words of another language stand against it. Only
where both leave it open is the detector asked, since it takes as long as all the rest together: 25 µs, where common
words take 1 to 10. How all that is weighed stands in `weighing.py`.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NamedTuple

from listener.sentiment.common_words import COMMON_WORDS, LISTED
from listener.sentiment.scripts import NEVER_LATIN, Script, script_of
from listener.sentiment.weighing import RATIO, UNNAMED, heaviest, weighed

Best = Sequence[tuple[str, float]]
Detect = Callable[[str], Best]  # text → the likeliest languages and their probabilities

LEAST_CONFIDENCE = 0.8
LIKELY = 0.3  # enough to be read in that language, not to be said to be in it
LEAST_LETTERS = 20  # below that the detector guesses: "thx!!!" is Slovak with .90
MANY = 10  # words of which one must be common in its language, or the platform's word is doubted
HEAD = 2_000  # characters that are looked at
SOME = 2  # common words of a language that are no accident
UNKNOWN = frozenset({"und", "zxx", "qme", "qst", "qht", "qam", "art", "mul", "mis"})
CODE = re.compile(r"([A-Za-z]{2,3})(?![^-_])")
RENAMED: Final = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no", "fil": "tl", "sh": "hr"}
NOISE = re.compile(r"https?://\S+|[@#$]\w+|\b(?:brand|BRAND)\b|[^\w\s'’-]|[\d_]+")
NAMELESS = re.compile(r"https?://\S+|\b(?:brand|BRAND)\b|[@$]\w+")
LETTER = re.compile(r"[^\W\d_]")
MARKED = re.compile(r"[à-öø-ɏḀ-ỿ]")  # letters of no English word but "café"
WORDLESS = ""  # the language of emoji
AROUND = ".,!?;:\"'()[]…“”„’‘«»-–—*"

_OWN: Final = {
    language: frozenset(word for word, languages in COMMON_WORDS.items() if language in languages)
    for language in LISTED
}
_FOREIGN: Final = {language: COMMON_WORDS.keys() - own for language, own in _OWN.items()}
_ONLY_ENGLISH: Final = frozenset(word for word, languages in COMMON_WORDS.items() if languages == ("en",))


class Identified(NamedTuple):
    """The language of a text, or None. `confidence` is None where the platform or the thread has said it.

    Of a text of no language, `likely` are those that it may well be in, and `short` says that it is too short to tell.
    `parts` are the languages that each have words of their own in the text, if they are several.
    """

    language: str | None
    confidence: float | None = None
    short: bool = False
    likely: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


_SAID: Final = {language: Identified(language) for language in LISTED}


class Identifier:
    """Tells languages. `detect` is asked where words, script and platform do not suffice.

    `known` are words by language that hint at it: a scorer's lexicon.
    """

    def __init__(self, detect: Detect, known: Mapping[str, frozenset[str]] | None = None) -> None:
        self._detect = detect
        self._known = {language: words - COMMON_WORDS.keys() for language, words in (known or {}).items() if words}

    def identify(
        self, said: str | None, text: str, thread: str | None = None, among: Collection[str] | None = None
    ) -> Identified:
        """The language of a text whose names are masked.

        `said` is the platform's word: a code that may carry a region ("pt-BR"), or one of those for "no idea". `thread`
        is the language of what it answers: for what its own words leave open. `among` are the brand's languages.
        """
        claimed = said if said in _OWN else code_of(said)
        text = text[:HEAD]
        if not text.isascii() and (script := script_of(text)) is not None:
            return self._by_script(script, claimed, text, thread)
        if claimed in NEVER_LATIN:
            claimed = None
        tokens = text.lower().split()
        if claimed in _OWN and _reads_as(claimed, tokens, text):
            return _SAID[claimed]
        if claimed is None and (not among or "en" in among) and (plainly := _plainly_english(tokens)):
            return plainly
        return self._by_words(claimed, text, tokens, thread, among)

    def _by_script(self, script: Script, claimed: str | None, text: str, thread: str | None) -> Identified:
        languages = script.languages
        if claimed in languages:
            return Identified(claimed, parts=_beside(claimed, text))
        if script.tells:
            return Identified(languages[0], 1.0, parts=_beside(languages[0], text))
        words = words_of(text)
        if sum(map(str.isalpha, words)) < LEAST_LETTERS // 2:
            return Identified(thread if thread in languages else None)
        found = {language: share for language, share in self._shares(words).items() if language in languages}
        language, confidence = heaviest(found) if found else (UNNAMED, 0.0)
        if confidence >= LEAST_CONFIDENCE:
            return Identified(language, confidence)
        return Identified(thread if thread in languages else None)

    def _by_words(
        self, claimed: str | None, text: str, tokens: list[str], thread: str | None, among: Collection[str] | None
    ) -> Identified:
        votes, parts = _votes(tokens)
        if not votes and not LETTER.search(NAMELESS.sub("", text)):
            return Identified(WORDLESS)
        if claimed == "en" and "en" not in votes and MARKED.search(text):
            claimed = None
        if claimed is not None and _agrees(claimed, votes, tokens):
            return Identified(claimed, parts=parts)
        bare = [token.strip(AROUND) for token in tokens]
        hints = {one: len(words.intersection(bare)) for one, words in self._known.items()}
        weights = weighed({}, votes, hints, claimed, among)
        language, confidence = heaviest(weights)
        short = max(votes.values(), default=0) < SOME
        likely = () if short else tuple(one for one in LISTED if weights[one] == weights[language])
        if (confidence < LEAST_CONFIDENCE or not votes) and (words := _enough(text)):
            language, confidence = heaviest(weighed(self._shares(words), votes, hints, claimed, among))
            likely = (language,) if confidence >= LIKELY else ()
            short = False
        if language == claimed:
            return Identified(claimed, parts=parts)
        if confidence >= LEAST_CONFIDENCE:
            return Identified(language, confidence, parts=parts)
        if known := claimed or thread:
            return Identified(known, parts=parts)
        return Identified(None, short=short, likely=likely, parts=parts)

    def _shares(self, words: str) -> dict[str, float]:
        """What the detector gives to each language; languages that go by several codes are one."""
        shares: dict[str, float] = {}
        for code, share in self._detect(words):
            language = RENAMED.get(code, code)
            shares[language] = shares.get(language, 0.0) + share
        return shares


def _reads_as(language: str, tokens: list[str], text: str) -> bool:
    """Whether little speaks against a language, by a look or two in C (1 µs): so it is with most that is said to be."""
    foreign = len(_FOREIGN[language].intersection(tokens))
    if not _OWN[language].isdisjoint(tokens):
        return foreign < SOME
    return not foreign and text.isascii() and 0 < sum(map(str.isalpha, tokens)) < MANY


def _plainly_english(tokens: list[str]) -> Identified | None:
    """English of which nobody says so, by words of no other language: as by the formula, but 3 µs instead of 15."""
    own = len(_ONLY_ENGLISH.intersection(tokens))
    if own <= SOME or not _FOREIGN["en"].isdisjoint(tokens):
        return None
    return Identified("en", round(1 / (1 + (len(LISTED) - 1) * RATIO**-own), 3))


def code_of(said: str | None) -> str | None:
    """The platform's word as a plain code: "pt-BR" is "pt", "iw" is "he"; None where it is no code or "no idea"."""
    found = CODE.match(said) if said is not None else None
    if found is None:
        return None
    code = found[1].lower()
    return None if code in UNKNOWN else RENAMED.get(code, code)


def words_of(text: str) -> str:
    """The words of a text on one line: without links, handles, tags, masked names, signs and digits."""
    return " ".join(NOISE.sub(" ", text).split())


def _votes(tokens: list[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """How many different common words each language has, and the languages that have two of their own beside another.

    A word counts once, in however many places.
    """
    votes: dict[str, int] = {}
    common = {}
    for token in dict.fromkeys(tokens):
        languages = COMMON_WORDS.get(token) or COMMON_WORDS.get(token.strip(AROUND))
        if languages is not None:
            common[token] = languages
            for language in languages:
                votes[language] = votes.get(language, 0) + 1
    if len(votes) < 2:
        return votes, ()
    first = max(LISTED, key=lambda language: votes.get(language, 0))
    apart = [languages for languages in common.values() if first not in languages]
    if len(apart) < 2:
        return votes, ()
    others = [other for other in LISTED if sum(other in languages for languages in apart) >= 2]
    return votes, (first, *others) if others else ()


def _beside(language: str, text: str) -> tuple[str, ...]:
    """A language in another script, and the one in Latin letters that has two common words beside it."""
    votes, _ = _votes(text.lower().split())
    latin = max(votes, key=votes.__getitem__, default="")
    return (language, latin) if votes.get(latin, 0) >= 2 else ()


def _agrees(claimed: str, votes: Mapping[str, int], tokens: list[str]) -> bool:
    """Whether nothing speaks against the platform's word: no language has more common words, or there are few words."""
    if not votes:
        return sum(map(str.isalpha, tokens)) < MANY
    return votes.get(claimed, 0) == max(votes.values())


def _enough(text: str) -> str:
    """The words of a text if they are enough for the detector, else nothing."""
    words = words_of(text)
    letters = sum(map(str.isalpha, words))
    # In capitals the detector tells 36 of our 125 posts right, and calls 26 of the others English.
    words = words.lower() if words.isupper() else words
    return words if letters >= (LEAST_LETTERS if words.isascii() else LEAST_LETTERS // 2) else ""
