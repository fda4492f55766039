"""What is said now and is not usual for the brand: log-odds of words with an informative Dirichlet prior.

After Monroe, Colaresi and Quinn, "Fightin' Words" (Political Analysis 16(4), 2008), whose prior is what both sides say
together. Of a word that n people say now, of N words in all, and that was said m times of M in the usual talk:

    a     = STRENGTH · (n + m + 1) / (N + M + V + 1)    what the prior is worth; V different words are known
    delta = ln((n + a) / (N + STRENGTH - n - a)) - ln((m + a) / (M + STRENGTH - m - a))
    z     = delta / sqrt(1 / (n + a) + 1 / (m + a))
"""

from collections.abc import Iterable, Mapping
from math import log, sqrt
from typing import NamedTuple

import msgspec

STRENGTH = 300.0  # words: a word never heard before is told from four people on
SURE = 1.96  # z from which on a word is told: two-sided 5 %
MOST_KEPT, LEFT_KEPT = 512, 384  # words of the usual talk; 6 to 8 bytes each
FADES_AT = 20_000  # words learned, from which on all that was learned before counts half
ENOUGH = 200  # words of usual talk, from which on something can be unusual


class Usual(msgspec.Struct):
    """The usual talk of a brand: how often each of its words was said in `words` of them, by their marks.

    Of too many words the rarest go, and all others lose as much as the last that went (Misra and Gries, 1982): a count
    is at most words / LEFT_KEPT too low.
    """

    counts: dict[int, int] = {}
    words: int = 0

    def learn(self, words: Iterable[int]) -> None:
        """Learn from one post: each word once."""
        counts = self.counts
        for word in dict.fromkeys(words):
            counts[word] = counts.get(word, 0) + 1
            self.words += 1
        if len(counts) > MOST_KEPT:
            least = sorted(counts.values(), reverse=True)[LEFT_KEPT]
            self.counts = {word: count - least for word, count in counts.items() if count > least}
        if self.words >= FADES_AT:
            self.words //= 2
            self.counts = {word: count // 2 for word, count in self.counts.items() if count > 1}


class Odds(NamedTuple):
    """How much likelier a word is now than usually (`log_odds`), in standard deviations `z`."""

    log_odds: float
    z: float


def odds(now: int, of_now: int, usual: int, of_usual: int, known: int) -> Odds:
    """The formula above; `known` are the different words that are known."""
    prior = STRENGTH * (now + usual + 1) / (of_now + of_usual + known + 1)
    delta = log((now + prior) / (of_now + STRENGTH - now - prior))
    delta -= log((usual + prior) / (of_usual + STRENGTH - usual - prior))
    return Odds(delta, delta / sqrt(1.0 / (now + prior) + 1.0 / (usual + prior)))


def all_odds(now: Mapping[int, int], usual: Usual) -> dict[int, Odds]:
    """The odds of each word that is said now."""
    of_now, known = sum(now.values()), len(now.keys() | usual.counts.keys())
    return {word: odds(count, of_now, usual.counts.get(word, 0), usual.words, known) for word, count in now.items()}
