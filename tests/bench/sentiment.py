"""Does our sentiment follow people's? By airline-hour, by tweet, and against the sets that VADER was made on.

What is scored goes the way of every mention: the settings file tests/data/brands/airlines.toml, the matcher, the
language, VADER with the rules of talk, the calibration. One way for all sets, but for the two constants of the
calibration: each set, and each airline, is measured with those fitted without it (tests/bench/_calibration.py); another
set that hands in other names gets those that are shipped.

What was read: phrases and valences of the rules were chosen with the texts and labels of two airlines (Delta, which is
JetBlue, and Southwest: the first two by a hash of their names) and of those halves of TweetEval's, VADER's and the
reviews' texts of which a hash is even. No other text or single label was looked at. Figures of the rest were: a few
candidates for the valences, and the calibration's positive bound, were compared with them in sight. So all figures are
told for what was read and for the rest too.
"""

import csv
import gzip
import html
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd

from agents.reader import english, load_vader, reader_of, standard_reader
from listener.brands.matcher import Matcher
from listener.reading import TextReader
from listener.sentiment.masking import HANDLE
from schemas.mention import Mention
from schemas.times import from_ms
from tests.bench._calibration import WITHOUT, lines_of, matchers
from tests.bench._regression import trained_model
from tests.bench._report import ROOT, arguments, data_folder, finish, head, table

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
READ = ("Delta", "Southwest")  # the airlines of which texts and labels were read
GOALS = {
    "airline_hour_mean_r": ">= .78",
    "airline_hour_negative_share_r": ">= .70",
    "airline_hour_negative_share_mae": "<= .10",
    "airline_accuracy": ">= .70",
    "airline_macro_f1": ">= .63",
    "vader_tweets_r": ">= .872",
    "tweeteval_macro_recall": ">= .64",
    "coverage_english": ">= .98",
}
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


@lru_cache(maxsize=16)
def reader(left_out: str) -> Reader:
    """A reader whose calibration was fitted without an airline or a set; the shipped one for what is in none."""
    airlines, nobody = matchers()
    without = WITHOUT.get(left_out)
    texts = reader_of(english(without), calibrated=True) if without else standard_reader()
    return Reader(airlines if left_out in BRAND_OF else nobody, texts)


def score(text: str, airline: str) -> float | None:
    """Our compound of a tweet to an airline of the set; for airline_hours.py --scorer tests.bench.sentiment:score.

    A name that is no airline of the set is that of another brand, of which we know no more: it is not asked for.
    """
    return reader(airline).score(text, BRAND_OF.get(airline))


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
    figures, parts = unrounded(data)
    print("The same by what was read while the rules were chosen: texts and labels of two airlines")
    table(
        [[name, *(f"{value:.3f}" for value in part.values())] for name, part in parts.items()], ["airlines", *figures]
    )
    said = next(line for line in lines if line["name"].strip() == "ours" and line["bin"] == "hour")
    for name, value in zip(figures, (said["mean_r"], said["share_r"], said["mae"]), strict=True):
        if abs(figures[name] - float(value)) > 0.00051:
            raise SystemExit(f"{name}: airline_hours.py says {value}, this bench {figures[name]:.4f}")
    return figures


def unrounded(data: Path) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """What airline_hours.py computes per airline-hour, with all digits: .7498 is no .75. And the same by part."""
    rows = pd.read_csv(data / "airline2015" / "Tweets.csv.gz")
    rows["people"] = rows.airline_sentiment.map(CLASSES.index) - 1
    rows["hour"] = pd.to_datetime(rows.tweet_created.str[:19]).dt.floor("h")
    rows["ours"] = [score(text, airline) or 0.0 for text, airline in zip(rows.text, rows.airline, strict=True)]
    rows["negative"] = rows.people < 0
    rows["read_negative"] = rows.ours <= -POLAR
    read = rows.airline.isin(READ)
    return _per_hour(rows), {"read": _per_hour(rows[read]), "not read": _per_hour(rows[~read])}


def _per_hour(rows: pd.DataFrame) -> dict[str, float]:
    bins = rows.groupby(["airline", "hour"])[["people", "ours", "negative", "read_negative"]]
    means = bins.mean()[bins.size() >= LEAST_TWEETS]
    return {
        "airline_hour_mean_r": float(np.corrcoef(means.people, means.ours)[0, 1]),
        "airline_hour_negative_share_r": float(np.corrcoef(means.negative, means.read_negative)[0, 1]),
        "airline_hour_negative_share_mae": float((means.negative - means.read_negative).abs().mean()),
    }


