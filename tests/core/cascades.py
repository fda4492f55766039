"""Posts that are passed on, simulated: who answers or passes on a post, and when. Nothing here knows the detector.

Three worlds, since no model is true. In each a post has a fate of its own: how many it moves has a power tail, and
half-lives differ from post to post by a factor of two either way (one standard deviation).

    steady    arrivals come by themselves, with delays t of density h / (t + h)^2
    lognormal arrivals come by themselves, the logarithms of their delays are normal
    echoing   whoever passes it on brings others (a Hawkes process): each arrival has children of its own, their delays
              flat for some minutes and then a power law, as was measured of reposts (Zhao and others 2015, "SEISMIC"):
              of some, whose reach is large, very many
"""

from collections.abc import Callable, Iterator
from math import exp, log
from random import Random
from typing import Final, NamedTuple

from schemas.times import DAY, MINUTE

HORIZON: Final = 7 * DAY  # what comes later is of no interest
TAIL = 1.1  # of the number that a post moves: P(more than x) falls as x^-TAIL
SPREAD = log(2.0)  # standard deviation of the logarithm of half-lives
SIGMA = 1.5  # of the logarithm of delays in the lognormal world
FLAT, MEMORY = 5 * MINUTE, 0.6  # of the echoing world: flat so long, then falling as t^-(1 + MEMORY)
BRANCHING = 0.55  # children that an arrival has in the mean: so each of the first arrivals is two in the end
LARGEST = 20_000
DIFFICULTY = (
    f"sizes with a power tail of {TAIL}, half-lives that differ by a factor of {exp(SPREAD):.1f}, {BRANCHING} children "
    f"for each arrival where they echo"
)


class Cascade(NamedTuple):
    """When a post was passed on or answered: ages in ms, in order."""

    ages: tuple[int, ...]

    def until(self, age: int) -> tuple[int, ...]:
        """Those that have come by an age."""
        return tuple(one for one in self.ages if one <= age)


def steady(chance: Random, least: float, half_life: int) -> Cascade:
    """Arrivals by themselves; a post moves `least` or more in the mean."""
    own = half_life * exp(chance.gauss(0.0, SPREAD))
    return _sorted(own * u / (1.0 - u) for u in _uniform(chance, _size(chance, least)))


def lognormal(chance: Random, least: float, half_life: int) -> Cascade:
    """Arrivals by themselves whose delays have another shape."""
    own = half_life * exp(chance.gauss(0.0, SPREAD))
    return _sorted(own * exp(chance.gauss(0.0, SIGMA)) for _ in range(_size(chance, least)))


def echoing(chance: Random, least: float, half_life: int) -> Cascade:
    """Arrivals that bring others. `half_life` is about that of the whole."""
    slow = half_life / (20 * MINUTE) * exp(chance.gauss(0.0, SPREAD))
    waiting = [_delay(chance, slow) for _ in range(_size(chance, least * (1.0 - BRANCHING)))]
    ages: list[float] = []
    while waiting and len(ages) < LARGEST:
        age = waiting.pop()
        ages.append(age)
        fertility = BRANCHING * chance.paretovariate(1.5) / 3.0  # whose mean is 3
        waiting += [age + _delay(chance, slow) for _ in range(poisson(chance, fertility))]
    return _sorted(ages)


WORLDS: Final[dict[str, Callable[[Random, float, int], Cascade]]] = {
    "steady": steady,
    "lognormal": lognormal,
    "echoing": echoing,
}


def poisson(chance: Random, mean: float) -> int:
    """A Poisson number, by adding up waiting times."""
    count, at = 0, chance.expovariate(1.0)
    while at < mean:
        count += 1
        at += chance.expovariate(1.0)
    return count


def _size(chance: Random, least: float) -> int:
    return poisson(chance, min(LARGEST, least * chance.paretovariate(TAIL)))


def _delay(chance: Random, slow: float) -> float:
    flat = MEMORY / (1.0 + MEMORY)
    u = chance.random()
    return slow * FLAT * (u / flat if u < flat else ((1.0 - u) / (1.0 - flat)) ** (-1.0 / MEMORY))


def _uniform(chance: Random, count: int) -> Iterator[float]:
    return (chance.random() for _ in range(count))


def _sorted(ages: Iterator[float] | list[float]) -> Cascade:
    return Cascade(tuple(sorted(1 + int(age) for age in ages if age < HORIZON)))
