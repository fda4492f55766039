"""The alerts of 27 months of the 20 most spoken-of brands of stocknet_88, at a budget of one a month.

    python -m tests.bench._alarms ../shared/data > docs/examples/alarms.md

Ids and our own sentences only. Of the words that stand out those are given that are ordinary English.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from msgspec.structs import replace

from agents.alerts_shown import judged_the_same
from agents.backtest import Collected
from agents.configuration import Storage
from agents.explanation import facts
from agents.runtime.records import Records
from agents.service import run
from agents.settings_file import read_configuration
from agents.stop import Stop
from listener.alerts.wording import usual_told, weighed
from listener.plural import many
from listener.words import spoken
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.evidence import Evidence, TopPost
from tests.bench._decisions import is_ordinary
from tests.bench._report import BRANDS

BUSIEST = 20
BUDGET = 1.0
RAISED = ("opened", "reopened")
TOLD = ("who", "careful", "first", "last week")  # facts in which no word of a post stands
SHOWN_POSTS = 2
HEAD = """# Alerts of 20 brands over 27 months, for a person to judge

Made by `python -m tests.bench._alarms ../shared/data`; do not edit. The public posts of stocknet_88 (January 2014 to
March 2016, by their ids there) were replayed through the rules, by the settings of `tests/data/brands/stocknet.toml`
with `budget = 1` for each brand. Of the 20 brands that are spoken of most this is all that was raised as final, with
its evidence; what pages nobody is a line. Posts are not quoted. Of the words that stand out those are given that are
ordinary English, with the authors who said them: of stocks most are names and tags. What to do next follows from the
rule (`listener/alerts/next_steps.py`) and is left out, as are platforms: all is from one. Whether each alert was worth
a person's time is for you to say.
"""

Posts = Mapping[str, BrandMention]


class Replayed(NamedTuple):
    """What a replay has brought: final events of alerts, the posts that they rest on, mentions by brand and day."""

    names: Mapping[str, str]
    events: Sequence[tuple[Alert, Posts]]
    days: Mapping[str, Mapping[int, int]]


class Silent(Collected):
    """Keeps all, and notes nothing."""

    def note(self, message: str) -> None:
        """What is noted of files stands in no page."""


def replayed() -> Replayed:
    """Replay all, in a database that is gone afterwards."""
    watcher = Silent()
    with TemporaryDirectory() as folder:
        configuration = read_configuration(BRANDS / "stocknet.toml")
        brands = tuple(replace(brand, budget=BUDGET) for brand in configuration.brands)
        storage = Storage(path=str(Path(folder) / "listener.db"))
        run(replace(configuration, brands=brands, storage=storage), watcher, Stop(), whole=True)
        with Records(Path(storage.path)) as store:
            events = [(alert, store.posts(alert)) for alert in watcher.alerts if _is_shown(alert)]
    return Replayed({brand.id: brand.name for brand in brands}, events, watcher.days)


def _is_shown(alert: Alert) -> bool:
    return alert.stage == "final" and alert.event != "reminded"


def busiest(days: Mapping[str, Mapping[int, int]]) -> list[str]:
    """The brands that are spoken of most."""
    return sorted(days, key=lambda brand: (-sum(days[brand].values()), brand))[:BUSIEST]


def page(told: Replayed) -> Iterator[str]:
    """The whole page, line by line."""
    yield HEAD
    judged = [alert for alert, _ in told.events if alert.judged is not None]
    same = sum(map(judged_the_same, judged))
    yield f"Judged again from the frozen numbers of {len(judged):,} events, the verdict was the same {same:,} times."
    paging = [one for one in told.events if one[0].event in RAISED and one[0].severity != "notice"]
    worded = sum(any(_words(alert.evidence, posts)[0]) for alert, posts in paging if alert.evidence is not None)
    yield f"Of {len(paging):,} alerts that page, of all brands, {worded:,} have a word that is ordinary English.\n"
    for brand in busiest(told.days):
        days = told.days[brand]
        events = [(alert, posts) for alert, posts in told.events if alert.brand == brand]
        raised = sum(alert.event in RAISED and alert.severity != "notice" for alert, _ in events)
        notices = sum(alert.event in RAISED and alert.severity == "notice" for alert, _ in events)
        months = (max(days) - min(days)) / 86_400_000 / 30
        yield f"## {told.names[brand]}\n"
        yield (
            f"{sum(days.values()):,} mentions in {months:.0f} months; pages, opened or reopened: {raised}, "
            f"{raised / months:.2f} a month; notices, which page nobody: {notices}"
        )
        for alert in _by_alert(events):
            yield from described(alert)
        yield ""


def _by_alert(events: Iterable[tuple[Alert, Posts]]) -> Iterable[list[tuple[Alert, Posts]]]:
    """The events of each alert together, in the order in which they were opened."""
    found: dict[str, list[tuple[Alert, Posts]]] = {}
    for alert, posts in events:
        found.setdefault(alert.id, []).append((alert, posts))
    return found.values()


def described(events: Sequence[tuple[Alert, Posts]]) -> Iterator[str]:
    """One alert: what pages with its evidence and all that became of it, a notice in one line."""
    (first, _), (last, _) = events[0], events[-1]
    if all(alert.severity == "notice" for alert, _ in events):
        over = f"over {last.at:%Y-%m-%d %H:%M}" if last.event == "resolved" else "not over at the end"
        yield f"\n{first.at:%Y-%m-%d %H:%M} notice, {first.rule}: {first.summary}; {over}"
        return
    for alert, posts in events:
        when = f"{alert.at:%Y-%m-%d %H:%M}"
        if alert.event in RAISED:
            weighed_as = weighed(alert.level, alert.score)
            yield f"\n**{when} UTC {alert.event}, {alert.severity}: {alert.rule}** ({alert.id}; {weighed_as})\n"
            yield f"- {alert.summary}{f'; {usual_told(alert.judged)}' if alert.judged is not None else ''}"
            if alert.evidence is not None:
                yield from _evidence(alert, alert.evidence, posts)
        else:
            told = f"{alert.summary} ({alert.reason})" if alert.event == "escalated" else alert.reason
            yield f"- {when} {alert.event}, {alert.severity}: {told}"


def _evidence(alert: Alert, evidence: Evidence, posts: Posts) -> Iterator[str]:
    ordinary, rest = _words(evidence, posts)
    others = f"{'; ' if ordinary else ''}{rest} that are names, tags or no ordinary words" if rest else ""
    if evidence.terms:
        yield f"- words: {', '.join(ordinary)}{others}"
    yield from (f"- {name}: {said}" for name, said in facts(alert, posts) if name in TOLD)
    top = [f"{post.id} ({_reach(post)}, negativity {post.negativity:.2f})" for post in evidence.top[:SHOWN_POSTS]]
    if top:
        yield f"- top posts: {', '.join(top)}"


def _words(evidence: Evidence, posts: Posts) -> tuple[list[str], int]:
    """The terms of ordinary words, and how many others there are."""
    words = [(term, _word(term.said_in, term.marks, posts)) for term in evidence.terms]
    ordinary = [f"{word} ({term.authors} authors, usually {term.usual})" for term, word in words if word]
    return ordinary, len(words) - len(ordinary)


def _reach(post: TopPost) -> str:
    return "reach unknown" if post.followers is None else many(post.followers, "follower")


def _word(said_in: Sequence[str], marks: tuple[int, ...], posts: Posts) -> str | None:
    """The words of a term if all are ordinary."""
    for id_ in said_in:
        word = spoken(posts[id_], marks) if id_ in posts else None
        if word is not None:
            return word if all(is_ordinary(part.lower()) for part in re.findall(r"\S+", word)) else None
    return None


def main() -> None:
    """Print the page."""
    for line in page(replayed()):
        print(line)


if __name__ == "__main__":
    main()
