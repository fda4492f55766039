"""What more brands cost the matcher: 10 and 10,000 brands with queries, the same total of matches.

The texts are the first of stocknet_88; the queries are of five kinds in equal parts (`_query_worlds.py`), made of the
texts' own words. Ten queries cannot be found as often as 10,000 of each kind (no phrase is), only in all: more of what
they match is of one word, which is read faster than NEAR or a phrase, and so the growth shown is rather too high. The
10,000 are all spoken of; beside them a run in which the same ten are spoken of and 9,990 others of the same kinds are
not. What is measured is `Matcher.find`, processor time a mention, over distinct texts in a fresh process each time, the
sizes in turn, with the garbage collector as the service has it; "again" is a second pass over the same texts. Settings
are compiled before.

The part "names" is the same for brands that have a name and no query, as in tests.bench.kafka.
"""

import gc
import json
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from agents.clock import now_ms
from agents.matching import standard_matcher
from agents.service import GC_THRESHOLDS
from schemas.mention import Mention
from schemas.settings import Settings
from schemas.times import from_ms
from tests.bench._names import counted, settings_of, spoken_of, words
from tests.bench._query_worlds import unspoken, with_queries, worlds
from tests.bench._report import arguments, data_folder, finish, fresh, head, load, middle, progress, table
from tests.bench._texts import stocknet

FEW, MANY = 10, 10_000
TEXTS = 20_000  # to choose the queries takes half of the time, and grows with them
REPEATS = 3
NAMED = 0.7  # brand mentions a text, where brands have names

Run = dict[str, float]


def mentions_of(data: Path, number: int) -> list[Mention]:
    """The first texts, as mentions."""
    at = from_ms(now_ms())
    rows = stocknet(data)[:number]
    return [Mention(id=f"m:{n}", text=row["text"], created_at=at, platform="x") for n, row in enumerate(rows)]


def settings_by_run(mentions: Sequence[Mention]) -> dict[str, Settings]:
    """The settings of each run, by its name."""
    queries = worlds(mentions, (FEW, MANY))
    silent = unspoken(MANY - FEW, mentions)
    vocabulary = words(mention.text for mention in mentions)
    counts = counted(vocabulary, mentions)
    total = round(NAMED * len(mentions))
    return {
        "10 queries": with_queries(queries[FEW]),
        "10,000 queries": with_queries(queries[MANY]),
        "10,000 queries, ten spoken of": with_queries(queries[FEW] + silent),
        "10 names": settings_of(spoken_of(counts, FEW, total)),
        "10,000 names": settings_of(spoken_of(counts, MANY, total)),
    }


def measure(path: Path, mentions: Sequence[Mention]) -> Run:
    """What finding takes in this process."""
    gc.set_threshold(*GC_THRESHOLDS)
    settings = msgspec.json.decode(path.read_bytes(), type=Settings)
    begin = time.process_time()
    matcher = standard_matcher(settings)
    built = time.process_time() - begin
    passes = []
    for _ in range(2):
        matches = 0
        begin = time.process_time()
        for mention in mentions:
            matches += len(matcher.find(mention).matches)
        passes.append((time.process_time() - begin) / len(mentions) * 1e6)
    return {"first": passes[0], "again": passes[1], "matches": matches, "built": built}


def show(runs: dict[str, list[Run]], mentions: int) -> dict[str, float]:
    """The table and the figures."""
    print(f"Matcher.find over {mentions:,} texts, processor us a mention, median (range); {load()}")
    table(
        [
            (
                name,
                int(took[0]["matches"]),
                middle(_all(took, "first")),
                middle(_all(took, "again")),
                _of(took, "built"),
            )
            for name, took in runs.items()
        ],
        ["brands", "matches", "us a mention", "again", "compiled in s"],
    )
    first = {name: _of(took, "first") for name, took in runs.items()}
    return {
        "cpu_us_10_brands": first["10 queries"],
        "cpu_us_10000_brands": first["10,000 queries"],
        "growth": first["10,000 queries"] / first["10 queries"],
        "growth_ten_spoken_of": first["10,000 queries, ten spoken of"] / first["10 queries"],
        "growth_names": first["10,000 names"] / first["10 names"],
    }


def _all(took: Sequence[Run], what: str) -> list[float]:
    return [run[what] for run in took]


def _of(took: Sequence[Run], what: str) -> float:
    return median(_all(took, what))


def main(argv: Sequence[str] | None = None) -> None:
    """Choose the queries, measure each size in turn."""
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS, help="fresh processes each")
    parser.add_argument("--texts", type=int, default=TEXTS, help="with few the totals of matches differ")
    parser.add_argument("--measure", type=Path, help="used by the bench itself: one fresh process")
    options = parser.parse_args(argv)
    data = data_folder(options.data.absolute())
    mentions = mentions_of(data, options.texts)
    if options.measure:
        print(json.dumps(measure(options.measure, mentions)))
        return
    head("The matcher by the number of brands")
    with TemporaryDirectory() as folder:
        paths = _written(settings_by_run(mentions), Path(folder))
        runs: dict[str, list[Run]] = {name: [] for name in paths}
        for number in range(options.repeats):
            for name, path in paths.items():
                progress(f"matching: round {number + 1} of {options.repeats}: {name}")
                runs[name].append(fresh("matching", str(data), "--texts", str(len(mentions)), "--measure", str(path)))
    figures = show(runs, len(mentions))
    table(list(figures.items()), ["figure", "measured"])
    finish("matching", figures)


def _written(settings: dict[str, Any], folder: Path) -> dict[str, Path]:
    paths = {}
    for number, (name, content) in enumerate(settings.items()):
        paths[name] = folder / f"{number}.json"
        paths[name].write_bytes(msgspec.json.encode(content))
    return paths


if __name__ == "__main__":
    main()
