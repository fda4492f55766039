"""What is normal for a brand at this hour of the week, learned hour by hour from hours without an incident."""

from collections.abc import Sequence

import msgspec

from listener.chance import count_tail, share_tail
from listener.local_week import UTC_WEEK, WEEK_HOURS, LocalWeek
from listener.sums import Sums
from schemas.times import HOUR

SLOT_MEMORY = 0.85  # weight of an hour of the week a week later: about six weeks of memory
DAY_MEMORY = (SLOT_MEMORY ** (1 / 5),) * 24 + (SLOT_MEMORY ** (1 / 2),) * 24  # five working days, two at the weekend
DAY_OF = tuple(slot % 24 + (24 if slot >= 5 * 24 else 0) for slot in range(WEEK_HOURS))
LEVEL_MEMORY = 0.5 ** (1 / (2 * WEEK_HOURS))  # the level and the spread halve in two weeks
SLOT_SHAPE = 8.0  # hours of the week differ from their hour of a working or weekend day by 1 / sqrt(8) = 35 %
FIRST_COUNT, FIRST_HOURS = 0.5, 1.0  # before anything is seen: one in two hours, on the evidence of one hour
FIRST_SHARE, FIRST_SHARE_WEIGHT = 0.3, 10.0
FIRST_DISPERSION, DISPERSION_WEIGHT = 0.4, 30.0
FIRST_CORRELATION, CORRELATION_WEIGHT = 0.03, 60.0
LEAST_DISPERSION, MOST_DISPERSION = 0.03, 4.0
# The least is that of a share of FIRST_SHARE, whose hours then differ by a ninth of it, as those of a smaller one do at
# least: at the same correlation grave words, three in a thousand, would differ by 1.3 times what they are.
LEAST_CORRELATION, MOST_CORRELATION = 0.005, 0.4
CLIP = 4.0  # an hour counts at most this many standard deviations above what was expected


class Expected(msgspec.Struct, frozen=True):
    """What would be normal in a stretch of time.

    A count of about `count` with variance count + dispersion * count^2; of the scored a share of about `share`,
    known as if from `strength` cases. All from `hours_seen` hours of history.
    """

    count: float
    dispersion: float
    share: float
    strength: float
    hours_seen: float

    def chance_of_count(self, count: int) -> float:
        """The chance of so many or more."""
        return count_tail(count, self.count, self.dispersion)

    def chance_of_share(self, part: int, whole: int) -> float:
        """The chance of so large a share or a larger one."""
        return share_tail(part, whole, self.share, self.strength)


def _zeros(length: int) -> Sums:
    return Sums([0.0] * length)


def _turned(sums: Sequence[float], hours: int) -> Sums:
    first = -hours % len(sums)
    return Sums([*sums[first:], *sums[:first]])


