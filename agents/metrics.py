"""Every metric of the service, each with a sentence and its unit; those of the brands are in `brand_figures.py`.

Labels are bounded: topics, partitions, agents, classes of reasons, brands of the settings. Counting is done once a
chunk and once a commit, never once a mention.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agents.brand_figures import BrandFigures
from agents.notify_figures import NoticeFigures
from agents.plugged_reader import outcomes_of
from agents.watcher import SourceState
from listener.turn import Output
from schemas.alert import Alert, Stage
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from schemas.record import Fault, Record
from schemas.times import DAY, SECOND, to_ms

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
DELAYS = (1, 5, 15, 60, 300, 900, 3600, 6 * 3600, 24 * 3600)
ALERT_DELAYS = (0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 75, 90, 120, 300, 900, 3600)  # those of closed windows begin at 60
RECORDS = (1, 10, 50, 100, 250, 500, 1000, 2000, 5000)
SET_ASIDE_BY = ("source", "detect", "track", "notify")
PAGED = ("opened", "reopened", "escalated")  # the events that call somebody
HISTORY = DAY // SECOND  # an alert about what is older is one of history, or of an outage: it says nothing of our speed
NOTICED = {
    "repeats": "copies that were dropped, since the same or a later version was known",
    "edits": "later versions, in place of what was counted of them",
    "deletions": "deleted or erased, what was counted of them taken back",
    "deleted_before": "copies and edits that were dropped, since the post is deleted",
    "unretractable": "edits that were dropped, since it is not known any more what they edit",
    "thread_mentions": "they name no brand and are about one because of what they answer or pass on",
    "thread_misses": "they name no brand, and nothing is known of what they answer or pass on",
    "thread_full": "they name no brand, and their thread has too many answers to remember them: not counted",
}


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.records_in = Counter(
            "listener_records_in", "Records read from a topic and worked through.", ["topic"], registry=registry
        )
        self.records_out = Counter(
            "listener_records_out", "Records committed to a topic.", ["topic"], registry=registry
        )
        self.dead_letters = Counter(
            "listener_dead_letters",
            "Records that could not be used, by who set them aside and why: unreadable (damaged bytes), invalid (not "
            "as a record should be), failed (we broke on it).",
            ["agent", "reason"],
            registry=registry,
        )
        self.lost = Counter(
            "listener_lost_records", "Records that retention deleted before they were read.", registry=registry
        )
        self.hints_refused = Counter(
            "listener_group_offsets_refused",
            "Times that the group did not keep our offsets. The positions are in the state: nothing is lost by it, but "
            "other tools show an older lag.",
            registry=registry,
        )
        self.batch_records = Histogram(
            "listener_batch_records", "Records in a chunk as it was fetched.", ["agent"],
            buckets=RECORDS, registry=registry,
        )  # fmt: skip  # a metric in few lines
        self.batch_seconds = Histogram(
            "listener_batch_seconds", "Seconds to work through a chunk.", ["agent"], buckets=SECONDS, registry=registry
        )
        self.commit_seconds = Histogram(
            "listener_commit_seconds",
            "Seconds of a transaction: outputs, state and position; of both agents where they share it.",
            ["agent"],
            buckets=SECONDS,
            registry=registry,
        )
        self.opening_seconds = Histogram(
            "listener_opening_seconds",
            "Seconds to open the lanes of a worker, at its start and whenever its group changes; nothing flows then.",
            buckets=SECONDS,
            registry=registry,
        )
        self.read_delay_seconds = Histogram(
            "listener_read_delay_seconds",
            "Seconds from when a mention was written to when it entered the log, of the last one of each chunk; "
            "0 for history, which enters as of when it was written.",
            buckets=DELAYS,
            registry=registry,
        )
        self.alert_delay_seconds = Histogram(
            "listener_alert_delay_seconds",
            "Seconds to the commit of an alert that opens, reopens or escalates: an early one from when the mention "
            "that fired it entered the log; a final one from the end of the window it was judged on, before which its "
            "newest mention entered, so the 60 s waited for late ones are in it. Alerts about history are not.",
            ["stage"],
            buckets=ALERT_DELAYS,
            registry=registry,
        )
        self.noticed = Counter(
            "listener_noticed",
            f"Posts of which detect noticed more than whom they name: {_listed(NOTICED)}.",
            ["what"],
            registry=registry,
        )
        self.asked = Counter(
            "listener_scorer_texts",
            "Texts that a plugged-in scorer was to score: answered, abstained (it cannot say), and what is built in "
            "scored in its place, or nothing: timed out, failed, wrong answer (no number from -1 to 1, or too few), "
            "left alone (not asked, since it has just failed).",
            ["scorer", "outcome"],
            registry=registry,
        )
        for agent in SET_ASIDE_BY:
            for fault in get_args(Fault):
                self.dead_letters.labels(agent, fault)  # from 0 on: a rate needs to see the first one come
        for what in NOTICED:
            self.noticed.labels(what)
        for stage in get_args(Stage):
            self.alert_delay_seconds.labels(stage)
        self._sources: _Sources | None = None
        self.notices = NoticeFigures(registry)
        self.brands = BrandFigures()
        registry.register(self.brands)

    def read(self, newest_first: Iterable[Record]) -> None:
        """A chunk of the mentions log was read. Its last mention is looked at: each would cost more than to find it."""
        mention = next((record for record in newest_first if isinstance(record, Mention)), None)
        if mention is not None and mention.ingested_at is not None:
            self.read_delay_seconds.observe((mention.ingested_at - mention.created_at).total_seconds())

    def detected(self, counts: Mapping[str, int]) -> None:
        """What detect has noticed in a chunk, by its own names; those that no metric shows are passed over."""
        for name, count in counts.items():
            if count and name in NOTICED:
                self.noticed.labels(name).inc(count)
        for scorer, outcomes in outcomes_of(counts).items():
            for outcome, count in outcomes.items():
                self.asked.labels(scorer, outcome).inc(count)

    def committed(
        self, agent: str, records: Mapping[str, int], told: Iterable[Output | DeadLetter], seconds: float
    ) -> None:
        """A transaction is done: so many records a topic, and what was told in them."""
        self.commit_seconds.labels(agent).observe(seconds)
        for topic, count in records.items():
            self.records_out.labels(topic).inc(count)
        for one in told:
            if isinstance(one, DeadLetter):
                self.dead_letters.labels(_set_aside_by(one, agent), one.fault).inc()
                continue
            if isinstance(one, Alert) and one.event in PAGED:
                self._note_delay(one)
            self.brands.note(one)

    def _note_delay(self, alert: Alert) -> None:
        since = alert.at if alert.stage == "early" or alert.judged is None else alert.judged.end
        delay = time.time() - to_ms(since) / SECOND
        if delay < HISTORY:
            self.alert_delay_seconds.labels(alert.stage).observe(max(0.0, delay))

    def lanes(self, expected: Mapping[str, int], read: "Callable[[], Iterable[LaneFigures]]") -> None:
        """Show what `read` says of the lanes whenever the metrics are read, of so many `expected` of each agent."""
        self.registry.register(_Lanes(expected, read))

    def sources(self, states: Sequence[SourceState]) -> None:
        """How the live sources do by now; shown from the first time on."""
        if self._sources is None:
            self._sources = _Sources()
            self.registry.register(self._sources)
        self._sources.states = states

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)


def _listed(meanings: Mapping[str, str]) -> str:
    return "; ".join(f"{name} ({meaning})" for name, meaning in meanings.items())


def _set_aside_by(letter: DeadLetter, agent: str) -> str:
    """Where one process does it all, the letter knows: readers name their source, the agents themselves."""
    if agent in SET_ASIDE_BY:
        return agent
    return {"mentions": "detect", "track": "track"}.get(letter.source, "source")


class LaneFigures(NamedTuple):
    """What there is to say of one lane now. `lag` is None where the end is not known, `through` where no time is."""

    agent: str
    partition: int
    lag: int | None
    state_bytes: int
    through: int | None
    paused: bool = False


class _Lanes(Collector):
    def __init__(self, expected: Mapping[str, int], read: Callable[[], Iterable[LaneFigures]]) -> None:
        self._expected = expected
        self._read = read

    def collect(self) -> Iterator[Metric]:
        """Lag, state and time of each lane."""
        of_agent, of_lane = ["agent"], ["agent", "partition"]
        expected = GaugeMetricFamily("listener_lanes_expected", "Lanes that all workers must hold.", labels=of_agent)
        held = GaugeMetricFamily("listener_lanes_held", "Lanes that this process holds.", labels=of_agent)
        lag = GaugeMetricFamily("listener_lag_records", "Committed records that wait to be read.", labels=of_lane)
        state = GaugeMetricFamily("listener_state_bytes", "Bytes of the committed state of a lane.", labels=of_lane)
        clock = GaugeMetricFamily(
            "listener_clock_timestamp_seconds",
            "How far a lane was told the time, in seconds since 1970: detect by heartbeats, track by the pulses of all "
            "lanes of detect.",
            labels=of_lane,
        )
        paused = GaugeMetricFamily(
            "listener_lane_paused", "1 where a lane waits for a person: all it brings is bad.", labels=of_lane
        )
        lanes = list(self._read())
        for agent, count in self._expected.items():
            expected.add_metric([agent], count)
            held.add_metric([agent], sum(lane.agent == agent for lane in lanes))
        for lane in lanes:
            labels = [lane.agent, str(lane.partition)]
            state.add_metric(labels, lane.state_bytes)
            paused.add_metric(labels, lane.paused)
            if lane.lag is not None:
                lag.add_metric(labels, lane.lag)
            if lane.through is not None:
                clock.add_metric(labels, lane.through / SECOND)
        yield from (expected, held, lag, state, clock, paused)


class _Sources(Collector):
    """The live sources; their labels are the names that the settings give them."""

    def __init__(self) -> None:
        self.states: Sequence[SourceState] = ()

    def collect(self) -> Iterator[Metric]:
        """What there is to say of each."""
        label = ["source"]
        up = GaugeMetricFamily("listener_source_up", "1 while a live source is listened to.", labels=label)
        connects = CounterMetricFamily(
            "listener_source_connects",
            "Times that a live source was connected to: the first, and all again.",
            labels=label,
        )
        behind = GaugeMetricFamily(
            "listener_source_delay_seconds",
            "Seconds from when the last mention was written to when its live source brought it.",
            labels=label,
        )
        records = CounterMetricFamily("listener_source_records", "Records that a live source brought.", labels=label)
        letters = CounterMetricFamily(
            "listener_source_dead_letters", "Records of a live source that could not be used.", labels=label
        )
        for state in self.states:
            up.add_metric([state.name], state.up)
            connects.add_metric([state.name], state.connects)
            records.add_metric([state.name], state.records)
            letters.add_metric([state.name], state.dead_letters)
            if state.behind is not None:
                behind.add_metric([state.name], state.behind / SECOND)
        yield from (up, connects, behind, records, letters)
