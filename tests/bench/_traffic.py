"""Brands as counts in bins of five minutes: years without a crisis, and weeks in which one is planted.

This lies here before the detector that it judges, and knows nothing of it. What it draws is harder than negative
binomial counts around hours of the week, which is what a detector is likely to assume:

- the rate follows the hour of the brand's own day (with daylight saving), working days and weekends, half-days off on
  holidays, and a level that wanders by 4 % a day;
- an hour strays from that by a gamma variable that it shares in part with the hour before, minutes are Poisson;
- the negative share wanders too, and mentions of an hour are alike (beta-binomial);
- a few mentions in a thousand carry a severe word, whatever happens;
- campaigns of one to five days raise the volume and lower the share; praise and jokes go viral: up to twenty times the
  volume at once, falling by half in three to twelve hours; on some days a harmless topic raises the volume alone.

A crisis adds negative mentions alone, so many that the share of negative ones becomes `factor` times what it would have
been, cut at 95 %, for some hours after half an hour of rising. A creep does the same over days, evenly, so that
no hour differs from the one before, and stays. Difficulty is told in numbers beside both.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.times import DAY, HOUR, MINUTE

BIN = 5 * MINUTE
BINS_A_DAY, BINS_AN_HOUR = DAY // BIN, HOUR // BIN
START = 1_735_689_600_000  # Wednesday 2025-01-01, 00:00 UTC
FIRST_WEEKDAY = 2
SUMMER = (88, 298)  # days of the year between which clocks are an hour ahead, as in Europe
RISING = 30 * MINUTE
LARGEST_SHARE = 0.95
SEVERE = 0.003  # of all mentions
WANDER_LEVEL, WANDER_SHARE = 0.04, 0.05  # a day, of the logarithm and of the logit
RATES = (0.5, 2.0, 8.0, 30.0, 120.0, 500.0)  # mentions an hour

Counts = NDArray[np.int64]
When = Literal["day", "night", "weekend"]


class Character(NamedTuple):
    """What a brand is like: `rate` mentions an hour, a normal `share` of negative ones, and how unsteady both are.

    `shape` of the gamma by which an hour strays (8: by 35 %), `alike` the correlation of the mentions of an hour,
    `night` the rate at night as a part of that by day, `weekend` that at the weekend; `zone` hours east of UTC.
    """

    rate: float
    share: float
    shape: float
    alike: float
    night: float
    weekend: float
    zone: int


class Event(NamedTuple):
    """What happened in [`start`, `end`), ms: so many times the volume at its height, so many times the share."""

    kind: Literal["campaign", "praise", "joke", "topic", "holiday", "crisis", "creep"]
    start: int
    end: int
    volume: float
    share: float


class Traffic(NamedTuple):
    """The counts of each five minutes since START, and what happened. All mentions are scored."""

    character: Character
    mentions: Counts
    negative: Counts
    positive: Counts
    severe: Counts
    events: tuple[Event, ...]


class Planted(NamedTuple):
    """A stretch with a crisis in it, and how hard that is to see.

    Within the crisis `added` negative mentions beside `usual` ones; a share of `share` instead of `usual_share`.
    """

    traffic: Traffic
    crisis: Event
    added: int
    usual: int
    share: float
    usual_share: float

    @property
    def sigmas(self) -> float:
        """What was added in standard deviations of Poisson counts like the usual one."""
        return float(self.added / max(1.0, self.usual) ** 0.5)


def character(seed: int, rate: float) -> Character:
    """One brand's, drawn."""
    draw = np.random.default_rng([seed, 1])
    return Character(
        rate=rate,
        share=float(draw.beta(4, 14)),
        shape=float(draw.uniform(4, 16)),
        alike=float(draw.uniform(0.005, 0.06)),
        night=float(draw.uniform(0.1, 0.5)),
        weekend=float(draw.uniform(0.5, 1.3)),
        zone=int(draw.integers(-8, 10)),
    )


def calm(seed: int, rate: float, days: int = 365) -> Traffic:
    """A stretch without a crisis, with campaigns, viral praise, jokes, topics and holidays in it."""
    who = character(seed, rate)
    draw = np.random.default_rng([seed, 2])
    events = _events(draw, days)
    return _drawn(who, draw, *_expected(who, draw, days, events), events)


