"""Our exact VADER against the package's: how fast, and on which texts they differ.

Each measurement runs in a fresh process, ours and the package's in turn; the first pass over the texts is "cold", the
second one "warm". Seconds are those of the processor, so that others on the machine weigh less.
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

REPEATS = 3


def measure(who: str, data: Path) -> dict[str, float]:
    """The seconds of two passes over all texts, in this process."""
    score: Callable[[str], object] = (
        load_vader().compound if who == "ours" else SentimentIntensityAnalyzer().polarity_scores
    )
    texts = [text for texts in all_texts(data).values() for text in texts]
    seconds = []
    for _ in range(2):
        begin = time.process_time()
        for text in texts:
            score(text)
        seconds.append(time.process_time() - begin)
    return {"texts": len(texts), "cold": seconds[0], "warm": seconds[1]}


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


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and compare."""
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS, help="fresh processes each")
    parser.add_argument("--measure", choices=("ours", "package"), help="used by the bench itself: one fresh process")
    options = parser.parse_args(argv)
    data = data_folder(options.data.absolute())
    if options.measure:
        print(json.dumps(measure(options.measure, data)))
        return
    head("Our VADER against the package's")
    runs: dict[str, list[dict[str, float]]] = {"ours": [], "package": []}
    for _ in range(options.repeats):
        for who, measured in runs.items():
            measured.append(fresh("speed", str(data), "--measure", who))
    rates = {
        who: {kind: [run["texts"] / run[kind] for run in measured] for kind in ("cold", "warm")}
        for who, measured in runs.items()
    }
    print(f"Texts a second of processor time, all sets, median (range) of {options.repeats} fresh processes")
    table([(who, middle(rate["cold"]), middle(rate["warm"])) for who, rate in rates.items()], ["", "cold", "warm"])
    ratios = {
        f"{kind}_ratio": median(rates["ours"][kind]) / median(rates["package"][kind]) for kind in ("cold", "warm")
    }
    counts = compare(data)
    figures = {
        **ratios,
        "texts_per_s": median(rates["ours"]["cold"]),
        "package_texts_per_s": median(rates["package"]["cold"]),
        **counts,
    }
    table(list(figures.items()), ["figure", "measured"])
    finish("speed", figures)


if __name__ == "__main__":
    main()
