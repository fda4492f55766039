"""The English mood on a scale where "negative" is what people call negative: a monotone map of the compound.

A score has no natural bound at which a text turns negative: VADER's authors advise ±.05, and by that 27 % too few
tweets to airlines were negative. The map puts `negative` at -.05 and `positive` at .05, leaves 0 and all that is a
quarter beyond the bounds as it was, and is linear between. So order stays, what says nothing stays 0, and the bounds
that everyone counts by stay ±.05.

`negative` is fitted: with it the share of negative texts is right on average over sets that differ as much as there
are: tweets to six airlines (36 to 78 % negative), tweets about people and products (16 %) and of everyday life (29 %),
each counting the same. A map fitted on airlines alone would paint all others black. No map is right for each: an
airline of which nearly all complain comes out some points too good, people who are chatted about some points too bad.
`python -m tests.bench._calibration` prints by how much.

`positive` is a compromise: the share of positive texts would be right at 3,600, but what lies between the bounds loses
its strength, and at 3,600 the scores follow VADER's twenty raters worse (r .868) than the package's do (.872).
"""

from bisect import bisect_right

from listener.sentiment.scoring import POLAR, UNIT

NAME = "calibrated/1"


class Calibration:
    """A map with the bounds where people's negative begins and where their positive does, as compounds × 10⁴."""

    def __init__(self, negative: int, positive: int) -> None:
        if not -UNIT < negative * 5 // 4 < negative < -POLAR < POLAR < positive < positive * 5 // 4 < UNIT:
            raise ValueError(f"bounds {negative} and {positive}: not within ({-UNIT}, {-POLAR}) and ({POLAR}, {UNIT})")
        self.negative, self.positive = negative, positive
        self._points = (-UNIT, negative * 5 // 4, negative, 0, positive, positive * 5 // 4, UNIT)
        self._values = (-UNIT, negative * 5 // 4, -POLAR, 0, POLAR, positive * 5 // 4, UNIT)

    def __call__(self, compound: int) -> int:
        """The compound × 10⁴ after the map."""
        at = bisect_right(self._points, compound, 1, len(self._points) - 1)
        left, right = self._points[at - 1], self._points[at]
        low, high = self._values[at - 1], self._values[at]
        return low + (compound - left) * (high - low) // (right - left)


POSITIVE = 2_500
# Fitted by `python -m tests.bench._calibration ../shared/data` on 2026-11-28: airline2015 (14,640 labels), TweetEval's
# validation (2,000), VADER's own tweets (4,200; rating / 4).
FITTED = Calibration(negative=-1_530, positive=POSITIVE)
