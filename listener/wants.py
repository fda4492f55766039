"""What is read of a mention only where a monitor of its brand wants it: what nobody asks for costs nothing.

Its language and how it feels are always read: names are judged by the one, evidence shows the other.
"""

from collections.abc import Iterable
from typing import Final, get_args

from listener.monitors import MONITORS
from listener.monitors.monitor import Wanted
from schemas.settings import Brand

Wanteds = frozenset[Wanted]

EVERYTHING: Final[Wanteds] = frozenset(get_args(Wanted))
NOTHING: Final[Wanteds] = frozenset()


class Wants:
    """What the monitors of each brand want, `by_brand` in the order of the settings."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        self.by_brand = tuple(map(_wanted_by, brands))
        self._alike = self.by_brand[0] if len(set(self.by_brand)) == 1 else None

    def of(self, brands: Iterable[int]) -> Wanteds:
        """What any of these brands wants."""
        if self._alike is not None:  # the common case
            return self._alike
        return NOTHING.union(*(self.by_brand[number] for number in brands))


def _wanted_by(brand: Brand) -> Wanteds:
    return NOTHING.union(*(monitor.wants for monitor in MONITORS if brand.monitors.get(monitor.name, True)))
