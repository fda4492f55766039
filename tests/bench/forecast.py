"""How well it is foretold how many will pass a post on, and how long before they have.

Simulated posts (tests/core/cascades.py: three worlds) and real ones: reposts of stocknet_88 within a day, counted
from the first that is in the set, since the posts themselves are not. `inside` is how often the 80 % interval holds
what came in the end, `fewer` how often less came than its lower end, `error` the median of |log2(expected / came)|.
Beside it the forecast of Szabo and Huberman (2010): the logarithm of what will have come is that of what has and a
constant for the age, learned from the other half of the posts with its spread.

Pages: every five minutes it is looked at each post; told is one of which it is nine in ten that it reaches LIMIT. Told
before are those that do reach it later; `min early` is by how much, the median.

Budget: brand-years of ten complaints a day, of which the limit is learned as the monitor learns it. At a budget of one
alert a month a fifth of one is for single posts.
"""

import gzip
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import exp, log, log2
from pathlib import Path
from random import Random
from statistics import mean, median, pstdev
from typing import Any, NamedTuple

import orjson

from listener.amplification import (
    LEAST_SIZE,
    LEAST_VOICES,
    Reach,
    Seen,
    Sizes,
    forecast,
    half_life_of,
    learned_half_life,
    limit_of,
    log_of_size,
    logs_of,
    outlook,
    tail_of,
)
from listener.monitors.virality import BEYOND, MOST_OF_A_POST
from schemas.forecast import Forecast
from schemas.times import DAY, MINUTE
from tests.bench._report import arguments, finish, head, table
from tests.core.cascades import DIFFICULTY, WORLDS, Cascade

SEED = 0xEBE0465  # the commit that brought the generators
PLATFORM = "x"
POSTS, LEAST = 1_200, 6.0
AGES = (5, 10, 20, 60, 180)  # minutes
LIMIT = 100
LEAST_REAL = 1
YEARS, A_DAY, OF_BUDGET = 10, 10, 0.2
COUNT = 25  # who tells a post as soon as so many have passed it on
Z80 = 1.281552
REPOST = re.compile(r"RT @\w+: .{20}", re.DOTALL)


class Learned(NamedTuple):
    """What is learned from some posts: the half-life in ms with how many arrivals, and the tail of sizes."""

    half_life: int
    timed: int
    sizes: Sizes


class Told(NamedTuple):
    """A forecast and what came: how often the interval held it, how far off, of how many posts."""

    posts: int
    inside: float
    below: float
    error: float


def simulated(world: str) -> list[Cascade]:
    """Posts of a world."""
    chance = Random(SEED)
    return [WORLDS[world](chance, LEAST, half_life_of(PLATFORM)) for _ in range(POSTS)]


def real(data: Path) -> list[Cascade]:
    """Reposts of the same words, counted from the first one, which is not counted itself."""
    times: dict[str, dict[str, int]] = defaultdict(dict)
    with gzip.open(data / "stocknet_88" / "stocknet_88.jsonl.gz") as file:
        for line in file:
            row = orjson.loads(line)
            if row["rt"] and REPOST.match(row["text"] or ""):
                times[row["text"][:100]].setdefault(row["user"], _ms(row))
    found = []
    for by_user in times.values():
        first, *rest = sorted(by_user.values())
        found.append(Cascade(tuple(max(1, at - first) for at in rest if at - first < DAY)))
    return [one for one in found if len(one.ages) >= LEAST_REAL]


def _ms(row: dict[str, Any]) -> int:
    return int(datetime.strptime(row["created_at"], "%a %b %d %H:%M:%S %z %Y").timestamp() * 1000)


def learn(posts: Sequence[Cascade]) -> Learned:
    """As the monitor learns from posts that are over: half-life, tail."""
    timed, logs = 0.0, 0.0
    for post in posts:
        if post.ages:
            weight = min(len(post.ages), MOST_OF_A_POST)
            timed += weight
            logs += weight * mean(log(max(1000, age)) for age in post.ages)
    sizes = [log_of_size(len(post.ages)) for post in posts if len(post.ages) >= LEAST_SIZE]
    tail = tail_of(len(sizes), sum(sizes))
    return Learned(learned_half_life(PLATFORM, timed, logs), round(timed), Sizes(tail, len(sizes), LIMIT))


