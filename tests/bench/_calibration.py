"""Fits the calibration of the English mood again: `python -m tests.bench._calibration ../shared/data`.

The bound is where the share of texts beyond it is people's share of negative ones, on average over six airlines and
two sets of other talk, of which each counts the same. It is fitted on all (what is shipped) and without each one (what
that is measured with).
"""

import csv
import gzip
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from agents.matching import standard_matcher
from agents.reader import english
from agents.settings_file import parse_configuration, read_configuration
from listener.brands.matcher import Matcher
from listener.reading import shown
from listener.sentiment.calibration import POSITIVE, Calibration
from listener.sentiment.scoring import POLAR
from schemas.mention import Mention
from schemas.times import from_ms
from tests.bench._report import BRANDS, arguments, data_folder

NOBODY = '[[brands]]\nid = "nobody"\nname = "no such brand is named here"'
CLASSES = ("negative", "neutral", "positive")
LEAST_RATING = 0.05 * 4  # of VADER's own tweets, -4 to 4: the bounds of the compound, on that scale
AIRLINES = ("American", "Delta", "Southwest", "US Airways", "United", "Virgin America")

# What this module prints for each set left out.
WITHOUT: dict[str, Calibration] = {
    "American": Calibration(negative=-1_540, positive=POSITIVE),
    "Delta": Calibration(negative=-1_530, positive=POSITIVE),
    "Southwest": Calibration(negative=-1_530, positive=POSITIVE),
    "US Airways": Calibration(negative=-1_540, positive=POSITIVE),
    "United": Calibration(negative=-1_540, positive=POSITIVE),
    "Virgin America": Calibration(negative=-1_430, positive=POSITIVE),
    "tweeteval": Calibration(negative=-1_390, positive=POSITIVE),
    "vader": Calibration(negative=-1_520, positive=POSITIVE),
}

Labelled = tuple[list[int], list[int]]  # compounds × 10⁴ before the map; people's classes, -1 to 1


@lru_cache(maxsize=1)
def matchers() -> tuple[Matcher, Matcher]:
    """A matcher of the airlines and one of nobody."""
    airlines = standard_matcher(read_configuration(BRANDS / "airlines.toml").settings())
    return airlines, standard_matcher(parse_configuration(NOBODY, "nobody", Path()).settings())


def raw(texts: Iterable[str], brands: Matcher) -> list[int]:
    """The compounds × 10⁴ of texts before the map, with names hidden."""
    mentions = (Mention(id="x:1", text=text, created_at=from_ms(0), platform="x") for text in texts)
    return [english().compound(shown(mention, brands.find(mention))) for mention in mentions]


def sets(data: Path) -> Iterator[tuple[str, Labelled]]:
    """All labelled sets, by name: each airline is one."""
    airlines, nobody = matchers()
    with gzip.open(data / "airline2015" / "Tweets.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for airline in AIRLINES:
        mine = [row for row in rows if row["airline"] == airline]
        labels = [CLASSES.index(row["airline_sentiment"]) - 1 for row in mine]
        yield airline, (raw((row["text"] for row in mine), airlines), labels)
    folder = data / "tweeteval_sentiment"
    labels = [int(label) - 1 for label in lines_of(folder / "val_labels.txt.gz")]
    yield "tweeteval", (raw(lines_of(folder / "val_text.txt.gz"), nobody), labels)
    rated = [line.split("\t", 2) for line in lines_of(data / "vader_icwsm2014" / "tweets_GroundTruth.txt.gz")]
    ratings = [float(rating) for _, rating, _ in rated]
    labels = [int(rating >= LEAST_RATING) - int(rating <= -LEAST_RATING) for rating in ratings]
    yield "vader", (raw((text for *_, text in rated), nobody), labels)


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a gzip file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n")


def fitted(labelled: Sequence[tuple[str, Labelled]]) -> Calibration:
    """The calibration for which the mean of the biases is least."""
    bounds = np.arange(POLAR + 10, 7_000, 10)
    bias = np.zeros(len(bounds))
    for _, (compounds, labels) in labelled:
        scores, people = np.sort(compounds), np.array(labels)
        below = np.searchsorted(scores, -bounds, side="right") / len(scores)
        bias += below - np.mean(people < 0)
    return Calibration(negative=-int(bounds[np.abs(bias).argmin()]), positive=POSITIVE)


def told(calibration: Calibration) -> str:
    """A calibration as it stands in the code."""
    return f"Calibration(negative={calibration.negative}, positive=POSITIVE)"


def main() -> None:
    """Fit on all, and without each; print the bias that is left."""
    data = data_folder(arguments(__doc__).parse_args().data.absolute())
    labelled = list(sets(data))
    everything = fitted(labelled)
    print(f"FITTED = {told(everything)}")
    for name, (compounds, labels) in labelled:
        without = fitted([one for one in labelled if one[0] != name])
        scores, people = np.array(compounds), np.array(labels)
        share, read = np.mean(people < 0), np.mean(scores <= everything.negative)
        print(f"    {name!r}: {told(without)},  # {len(labels)} texts, negative {share:.3f}, read so {read:.3f}")


if __name__ == "__main__":
    main()
