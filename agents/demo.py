"""The demo: a generated story through the real embedded runtime, then what was found beside what was planted."""

import time
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from msgspec import convert

from agents.console import TerminalWatcher, table
from agents.reader import standard_reader
from agents.runtime.embedded import Embedded, Incoming, Outcome
from agents.runtime.store import Store
from agents.sources.history import History
from agents.sources.story import Planted, Story
from listener.detection import LATENESS
from schemas.alert import Alert
from schemas.mention import Mention
from schemas.record import to_json
from schemas.settings import Brand, Settings
from schemas.times import DAY, HOUR, MINUTE, from_ms, to_ms
from schemas.trend import Trend

AFTER = 2 * HOUR  # an alarm this long after the end of what was planted still found it
CALM_STEP, STORY_STEP = 6 * HOUR, 30 * MINUTE
PAUSE = 0.06  # seconds between steps on a terminal: the story then takes about half a minute


@dataclass(frozen=True)
class StorySource:
    """A story, as a history reads it."""

    story: Story
    name: str = "story"
    stream: AbstractContextManager[None] = field(default_factory=nullcontext)

    def __iter__(self) -> Iterator[Mention]:
        return self.story.mentions()


class Verdict(NamedTuple):
    """What became of one thing that was planted: the alert that found it, if one did."""

    planted: Planted
    alert: Alert | None

    @property
    def right(self) -> bool:
        """Whether an alert came where one was to come, and none where not."""
        return (self.alert is not None) == (self.planted.expect == "alert")


def story_settings() -> Settings:
    """The brands of the story."""
    content = tomllib.loads(files("agents.sources").joinpath("story.toml").read_text(encoding="utf-8"))
    return Settings(version="story", brands=convert(content["brands"], tuple[Brand, ...]))


def judge_story(planted: tuple[Planted, ...], alerts: list[Alert]) -> tuple[list[Verdict], list[Alert]]:
    """What was found of what was planted, and what people were paged for nothing."""
    opened = paged(alerts)
    verdicts = [Verdict(thing, next((a for a in opened if _about(thing, a)), None)) for thing in planted]
    wrong = [a for a in opened if not any(_about(thing, a) and thing.expect == "alert" for thing in planted)]
    return verdicts, wrong


def paged(alerts: Iterable[Alert]) -> list[Alert]:
    """The final alerts that page people: those that opened, or opened again."""
    final = (alert for alert in alerts if alert.stage == "final" and alert.severity != "notice")
    return [alert for alert in final if alert.event in ("opened", "reopened")]


def _about(thing: Planted, alert: Alert) -> bool:
    return thing.brand == alert.brand and thing.start <= to_ms(alert.at) <= thing.end + AFTER


class DemoWatcher(TerminalWatcher):
    """Shows the story as it happens: alerts with what people wrote, and a line a day."""

    def __init__(self) -> None:
        super().__init__()
        self.alerts: list[Alert] = []

    def committed(self, outcome: Outcome) -> None:
        """Show a step."""
        self.alerts += outcome.alerts
        super().committed(outcome)
        for day, trends in groupby(_days(outcome), lambda trend: trend.start):
            told = "  ".join(map(_day_of_brand, trends))
            self.console.print(f"{day:%a %d %b}  {told}", style="dim" if self.console.is_terminal else None)

    def verdict(self, story: Story) -> bool:
        """Show what was found beside what was planted; whether all of it was right."""
        verdicts, wrong = judge_story(story.planted, self.alerts)
        rows = [[_when(v.planted.start), v.planted.brand, v.planted.kind, v.planted.size, _found(v)] for v in verdicts]
        self.console.print()
        self.console.print(
            table("What the story planted", ["when", "brand", "what", "how hard", "what was found"], rows)
        )
        for alert in wrong:
            self.console.print(f"wrongly raised: {_when(to_ms(alert.at))} {alert.summary}", markup=False)
        crises = [v for v in verdicts if v.planted.expect == "alert"]
        found = sum(v.alert is not None for v in crises)
        self.console.print(
            f"\n{found} of {len(crises)} planted crises found, {len(crises) - found} missed, "
            f"{len(wrong)} {'alert' if len(wrong) == 1 else 'alerts'} wrongly raised, "
            f"in {(story.end - story.start) / DAY:.0f} days of five brands"
        )
        return found == len(crises) and not wrong


def _days(outcome: Outcome) -> Iterator[Trend]:
    return (trend for window in outcome.spoken if window.length.name == "day" for trend in window.trends())


def _day_of_brand(trend: Trend) -> str:
    mood = trend.total.sentiment if trend.total else None
    mentions = trend.total.volume.mentions if trend.total and trend.total.volume else 0
    negative = f"{mood.negative.value:.0%} neg" if mood and mood.negative.value is not None else "-"
    return f"{trend.brand} {mentions} ({negative})"


def _when(ms: int) -> str:
    return f"{from_ms(ms):%a %d %b %H:%M}"


def _found(verdict: Verdict) -> str:
    if verdict.alert is None:
        return "missed" if verdict.planted.expect == "alert" else "silence, as it should be"
    after = (to_ms(verdict.alert.at) - verdict.planted.start) // MINUTE
    delay = f"{after} min" if after < 120 else f"{after / 60:.1f} h"
    return f"found after {delay}" if verdict.right else f"WRONGLY raised after {delay}"


def write_story(seed: int, folder: Path) -> None:
    """Write the story of `seed` as posts.jsonl, newest last, with the settings that fit it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "posts.jsonl").open("wb") as file:
        for mention in StorySource(Story(seed)):
            file.write(to_json(mention) + b"\n")
    brands = files("agents.sources").joinpath("story.toml").read_text(encoding="utf-8")
    (folder / "listener.toml").write_text(f'{brands}\n[[sources]]\npath = "posts.jsonl"\n', encoding="utf-8")


def play(seed: int, folder: Path, *, pause: bool) -> bool:
    """Play the story of `seed` in `folder`, and say whether all was found and nothing wrongly raised."""
    story = Story(seed)
    with DemoWatcher() as watcher, Store(folder / "demo.db") as store:
        watcher.note(
            f"Five invented brands, three weeks of posts, seed {seed:08x}: two calm weeks to learn from, then trouble."
        )
        lane = Embedded(store, standard_reader(), watcher.committed)
        lane.configure(story_settings())
        history = History([StorySource(story)], folder)
        began = time.perf_counter()
        slept = 0.0
        for batch in _steps(history, story):
            lane.step(batch, None, None)
            watcher.progress("listening", lane.counts["read"], history.mentions)
            if pause:
                time.sleep(PAUSE)
                slept += PAUSE
        took = time.perf_counter() - began - slept
        right = watcher.verdict(story)
        watcher.note(f"{lane.counts['read']:,} mentions in {took:.1f} s: {lane.counts['read'] / took:,.0f} a second")
        watcher.summary(dict(lane.counts))
    return right


def _steps(history: History, story: Story) -> Iterator[list[Incoming]]:
    """The history in steps of its own time: long ones while it is calm."""
    trouble = min(thing.start for thing in story.planted) - LATENESS

    def step_of(item: Incoming) -> int:
        record = item.record
        at = to_ms(record.created_at if isinstance(record, Mention) else record.through)  # type: ignore[union-attr]  # a story has no dead letters
        return at // CALM_STEP if at < trouble else -(at // STORY_STEP)

    items = (Incoming(record, raw) for record, raw in history.items())
    for _, batch in groupby(items, step_of):
        yield list(batch)