def planted(seed: int, rate: float, factor: float, when: When, hours: float, days: int = 42) -> Planted:
    """A calm stretch, and one crisis in its last ten days."""
    who = character(seed, rate)
    draw = np.random.default_rng([seed, 3])
    events = _events(draw, days)
    volume, share = _expected(who, draw, days, events)
    traffic = _drawn(who, draw, volume, share, events)
    start = _moment(who, draw, when, days)
    crisis = Event("crisis", start, start + round(hours * HOUR), 1.0, factor)
    return _with_added(traffic, crisis, _added(draw, crisis, volume, share, RISING))


def creeping(seed: int, rate: float, factor: float, over: int, stays: int, days: int = 100) -> Planted:
    """A stretch of `days` whose last are a creep: it rises over so many days, and stays for so many."""
    who = character(seed, rate)
    draw = np.random.default_rng([seed, 4])
    events = _events(draw, days)
    volume, share = _expected(who, draw, days, events)
    traffic = _drawn(who, draw, volume, share, events)
    creep = Event("creep", START + (days - over - stays) * DAY, START + days * DAY, 1.0, factor)
    return _with_added(traffic, creep, _added(draw, creep, volume, share, over * DAY))


def _with_added(traffic: Traffic, crisis: Event, added: Counts) -> Planted:
    during = slice(_bin_of(crisis.start), _bin_of(crisis.end))
    more, negative, mentions = (int(counts[during].sum()) for counts in (added, traffic.negative, traffic.mentions))
    return Planted(
        traffic._replace(
            mentions=traffic.mentions + added, negative=traffic.negative + added, events=(*traffic.events, crisis)
        ),
        crisis,
        more,
        negative,
        (negative + more) / max(1, mentions + more),
        negative / max(1, mentions),
    )


def _bin_of(at: int) -> int:
    return (at - START) // BIN


def _events(draw: np.random.Generator, days: int) -> tuple[Event, ...]:
    """So many a year on average: 8 campaigns, 5 times praise, 4 jokes, 12 topics, 10 holidays."""
    found = []
    for kind, a_year in _A_YEAR.items():
        for _ in range(draw.poisson(a_year * days / 365)):
            start = START + int(draw.integers(days * BINS_A_DAY)) * BIN
            found.append(_event(draw, kind, start))
    return tuple(sorted(found, key=lambda event: (event.start, event.kind)))


_A_YEAR: dict[Literal["campaign", "praise", "joke", "topic", "holiday"], float] = {
    "campaign": 8,
    "praise": 5,
    "joke": 4,
    "topic": 12,
    "holiday": 10,
}


def _event(
    draw: np.random.Generator, kind: Literal["campaign", "praise", "joke", "topic", "holiday"], start: int
) -> Event:
    if kind == "campaign":
        start -= start % DAY - 9 * HOUR
        return Event(kind, start, start + int(draw.integers(1, 6)) * DAY, draw.uniform(1.5, 4), draw.uniform(0.5, 1.0))
    if kind == "holiday":
        start -= start % DAY
        return Event(kind, start, start + DAY, draw.uniform(0.3, 0.7), 1.0)
    if kind == "topic":
        return Event(kind, start, start + int(draw.uniform(3, 24) * HOUR), draw.uniform(1.3, 3), 1.0)
    half_life = draw.uniform(3, 12) * HOUR
    share = draw.uniform(0.2, 0.5) if kind == "praise" else draw.uniform(0.6, 1.1)
    return Event(kind, start, start + int(6 * half_life), draw.uniform(3, 20), share)


