"""How an English text feels: VADER's words, and what customers say that is in no lexicon of words.

VADER's compound c stands for a sum of valences v = c · √15 / √(1 - c²). The rules of talk that a text meets add theirs:

    k = Σ valence · (1 + (times - 1) / 2, at most 2)       over the rules met (`listener/talk.py`)
    compound = (v + k) / √((v + k)² + 15)

VADER is given straight apostrophes, as it does not know "can’t". Words mean something else in company, hence:

- Negative rules count three quarters in a text that is not about a customer's affairs (orders, bags, accounts, staff):
  "never again" may be said of a hangover.
- They count a fifth in a question that complains of nothing: "can you help me change my order?" is a customer's day.
- A positive v counts by half in a question that thanks for nothing, and three fifths beside what is complained of:
  "can you please help", "great, another delay".
- No rule praises where praise is mocked: "thanks for nothing".
- A "!" is cheerful only where nothing is complained of or asked.
- A rule counts from its `least` on: weak words say nothing alone.

`calibrated` maps the result (`listener/sentiment/calibration.py`) unless it is switched off.
"""

from collections.abc import Callable
from typing import Final

from listener.sentiment.scoring import MOST, Compound, compound_of, sum_of
from listener.talk import Heard, Rule, TalkReader
from schemas.brand_mention import Talk

NAME = "english/1"

COMPLAINS: Final = -1.0  # valence of complaints from which praise is doubted
BESIDE_COMPLAINT: Final = 0.6
IN_QUESTION: Final = 0.5
PLAIN_QUESTION: Final = 0.2
ELSEWHERE: Final = 0.75


class English:
    """Scores English texts and says what kind of talk they are. The text heard last is remembered, for the other."""

    def __init__(self, vader: Compound, talk: TalkReader, calibrated: Callable[[int], int] | None = None) -> None:
        self._vader = vader
        self._talk = talk
        self._calibrated = calibrated
        self._last: tuple[str, Heard] = ("", talk.hear(""))
        roles, rules = talk.roles, talk.rules
        self._affairs, self._cheer, self._mark = roles["affairs"], roles["cheer"], roles["mark"]
        self._question, self._whether, self._thanks = roles["question"], roles["whether"], roles["thanks"]
        self._complaints = frozenset(place for place, rule in enumerate(rules) if rule.kind == "complaint")
        self._mockery = talk.mockery
        self._cheers = rules[self._cheer].valence
        # What a rule adds when it is met 0, 1, 2, … times.
        self._valences = tuple(_valences(rule) if rule.role != "cheer" else (0.0,) for rule in rules)

    def compound(self, text: str) -> int:
        """The compound × 10⁴."""
        compound = self._vader(text.replace("’", "'") if "’" in text else text)
        times = self._heard(text).times
        if times or abs(compound) > MOST:
            compound = compound_of(self._with_talk(sum_of(compound), times))
        return self._calibrated(compound) if compound and self._calibrated else compound

    def talk(self, text: str) -> tuple[Talk, ...]:
        """The kinds of talk of a text, with the rules that said so."""
        return self._talk.talk(self._heard(text))

    def _heard(self, text: str) -> Heard:
        if self._last[0] != text:
            self._last = (text, self._talk.hear(text))
        return self._last[1]

    def _with_talk(self, total: float, times: dict[int, int]) -> float:
        """The sum with the valences of the rules that were met."""
        good = bad = complaint = 0.0
        mocked = not self._mockery.isdisjoint(times)
        for rule, count in times.items():
            known = self._valences[rule]
            valence = known[count] if count < len(known) else known[-1]
            if valence > 0:
                good += 0.0 if mocked else valence
            elif valence < 0:
                bad += valence
                if rule in self._complaints:
                    complaint += valence
        asks = self._question in times or (self._whether in times and self._mark in times)
        if asks and not complaint and total >= 0:
            bad *= PLAIN_QUESTION
        if total > 0:
            if complaint <= COMPLAINS:
                total *= BESIDE_COMPLAINT
            if asks and self._thanks not in times:
                total *= IN_QUESTION
        if self._cheer in times and total >= 0 and not complaint and self._mark not in times:
            good += self._cheers
        return total + good + (bad if self._affairs in times else bad * ELSEWHERE)


def _valences(rule: Rule) -> tuple[float, ...]:
    """What a rule adds when it is met 0, 1, 2, … times; the last also for more."""
    return (0.0,) * rule.least + (rule.valence, rule.valence * 1.5, rule.valence * 2)
