"""Does our sentiment follow people's? By airline-hour, by tweet, and against the sets that VADER was made on.

What is scored goes the way of every mention: the settings file tests/data/brands/airlines.toml, the matcher, the
scorer with its language detector. Nothing is fitted: neither here nor in the settings.
"""

import csv
import gzip
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from agents.reader import standard_reader
from agents.settings_file import parse_configuration, read_configuration
from listener.brands.matcher import Matcher
from listener.reading import TextReader
from schemas.mention import Mention
from schemas.times import from_ms
from tests.bench._report import BRANDS, ROOT, arguments, data_folder, finish, head, table

LEAST_TWEETS = 10  # in an hour that counts
POLAR = 0.05  # as VADER's authors advise
BRAND_OF = {
    "Virgin America": "virgin-america",
    "United": "united",
    "Southwest": "southwest",
    "Delta": "jetblue",  # the set's label Delta means mentions of @JetBlue
    "US Airways": "us-airways",
    "American": "american",
}
CLASSES = ("negative", "neutral", "positive")
NOBODY = '[[brands]]\nid = "nobody"\nname = "no such brand is named here"'
GOALS = {"airline_hour_mean_r": 0.75}
HOURS = re.compile(
    r"^(?P<name>.{20}) per airline-(?P<bin>\w+) +bins=(?P<bins>\d+) negative share r=(?P<share_r>-?[\d.]+) "
    r"MAE=(?P<mae>[\d.]+) \| mean r=(?P<mean_r>-?[\d.]+) \| scored (?P<scored>[\d.]+) %"
)


class Reader:
    """Reads texts as the service does: whom they name is hidden, another language is not scored."""

    def __init__(self, brands: Matcher, texts: TextReader) -> None:
        self.ids = [brand.id for brand in brands.settings.brands]
        self._brands = brands
        self._texts = texts

    def score(self, text: str, brand: str | None = None) -> float | None:
        """The compound; None if the text is not scored, or is not about `brand` and so never counted for it."""
        mention = Mention(id="x:1", text=text, created_at=from_ms(0), platform="x")
        found = self._brands.find(mention)
        if brand is not None and self.ids.index(brand) not in found.matches:
            return None
        return self._texts.read(mention, found).sentiment.compound


@lru_cache(maxsize=1)
def airlines() -> Reader:
    """The reader of the settings file of the airlines."""
    return Reader(Matcher(read_configuration(BRANDS / "airlines.toml").settings()), standard_reader())


@lru_cache(maxsize=1)
def nobody() -> Reader:
    """A reader that knows no brand of the texts."""
    return Reader(Matcher(parse_configuration(NOBODY, "nobody", Path()).settings()), standard_reader())


def score(text: str, airline: str) -> float | None:
    """Our compound of a tweet to an airline of the set; for airline_hours.py --scorer tests.bench.sentiment:score."""
    return airlines().score(text, BRAND_OF[airline])


def airline_hours(data: Path, *scorer: str) -> list[dict[str, str]]:
    """What airline_hours.py prints, line by line."""
    command = [sys.executable, str(data.parent / "bench" / "airline_hours.py"), str(data), *scorer]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    return [found.groupdict() for line in ran.stdout.splitlines() if (found := HOURS.match(line))]


def by_hour(data: Path) -> dict[str, float]:
    """The figures of airline-hours; a table with the package's beside."""
    lines = airline_hours(data) + airline_hours(data, "--scorer", "tests.bench.sentiment:score")
    heads = ["scorer", "bins of a", "bins", "negative share r", "mean abs. error", "mean r", "scored %"]
    rows = [
        [line["name"].strip(), line["bin"], line["bins"], line["share_r"], line["mae"], line["mean_r"], line["scored"]]
        for line in lines
    ]
    print("Airlines, our figures per bin against people's, by airline_hours.py (stock VADER three ways, then ours)")
    table(rows, heads)
    figures = unrounded(data)
    said = next(line for line in lines if line["name"].strip() == "ours" and line["bin"] == "hour")
    for name, value in zip(figures, (said["mean_r"], said["share_r"], said["mae"]), strict=True):
        if abs(figures[name] - float(value)) > 0.00051:
            raise SystemExit(f"{name}: airline_hours.py says {value}, this bench {figures[name]:.4f}")
    return figures