class Baseline(msgspec.Struct, array_like=True):
    """The counts by hour of the week, and the share, of one kind of mention of one brand.

    The rate of an hour of the week is that of its hour of the day (working days and weekends apart) times a gamma
    variable of mean 1 and shape SLOT_SHAPE, and that of the hour of the day is the brand's level times what is first
    guessed of it (`LocalWeek.first`) times one of that guess's strength; `rate` is the mean of the posterior: few
    counts are pulled far, many hardly. The dispersion of counts and the correlation within an hour of shares are
    estimated by moments of the negative binomial and beta-binomial, each pulled to a first guess. What is still
    uncertain about the rate adds its relative variance to the dispersion. All sums fade: see the constants. In
    `level_hours` an hour in which twice the level is guessed counts as two. Hours are counted from 1970; which hour of
    the week one is says the `week` of the brand's people.
    """

    week_count: Sums = msgspec.field(default_factory=lambda: _zeros(WEEK_HOURS))
    week_hours: Sums = msgspec.field(default_factory=lambda: _zeros(WEEK_HOURS))
    day_count: Sums = msgspec.field(default_factory=lambda: _zeros(48))
    day_hours: Sums = msgspec.field(default_factory=lambda: _zeros(48))
    level_count: float = 0.0
    level_hours: float = 0.0
    part: float = 0.0
    whole: float = 0.0
    spread: float = 0.0
    spread_of: float = 0.0
    clump: float = 0.0
    clump_of: float = 0.0
    hours_seen: float = 0.0

    def learn(self, hour: int, part: int, whole: int, known: float, week: LocalWeek = UTC_WEEK) -> None:
        """Learn one hour: `part` of `whole`, with `known` of the hour listened to."""
        rate, doubt = self.rate(hour, week)
        expected = rate * known
        variance = expected + (self.dispersion() + doubt) * expected * expected
        most = expected + CLIP * max(1.0, variance) ** 0.5
        count = min(float(part), most)
        if whole > 1:
            self._learn_correlation(part, whole)
        self.learn_count(hour, count, known, expected, week)
        self.part += count
        self.whole += whole * (count / part if part else 1.0)

    def learn_quiet(self, first: int, last: int, known: float, week: LocalWeek = UTC_WEEK) -> None:
        """Learn the hours [first, last) in which nothing was said, `known` of each listened to.

        The same as `learn(hour, 0, 0, known)` for each, written out: nine hours in ten are quiet, and of a replay of
        27 months the calls alone were a tenth.
        """
        week_count, week_hours = self.week_count, self.week_hours
        day_count, day_hours = self.day_count, self.day_hours
        level_count, level_hours = self.level_count, self.level_hours
        spread, spread_of, memory = self.spread, self.spread_of, LEVEL_MEMORY
        times, strength = week.first
        for slot in week.slots(first, last):
            of_day = DAY_OF[slot]
            in_week, of_week = week_count[slot], week_hours[slot]
            in_day, of_days, day_memory = day_count[of_day], day_hours[of_day], DAY_MEMORY[of_day]
            level = (level_count + FIRST_COUNT) / (level_hours + FIRST_HOURS)
            by_day = (in_day + strength) / (of_days + strength / (level * times[of_day]))
            expected = (in_week + SLOT_SHAPE) / (of_week + SLOT_SHAPE / by_day) * known
            square = expected * expected
            spread = spread * memory + square - expected
            spread_of = spread_of * memory + square
            level_count *= memory
            level_hours = level_hours * memory + known * times[of_day]
            week_count[slot] = in_week * SLOT_MEMORY
            week_hours[slot] = of_week * SLOT_MEMORY + known
            day_count[of_day] = in_day * day_memory
            day_hours[of_day] = of_days * day_memory + known
        fading = memory ** (last - first)
        self.clump *= fading
        self.clump_of *= fading
        self.part *= fading
        self.whole *= fading
        self.hours_seen += known * (last - first)
        self.level_count, self.level_hours = level_count, level_hours
        self.spread, self.spread_of = spread, spread_of

    def learn_count(self, hour: int, count: float, known: float, expected: float, week: LocalWeek = UTC_WEEK) -> None:
        """Learn how many there were in one hour, and how far that is from what was `expected`."""
        memory = LEVEL_MEMORY
        self.spread = self.spread * memory + (count - expected) ** 2 - expected
        self.spread_of = self.spread_of * memory + expected * expected
        self.clump *= memory
        self.clump_of *= memory
        self.part *= memory
        self.whole *= memory
        self.level_count = self.level_count * memory + count
        slot = week.slot(hour)
        of_day = DAY_OF[slot]
        self.level_hours = self.level_hours * memory + known * week.first.times[of_day]
        self.week_count[slot] = self.week_count[slot] * SLOT_MEMORY + count
        self.week_hours[slot] = self.week_hours[slot] * SLOT_MEMORY + known
        self.day_count[of_day] = self.day_count[of_day] * DAY_MEMORY[of_day] + count
        self.day_hours[of_day] = self.day_hours[of_day] * DAY_MEMORY[of_day] + known
        self.hours_seen += known

    def _learn_correlation(self, part: int, whole: int) -> None:
        share = self.share()
        one = share * (1.0 - share)
        most = CLIP * (whole * one * (1.0 + (whole - 1) * self.correlation())) ** 0.5
        off = min(abs(part - whole * share), most)
        self.clump += (off * off - whole * one) / whole
        self.clump_of += (whole - 1) * one

    def rate(self, hour: int, week: LocalWeek = UTC_WEEK) -> tuple[float, float]:
        """(mentions an hour that are normal in `hour`, relative variance of that guess)."""
        slot = week.slot(hour)
        of_day = DAY_OF[slot]
        level_shape = self.level_count + FIRST_COUNT
        level = level_shape / (self.level_hours + FIRST_HOURS)
        times, strength = week.first
        day_shape = self.day_count[of_day] + strength
        by_day = day_shape / (self.day_hours[of_day] + strength / (level * times[of_day]))
        slot_shape = self.week_count[slot] + SLOT_SHAPE
        rate = slot_shape / (self.week_hours[slot] + SLOT_SHAPE / by_day)
        from_day, from_level = SLOT_SHAPE / slot_shape, strength / day_shape
        doubt = 1.0 / slot_shape + from_day * from_day * (1.0 / day_shape + from_level * from_level / level_shape)
        return rate, doubt

    def expect(self, start: int, end: int, known: float, week: LocalWeek = UTC_WEEK) -> Expected:
        """What is normal in [start, end) ms, `known` of it listened to.

        The dispersion of several hours is that of each weighted by its mean, times 2 / (1 + hours): as if each hour
        strayed like its neighbours by half and from those further off not at all.
        """
        count = wide = 0.0
        dispersion = self.dispersion() * 2.0 / (1.0 + max(1.0, (end - start) / HOUR))
        hour = start // HOUR
        while hour * HOUR < end:
            piece = (min(end, (hour + 1) * HOUR) - max(start, hour * HOUR)) / HOUR * known
            rate, doubt = self.rate(hour, week)
            count += rate * piece
            wide += rate * piece * (dispersion + doubt)
            hour += 1
        return Expected(
            count=count,
            dispersion=wide / count if count else FIRST_DISPERSION,
            share=self.share(),
            strength=self.strength((end - start) / HOUR),
            hours_seen=self.hours_seen,
        )

    def turn(self, hours: int) -> None:
        """Go by another clock from now on, which is `hours` ahead of the one before: what was learned stays true.

        Hours of the week keep what they know of the hours that they were. So do those of the day, but for what crosses
        from a working day into the weekend, or back, which is learned again in a few weeks.
        """
        self.week_count, self.week_hours = _turned(self.week_count, hours), _turned(self.week_hours, hours)
        self.day_count, self.day_hours = (
            Sums([*_turned(sums[:24], hours), *_turned(sums[24:], hours)]) for sums in (self.day_count, self.day_hours)
        )

    def share(self) -> float:
        """The normal share of `part` in `whole`."""
        return (self.part + FIRST_SHARE * FIRST_SHARE_WEIGHT) / (self.whole + FIRST_SHARE_WEIGHT)

    def strength(self, hours: float = 1.0) -> float:
        """How many independent cases the share of a stretch is worth: 1 / (correlation / hours + 1 / seen) - 1.

        What is alike in an hour tells nothing of the next: the share of several strays less.
        """
        correlation = self.correlation() / max(1.0, hours)
        return max(2.0, 1.0 / (correlation + 1.0 / (self.whole + FIRST_SHARE_WEIGHT)) - 1.0)

    def dispersion(self) -> float:
        """How much more than by chance the counts of an hour vary."""
        estimate = (self.spread + FIRST_DISPERSION * DISPERSION_WEIGHT) / (self.spread_of + DISPERSION_WEIGHT)
        return min(max(estimate, LEAST_DISPERSION), MOST_DISPERSION)

    def correlation(self) -> float:
        """How alike the mentions of one hour are in this respect."""
        estimate = (self.clump + FIRST_CORRELATION * CORRELATION_WEIGHT) / (self.clump_of + CORRELATION_WEIGHT)
        if estimate >= LEAST_CORRELATION:
            return min(estimate, MOST_CORRELATION)
        share = min(self.share(), FIRST_SHARE)
        least = LEAST_CORRELATION * share / (1.0 - share) * (1.0 - FIRST_SHARE) / FIRST_SHARE
        return max(estimate, least)