def by_tweet(data: Path) -> dict[str, float]:
    """Three classes of all airline tweets; what is not scored is taken for neutral. Nothing is fitted on a fold.

    So folds make no difference; beside it stands a trained model, whose folds are grouped by text and id.
    """
    with gzip.open(data / "airline2015" / "Tweets.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [
            (row["text"], row["airline"], row["airline_sentiment"], row["tweet_id"]) for row in csv.DictReader(file)
        ]
    scores = [score(text, airline) for text, airline, *_ in rows]
    confusions = {part: np.zeros((3, 3), dtype=int) for part in ("read", "not read")}
    for (_, airline, label, _), compound in zip(rows, scores, strict=True):
        confusions["read" if airline in READ else "not read"][CLASSES.index(label), class_of(compound)] += 1
    confusion = confusions["read"] + confusions["not read"]
    show_confusion("Airlines, tweet by tweet", confusion)
    trained = trained_model([row[0] for row in rows], [CLASSES.index(row[2]) for row in rows], [row[3] for row in rows])
    told = {**confusions, "all": confusion, "all, TF-IDF and logistic regression, five folds": trained}
    lines = [[name, f"{accuracy(part):.3f}", f"{macro_f1(part):.3f}"] for name, part in told.items()]
    table(lines, ["airlines", "accuracy", "macro-F1"])
    unseen = sum(reader(airline).score(text) is not None for text, airline, *_ in rows) - sum(
        compound is not None for compound in scores
    )
    print(f"In {unseen} tweets the matcher does not find the airline that they were labelled with.\n")
    return {
        "airline_accuracy": accuracy(confusion),
        "airline_macro_f1": macro_f1(confusion),
        "coverage_english": sum(compound is not None for compound in scores) / len(scores),
    }


def vader_tweets(data: Path) -> dict[str, float]:
    """VADER's own tweets: compound against the mean of 20 people's ratings. Reviews beside them: other talk."""
    rows = []
    figure = 0.0
    for name in ("tweets", "amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets"):
        ratings, scores, plain, read = [], [], [], []
        for line in lines_of(data / "vader_icwsm2014" / f"{name}_GroundTruth.txt.gz"):
            _, rating, text = line.split("\t", 2)
            ratings.append(float(rating))
            scores.append(reader("vader").score(text) or 0.0)
            plain.append(load_vader().compound(text))
            read.append(is_read(text) and name in ("tweets", "amazonReviewSnippets"))
        known, parts = np.array(read), []
        for part in (known | True, known, ~known):
            parts += [_r(ratings, scores, part), _r(ratings, plain, part)]
        rows.append([name, *(f"{value:.3f}" for value in parts)])
        figure = figure or parts[0]
    print("Texts rated by 20 people each: r of ours and of the package, of all, of what was read, and of the rest")
    table(rows, ["set", "ours", "VADER", "read: ours", "VADER", "rest: ours", "VADER"])
    return {"vader_tweets_r": figure}


def _r(ratings: Sequence[float], scores: Sequence[float], part: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> float:
    if not part.any():
        return float("nan")
    return float(np.corrcoef(np.array(ratings)[part], np.array(scores)[part])[0, 1])


def is_read(text: str) -> bool:
    """Whether a text of TweetEval, VADER or the reviews is of the half that may be read, by a hash without handles."""
    return blake2b(html.unescape(HANDLE.sub("", text)).encode()).digest()[0] % 2 == 0


def tweeteval(data: Path) -> dict[str, float]:
    """The tweets of SemEval 2017: the recall of each class, averaged."""
    folder = data / "tweeteval_sentiment"
    confusions = {part: np.zeros((3, 3), dtype=int) for part in (True, False)}
    for text, label in zip(lines_of(folder / "val_text.txt.gz"), lines_of(folder / "val_labels.txt.gz"), strict=True):
        confusions[is_read(text)][int(label), class_of(reader("tweeteval").score(text))] += 1
    show_confusion("TweetEval, validation", confusions[True] + confusions[False])
    table([["read", recall(confusions[True])], ["rest", recall(confusions[False])]], ["half", "macro-recall"])
    return {"tweeteval_macro_recall": recall(confusions[True] + confusions[False])}


def recall(confusion: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]") -> float:
    """The recall of each class, averaged."""
    return float(np.mean(np.diag(confusion) / confusion.sum(axis=1)))


def accuracy(confusion: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]") -> float:
    """The share that is right."""
    return float(np.trace(confusion) / confusion.sum())


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
    table([[name, f"{value:.4f}", GOALS[name]] for name, value in figures.items()], ["figure", "measured", "goal"])
    finish("sentiment", figures)


if __name__ == "__main__":
    main()
