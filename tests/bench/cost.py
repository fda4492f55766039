"""What the alarm costs: processor time of judging closed windows for each mention, and bytes of state a brand.

Generated calm half-years (tests/bench/_traffic.py) go through the tracker of the product, window by window. Timed is
all that happens when a window closes: baselines, every scale, limits, alerts. The counting of a mention is not in it
(`tests.bench.embedded` has that).

State is all that is written to the log of one brand but its trend windows, by part, after such a half-year whose last
day are posts with words and authors (tests/bench/_posts.py): the desk, the monitors, what is said for evidence, with as
many usual words as it may have. The ids of recent posts are counted apart.
"""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from listener.partition import Partition
from listener.remembered_post import is_grave
from listener.words import words_of
from schemas.times import HOUR, MINUTE, to_ms
from tests.bench._posts import posts
from tests.bench._report import arguments, finish, head, table
from tests.bench._traffic import BIN, RATES, START, calm
from tests.bench._watched import SEED, Watched
from tests.core.building import pulse, take

DAYS, POST_HOURS = 182, 27
POST_RATES = (8.0, 120.0, 3_000.0)  # mentions an hour
TRENDS = ("minute", "hour", "day")
PLATFORMS = ("x:", "reddit:", "bluesky:")


def weighed(rate: float) -> tuple[Counter[str], int]:
    """The bytes of a brand's state by its parts, without ids; and those of the ids."""
    traffic, watched = calm(SEED, rate, DAYS), Watched(1.0)
    watched.watch(traffic)
    partition, kept = Partition(), dict[str, bytes]()
    partition.trackers["acme"] = watched.tracker
    partition.touched.add("acme")
    begin = START + len(traffic.mentions) * BIN
    for post in posts(SEED + 1, START, 10, 200.0):
        talk = watched.tracker.state.said.talk
        (talk.grave if is_grave(post) else talk.others).learn(sorted(set(words_of(post))))
    told = begin
    for post in posts(SEED, begin, POST_HOURS, rate):
        while told + 5 * MINUTE <= to_ms(post.mention.ingested_at or post.mention.created_at):
            told += 5 * MINUTE
            partition.step(pulse(told, [(START, told)]))
            take(partition, kept)
        partition.step(post)
    partition.step(pulse(begin + POST_HOURS * HOUR, [(START, begin + POST_HOURS * HOUR)]))
    take(partition, kept)
    sizes: Counter[str] = Counter()
    ids = 0
    for name, raw in kept.items():
        brand, _, part = name.partition("/")
        what = part.partition("/")[0]
        if brand and what not in TRENDS:
            of_ids = _ids(msgspec.msgpack.decode(raw, strict=False))
            ids += of_ids
            sizes[what] += len(raw) - of_ids
    return sizes, ids


def _ids(part: Any) -> int:
    """The bytes of what are ids of posts."""
    if isinstance(part, str):
        return len(msgspec.msgpack.encode(part)) if part.startswith(PLATFORMS) else 0
    if isinstance(part, dict):
        return sum(_ids(key) + _ids(value) for key, value in part.items())
    return sum(map(_ids, part)) if isinstance(part, list) else 0


def main(argv: Sequence[str] | None = None) -> None:
    """Time it, weigh it."""
    arguments(__doc__, needs_data=False).parse_args(argv)
    head("The alarm's cost")
    rows, spent, events = [], 0.0, 0
    for number, rate in enumerate(RATES):
        traffic, watched = calm(SEED + number, rate, DAYS), Watched(1.0)
        begin = time.process_time()
        watched.watch(traffic)
        seconds = time.process_time() - begin
        mentions, windows = int(traffic.mentions.sum()), int((traffic.mentions > 0).sum())
        spent, events = spent + seconds, events + mentions
        rows.append((rate, mentions, 1e6 * seconds / mentions, 1e6 * seconds / windows))
    table(rows, ["mentions/h", "mentions", "us a mention", "us a window with mentions"])
    weights = [weighed(rate) for rate in POST_RATES]
    names = sorted({name for sizes, _ in weights for name in sizes})
    by_part: list[tuple[Any, ...]] = [(name, *(sizes[name] for sizes, _ in weights)) for name in names]
    totals = [sizes.total() for sizes, _ in weights]
    table([*by_part, ("all", *totals), ("ids", *(ids for _, ids in weights))], ["bytes", *map(str, POST_RATES)])
    finish("cost", {"us_per_event": 1e6 * spent / events, "bytes_per_brand": max(totals)})


if __name__ == "__main__":
    main()
