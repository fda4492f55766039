"""The metrics of the brands: what their last closed hour reads as, their open alerts; and which sources are dead."""

from collections.abc import Container, Iterator
from typing import NamedTuple, get_args

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agents.open_alerts import Kind as AlertKind
from agents.open_alerts import OpenAlerts
from listener.alerts.standing import NEWS
from listener.dead_sources import DeadSources
from listener.partition import Partition
from listener.trends import Quiet, Spoken
from listener.turn import Output
from schemas.alert import Alert
from schemas.brand_mention import Kind
from schemas.receipt import Receipt
from schemas.times import DAY, SECOND, to_ms
from schemas.trend import Trend

WINDOW = "hour"  # minutes that are empty are not told, days are too old to look at
ADDRESSED = ("tagged", "untagged", "owned")
KINDS: tuple[Kind, ...] = get_args(Kind)
ALERTS: tuple[AlertKind, ...] = (
    ("early", "warning"),
    ("final", "notice"),
    ("final", "warning"),
    ("final", "critical"),
)


class Death(NamedTuple):
    """What is known of a source there was an alert about: whether it is dead, silenced, looked after by somebody."""

    dead: bool = False
    muted: bool = False
    acknowledged: bool = False


class BrandFigures(Collector):
    """The last closed hour of each brand, and its open alerts. What is unknown is absent, not zero.

    It is read from another thread than it is written by: whoever reads copies first.
    """

    def __init__(self) -> None:
        self._hours: dict[str, Spoken | Quiet] = {}
        self._open = OpenAlerts()
        self._dead: dict[str, Death] = {}

    def take_up(self, partition: Partition) -> None:
        """What the brands of a partition have told before: to come again, or from elsewhere, forgets nothing."""
        for source, outage in DeadSources(partition.state.sources, partition.state.said).outages():
            self._dead[source] = Death(outage.dead, outage.muted is not None, outage.acknowledged)
        self._open.take_up(partition)
        for window in partition.last_closed(WINDOW):
            self.note(window)

    def note(self, output: Output) -> None:
        """Take in what a tracker says."""
        if isinstance(output, Alert):
            self._note_alert(output)
        elif not isinstance(output, Receipt) and output.length.name == WINDOW:
            for brand in (output.brand,) if isinstance(output, Spoken) else output.brands:
                self._open.know(brand)
                last = self._hours.get(brand)
                if last is None or output.start >= last.start:
                    self._hours[brand] = output

    def _note_alert(self, alert: Alert) -> None:
        if alert.brand:
            self._open.note(alert)
        else:
            before = self._dead.get(alert.scope, Death())
            taken = alert.event == "acknowledged" or (before.acknowledged and alert.event not in NEWS)
            self._dead[alert.scope] = Death(alert.event != "resolved", alert.muted is not None, taken)

    def forget(self) -> None:
        """The lanes are others now."""
        self._hours.clear()
        self._open.forget()
        self._dead.clear()

    def hours(self, gone: Container[str] = ()) -> Iterator[Trend]:
        """The last closed hour of each brand but those that are gone."""
        for brand, window in sorted(self._hours.copy().items()):
            if brand not in gone:
                yield from (window if isinstance(window, Spoken) else window._replace(brands=(brand,))).trends()

    def _gone(self) -> set[str]:
        """Each brand is told of each hour. A brand that nothing was told of for a day is looked for no more."""
        hours = self._hours.copy()
        newest = max((window.start for window in hours.values()), default=0)
        return {brand for brand, window in hours.items() if window.start < newest - DAY}

    def collect(self) -> Iterator[Metric]:
        """The figures of all brands."""
        gone = self._gone()
        of_brand = ["brand"]
        mentions = GaugeMetricFamily(
            "listener_brand_mentions",
            "Mentions in the last closed hour: that address the brand, that do not, its own.",
            labels=[*of_brand, "kind"],
        )
        unsure = {
            "probable": GaugeMetricFamily(
                "listener_brand_probable_mentions",
                "Of the mentions in the last closed hour those whose name for it has other meanings: likely about it.",
                labels=of_brand,
            ),
            "doubtful": GaugeMetricFamily(
                "listener_brand_doubtful_mentions",
                "What used its name in the last closed hour and is likelier about something else: in no other figure.",
                labels=of_brand,
            ),
        }
        shares = {
            bound: GaugeMetricFamily(f"listener_brand_negative_share{suffix}", sentence, labels=of_brand)
            for bound, suffix, sentence in (
                ("value", "", "Negative of the scored mentions in the last closed hour, in [0, 1]."),
                ("low", "_low", "Lower end of the 95 % interval of the negative share, in [0, 1]."),
                ("high", "_high", "Upper end of the 95 % interval of the negative share, in [0, 1]."),
            )
        }
        scored = GaugeMetricFamily("listener_brand_scored", "Scored mentions in the last closed hour.", labels=of_brand)
        coverage = GaugeMetricFamily(
            "listener_brand_coverage",
            "Share of the mentions in the last closed hour that could be scored, in [0, 1].",
            labels=of_brand,
        )
        known = GaugeMetricFamily(
            "listener_brand_known", "Share of the last closed hour that was listened to, in [0, 1].", labels=of_brand
        )
        end = GaugeMetricFamily(
            "listener_brand_hour_end_timestamp_seconds", "When that hour ended, in seconds since 1970.", labels=of_brand
        )
        hours = list(self.hours(gone))
        for trend in hours:
            brand = [trend.brand]
            known.add_metric(brand, trend.known)
            end.add_metric(brand, to_ms(trend.end) / SECOND)
            volume = trend.total.volume if trend.total else None
            if volume is not None:
                for kind in ADDRESSED:
                    mentions.add_metric([*brand, kind], getattr(volume, kind))
                for certainty, family in unsure.items():
                    family.add_metric(brand, getattr(volume, certainty))
            mood = trend.total.sentiment if trend.total else None
            if mood is not None:
                scored.add_metric(brand, mood.scored)
                coverage.add_metric(brand, mood.coverage)
                for bound, family in shares.items():
                    value = getattr(mood.negative, bound)
                    if value is not None:
                        family.add_metric(brand, value)
        yield from (mentions, *unsure.values(), *shares.values(), scored, coverage, known, end)
        yield from (*_said(hours), *self._alerts(gone), *self._sources())

    def _sources(self) -> Iterator[Metric]:
        """That nobody is to be called is apart: whether a source is dead is true all the same."""
        family = GaugeMetricFamily(
            "listener_source_dead",
            "1 for a source that covers nothing though it has not ended, 0 when it is heard again.",
            labels=["source"],
        )
        muted = GaugeMetricFamily(
            "listener_source_dead_muted",
            "1 for a dead source for which nobody is to be called: it is silenced, or somebody looks after it.",
            labels=["source"],
        )
        for source, death in sorted(self._dead.copy().items()):
            family.add_metric([source], death.dead)
            muted.add_metric([source], death.dead and (death.muted or death.acknowledged))
        yield from (family, muted)

    def _alerts(self, gone: Container[str]) -> Iterator[Metric]:
        """What is muted is apart, since whoever is called by the first has said that he will not be."""
        family = GaugeMetricFamily(
            "listener_alerts_open",
            "Alerts that are open now and not muted: final ones, and early warnings that are not settled yet.",
            labels=["brand", "stage", "severity"],
        )
        muted = GaugeMetricFamily(
            "listener_alerts_muted",
            "Alerts, but notices, that are open and told to nobody: silenced by a person or a campaign, or inhibited.",
            labels=["brand"],
        )
        for brand in self._open.brands():
            counts, silent = self._open.of(brand), self._open.muted(brand)
            for kind in ALERTS if brand not in gone else ():
                family.add_metric([brand, *kind], counts[kind] - silent[kind])
            if brand not in gone:
                paging = sum(count for (_, severity), count in silent.items() if severity != "notice")
                muted.add_metric([brand], paging)
        yield from (family, muted)