def _expected(
    who: Character, draw: np.random.Generator, days: int, events: Sequence[Event]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The expected mentions of each bin, and the expected share of negative ones."""
    bins = days * BINS_A_DAY
    day = np.arange(bins) // BINS_A_DAY
    zone = who.zone * BINS_AN_HOUR + np.where((day % 365 >= SUMMER[0]) & (day % 365 < SUMMER[1]), BINS_AN_HOUR, 0)
    local = np.arange(bins) + zone
    hour = local % BINS_A_DAY / BINS_AN_HOUR
    weekend = (local // BINS_A_DAY + FIRST_WEEKDAY) % 7 >= 5
    of_day = who.night + (1 - who.night) * (0.5 - 0.5 * np.cos(2 * np.pi * (hour - 4) / 24)) ** 1.5
    level = np.exp(np.cumsum(draw.normal(0, WANDER_LEVEL, days)))[day]
    volume = of_day * np.where(weekend, who.weekend, 1.0)
    volume *= who.rate / BINS_AN_HOUR / volume.mean()
    volume *= level / level.mean()
    logit = np.log(who.share / (1 - who.share)) + np.cumsum(draw.normal(0, WANDER_SHARE, days))[day]
    share = 1 / (1 + np.exp(-logit))
    for event in events:
        during = slice(max(0, _bin_of(event.start)), min(bins, _bin_of(event.end)))
        height = _height(event, during.stop - during.start)
        volume[during] *= 1 + (event.volume - 1) * height
        share[during] = np.minimum(LARGEST_SHARE, share[during] * (1 + (event.share - 1) * height))
    return volume, share


def _height(event: Event, bins: int) -> NDArray[np.float64]:
    """How much of an event there is in each of its bins: what goes viral dies by halves, six of them."""
    if event.kind not in ("praise", "joke"):
        return np.ones(bins)
    whole = (event.end - event.start) / BIN
    height: NDArray[np.float64] = 0.5 ** (6 * np.arange(bins) / whole)
    return height


def _drawn(
    who: Character,
    draw: np.random.Generator,
    volume: NDArray[np.float64],
    share: NDArray[np.float64],
    events: tuple[Event, ...],
) -> Traffic:
    """Counts: each hour has a gamma and a beta of its own, each bin a Poisson and binomials."""
    bins = len(volume)
    hours = bins // BINS_AN_HOUR
    # The mean of two gammas of half the shape and a fresh one each hour: an hour is half like the one before.
    half = draw.gamma(who.shape / 2, 2 / who.shape, hours + 1)
    strays = np.repeat((half[1:] + half[:-1]) / 2, BINS_AN_HOUR)
    mentions = draw.poisson(volume * strays)
    of_hour = np.clip(share.reshape(hours, BINS_AN_HOUR).mean(axis=1), 1e-4, 1 - 1e-4)
    strength = 1 / who.alike - 1
    mood = np.repeat(draw.beta(of_hour * strength, (1 - of_hour) * strength), BINS_AN_HOUR)
    negative = draw.binomial(mentions, mood)
    positive = draw.binomial(mentions - negative, 0.5)
    severe = draw.binomial(mentions, SEVERE)
    return Traffic(who, mentions, negative, positive, severe, events)


def _moment(who: Character, draw: np.random.Generator, when: When, days: int) -> int:
    """The start of a crisis in the last ten days but one: by the brand's own clock by day, by night, at a weekend."""
    wanted = [day for day in range(days - 10, days - 2) if ((day + FIRST_WEEKDAY) % 7 >= 5) == (when == "weekend")]
    day = int(draw.choice(wanted))
    hour = draw.uniform(0, 5) if when == "night" else draw.uniform(9, 18)
    at = START + day * DAY + int((hour - who.zone) * HOUR)
    return at - at % BIN


def _added(
    draw: np.random.Generator, crisis: Event, volume: NDArray[np.float64], share: NDArray[np.float64], rises: int
) -> Counts:
    """The negative mentions that a crisis adds: (n + x) / (all + x) = factor * share, solved for x.

    They rise for the first `rises` ms.
    """
    first, last = _bin_of(crisis.start), _bin_of(crisis.end)
    wanted = np.minimum(LARGEST_SHARE, crisis.share * share[first:last])
    more = volume[first:last] * (wanted - share[first:last]) / (1 - wanted)
    rising = np.minimum(1.0, (np.arange(last - first) + 1) * BIN / rises)
    added = np.zeros(len(volume), dtype=np.int64)
    added[first:last] = draw.poisson(np.maximum(0.0, more * rising))
    return added