def unrounded(data: Path) -> dict[str, float]:
    """What airline_hours.py computes per airline-hour, with all digits: .7498 is no .75."""
    rows = pd.read_csv(data / "airline2015" / "Tweets.csv.gz")
    rows["people"] = rows.airline_sentiment.map(CLASSES.index) - 1
    rows["hour"] = pd.to_datetime(rows.tweet_created.str[:19]).dt.floor("h")
    rows["ours"] = [score(text, airline) or 0.0 for text, airline in zip(rows.text, rows.airline, strict=True)]
    rows["negative"] = rows.people < 0
    rows["read_negative"] = rows.ours <= -POLAR
    bins = rows.groupby(["airline", "hour"])[["people", "ours", "negative", "read_negative"]]
    means = bins.mean()[bins.size() >= LEAST_TWEETS]
    return {
        "airline_hour_mean_r": float(np.corrcoef(means.people, means.ours)[0, 1]),
        "airline_hour_negative_share_r": float(np.corrcoef(means.negative, means.read_negative)[0, 1]),
        "airline_hour_negative_share_mae": float((means.negative - means.read_negative).abs().mean()),
    }


def by_tweet(data: Path) -> dict[str, float]:
    """Three classes of all airline tweets; what is not scored is taken for neutral."""
    with gzip.open(data / "airline2015" / "Tweets.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["airline"], row["airline_sentiment"]) for row in csv.DictReader(file)]
    scores = [score(text, airline) for text, airline, _ in rows]
    confusion = np.zeros((3, 3), dtype=int)
    for (_, _, label), compound in zip(rows, scores, strict=True):
        confusion[CLASSES.index(label), class_of(compound)] += 1
    show_confusion("Airlines, tweet by tweet", confusion)
    unseen = sum(airlines().score(text) is not None for text, _, _ in rows) - sum(s is not None for s in scores)
    print(f"In {unseen} tweets the matcher does not find the airline that they were labelled with.\n")
    return {
        "airline_accuracy": float(np.trace(confusion) / confusion.sum()),
        "airline_macro_f1": macro_f1(confusion),
        "coverage_english": sum(compound is not None for compound in scores) / len(scores),
    }


def vader_tweets(data: Path) -> dict[str, float]:
    """VADER's own tweets: compound against the mean of 20 people's ratings."""
    ratings, scores = [], []
    for line in lines_of(data / "vader_icwsm2014" / "tweets_GroundTruth.txt.gz"):
        _, rating, text = line.split("\t", 2)
        ratings.append(float(rating))
        scores.append(nobody().score(text) or 0.0)
    return {"vader_tweets_r": float(np.corrcoef(ratings, scores)[0, 1])}


def tweeteval(data: Path) -> dict[str, float]:
    """The tweets of SemEval 2017: the recall of each class, averaged."""
    folder = data / "tweeteval_sentiment"
    confusion = np.zeros((3, 3), dtype=int)
    for text, label in zip(lines_of(folder / "val_text.txt.gz"), lines_of(folder / "val_labels.txt.gz"), strict=True):
        confusion[int(label), class_of(nobody().score(text))] += 1
    show_confusion("TweetEval, validation", confusion)
    return {"tweeteval_macro_recall": float(np.mean(np.diag(confusion) / confusion.sum(axis=1)))}


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a gzip file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n")


def class_of(compound: float | None) -> int:
    """The place in CLASSES; what is not scored is neutral."""
    if compound is None or -POLAR < compound < POLAR:
        return 1
    return 0 if compound < 0 else 2


def macro_f1(confusion: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]") -> float:
    """The F1 of each class, averaged."""
    right = np.diag(confusion)
    return float(np.mean(2 * right / (confusion.sum(axis=0) + confusion.sum(axis=1))))


def show_confusion(title: str, confusion: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]") -> None:
    """People's classes down, ours across."""
    print(f"{title}: people's classes down, ours across")
    table([[name, *map(int, row)] for name, row in zip(CLASSES, confusion, strict=True)], ["", *CLASSES])


def main(argv: Sequence[str] | None = None) -> None:
    """Measure all, print all."""
    data = data_folder(arguments(__doc__).parse_args(argv).data.absolute())
    head("How our sentiment follows people's")
    figures: dict[str, float] = {}
    parts: tuple[Callable[[Path], dict[str, float]], ...] = (by_hour, by_tweet, vader_tweets, tweeteval)
    for part in parts:
        figures |= part(data)
    table([[name, f"{value:.4f}", goal(name)] for name, value in figures.items()], ["figure", "measured", "goal"])
    finish("sentiment", figures)


def goal(name: str) -> str:
    """What the figure should come to, as far as that is set."""
    return f">= {GOALS[name]:.2f}" if name in GOALS else "-"


if __name__ == "__main__":
    main()