def seen_of(post: Cascade, age: int, learned: Learned) -> Seen:
    """What has come of a post by an age, each by somebody else."""
    logs = [0] * 8
    come = post.until(age)
    for one in come:
        logs = [before + more for before, more in zip(logs, logs_of(one, learned.half_life), strict=True)]
    return Seen(PLATFORM, len(come), len(come), age, logs, learned.half_life, learned.timed)


def halves(posts: Sequence[Cascade]) -> Iterator[tuple[Sequence[Cascade], Sequence[Cascade]]]:
    """(learned from, judged), both ways."""
    yield posts[::2], posts[1::2]
    yield posts[1::2], posts[::2]


def judge(posts: Sequence[Cascade], age: int) -> tuple[Told, Told]:
    """Ours and the rival's, at an age in ms, of posts that have come far enough to say anything."""
    ours, theirs = [], []
    for before, after in halves(posts):
        learned, growth = learn(before), _growth(before, age)
        for post in after:
            come, came = len(post.until(age)), len(post.ages)
            if come < LEAST_VOICES:
                continue
            made: Forecast = forecast(seen_of(post, age, learned), learned.sizes, Reach(None, 0, 0))
            ours.append((made.low, made.expected, made.high, came))
            if growth is not None:
                middle, spread = growth
                low, high = (come * exp(middle + z * spread) for z in (-Z80, Z80))
                theirs.append((low, come * exp(middle), high, came))
    return _told(ours), _told(theirs)


def _growth(posts: Sequence[Cascade], age: int) -> tuple[float, float] | None:
    grown = [log(len(post.ages) / len(post.until(age))) for post in posts if len(post.until(age)) >= LEAST_VOICES]
    return (mean(grown), pstdev(grown)) if len(grown) >= 5 else None


def _told(found: Sequence[tuple[float, float, float, int]]) -> Told:
    if not found:
        return Told(0, 0.0, 0.0, 0.0)
    return Told(
        len(found),
        mean(low <= came <= high for low, _, high, came in found),
        mean(came < low for low, _, _, came in found),
        median(abs(log2(expected / came)) for _, expected, _, came in found),
    )


class Pages(NamedTuple):
    """Of posts: how many reach LIMIT, of those told before (and by COUNT), minutes between, told for nothing."""

    reach: int
    found: int
    early: float
    wrong: int
    by_count: int
    early_by_count: float
    wrong_by_count: int


def pages(posts: Sequence[Cascade]) -> Pages:
    """Who is told of by looking every five minutes, and who by a plain count."""
    early: list[float] = []
    counted: list[float] = []
    wrong = wrong_by_count = 0
    for before, after in halves(posts):
        learned = learn(before)
        for post in after:
            reached = post.ages[LIMIT - 1] if len(post.ages) >= LIMIT else None
            told = _first_told(post, learned)
            plain = _look_after(post.ages[COUNT - 1]) if len(post.ages) >= COUNT else None
            wrong += told is not None and reached is None
            wrong_by_count += plain is not None and reached is None
            if reached is not None:
                early += [(reached - told) / MINUTE] if told is not None and told < reached else []
                counted += [(reached - plain) / MINUTE] if plain is not None and plain < reached else []
    reach = sum(len(post.ages) >= LIMIT for post in posts)
    return Pages(
        reach,
        len(early),
        median(early or [0.0]),
        wrong,
        len(counted),
        median(counted or [0.0]),
        wrong_by_count,
    )


