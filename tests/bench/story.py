"""What is found of what generated stories plant, and what is raised for nothing.

Each story (agents/sources/story.py) is three weeks of five invented brands with six crises and four busy times that
are none. It goes through the embedded runtime, as `listener demo` plays it, and only final alerts count. Found: an
alert of the brand was opened, or reopened, between the start of what was planted and two hours after its end. Wrong:
one outside all planted crises of its brand. The generator was committed before the detector; the first seed is
the hash of that commit, the others follow it.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from agents.demo import AFTER, StorySource, Verdict, judge_story, paged, story_settings
from agents.notify import NotifyState
from agents.reader import standard_reader
from agents.runtime.embedded import Embedded, Outcome
from agents.runtime.store import Store
from agents.service import feed
from agents.sources.history import History
from agents.sources.story import SEED, Planted, Story
from agents.sources.story_texts import VOICES
from agents.stop import Stop
from agents.watcher import SourceState
from schemas.alert import Alert
from schemas.times import DAY, MINUTE, from_ms, to_ms
from tests.bench._report import arguments, finish, head, table

SEEDS = 6
MONTH = 30 * DAY


class Played(NamedTuple):
    """One story, and how it came out."""

    story: Story
    verdicts: list[Verdict]
    opened: list[Alert]
    wrong: list[Alert]


class Collector:
    """Watches a run and keeps its alerts."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def opened(self, lane: Embedded) -> None: ...
    def note(self, message: str) -> None: ...
    def progress(self, what: str, done: int, total: int | None) -> None: ...
    def sources(self, states: Sequence[SourceState]) -> None: ...

    def notified(self, state: NotifyState) -> None: ...

    def committed(self, outcome: Outcome) -> None:
        """Keep the alerts of a step."""
        self.alerts += outcome.alerts


def play(seed: int) -> Played:
    """Play one story."""
    story, collector = Story(seed), Collector()
    with TemporaryDirectory() as folder, Store(Path(folder) / "story.db") as store:
        lane = Embedded(store, standard_reader(), collector.committed)
        lane.configure(story_settings())
        feed(lane, History([StorySource(story)], Path(folder)), {"done": 0}, collector, Stop())
    verdicts, wrong = judge_story(story.planted, collector.alerts)
    return Played(story, verdicts, paged(collector.alerts), wrong)


def delay(verdict: Verdict) -> int | None:
    """Minutes from the start of what was planted to the alert."""
    return (to_ms(verdict.alert.at) - verdict.planted.start) // MINUTE if verdict.alert else None


def outcome(verdict: Verdict) -> str:
    """What became of it, in a word."""
    if verdict.planted.expect == "alert":
        return "found" if verdict.alert else "MISSED"
    return "WRONG" if verdict.alert else "silent"


def where(alert: Alert, planted: Sequence[Planted]) -> str:
    """What a wrong alert was about, if it was about something planted; else how far from it."""
    at = to_ms(alert.at)
    for thing in planted:
        if thing.brand == alert.brand and thing.start <= at <= thing.end + AFTER:
            return f"the {thing.kind}, which is no crisis"
    before = [thing for thing in planted if thing.brand == alert.brand and thing.end + AFTER < at]
    if not before:
        return "before anything was planted"
    last = max(before, key=lambda thing: thing.end)
    return f"{(at - last.end) / MINUTE / 60:.1f} h after the {last.kind}"


def show_planted(games: list[Played]) -> None:
    """All that was planted, how hard it is to see, and what became of it."""
    rows = [
        (
            f"{game.story.seed:08x}",
            verdict.planted.brand,
            verdict.planted.kind,
            outcome(verdict),
            delay(verdict),
            verdict.planted.size,
        )
        for game in games
        for verdict in sorted(game.verdicts, key=lambda v: (v.planted.expect, v.planted.start))
    ]
    print("What was planted")
    table(rows, ["seed", "brand", "what", "result", "minutes", "how hard"])


def show_kinds(games: list[Played]) -> None:
    """Found and delay by kind."""
    by_kind: dict[str, list[Verdict]] = {}
    for game in games:
        for verdict in game.verdicts:
            by_kind.setdefault(verdict.planted.kind, []).append(verdict)
    rows = []
    for kind, verdicts in sorted(by_kind.items(), key=lambda item: (item[1][0].planted.expect, item[0])):
        delays = [minutes for verdict in verdicts if (minutes := delay(verdict)) is not None]
        late = f"{median(delays):.0f} ({min(delays)} .. {max(delays)})" if delays else "-"
        rows.append((kind, verdicts[0].planted.expect, f"{len(delays)} of {len(verdicts)}", late))
    print("By kind, over all seeds")
    table(rows, ["what", "expected", "alerts", "minutes, median (range)"])


def show_wrong(games: list[Played]) -> None:
    """Each alert that was raised for nothing."""
    rows = [
        (
            f"{game.story.seed:08x}",
            f"{alert.at:%a %d %b %H:%M}",
            f"{alert.scale_s // 60} min",
            where(alert, game.story.planted),
            alert.summary,
        )
        for game in games
        for alert in game.wrong
    ]
    print(f"Wrongly raised: {len(rows)}")
    if rows:
        table(rows, ["seed", "when", "window", "what it was", "what it said"])


def pages(games: list[Played]) -> float:
    """Wrong alerts a brand and month outside of planted crises."""
    calm = 0
    for game in games:
        crises = [thing for thing in game.story.planted if thing.expect == "alert"]
        calm += len(VOICES) * (game.story.end - game.story.start) - sum(t.end + AFTER - t.start for t in crises)
    return sum(len(game.wrong) for game in games) / (calm / MONTH)


def summarise(games: list[Played]) -> dict[str, float]:
    """The figures."""
    crises = [verdict for game in games for verdict in game.verdicts if verdict.planted.expect == "alert"]
    busy = [verdict for game in games for verdict in game.verdicts if verdict.planted.expect == "silence"]
    delays = [minutes for verdict in crises if (minutes := delay(verdict)) is not None]
    opened, wrong = sum(len(game.opened) for game in games), sum(len(game.wrong) for game in games)
    figures: dict[str, float] = {
        "planted": len(crises),
        "found_share": sum(verdict.alert is not None for verdict in crises) / len(crises),
        "opened": opened,
        "wrong": wrong,
        "wrong_in_busy_times": sum(verdict.alert is not None for verdict in busy),
        "wrong_a_brand_month": pages(games),
    }
    if opened:
        figures["wrong_share"] = wrong / opened
    if delays:
        figures["median_delay_min"] = median(delays)
    return figures


def main(argv: Sequence[str] | None = None) -> None:
    """Play all, print all."""
    parser = arguments(__doc__, needs_data=False)
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"how many stories (default: {SEEDS})")
    options = parser.parse_args(argv)
    head("What the stories plant, and what is found")
    games = [play(SEED + number) for number in range(options.seeds)]
    begin = from_ms(games[0].story.start)
    print(f"{len(games)} stories of three weeks from {begin:%a %Y-%m-%d}; seeds {SEED:08x} and what follows\n")
    show_planted(games)
    show_kinds(games)
    show_wrong(games)
    figures = summarise(games)
    table(list(figures.items()), ["figure", "measured"])
    finish("story", figures)


if __name__ == "__main__":
    main()