def _said(hours: list[Trend]) -> Iterator[Metric]:
    """What people say: severe words by category, kinds of talk, and who of them was not answered.

    Fifteen zeros for each brand would make all figures of brands two and a half times as long (303 ms of 1,000).
    """
    severe = GaugeMetricFamily(
        "listener_brand_severe_mentions",
        "Mentions in the last closed hour with words that matter whatever the mood, by category; those of 0 left out.",
        labels=["brand", "category"],
    )
    weight = GaugeMetricFamily(
        "listener_brand_severity",
        "How grave the last closed hour was: the gravest word of each of its mentions, in [0, 1], summed.",
        labels=["brand"],
    )
    talk = GaugeMetricFamily(
        "listener_brand_talk_mentions",
        "Mentions by others in the last closed hour, by what kind of talk they are; kinds of 0 left out.",
        labels=["brand", "kind"],
    )
    due = GaugeMetricFamily(
        "listener_brand_due_mentions",
        "Mentions that needed an answer and whose four hours ended in the last closed hour, at most 5 of each five "
        "minutes; left out where 0.",
        labels=["brand"],
    )
    unanswered = GaugeMetricFamily(
        "listener_brand_unanswered_mentions", "Those of them that had no answer by then.", labels=["brand"]
    )
    for trend in hours:
        figures = trend.total
        response = None if figures is None else figures.response
        if response is not None and response.unanswered is not None:
            due.add_metric([trend.brand], response.due)
            unanswered.add_metric([trend.brand], response.unanswered.part)
        if figures is not None and figures.severity is not None:
            weight.add_metric([trend.brand], figures.severity.weight)
            for category, grave in figures.severity.categories.items():
                severe.add_metric([trend.brand, category], grave.mentions)
        if figures is not None and figures.talk is not None:
            for kind in KINDS:
                share = getattr(figures.talk, kind)
                if share is not None:
                    talk.add_metric([trend.brand, kind], share.part)
    yield from (severe, weight, talk, due, unanswered)
