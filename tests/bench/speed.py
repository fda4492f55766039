"""Our exact VADER against the package's: how fast, and on which texts they differ.

Each measurement is a fresh process in which ours and the package's take turns, slice by slice of the texts and each
first in every other one, so that what else the machine does weighs on both. The first pass over the distinct texts is
"cold", the second one "warm". Seconds are those of the processor.
"""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from agents.reader import load_vader
from tests.bench._report import arguments, data_folder, finish, fresh, head, middle, table
from tests.bench._texts import all_texts

REPEATS = 5
SLICE = 2_000  # texts
KINDS = ("cold", "warm")


def measure(data: Path) -> dict[str, float]:
    """The seconds of two passes over all texts, of ours and of the package's, in this process."""
    scorers: list[tuple[str, Callable[[str], object]]] = [
        ("ours", load_vader().compound),
        ("package", SentimentIntensityAnalyzer().polarity_scores),
    ]
    texts = [text for texts in all_texts(data).values() for text in texts]
    seconds: dict[str, float] = {"texts": len(texts)}
    for kind in KINDS:
        for begin in range(0, len(texts), SLICE):
            scorers.reverse()
            for who, score in scorers:
                name = f"{who} {kind}"
                seconds[name] = seconds.get(name, 0.0) + _seconds(score, texts[begin : begin + SLICE])
    return seconds


def _seconds(score: Callable[[str], object], texts: Sequence[str]) -> float:
    begin = time.process_time()
    for text in texts:
        score(text)
    return time.process_time() - begin


def compare(data: Path) -> dict[str, int]:
    """How many texts were compared, and on how many any of the figures differs; a table by set."""
    vader, package = load_vader(), SentimentIntensityAnalyzer()
    rows = []
    for name, texts in all_texts(data).items():
        different = [
            text for text in texts if _differ(text, vader.polarity(text)._asdict(), vader.compound(text), package)
        ]
        rows.append((name, len(texts), len(different)))
        for text in different[:3]:
            print(f"differs: {text!r}")
    table(rows, ["set", "texts", "differ"])
    return {
        "texts_compared": sum(count for _, count, _ in rows),
        "texts_that_differ": sum(different for _, _, different in rows),
    }


def _differ(text: str, ours: dict[str, float], compound: int, package: SentimentIntensityAnalyzer) -> bool:
    theirs: dict[str, float] = package.polarity_scores(text)
    return ours != theirs or compound != round(theirs["compound"] * 10_000)


def _rate(run: dict[str, float], who: str, kind: str) -> float:
    return run["texts"] / run[f"{who} {kind}"]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and compare."""
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS, help="fresh processes each")
    parser.add_argument("--measure", action="store_true", help="used by the bench itself: one fresh process")
    options = parser.parse_args(argv)
    data = data_folder(options.data.absolute())
    if options.measure:
        print(json.dumps(measure(data)))
        return
    head("Our VADER against the package's")
    runs = [fresh("speed", str(data), "--measure") for _ in range(options.repeats)]
    rates = {f"{who} {kind}": [_rate(run, who, kind) for run in runs] for who in ("ours", "package") for kind in KINDS}
    ratios = {kind: [_rate(run, "ours", kind) / _rate(run, "package", kind) for run in runs] for kind in KINDS}
    print(f"Texts a second of processor time, all sets, median (range) of {options.repeats} fresh processes")
    rows = [(who, *(middle(rates[f"{who} {kind}"]) for kind in KINDS)) for who in ("ours", "package")]
    table([*rows, ("ours / package", *(middle(ratios[kind]) for kind in KINDS))], ["", *KINDS])
    counts = compare(data)
    figures = {
        "cold_ratio": median(ratios["cold"]),
        "warm_ratio": median(ratios["warm"]),
        "texts_per_s": median(rates["ours cold"]),
        "package_texts_per_s": median(rates["package cold"]),
        **counts,
    }
    table(list(figures.items()), ["figure", "measured"])
    finish("speed", figures)


if __name__ == "__main__":
    main()
