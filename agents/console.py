"""What a person sees: alerts as they come, progress while it takes long, and what came of it.

On a terminal in colours, with a progress line; elsewhere one plain line an event and no progress.
"""

import io
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from agents.explanation import short_facts
from agents.notify import NotifyState
from agents.runtime.embedded import Embedded, Outcome
from agents.watcher import SourceState
from listener.alerts.standing import NEWS
from listener.alerts.wording import weighed
from listener.harmless import harmless
from listener.plural import many
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.trend import Trend

PLAIN_WIDTH = 160  # of tables in a file or a pipe
OF_NOTICES = ("opened", "reopened", "resolved")
SHOWN_EXAMPLES = 3
LONGEST_EXAMPLE = 200
COLOURS = {
    "opened": "bold red",
    "escalated": "bold red",
    "reopened": "bold red",
    "updated": "bold red",
    "reminded": "yellow",
    "revised": "yellow",
    "acknowledged": "green",
    "silenced": "dim",
    "inhibited": "dim",
    "resolved": "green",
    "judged": "green",
}


class TerminalWatcher:
    """Shows a run. Use as a context manager."""

    def __init__(self, console: Console | None = None, *, progress: bool = True) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without accents still gets the alert
        self.console = console or Console(highlight=False, soft_wrap=True)
        if not self.console.is_terminal:
            self.console.width = PLAIN_WIDTH
        show = progress and self.console.is_terminal
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f}{task.fields[of]} mentions, {task.fields[rate]}"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not show,
        )
        self._task: TaskID | None = None
        self._what = ""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def opened(self, lane: Embedded) -> None:
        """Nothing to show yet."""

    def note(self, message: str) -> None:
        """Something worth knowing, once."""
        self.console.print(escape(harmless(message)), style="dim" if self.console.is_terminal else None)

    def progress(self, what: str, done: int, total: int | None) -> None:
        """How far a long task is."""
        if self._task is None or what != self._what:
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task, self._what = self._progress.add_task(what, total=total, of="", rate=""), what
        speed = self._progress.tasks[-1].speed
        of = f" of {total:,}" if total else ""
        self._progress.update(self._task, completed=done, total=total, of=of, rate=f"{speed:,.0f}/s" if speed else "")

    def sources(self, states: Sequence[SourceState]) -> None:
        """Shown on the board alone."""

    def notified(self, state: NotifyState) -> None:
        """Shown on the board alone."""

    def committed(self, outcome: Outcome) -> None:
        """Show the alerts of a step; a notice, which can wait, in a line when it begins and in one when it is over."""
        lines = []
        for alert in outcome.alerts:
            is_notice = alert.severity == "notice"
            if is_notice and (alert.muted or alert.event not in OF_NOTICES):
                continue
            lines.append(alert_line(alert, colour=self.console.is_terminal))
            if is_notice:
                continue
            posts = outcome.posts.get((alert.id, alert.sequence), {})
            lines += [escape(f"    {name}: {harmless(told)}") for name, told in short_facts(alert, posts)]
            examples = outcome.examples.get((alert.id, alert.sequence), ())
            lines += [escape(example_line(mention)) for mention in examples[:SHOWN_EXAMPLES]]
        if lines:  # at once: a board below is drawn again after each print
            self.console.print("\n".join(lines), emoji=False)

    def summary(self, counts: dict[str, int]) -> None:
        """What came of the run."""
        self.console.print(
            f"{many(counts.get('read', 0), 'mention')} read, {many(counts.get('repeats', 0), 'repeat')} dropped, "
            f"{many(counts.get('dead_letters', 0), 'dead letter')}, "
            f"{many(counts.get('brand_mentions', 0), 'brand mention')}, {many(counts.get('trends', 0), 'trend')}, "
            f"{many(counts.get('alerts', 0), 'alert event')}"
        )
        if counts.get("late") or counts.get("too_old"):
            self.console.print(
                f"{counts.get('late', 0):,} of the brand mentions came too late for their detection window, "
                f"{counts.get('too_old', 0):,} too late for any trend"
            )
        if counts.get("contradicted"):
            self.console.print(
                f"{counts['contradicted']:,} trends or alerts were told before with other content and left out: "
                "a fault of listener, please report it"
            )


def alert_line(alert: Alert, *, colour: bool) -> str:
    """An alert event in one line, as markup for rich; without `colour` nothing in it is marked."""
    stage = "early " if alert.stage == "early" else ""
    what = f"{stage}{alert.event:<{15 - len(stage)}}"
    told = alert.summary
    if alert.event not in NEWS:
        told = f"{told.split(':')[0]}: {alert.reason}"
    elif alert.muted:
        told = f"{told} ({alert.muted})"
    if alert.event in NEWS and (weight := weighed(alert.level, alert.score)):
        told = f"{told}; {weight}"
    told = escape(harmless(told))
    if not colour:
        return f"{alert.at:%Y-%m-%d %H:%M} {what} {alert.severity:<8} {told}"
    return f"[dim]{alert.at:%Y-%m-%d %H:%M}[/] [{COLOURS[alert.event]}]{what}[/] {alert.severity:<8} {told}"


def trend_line(trend: Trend) -> str:
    """A window's figures in one line, each with its denominator."""
    revised = f", revision {trend.revision}" if trend.revision else ""
    when = f"{trend.start:%Y-%m-%d %H:%M} {trend.window:<6} {trend.brand:<16}"
    if trend.total is None:
        return f"{when} unknown: nobody listened{revised}"
    told = []
    volume, mood = trend.total.volume, trend.total.sentiment
    if volume is not None:
        told.append(f"{many(volume.mentions, 'mention')} ({volume.untagged:,} untagged)")
    if mood is not None and mood.negative.value is not None:
        share = mood.negative
        told.append(f"{share.value:.0%} negative ({share.low:.0%} to {share.high:.0%}) of {share.whole:,} scored")
    if trend.known < 0.995:
        told.append(f"{trend.known:.0%} of the time listened to")
    return f"{when} {', '.join(told)}{revised}"


def example_line(mention: BrandMention) -> str:
    """What somebody wrote, and why it counts as the brand's."""
    why = ", ".join(f"{match.why} {match.term}" for match in mention.matches[:2])
    text = harmless(" ".join(mention.mention.text.split()))
    shown = text if len(text) <= LONGEST_EXAMPLE else text[:LONGEST_EXAMPLE] + "…"
    return f"    “{shown}”  ({why}; {'tagged' if mention.tagged else 'untagged'})"


def isolated(text: str) -> str:
    """`text` in isolation (Unicode's FSI and PDI) if it has words from right to left: they turn nothing around them."""
    if text.isascii() or all(unicodedata.bidirectional(character) not in {"R", "AL"} for character in text):
        return text
    return f"\u2068{text}\u2069"


def table(title: str, columns: list[str], rows: list[list[Any]]) -> Table:
    """A plain table."""
    made = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column)
    for row in rows:
        made.add_row(*map(str, row))
    return made