def _look_after(age: int) -> int:
    return -(-age // (5 * MINUTE)) * 5 * MINUTE


def _first_told(post: Cascade, learned: Learned) -> int | None:
    """The first look at which it is told, of those that bring anything new, in the first day."""
    before = 0
    for look in sorted({_look_after(age) for age in post.ages[LEAST_VOICES - 1 :]}):
        if look > 24 * 60 * MINUTE:
            return None
        come = len(post.until(look))
        if come >= max(LEAST_VOICES, before + 1) and outlook(seen_of(post, look, learned), learned.sizes).will_spread:
            return look
        before = come
    return None


def told_a_month(world: str) -> tuple[float, float]:
    """Alerts a month in YEARS brand-years: in the first two months of a brand, and after."""
    told = {True: 0, False: 0}
    for year in range(YEARS):
        chance = Random(SEED + year)
        sizes = logs = timed = log_ages = 0.0
        for number in range(365 * A_DAY):
            post = WORLDS[world](chance, 1.0, half_life_of(PLATFORM))
            tail = tail_of(sizes, logs)
            limit = limit_of(sizes, number / A_DAY, tail, OF_BUDGET)
            half_life = learned_half_life(PLATFORM, timed, log_ages)
            learned = Learned(half_life, round(timed), Sizes(tail, round(sizes), limit))
            if len(post.ages) >= LEAST_VOICES and _first_told(post, learned) is not None:
                told[number < 60 * A_DAY] += 1
            if len(post.ages) >= LEAST_SIZE:
                sizes, logs = sizes + 1, logs + log_of_size(min(len(post.ages), BEYOND * limit))
            if post.ages:
                count = min(len(post.ages), MOST_OF_A_POST)
                timed, log_ages = timed + count, log_ages + count * mean(log(max(1000, age)) for age in post.ages)
    return told[True] / 2 / YEARS, told[False] / 10 / YEARS


def main(argv: Sequence[str] | None = None) -> None:
    """Forecast, and look what came."""
    options = arguments(__doc__).parse_args(argv)
    head("How far posts will spread")
    print(f"difficulty: {DIFFICULTY}\n")
    worlds = {world: simulated(world) for world in WORLDS}
    if (options.data / "stocknet_88").is_dir():
        worlds["stocknet reposts"] = real(options.data)
    figures: dict[str, float] = {}
    rows: list[tuple[object, ...]] = []
    for world, posts in worlds.items():
        name = world.replace(" ", "_")
        held: list[tuple[int, float]] = []
        for age in AGES:
            ours, theirs = judge(posts, age * MINUTE)
            if not ours.posts:
                continue
            held.append((ours.posts, ours.inside))
            mine = f"{ours.inside:.0%}", f"{ours.below:.0%}", f"{ours.error:.2f}"
            rows.append((world, age, ours.posts, *mine, f"{theirs.inside:.0%}", f"{theirs.error:.2f}"))
            figures[f"inside_{name}_{age}min"], figures[f"error_{name}_{age}min"] = ours.inside, ours.error
            figures[f"error_of_rival_{name}_{age}min"] = theirs.error
        figures[f"inside_{name}"] = sum(count * share for count, share in held) / sum(count for count, _ in held)
    table(rows, ["posts", "age, min", "of", "inside 80 %", "fewer", "error", "rival's inside", "rival's error"])
    rows = []
    for world, posts in worlds.items():
        name, told = world.replace(" ", "_"), pages(posts)
        rows.append((world, len(posts), *told))
        figures |= {f"found_{name}": told.found / max(1, told.reach), f"early_{name}_min": told.early}
        figures |= {f"wrong_{name}": told.wrong, f"wrong_by_count_{name}": told.wrong_by_count}
    print(f"pages: {LIMIT} voices foretold, and for comparison {COUNT} voices counted\n")
    columns = ["told before", "min early", "for nothing"]
    table(
        rows,
        ["posts", "of", f"reach {LIMIT}", *columns, f"before, by {COUNT}", *columns[1:]],
    )
    print(f"budget: {YEARS} brand-years of {A_DAY} complaints a day; {OF_BUDGET} alerts a month are asked for\n")
    rows = []
    for world in WORLDS:
        first, later = told_a_month(world)
        rows.append((world, first, later))
        figures |= {f"told_a_month_{world}": later, f"told_a_month_at_first_{world}": first}
    table(rows, ["posts", "told a month in the first two", "and later"])
    finish("forecast", figures)


if __name__ == "__main__":
    main()
