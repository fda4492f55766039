"""Silences of an Alertmanager: whether one covers an alert, by its own rules."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from listener.notices.standing import Latest
from schemas.times import from_ms


class Matcher(NamedTuple):
    """One condition on a label; a label that is not there is empty."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it holds. A pattern must fit the whole value; one that is none fits nothing."""
        found = labels.get(self.name, "")
        if not self.is_regex:
            return (found == self.value) == self.is_equal
        try:
            return (re.fullmatch(self.value, found) is not None) == self.is_equal
        except re.error:
            return False


class Silence(NamedTuple):
    """A silence: by whom, why, from when to when in ms."""

    by: str
    comment: str
    starts: int
    ends: int
    matchers: tuple[Matcher, ...]


def silenced_by(silences: Iterable[Silence], labels: Mapping[str, str], now: int) -> str:
    """Who silenced an alert at `now` ms, until when and why; empty where nobody did."""
    for silence in silences:
        if silence.starts <= now < silence.ends and all(matcher.matches(labels) for matcher in silence.matchers):
            comment = f": {silence.comment}" if silence.comment else ""
            return f"{silence.by} until {from_ms(silence.ends):%Y-%m-%d %H:%M} UTC{comment}"
    return ""


def alertmanager_labels(latest: Latest, owner: str) -> dict[str, str]:
    """The labels under which an Alertmanager knows an alert; the same as long as its severity is."""
    return {
        "alertname": latest.rule,
        "brand": latest.brand or "listener",
        "owner": owner,
        "scope": latest.scope,
        "severity": latest.severity,
        "source": "listener",
    }
