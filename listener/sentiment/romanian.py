"""How a Romanian text feels: VADER's way of reckoning with the words and the grammar of Romanian.

Words carry valences (`lexicons/ro`), found in their exact form or by a light stem, with or without the marks on their
letters. Boosters before a word strengthen or damp it; a denial in the same clause turns it over, and two of them are
one, as Romanian says "nu … niciodată"; the first "dar" or "însă" shifts weight to what follows; capitals, "!" and emoji
count. With s the sum over the text, compound = s / sqrt(s² + 15). Factors are those of VADER (Hutto and Gilbert 2014).

The engine of VADER is not shared: it is fitted to the oddities of the English package, to the last digit.
"""

import math
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from listener.sentiment.common_words import COMMON_WORDS, plain
from listener.sentiment.emoji import feelings

BOOST: Final = 0.293
DENIED: Final = -0.74
SHOUT: Final = 0.733
REACH: Final = 4  # words that a denial goes before; a clause's end stops it
LEAST_ROOT: Final = 5  # letters of a stem of the machine's translation: with fewer, "român" is "romantic"
FEEBLE: Final = 0.5  # valences of the machine's translation below that are noise

_STRONGER: Final = frozenset(
    "foarte extrem extraordinar super mega total complet absolut deosebit incredibil teribil atat prea tare mult chiar "
    "maxim cumplit enorm fff f".split()
)
_WEAKER: Final = frozenset("cam putin destul oarecum relativ aproape usor cat-de-cat nitel".split())
_DENIALS: Final = frozenset("nu nici niciodata fara nimic nimeni niciun nicio deloc nu-i nu-mi nu-s nu-ti".split())
_ONLY: Final = frozenset("decat doar numai".split())  # "nu doar", "nu pot decât": no denials
_BUTS: Final = frozenset("dar insa".split())
_SUPERLATIVES: Final = frozenset("cel cea cei cele".split())

_ALL_ENDINGS: Final = "urilor ilor elor ului urile uri ile ele lor lui ule ul ii ei ia le a e i u".split()
# Articles, cases, plurals and genders, by their length.
_ENDINGS: Final = tuple(
    (length, frozenset(ending for ending in _ALL_ENDINGS if len(ending) == length)) for length in (6, 5, 4, 3, 2, 1)
)
_TOKEN: Final = re.compile(r"[^\W_]+(?:[-'’/+][^\W_]+)*|[.,;:!?…()\n]")
_CLAUSE: Final = frozenset(".,;:!?…()\n")
_PLAIN: Final = str.maketrans("ăâîșțşţĂÂÎȘȚŞŢ", "aaiststAAISTST")


class _Words(NamedTuple):
    """The words of a text: their plain forms in small letters, which are shouted, the number of the clause of each."""

    forms: list[str]
    shouted: list[bool]
    clauses: list[int]


