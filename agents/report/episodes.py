"""The life of an alert in episodes: from when it was opened, or opened again, until it was resolved."""

from bisect import insort
from typing import NamedTuple

from agents.runtime.records import Records
from listener.notices.standing import RANK
from schemas.alert import Alert, Severity
from schemas.brand_mention import BrandMention
from schemas.times import to_ms


class Episode(NamedTuple):
    """An alert from when it was opened, or opened again, until it was resolved, with warnings that came before it."""

    events: tuple[Alert, ...]
    before: tuple[Alert, ...]
    examples: tuple[BrandMention, ...]
    posts: dict[str, BrandMention]  # of the evidence

    @property
    def opened(self) -> Alert:
        """The event that began it."""
        return self.events[0]

    @property
    def until(self) -> int | None:
        """When it was over, in ms; None while it is not."""
        return next((to_ms(event.at) for event in self.events if event.event == "resolved"), None)

    @property
    def severity(self) -> Severity:
        """The gravest that it ever had."""
        return max((event.severity for event in self.events), key=RANK.__getitem__)

    @property
    def early(self) -> bool:
        """Whether it is a warning that no final verdict confirmed."""
        return self.opened.stage == "early"


def episodes_of(records: Records) -> dict[str, list[Episode]]:
    """The episodes of each brand, in the order of their beginning."""
    runs: dict[str, list[list[Alert]]] = {}
    for alert in records.alerts():
        of_alert = runs.setdefault(alert.id, [])
        if alert.event in ("opened", "reopened") or not of_alert:
            of_alert.append([])
        of_alert[-1].append(alert)
    final = [events for id_ in sorted(runs) for events in runs[id_] if events[0].stage == "final"]
    before: dict[int, list[Alert]] = {}
    unconfirmed = []
    for events in (events for id_ in sorted(runs) for events in runs[id_] if events[0].stage == "early"):
        confirmed = _confirmed_by(events[0], final)
        if confirmed is None:
            unconfirmed.append(events)
        else:
            before.setdefault(confirmed, []).extend(events)
    found: dict[str, list[Episode]] = {}
    for place, events in enumerate([*final, *unconfirmed]):
        opened = events[0]
        posts = records.posts(opened)
        examples = tuple(posts[id_] for id_ in opened.examples if id_ in posts)
        episode = Episode(tuple(events), tuple(before.get(place, ())), examples, posts)
        insort(found.setdefault(opened.brand, []), episode, key=lambda one: (one.opened.at, one.opened.id))
    return found


def _confirmed_by(early: Alert, final: list[list[Alert]]) -> int | None:
    """The place of the first episode of the alert that it warned of."""
    alert = early.id.removesuffix("-early")
    return next((n for n, events in enumerate(final) if events[0].id == alert and events[0].at >= early.at), None)
