"""What a lane of notify does with its input, the alerts of some owners, and how its errands are found."""

import logging
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

import msgspec
from faust.types import TP

from agents.clock import now_ms
from agents.configuration import Configuration
from agents.notify import Desks, Notifier
from agents.notify_settings import patience_of
from agents.receivers.kinds import receivers_of
from agents.runtime.fail_stop import Refused
from agents.runtime.lane import Broken, Work
from agents.runtime.lanes import Lanes
from agents.runtime.outbox import Outbox, partition_of
from agents.runtime.topics import Topics
from listener.notices.health import Receivers
from listener.notices.notice import Told
from listener.notices.notices import Notices
from listener.state import Parts, pack, unpack
from schemas.alert import Alert
from schemas.dead_letter import DeadLetter
from schemas.record import BadRecord, decoder

VERSION = 1
HEAD = "head"
NOTICES = "notices/"

_alert = decoder(Alert)
log = logging.getLogger(__name__)


class NotifyHead(msgspec.Struct):
    """The next offset, how many records up to it could not be used, and how many lanes there were."""

    position: int = 0
    bad_in_a_row: int = 0
    lanes: int = 0


class NotifyWork:
    """Alerts become what is to be said. Nothing is said here: see `LaneDesks`."""

    may_break = False  # nothing but bad bytes can be wrong with an alert, and those change nothing
    through = None

    def __init__(
        self,
        parts: Mapping[str, bytes],
        topics: Topics,
        lane: int,
        lanes: int,
        notices: Callable[[Mapping[str, bytes]], Notices],
        wake: Callable[[], None],
    ) -> None:
        head = unpack(parts[HEAD], NotifyHead, VERSION) if HEAD in parts else NotifyHead(lanes=lanes)
        if head.lanes != lanes:
            raise Refused(
                f"{topics.alerts} was read in {head.lanes} partitions, and now there are {lanes}: set kafka.partitions "
                "and the topics back, or take another kafka.prefix and replay"
            )
        self.position, self.bad_in_a_row = head.position, head.bad_in_a_row
        self.urgent = False
        self._lanes = lanes
        self._topics = topics
        self._source = f"{topics.alerts}/{lane}"
        self._wake = wake
        kept = {name.removeprefix(NOTICES): raw for name, raw in parts.items() if name.startswith(NOTICES)}
        self.notices = notices(kept)

    def take(self, records: Sequence[Any], outbox: Outbox) -> None:
        """Take in alerts. What cannot be read is a dead letter."""
        for record in records:
            try:
                self.notices.take(_alert(record.value or b""), now_ms())
                self.bad_in_a_row = 0
            except BadRecord as error:
                self.bad_in_a_row += 1
                letter = DeadLetter.of(self._source, record.offset, str(error), record.value or b"", error.fault)
                outbox.put_letter(self._topics.dead_letters, letter)
        self.position = records[-1].offset + 1
        self._wake()

    def finish(self, outbox: Outbox) -> None:
        """Nothing more."""

    def listen(self, now: int) -> None:
        """Its time is the wall's."""

    def take_changes(self) -> Parts:
        """The head, and what changed of what is to be said."""
        parts: Parts = {HEAD: pack(VERSION, NotifyHead(self.position, self.bad_in_a_row, self._lanes))}
        return parts | {NOTICES + name: part for name, part in self.notices.take_changes().items()}


class LaneDesks(Desks):
    """The lanes of notify that have read all there is. Posts of alerts are not in reach: no links, and no words."""

    longest_wait = 0.25  # nobody says when a lane is level: markers of transactions come after what they end

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self.level = False  # whether all have read all there is

    def step(self, now: int) -> Sequence[Notices]:
        """Let what changed be committed; those that are level have errands."""
        found, held = [], 0
        for tp, lane in self._lanes.held.items():
            if isinstance(lane.work, NotifyWork):
                held += 1
                if lane.work.notices.changed:
                    lane.listen(now)
                if self._lanes.lag(tp) == 0:
                    found.append(lane.work.notices)
        self.level = 0 < held == len(found)
        return found

    async def keep(self, notices: Notices) -> None:
        """Commit now. What it raises ends the process."""
        for tp, lane in list(self._lanes.held.items()):
            if isinstance(lane.work, NotifyWork) and lane.work.notices is notices:
                lane.listen(now_ms())
                await self._lanes.or_exit(self._lanes.commit_one(tp))

    def with_posts(self, told: Told) -> Told:
        """As it is."""
        return told


class TrackProgress:
    """Whether all lanes of track get on: each writes its state when it commits, as it does with each pulse of detect.

    With all of detect or a lane of track dead no alerts come either, and a heartbeat must not say that silence means
    calm. It knows nothing of the clock: that a lane of detect holds it is for Prometheus to say (ListenerClockStands).
    """

    def __init__(self) -> None:
        self._ends: Mapping[TP, int] = {}

    def has_grown(self, ends: Mapping[TP, int]) -> bool:
        """Whether the ends of their topic have all moved on since it was last said so, or since the first look."""
        before = self._ends
        grown = bool(before) and all(end > before.get(tp, end) for tp, end in ends.items())
        if grown or not before:
            self._ends = dict(ends)
        return grown


def notifier_of(configuration: Configuration, lanes: Lanes) -> Notifier:
    """Who does the errands of some lanes, and how these make their work. Raise WrongSettings for a missing secret."""
    health = Receivers(patience_of(configuration.receivers))
    receivers = receivers_of(configuration.receivers)
    notifier = Notifier(
        receivers, health, lanes.metrics.notices, lambda message: log.warning("%s", message), alive=False
    )
    notifier.held = False
    plan, count = configuration.plan(), lanes.kafka.partitions

    def make(parts: dict[str, bytes], broken: Sequence[Broken], lane: int) -> Work:
        first = lane == partition_of(b"", count)  # heartbeats come from one
        own = plan if first else plan._replace(heartbeats={})

        def notices(kept: Mapping[str, bytes]) -> Notices:
            return Notices(own, health, kept, now_ms())

        return NotifyWork(parts, lanes.topics, lane, count, notices, notifier.wake)

    lanes.makers["notify"] = make
    lanes.details = lambda: {
        "receivers": {one.name: one.trouble or "ok" for one in notifier.state.receivers},
        "track_got_on_s_ago": None if notifier.idle_seconds == inf else round(notifier.idle_seconds),
    }
    return notifier