class Romanian:
    """Scores Romanian texts with valences of words, and of phrases that have "_" between their words.

    Those that are `own` are trusted with short stems too.
    """

    def __init__(self, valences: Mapping[str, float], own: Collection[str] | None = None) -> None:
        self.words = frozenset(form for word in valences for form in (word, plain(word)))
        self._valences: dict[str, float] = {}
        # By their first two words: so many begin with "nu".
        self._phrases: dict[str, dict[str, list[tuple[list[str], float]]]] = {}
        stems: dict[str, list[float]] = {}
        own = valences if own is None else own
        for word, valence in valences.items():
            first, *rest = plain(word.lower()).split("_")
            if rest:
                seconds = self._phrases.setdefault(first, {})
                seconds.setdefault(rest[0], []).append(([first, *rest], valence))
                seconds[rest[0]].sort(key=lambda entry: -len(entry[0]))
            else:
                self._valences[first] = valence
                if len(root := stem(first)) >= LEAST_ROOT or word in own:
                    stems.setdefault(root, []).append(valence)
        # The stem of words that disagree says nothing.
        self._stems = {one: sum(known) / len(known) for one, known in stems.items() if min(known) * max(known) >= 0}

    def compound(self, text: str) -> int:
        """The compound × 10⁴, an integer."""
        valences = self._felt(_words(text))
        total = sum(valences) + sum(feelings(text))
        if not total:
            return 0
        total += math.copysign(0.292 * min(text.count("!"), 4), total)
        return round(total / math.sqrt(total * total + 15) * 10_000)

    def _felt(self, words: _Words) -> list[float]:
        """The valences of the words and phrases that carry one, after all that their neighbours do to them."""
        forms, shouted, _ = words
        some_shouted = not all(shouted)
        found: list[tuple[int, float]] = []
        i = 0
        while i < len(forms):
            length, valence = self._valence(forms, i)
            if valence:
                if some_shouted and shouted[i]:
                    valence += math.copysign(SHOUT, valence)
                itself = length > 1 and any(map(_denies, forms[i : i + length]))  # "nu merge" is not denied twice
                found.append((i, _in_context(words, i, valence, deniable=not itself)))
            i += length
        if not found:
            return []
        but = next((i for i, form in enumerate(forms) if i and form in _BUTS), None)
        if but is None:
            return [valence for _, valence in found]
        return [valence * (0.5 if at < but else 1.5) for at, valence in found]

    def _valence(self, forms: list[str], i: int) -> tuple[int, float]:
        """How many words at i belong together, and their valence: the longest phrase, the word, its stem."""
        form = forms[i]
        if form in self._phrases and i + 1 < len(forms):
            for phrase, valence in self._phrases[form].get(forms[i + 1], ()):
                if forms[i : i + len(phrase)] == phrase:
                    return len(phrase), valence
        known = self._valences.get(form)
        if known is None:
            known = 0.0 if "ro" in COMMON_WORDS.get(form, ()) else self._by_stem(form)
        return 1, known

    def _by_stem(self, form: str) -> float:
        """The valence by the stem; where a long ending is none, as in "amabile", without the last letter only."""
        known = self._stems.get(stem(form))
        return self._stems.get(_root(form[:-1]), 0.0) if known is None else known


def stem(word: str) -> str:
    """A plain word without its ending; three letters at least are left."""
    size = len(word)
    for length, endings in _ENDINGS:
        if size - length >= (3 if length == 1 else 4) and word[-length:] in endings:
            return _root(word[:-length])
    return _root(word)


def _root(stem: str) -> str:
    """What stays the same where vowels break and a last d softens: frumoasă, frumos; rapizi, rapid."""
    stem = stem.replace("oa", "o").replace("ea", "e")
    return f"{stem[:-1]}d" if stem.endswith("z") else stem


def cleaned(machine: Mapping[str, float], english: Iterable[str], own: Mapping[str, float]) -> dict[str, float]:
    """The valences to score with: our own, and of the machine's translation what may be trusted beside them.

    Half of that was left in English, and there "care" is praise, where it means "which": what is in the English lexicon
    too is left out, as are phrases, emoticons, and what is feeble.
    """
    foreign = set(english)
    known = {plain(word.lower()) for word in own}
    kept: dict[str, list[float]] = {}
    for word, valence in machine.items():
        form = plain(word.lower())
        if word not in foreign and form.isalpha() and form not in known and len(form) > 2:
            kept.setdefault(form, []).append(valence)
    agreed = {form: sum(found) / len(found) for form, found in kept.items() if min(found) * max(found) > 0}
    return {form: valence for form, valence in agreed.items() if abs(valence) >= FEEBLE} | dict(own)


def _words(text: str) -> _Words:
    forms, shouted, clauses = [], [], []
    clause = 0
    for token in _TOKEN.findall(text.translate(_PLAIN)):
        if token in _CLAUSE:
            clause += 1
        else:
            forms.append(token.lower())
            shouted.append(len(token) > 1 and token.isupper())
            clauses.append(clause)
    return _Words(forms, shouted, clauses)


def _in_context(words: _Words, i: int, valence: float, *, deniable: bool) -> float:
    """A valence after the words before it in its clause."""
    forms, _, clauses = words
    start = max(0, i - REACH)
    before = [forms[k] for k in range(start, i) if clauses[k] == clauses[i]]
    for form in before[-2:]:
        if form in _STRONGER:
            valence += math.copysign(BOOST, valence)
        elif form in _WEAKER:
            valence -= math.copysign(BOOST, valence)
    if before[-1:] == ["mai"] and not _SUPERLATIVES.isdisjoint(before[-2:-1]):
        valence += math.copysign(BOOST, valence)
    if deniable and _ONLY.isdisjoint(before) and (any(map(_denies, before)) or forms[i + 1 : i + 2] == ["deloc"]):
        valence *= DENIED
    return valence


def _denies(form: str) -> bool:
    return form in _DENIALS or form.startswith("n-")
