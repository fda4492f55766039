"""What a brand's settings make of its desk: who sits at it, from when on."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from listener.alerts.incident import AlertState
from listener.detection import OpenWindow
from listener.local_week import UTC_WEEK, LocalWeek, week_of
from listener.monitors import MONITORS
from listener.monitors.monitor import Example, Monitor
from listener.passed_on import is_worth_following
from listener.windows import Counts
from schemas.brand_mention import BrandMention
from schemas.settings import BrandSettings, Campaign
from schemas.times import HOUR, to_ms

KEPT_SETTINGS = 8


class Desk(NamedTuple):
    """What settings make of a desk: from when on (ms), the brand's name, and who sits there.

    `counters` count, `doubters` what is doubtful; `judges` judge detection windows, `followers` of these follow single
    posts, `waiters` wait for what comes of a mention, `lookers` look back;
    `counted` are the names of those who count, `watched` the rules of all. `ambiguous`: what the brand is called means
    other things too, so that it matters who has spoken of it. `campaigns` is its calendar of what is planned, `week`
    that of its people's clock.
    """

    at: int
    version: str
    name: str
    monitors: tuple[Monitor[Any], ...]
    counters: tuple[Monitor[Any], ...]
    doubters: tuple[Monitor[Any], ...]
    judges: tuple[Monitor[Any], ...]
    followers: tuple[Monitor[Any], ...]
    waiters: tuple[Monitor[Any], ...]
    lookers: tuple[Monitor[Any], ...]
    watched: tuple[str, ...]
    counted: tuple[str, ...]
    looked_for: bool
    ambiguous: bool
    campaigns: tuple[Campaign, ...]
    budget: float
    week: LocalWeek

    def counts_of(self, mention: BrandMention) -> Counts:
        """What all of them make of a mention."""
        counts: Counts = {}
        for monitor in self.counters if mention.certainty != "doubtful" else self.doubters:
            found = monitor.count(mention)
            if not counts:
                counts = found
            elif found:
                counts.update(found)
        return counts

    def heeds(self, mention: BrandMention) -> bool:
        """Whether it may be the example of an alert."""
        if self.followers and is_worth_following(mention):
            return True
        return any(True for _ in self.examples_of(mention))

    def examples_of(self, mention: BrandMention) -> Iterator[Example]:
        """The rules that it may be an example of, with its weight."""
        for monitor in self.judges:
            if (example := monitor.example(mention)) is not None:
                yield example


class DeskState(msgspec.Struct):
    """All of a brand's state but its trend windows and monitors.

    `since` is when we began to look for the brand and `revise` when corrections are due, in ms. `late` counts
    mentions too late for their detection window, `too_old` those too old for any trend, `unretractable` the retractions
    of mentions that no trend can be revised for any more. `zone` is the clock by which the monitors have learned.
    """

    settings: list[BrandSettings] = []
    since: int = 0
    alerts: AlertState = msgspec.field(default_factory=AlertState)
    open: dict[int, OpenWindow] = {}
    late: int = 0
    too_old: int = 0
    unretractable: int = 0
    revise: int | None = None
    zone: str = UTC_WEEK.zone


def come_into_force(state: DeskState, settings: BrandSettings) -> bool:
    """Let settings hold from their time on. Whether they are other ones than the last."""
    last = state.settings[-1] if state.settings else None
    if last and (last.version, last.brand) == (settings.version, settings.brand):
        return False
    if last is None:
        state.since = to_ms(settings.at) if settings.at else 0
        state.zone = week_of(settings.calendar).zone
    state.settings = [*state.settings[1 - KEPT_SETTINGS :], settings]
    return True


def desk_of(settings: BrandSettings | None) -> Desk:
    """The desk under these settings, or before there are any."""
    if settings is None:
        return _seat(0, "", "", MONITORS)
    at = to_ms(settings.at) if settings.at else 0
    brand = settings.brand
    if brand is None:
        return _seat(at, settings.version, settings.id, (), looked_for=False)
    monitors = tuple(monitor for monitor in MONITORS if brand.monitors.get(monitor.name, True))
    seat = _seat(at, settings.version, brand.name, monitors, ambiguous=settings.ambiguous)
    return seat._replace(
        campaigns=brand.campaigns, budget=brand.budget, week=week_of(settings.calendar).starting(brand.start)
    )


class Desks:
    """The desks of a brand under all settings that are kept. They are made anew when others come into force."""

    def __init__(self, state: DeskState) -> None:
        """Equal calendars become one: they are large, and brands share them."""
        for place, settings in enumerate(state.settings):
            if settings.calendar is not None:
                state.settings[place] = replace(settings, calendar=week_of(settings.calendar).calendar)
        self._state = state
        self._desks = [desk_of(settings) for settings in state.settings] or [desk_of(None)]
        self.latest = self._desks[-1]
        self.is_one = len(self._desks) == 1

    def at(self, at: int) -> Desk:
        """The desk as it was at `at` ms: settings hold for what is read or due after their time."""
        if self.is_one:
            return self.latest
        return next((desk for desk in self._desks[:0:-1] if desk.at < at), self._desks[0])

    def sitting_since(self, monitor: Monitor[Any], due: int) -> int:
        """Since when a monitor had sat here without a break at `due`, whatever has come into force since."""
        since = due
        for desk in reversed(self._desks):
            if desk.at >= due and desk is not self._desks[0]:
                continue
            if monitor not in desk.monitors:
                return since
            since = desk.at
        return self._state.since

    def set_clock(self, due: int, monitor_states: dict[str, Any]) -> bool:
        """Let monitors go by the clock of the desk at `due`, whatever they went by before. Whether that is another."""
        desk, zone = self.at(due), self._state.zone
        if desk.week.zone == zone:
            return False
        hour = desk.at // HOUR
        before = next((other.week for other in reversed(self._desks) if other.week.zone == zone), UTC_WEEK)
        for monitor in MONITORS:
            monitor.turn(monitor_states[monitor.name], desk.week.east(hour) - before.east(hour))
        self._state.zone = desk.week.zone
        return True


def _seat(
    at: int,
    version: str,
    name: str,
    monitors: tuple[Monitor[Any], ...],
    *,
    looked_for: bool = True,
    ambiguous: bool = False,
    budget: float = 1.0,
) -> Desk:
    counters = tuple(monitor for monitor in monitors if type(monitor).count is not Monitor.count)
    counted = tuple(monitor.name for monitor in counters)
    lookers = tuple(monitor for monitor in monitors if type(monitor).look is not Monitor.look and "volume" in counted)
    return Desk(
        at=at,
        version=version,
        name=name,
        monitors=monitors,
        counters=counters,
        doubters=tuple(monitor for monitor in counters if monitor.counts_doubtful),
        judges=tuple(monitor for monitor in monitors if type(monitor).due is not Monitor.due),
        followers=tuple(monitor for monitor in monitors if type(monitor).passed_on is not Monitor.passed_on),
        waiters=tuple(monitor for monitor in monitors if type(monitor).waits is not Monitor.waits),
        lookers=lookers,
        watched=tuple(rule for monitor in monitors for rule in monitor.rules),
        counted=counted,
        looked_for=looked_for,
        ambiguous=ambiguous,
        campaigns=(),
        budget=budget,
        week=UTC_WEEK,
    )
