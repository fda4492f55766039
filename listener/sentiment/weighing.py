"""How much speaks for each language: common words, a detector's word, a platform's, what a brand's public speaks.

Naive Bayes. With v the number of common words of a language l in a text, and h that of words of its scorer's lexicon,
weight(l) = prior(l) · detector(l) · R^v · H^h, and the confidence is the share of the heaviest in all. The prior is 1,
and a tenth for a language that is none of the brand's, where the brand states any: so what speaks for others is doubt,
and only what is clearly another language is named as such. A platform's word weighs as much as two common words.
"""

from collections.abc import Collection, Mapping
from typing import Final

from listener.sentiment.common_words import LISTED

RATIO: Final = 8.0  # a common word of a language stands in its texts so many times as often as in those of others
HINT: Final = 2.0  # the same of a word of a scorer's lexicon
MOST_HINTS: Final = 4
PLATFORM: Final = RATIO**2
OUTSIDE: Final = 0.1  # the prior of what is none of the brand's languages
FLOOR: Final = 0.001  # the detector is never surer than that
OTHERS: Final = 50  # languages that share what it gives to none by name
UNNAMED: Final = "?"


def weighed(
    detected: Mapping[str, float],
    votes: Mapping[str, int],
    hints: Mapping[str, int],
    claimed: str | None,
    among: Collection[str] | None,
) -> dict[str, float]:
    """The weight of each language. `votes` count common words, `hints` words of lexicons.

    `claimed` is the platform's word, `among` are the languages of the brand. Where the detector was not asked all that
    have a list weigh the same. What it gave to languages that it did not name weighs as one of no name, and lifts all a
    little: where it is not sure it says little against any.
    """
    rest = max(0.0, 1 - sum(detected.values()))
    floor = FLOOR + rest / OTHERS if detected else 1.0
    weights = dict.fromkeys(LISTED, floor)
    if claimed is not None:
        weights.setdefault(claimed, floor)
    for language, share in detected.items():
        weights[language] = max(share, floor)
    if detected:
        weights[UNNAMED] = rest
    most = max(votes.values(), default=0)  # taken off, so that nothing is too large to be a number
    for language, base in weights.items():
        weight = base * RATIO ** (votes.get(language, 0) - most)
        if language in hints:
            weight *= HINT ** min(hints[language], MOST_HINTS)
        if among and language not in among:
            weight *= OUTSIDE
        weights[language] = weight
    if claimed is not None:
        weights[claimed] *= PLATFORM
    return weights


def heaviest(weights: Mapping[str, float]) -> tuple[str, float]:
    """The heaviest language and its share of all, 0 where it is not named; of equals the first."""
    best = max(weights, key=weights.__getitem__)
    share = weights[best] / sum(weights.values())
    return best, 0.0 if best == UNNAMED else round(share, 3)
